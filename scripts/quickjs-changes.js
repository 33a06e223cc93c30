// What is changed in QuickJS's source before it is compiled, each change counted: another release, where something else stands, fails to build.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @throws Error unless there are as many places as there were when this was written */
function replace(file, pattern, replacement, places) {
  const text = readFileSync(file, 'utf8');
  const found = text.match(pattern)?.length ?? 0;
  if (found !== places) throw new Error(`${file}: ${pattern} is found ${found} times, not ${places}`);
  writeFileSync(file, text.replace(pattern, replacement));
}

/**
 * Counting references writes to whatever is used, and a page of the executable that is written to must be copied first. So what the image holds
 * when the executable is built has a count that stays as it is (native/engine/reference_count.h). The collector's own counting does not go through here.
 */
function countMortalsAlone(header, code) {
  replace(header, /--(p->ref_count)/g, 'DROP_REFERENCE($1)', 2);
  replace(header, /(p->ref_count)\+\+/g, 'HOLD_REFERENCE($1)', 2);
  replace(header, /^#define QUICKJS_H$/gm, '$&\n#include "reference_count.h"', 1);
  replace(code, /--((?:\w|->|\.)+->header\.ref_count)/g, 'DROP_REFERENCE($1)', 6);
  replace(code, /((?:\w|->|\.)+->header\.ref_count)\+\+/g, 'HOLD_REFERENCE($1)', 16);
}

/**
 * Faults of the release that its authors have mended since and that src/ can come across: numbers of a configuration are BigInts of any length.
 * native/tests/engine/faults.js shows each under the sanitizers.
 */
function mendFaults(code) {
  // The highest limb of a BigInt whose highest bit is set, as 2^64 - 1, is 0: zeros of that cannot be counted, and the digit across the end
  // of the limbs was read past them.
  replace(
    code,
    /- js_limb_clz\((r->tab\[r->len - 1\])\);\n(?= +\/\* n_digits is exact)/g,
    '- ($1 == 0 ? JS_LIMB_BITS : js_limb_clz($1));\n',
    1,
  );
  replace(
    code,
    /\((r->tab\[pos \+ 1\]) << \(JS_LIMB_BITS - shift\)\)/g,
    '(pos + 1 < (unsigned)r->len ? $1 << (JS_LIMB_BITS - shift) : 0)',
    1,
  );
  // The number of bits of very many digits overflowed, and too little was allocated.
  replace(
    code,
    /^ {4}n_digits = strlen\(p\);\n(?= +log2_radix = 32)/gm,
    '    if (strlen(p) > (size_t)JS_BIGINT_MAX_SIZE * JS_LIMB_BITS)\n        return NULL;\n$&',
    1,
  );
  // `text += object` looked at the variable before the object became a string, which may have assigned to it.
  replace(
    code,
    /\} else if \(JS_VALUE_GET_TAG\(\*pv\) == JS_TAG_STRING(?=\) \{\n +sp--;\n +sf->cur_pc = pc;\n +op2 = JS_ToPrimitiveFree)/g,
    '$& && JS_VALUE_GET_TAG(op2) == JS_TAG_STRING',
    1,
  );
  mendJson(code);
  mendUnsigned(code);
  mendArrays(code);
  mendComparison(code);
}

/** JSON.parse took escapes and numbers of JavaScript, which Node refuses: create would take what validate, with a parser of its own, does not. */
function mendJson(code) {
  replace(
    code,
    /^ +c = \*p;\n(?= +\/\* XXX: need a specific JSON case)/gm,
    `$&            if (!s->cur_func && (c == 0 || !strchr("\\"\\\\/bfnrtu", c) || (c == 'u' && p[1] == '{')))
                goto invalid_escape;\n`,
    1,
  );
  replace(
    code,
    /^ +if \(!s->ext_json\) \{\n(?= +flags = 0;\n +radix = 10;)/gm,
    `$&                const uint8_t *digit = p + (c == '-');
                if (*digit == '0' && is_digit(digit[1]))
                    goto def_token;
                while (is_digit(*digit))
                    digit++;
                if (*digit == '.' && !is_digit(digit[1]))
                    goto def_token;\n`,
    1,
  );
}

/** BigInt.asUintN gave the negative number when the highest bit was set, and left a negative one as it was from 64 bits on. */
function mendUnsigned(code) {
  replace(
    code,
    /^static JSValue js_bigint_asUintN\(JSContext \*ctx,$/gm,
    `/* a modulo 2^bits. Frees a */
static JSValue js_bigint_low_bits(JSContext *ctx, JSValue a, uint64_t bits)
{
    JSBigIntBuf buf;
    JSBigInt *p, *r = NULL;
    uint64_t len = bits / JS_LIMB_BITS + 1; /* with a bit for the sign */
    if (JS_VALUE_GET_TAG(a) == JS_TAG_SHORT_BIG_INT)
        p = js_bigint_set_short(&buf, a);
    else
        p = JS_VALUE_GET_PTR(a);
    const js_limb_t sign = -(js_limb_t)(p->tab[p->len - 1] >> (JS_LIMB_BITS - 1));
    if (sign == 0 && len > p->len)
        return a;
    if (len > JS_BIGINT_MAX_SIZE)
        JS_ThrowRangeError(ctx, "BigInt is too large to allocate");
    else
        r = js_bigint_new(ctx, len);
    if (r) {
        for(int i = 0; i < len; i++)
            r->tab[i] = i < p->len ? p->tab[i] : sign;
        r->tab[len - 1] &= ((js_limb_t)1 << (bits % JS_LIMB_BITS)) - 1;
        r = js_bigint_normalize(ctx, r);
    }
    JS_FreeValue(ctx, a);
    return r ? JS_CompactBigInt(ctx, r) : JS_EXCEPTION;
}

$&`,
    1,
  );
  replace(
    code,
    /^ {4}\} else if \(JS_VALUE_GET_TAG\(a\) == JS_TAG_SHORT_BIG_INT\) \{\n {8}\/\* fast case \*\/\n {8}if \(bits >= JS_SHORT_BIG_INT_BITS\)/gm,
    `    } else if (!asIntN && bits >= JS_SHORT_BIG_INT_BITS) {
        res = js_bigint_low_bits(ctx, a, bits);
$&`,
    1,
  );
}

/** Of a negative BigInt and a negative Number of other exponents, the smaller one was told to be the larger. */
function mendComparison(code) {
  replace(
    code,
    /^ {12}if \(f < e\)\n {16}return -1;\n {12}else\n {16}return 1;\n/gm,
    '            return (f < e) == a_sign ? 1 : -1;\n',
    1,
  );
}

/** Two places where memory outside of an array was read. */
function mendArrays(code) {
  // An index between -1 and 0 counted from the end: a very small one became the length, and the number behind the array was compared.
  replace(code, /^ +goto exception;\n(?= {12}if \(isnan\(d\)\) \{\n {16}k = 0;\n)/gm, '$&            d = trunc(d);\n', 1);
  // A copy to be filled (toSorted, toReversed, with, toSpliced) had its elements counted before any was there: an element with a getter may let
  // the collector run, which follows what was in that memory before.
  replace(
    code,
    /^ {8}p->u\.array\.count = len;\n(?= {4}\}\n {4}return arr;\n)/gm,
    '$&        for(int64_t i = 0; i < len; i++)\n            p->u.array.u.values[i] = JS_UNDEFINED;\n',
    1,
  );
}

/**
 * What asks the host is refused while the image is made (native/engine/refusal.h): the answer would be the same in every command. And random
 * numbers begin where they are first asked for, not where the context is made.
 */
function refuseHost(code) {
  const refuse = (what) => `if (refuse_host("${what}")) return JS_EXCEPTION;`;
  replace(code, /^#include "quickjs\.h"$/gm, '$&\n#include "refusal.h"', 1);
  replace(code, /^ {4}js_random_init\(ctx\);\n/gm, '', 1);
  replace(
    code,
    /^ +v = xorshift64star\(&ctx->random_state\);$/gm,
    `${refuse('a random number')} if (ctx->random_state == 0) js_random_init(ctx);\n$&`,
    1,
  );
  replace(code, /^ +(?:val = date_now\(\);|return JS_NewInt64\(ctx, date_now\(\)\);)$/gm, `${refuse('the time')}\n$&`, 2);
  // Its callers look at a number alone; the refusal is counted.
  replace(code, /^ +time \/= 1000; \/\* convert to seconds \*\/$/gm, '(void)refuse_host("the time zone");\n$&', 1);
}

/** @throws Error when something is not where it was */
export function changeSource(folder) {
  const [header, code] = [join(folder, 'quickjs.h'), join(folder, 'quickjs.c')];
  countMortalsAlone(header, code);
  mendFaults(code);
  refuseHost(code);
}
