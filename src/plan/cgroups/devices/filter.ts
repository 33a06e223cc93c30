import {
  BPF_ALU,
  BPF_ALU64,
  BPF_AND,
  BPF_CGROUP_DEV_CTX_ACCESS_TYPE,
  BPF_CGROUP_DEV_CTX_MAJOR,
  BPF_CGROUP_DEV_CTX_MINOR,
  BPF_DEVCG_ACC_MKNOD,
  BPF_DEVCG_ACC_READ,
  BPF_DEVCG_ACC_WRITE,
  BPF_DEVCG_DEV_BLOCK,
  BPF_DEVCG_DEV_CHAR,
  BPF_EXIT,
  BPF_JA,
  BPF_JMP,
  BPF_JNE,
  BPF_JSET,
  BPF_K,
  BPF_LDX,
  BPF_MEM,
  BPF_MOV,
  BPF_RSH,
  BPF_W,
  BPF_X,
} from '../../../kernel.gen.ts';
import { lookup } from '../../../lookup.ts';
/** One rule of `linux.resources.devices` with its defaults filled in. */
export interface DeviceRule {
  readonly allow: boolean;
  /** All, block or character devices. */
  readonly type: 'a' | 'b' | 'c';
  /** Absent: any. */
  readonly major?: number;
  /** Absent: any. */
  readonly minor?: number;
  /** Letters of "rwm": read, write, make the node. */
  readonly access: string;
}

const accessBits: Readonly<Record<string, number>> = { m: BPF_DEVCG_ACC_MKNOD, r: BPF_DEVCG_ACC_READ, w: BPF_DEVCG_ACC_WRITE };
const ALL_ACCESS = BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE;
const typeNumbers = { b: BPF_DEVCG_DEV_BLOCK, c: BPF_DEVCG_DEV_CHAR } as const;

/** `accessType`: access << 16 | type. */
const context = { accessType: BPF_CGROUP_DEV_CTX_ACCESS_TYPE, major: BPF_CGROUP_DEV_CTX_MAJOR, minor: BPF_CGROUP_DEV_CTX_MINOR } as const;
const registers = { result: 0, context: 1, type: 2, access: 3, major: 4, minor: 5 } as const;

/** Operation codes of eBPF; "32" works on the lower half of a register and clears the upper one. */
const codes = {
  loadWord: BPF_LDX | BPF_W | BPF_MEM,
  move: BPF_ALU64 | BPF_MOV | BPF_K,
  moveFrom32: BPF_ALU | BPF_MOV | BPF_X,
  and32: BPF_ALU | BPF_AND | BPF_K,
  shiftRight32: BPF_ALU | BPF_RSH | BPF_K,
  jumpAlways: BPF_JMP | BPF_JA,
  jumpNotEqual: BPF_JMP | BPF_JNE | BPF_K,
  jumpBits: BPF_JMP | BPF_JSET | BPF_K,
  exit: BPF_JMP | BPF_EXIT,
} as const;

interface Instruction {
  readonly code: number;
  readonly to?: number;
  readonly from?: number;
  readonly offset?: number;
  readonly value?: number;
}

const { result, type, access, major, minor } = registers;

const prologue: readonly Instruction[] = [
  { code: codes.loadWord, to: type, from: registers.context, offset: context.accessType },
  { code: codes.loadWord, to: major, from: registers.context, offset: context.major },
  { code: codes.loadWord, to: minor, from: registers.context, offset: context.minor },
  { code: codes.moveFrom32, to: access, from: type },
  { code: codes.shiftRight32, to: access, value: 16 },
  { code: codes.and32, to: type, value: 0xffff },
];

const answer = (allow: boolean): Instruction[] => [{ code: codes.move, to: result, value: allow ? 1 : 0 }, { code: codes.exit }];

const maskOf = (letters: string): number => [...letters].reduce((mask, letter) => mask | (lookup(accessBits, letter) ?? 0), 0);

/** What a matching device gets: a denial ends at once, a permission takes its letters off the request and ends when none is left. */
function decision({ allow, access: letters }: DeviceRule): Instruction[] {
  const mask = maskOf(letters);
  if (mask === ALL_ACCESS) return answer(allow);
  if (!allow)
    return [{ code: codes.jumpBits, to: access, offset: 1, value: mask }, { code: codes.jumpAlways, offset: 2 }, ...answer(false)];
  return [
    { code: codes.and32, to: access, value: ALL_ACCESS & ~mask },
    { code: codes.jumpNotEqual, to: access, offset: 2, value: 0 },
    ...answer(true),
  ];
}

function block(rule: DeviceRule): Instruction[] {
  const tests: { readonly to: number; readonly value: number }[] = [];
  if (rule.type !== 'a') tests.push({ to: type, value: typeNumbers[rule.type] });
  if (rule.major !== undefined) tests.push({ to: major, value: rule.major });
  if (rule.minor !== undefined) tests.push({ to: minor, value: rule.minor });
  const decided = decision(rule);
  const jumps = tests.map(({ to, value }, index): Instruction => {
    return { code: codes.jumpNotEqual, to, offset: decided.length + tests.length - index - 1, value };
  });
  return [...jumps, ...decided];
}

/** Numbers are at most 20 bits wide in the kernel; one that does not fit its comparison names no device. */
const canMatch = ({ major: first = 0, minor: second = 0, access: letters }: DeviceRule): boolean =>
  maskOf(letters) !== 0 && [first, second].every((number) => number >= 0 && number <= 0x7fffffff);

function encode(instructions: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(instructions.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [index, { code, to = 0, from = 0, offset = 0, value = 0 }] of instructions.entries()) {
    view.setUint8(index * 8, code);
    view.setUint8(index * 8 + 1, to | (from << 4));
    view.setInt16(index * 8 + 2, offset, true);
    view.setInt32(index * 8 + 4, value, true);
  }
  return bytes;
}

/**
 * Compiles device rules to an eBPF program of type BPF_PROG_TYPE_CGROUP_DEVICE (struct bpf_insn, little-endian) for the unified
 * hierarchy, with the semantics of cgroup v1's devices.allow and devices.deny:
 *
 * - everything is denied to begin with; a rule of type "a" allows or denies everything and forgets the rules before it, whatever its other members say,
 * - of the others a later one wins over an earlier one, letter by letter,
 * - a request is granted only if every letter it asks for is.
 */
export function compileDeviceFilter(rules: readonly DeviceRule[]): Uint8Array {
  const reset = rules.findLastIndex((rule) => rule.type === 'a');
  const later = rules.slice(reset + 1).filter(canMatch);
  const program = [...prologue, ...later.toReversed().flatMap(block), ...answer(rules[reset]?.allow ?? false)];
  return encode(program);
}
