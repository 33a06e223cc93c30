// Runs in the executable's engine under the sanitizers: what scripts/quickjs-changes.js mends.
const { engine } = globalThis;

function check(what, found, expected) {
  if (found === expected) return;
  engine.writeError(`${what}: ${String(found).slice(0, 200)}, not ${String(expected).slice(0, 200)}\n`);
  engine.addon.exit(1);
}

/** Every length of limbs, with the highest bit set, and its neighbours. */
function numbers() {
  for (let limbs = 1n; limbs <= 5n; limbs++) {
    const most = 1n << (64n * limbs);
    for (const number of [most - 1n, most, most + 1n, most / 2n, most / 2n - 1n]) {
      for (const radix of [2, 3, 8, 10, 16, 32, 36]) {
        let [rest, digits] = [number, ''];
        for (; rest > 0n; rest /= BigInt(radix)) digits = Number(rest % BigInt(radix)).toString(radix) + digits;
        check(`${limbs} limbs in base ${radix}`, number.toString(radix), digits);
        check(`its opposite in base ${radix}`, (-number).toString(radix), `-${digits}`);
      }
      check('what was written is read again', BigInt(number.toString()), number);
      check('in base 16', BigInt(`0x${number.toString(16)}`), number);
    }
  }
}

/** More digits than bits can be counted in 32 bits. */
function tooLong() {
  for (const text of ['9'.repeat(2 << 20), '1'.repeat(100_000_000)]) {
    let refused = false;
    try {
      BigInt(text);
    } catch {
      refused = true;
    }
    check(`a number of ${text.length} digits is refused`, refused, true);
  }
}

/** A variable of a function, changed while what is appended to it becomes text. */
function append() {
  let text = 'a';
  const odd = {
    toString() {
      text = 7;
      return 'b';
    },
  };
  text += odd;
  check('text appended to', text, 'ab');
}

/** What JavaScript has and JSON has not. */
function json() {
  const odd = ['1.', '1.e5', '-0.', '01', '-01', '.5', '+1', '1e', '"\\x41"', '"\\v"', '"\\\'"', '"\\q"', '"\\u{41}"', '"\\\n"', '"\\0"'];
  for (const text of odd) {
    let refused = false;
    try {
      JSON.parse(`[${text}]`);
    } catch {
      refused = true;
    }
    check(`${text} is no JSON`, refused, true);
  }
  check('numbers of JSON', JSON.parse('[0,-0,10,-1.5,1e2,1E-2,0.0e+1]').join(), '0,0,10,-1.5,100,0.01,0');
  check('escapes of JSON', JSON.parse('"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041"'), '"\\/\b\f\n\r\tA');
}

/** By the definition: what is left when 2^bits is taken away as often as it takes. */
function unsigned() {
  for (const bits of [1, 31, 63, 64, 65, 127, 128, 129, 191, 192, 256]) {
    const modulus = 1n << BigInt(bits);
    for (const limbs of [1n, 2n, 3n, 4n]) {
      const most = 1n << (64n * limbs);
      for (const number of [0n, 1n, most / 2n - 1n, most / 2n, most - 1n, most, most + 1n].flatMap((value) => [value, -value])) {
        const rest = ((number % modulus) + modulus) % modulus;
        check(`${number} as ${bits} bits`, BigInt.asUintN(bits, number), rest);
        const signed = rest >= modulus / 2n ? rest - modulus : rest;
        check(`${number} as ${bits} bits with a sign`, BigInt.asIntN(bits, number), signed);
      }
    }
  }
  check('a positive number of few bits', BigInt.asUintN(2 ** 40, 5n), 5n);
  let refused = false;
  try {
    BigInt.asUintN(2 ** 40, -5n);
  } catch {
    refused = true;
  }
  check('a number of very many bits is refused', refused, true);
}

