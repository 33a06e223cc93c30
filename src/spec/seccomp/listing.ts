import { actionText } from './actions.ts';
import { codes } from './assembler.ts';

/** struct sock_filter (linux/filter.h). */
interface Instruction {
  readonly code: number;
  readonly yes: number;
  readonly no: number;
  readonly k: number;
}

function instructionsOf(program: Uint8Array, bigEndian: boolean): Instruction[] {
  const view = new DataView(program.buffer, program.byteOffset, program.length);
  return Array.from({ length: program.length / 8 }, (_, index) => ({
    code: view.getUint16(index * 8, !bigEndian),
    yes: view.getUint8(index * 8 + 2),
    no: view.getUint8(index * 8 + 3),
    k: view.getUint32(index * 8 + 4, !bigEndian),
  }));
}

/** Instructions that the longest way through a program runs. */
export function worstCase(program: Uint8Array, bigEndian = false): number {
  const instructions = instructionsOf(program, bigEndian);
  const longest: number[] = [];
  // From the end: jumps only go forward.
  for (let at = instructions.length - 1; at >= 0; at--) {
    const { code, yes, no, k } = instructions[at] as Instruction;
    const next = (distance: number): number => longest[at + 1 + distance] ?? 0;
    if (code === codes.returnValue) longest[at] = 1;
    else if (code === codes.jumpAlways) longest[at] = 1 + next(k);
    else if (code === codes.loadWord || code === codes.and) longest[at] = 1 + next(0);
    else longest[at] = 1 + Math.max(next(yes), next(no));
  }
  return longest[0] ?? 0;
}

/** What a word of struct seccomp_data (linux/seccomp.h) holds. */
function wordText(offset: number, bigEndian: boolean): string {
  if (offset === 0) return 'number';
  if (offset === 4) return 'architecture';
  const high = (offset % 8 === 4) !== bigEndian;
  return `argument ${Math.floor((offset - 16) / 8)}, ${high ? 'upper' : 'lower'} half`;
}

function text({ code, yes, no, k }: Instruction, at: number, bigEndian: boolean): string {
  const value = k < 4096 ? String(k) : `0x${k.toString(16)}`;
  const branches = `${value.padEnd(12)} yes ${at + 1 + yes}, no ${at + 1 + no}`;
  switch (code) {
    case codes.loadWord:
      return `load  ${wordText(k, bigEndian)}`;
    case codes.and:
      return `and   0x${k.toString(16)}`;
    case codes.jumpAlways:
      return `jump  ${at + 1 + k}`;
    case codes.jumpEqual:
      return `==    ${branches}`;
    case codes.jumpGreater:
      return `>     ${branches}`;
    case codes.jumpGreaterEqual:
      return `>=    ${branches}`;
    default:
      return `return ${actionText(k)}`;
  }
}

/** The instructions of a program, each with what it does in words. */
export function disassembled(program: Uint8Array, bigEndian = false): (Instruction & { readonly text: string })[] {
  return instructionsOf(program, bigEndian).map((instruction, at) => ({ ...instruction, text: text(instruction, at, bigEndian) }));
}

/** A program in words, one line for each instruction. */
export function listing(program: Uint8Array, bigEndian = false): string[] {
  return disassembled(program, bigEndian).map((instruction, at) => `${String(at).padStart(4)}  ${instruction.text}`);
}
