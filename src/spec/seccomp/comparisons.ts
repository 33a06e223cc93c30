import { SECCOMP_DATA_ARGS } from '../../kernel.gen.ts';
import { type Assembler, codes, type Target } from './assembler.ts';
import type { Condition } from './conditions.ts';
import type { Outcome } from './outcome.ts';

const LOW_WORD = 0xffff_ffffn;

/** How an architecture lays out its arguments. */
export interface Layout {
  readonly bits: 32 | 64;
  readonly bigEndian: boolean;
}

const offsetOf = (argument: number, half: 'high' | 'low', bigEndian: boolean): number =>
  SECCOMP_DATA_ARGS + 8 * argument + ((half === 'low') === bigEndian ? 4 : 0);

interface Half {
  readonly offset: number;
  readonly value: number;
  readonly mask: number;
}

function halves({ argument, value, mask }: Condition, { bigEndian }: Layout): { readonly high: Half; readonly low: Half } {
  const half = (which: 'high' | 'low', shift: bigint): Half => ({
    offset: offsetOf(argument, which, bigEndian),
    value: Number((value >> shift) & LOW_WORD),
    mask: Number((mask >> shift) & LOW_WORD),
  });
  return { high: half('high', 32n), low: half('low', 0n) };
}

function writeEqual(out: Assembler, { offset, value, mask }: Half, yes: Target, no: Target): Target {
  if (mask === 0) return yes;
  out.jump(codes.jumpEqual, value, yes, no);
  if (mask !== 0xffff_ffff) out.step(codes.and, mask);
  return out.step(codes.loadWord, offset);
}

/** value <= argument, or value < argument. */
function writeAbove(out: Assembler, condition: Condition, layout: Layout, code: number, yes: Target, no: Target): Target {
  const { high, low } = halves(condition, layout);
  out.jump(code, low.value, yes, no);
  const lowStart = out.step(codes.loadWord, low.offset);
  if (layout.bits === 32) return lowStart;
  const equal = out.jump(codes.jumpEqual, high.value, lowStart, no);
  out.jump(codes.jumpGreater, high.value, yes, equal);
  return out.step(codes.loadWord, high.offset);
}

function writeCondition(out: Assembler, condition: Condition, layout: Layout, yes: Target, no: Target): Target {
  switch (condition.op) {
    case 'SCMP_CMP_NE':
      return writeCondition(out, { ...condition, op: 'SCMP_CMP_EQ' }, layout, no, yes);
    case 'SCMP_CMP_EQ':
    case 'SCMP_CMP_MASKED_EQ': {
      const { high, low } = halves(condition, layout);
      const lowStart = writeEqual(out, low, yes, no);
      return layout.bits === 32 ? lowStart : writeEqual(out, high, lowStart, no);
    }
    case 'SCMP_CMP_LE':
      return writeAbove(out, condition, layout, codes.jumpGreater, no, yes);
    case 'SCMP_CMP_LT':
      return writeAbove(out, condition, layout, codes.jumpGreaterEqual, no, yes);
    case 'SCMP_CMP_GT':
      return writeAbove(out, condition, layout, codes.jumpGreater, yes, no);
    case 'SCMP_CMP_GE':
      return writeAbove(out, condition, layout, codes.jumpGreaterEqual, yes, no);
  }
}

/** Writes the tests of one system call, the last one first. */
export function writeTests(out: Assembler, { tests, otherwise }: Exclude<Outcome, number>, layout: Layout): Target {
  let next: Target = { action: otherwise };
  for (const { action, conditions } of tests.toReversed()) {
    let start: Target = { action };
    for (const condition of conditions.toReversed()) start = writeCondition(out, condition, layout, start, next);
    next = start;
  }
  return next;
}