/** With Numbers, which for the engine are not BigInts of other types: pairs of every sign and many sizes. */
function comparisons() {
  const sizes = [1n, 3n, 1n << 31n, (1n << 53n) + 2n, 1n << 63n, 1n << 64n, 5n << 90n, 1n << 127n];
  const values = [0n, ...sizes.flatMap((size) => [size, -size])];
  for (const one of values) {
    for (const other of values) {
      const number = Number(other);
      check(`${one} < ${number}`, one < number, one < other);
      check(`${one} > ${number}`, one > number, one > other);
      check(`${number} <= ${one}`, number <= one, other <= one);
      // biome-ignore lint/suspicious/noDoubleEquals: what the engine makes of a BigInt and a Number is asked
      check(`${one} == ${number}`, one == number, one === other);
    }
    check(`${one} < 0.5`, one < 0.5, one <= 0n);
    check(`${one} > -0.5`, one > -0.5, one >= 0n);
    check(`${one} and infinities`, one < Number.POSITIVE_INFINITY && one > Number.NEGATIVE_INFINITY, true);
  }
}

/** The number behind the array must not be read. */
function lastIndex() {
  for (const array of [new Uint8Array(8), new Float64Array(8), new BigInt64Array(8)]) {
    const [zero, other] = typeof array[0] === 'bigint' ? [0n, 1n] : [0, 1];
    for (const index of [-Number.MIN_VALUE, -1e-300, -0.9, -0, Number.NaN]) {
      check(`lastIndexOf from ${index}`, array.lastIndexOf(zero, index), 0);
      check(`lastIndexOf of what is not there, from ${index}`, array.lastIndexOf(other, index), -1);
    }
    check('lastIndexOf from the end', array.lastIndexOf(zero, -1.5), 7);
    check('lastIndexOf from before the array', array.lastIndexOf(zero, -9), -1);
  }
}

/** The collector looks at a copy that is not filled yet. What calls this has memory filled with what looks like an object (../sanitized.js). */
function copies() {
  const list = new Array(5000).fill(1);
  const get = () => {
    const much = new Uint8Array(80 << 20);
    return { much };
  };
  Object.defineProperty(list, 0, { get });
  const ways = [() => list.toSorted(() => 0), () => list.toReversed(), () => list.with(1, 1), () => list.toSpliced(1, 1, 1)];
  for (const [place, copy] of ways.entries()) check(`copy ${place}`, copy().length, 5000);
}

/** Letters of two cases: a letter that is not ASCII is never one that is. */
function cases() {
  for (const [expression, text, found] of [
    [/^sig/i, 'SiG', true],
    [/^sig/i, '\u017fig', false],
    [/^[kmg]b$/i, 'Kb', true],
    [/^[kmg]b$/i, '\u212ab', false],
    [/\bk/i, '\u212a k', true],
  ]) {
    check(`${expression} in ${text}`, expression.test(text), found);
  }
}

/** docs/engine.md counts on what the engine does not have: there most faults of later commits are. */
function missing() {
  const made = [
    globalThis,
    String.prototype,
    ArrayBuffer,
    ArrayBuffer.prototype,
    Object.getPrototypeOf(Uint8Array.prototype),
    Map.prototype,
    Set.prototype,
  ];
  const names = [
    'Proxy',
    'WeakRef',
    'FinalizationRegistry',
    'Iterator',
    'normalize',
    'localeCompare',
    'transfer',
    'resize',
    'getOrInsert',
    'union',
  ];
  for (const name of names) check(`${name} of ${made.length} objects`, made.filter((object) => name in object).length, 0);
  for (const compile of [
    () => Reflect.get(globalThis, 'eval')('1'),
    () => new Function('1'),
    () => new (async () => {}).constructor('1'),
  ]) {
    let refused = false;
    try {
      compile();
    } catch (error) {
      refused = error instanceof TypeError;
    }
    check('text becomes no code', refused, true);
  }
}

engine.start = async () => {
  numbers();
  tooLong();
  append();
  json();
  unsigned();
  comparisons();
  lastIndex();
  copies();
  cases();
  missing();
  engine.addon.exit(0);
};
