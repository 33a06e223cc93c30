import {
  BPF_ABS,
  BPF_ALU,
  BPF_AND,
  BPF_JA,
  BPF_JEQ,
  BPF_JGE,
  BPF_JGT,
  BPF_JMP,
  BPF_JSET,
  BPF_K,
  BPF_LD,
  BPF_RET,
  BPF_W,
} from '../../kernel.gen.ts';

/** Operation codes of classic BPF that seccomp accepts; the filter does without `jumpBits`. */
export const codes = {
  loadWord: BPF_LD | BPF_W | BPF_ABS,
  and: BPF_ALU | BPF_AND | BPF_K,
  jumpAlways: BPF_JMP | BPF_JA,
  jumpEqual: BPF_JMP | BPF_JEQ | BPF_K,
  jumpGreater: BPF_JMP | BPF_JGT | BPF_K,
  jumpGreaterEqual: BPF_JMP | BPF_JGE | BPF_K,
  jumpBits: BPF_JMP | BPF_JSET | BPF_K,
  returnValue: BPF_RET | BPF_K,
} as const;

/** Where a jump goes: an instruction already written, or an action to return. */
export type Target = { readonly at: number } | { readonly action: number };

/** A conditional jump reaches 255 instructions; the rest is room for what is written to reach the other target. */
const REACH = 250;

/**
 * Writes a program from its end to its beginning: a jump only ever goes forward, so all its targets are known when it is
 * written. Positions count from the end. Where a target is out of reach, a return is repeated and anything else gets a jump in between.
 */
export class Assembler {
  private readonly instructions: { readonly code: number; readonly k: number; readonly yes: number; readonly no: number }[] = [];
  /** Last place of each returned action. */
  private readonly returns = new Map<number, number>();
  /** Last place of a jump to each position. */
  private readonly relays = new Map<number, number>();

  get length(): number {
    return this.instructions.length;
  }

  private push(code: number, k: number, yes = 0, no = 0): number {
    return this.instructions.push({ code, k, yes, no }) - 1;
  }

  private inReach(position: number | undefined): position is number {
    return position !== undefined && this.length - 1 - position <= REACH;
  }

  private near(target: Target): number {
    if ('action' in target) {
      const known = this.returns.get(target.action);
      if (this.inReach(known)) return known;
      const position = this.push(codes.returnValue, target.action);
      this.returns.set(target.action, position);
      return position;
    }
    if (this.inReach(target.at)) return target.at;
    const relay = this.relays.get(target.at);
    if (this.inReach(relay)) return relay;
    const position = this.push(codes.jumpAlways, this.length - 1 - target.at);
    this.relays.set(target.at, position);
    return position;
  }

  /** Compares the accumulator with `k`. */
  jump(code: number, k: number, yes: Target, no: Target): Target {
    const to = this.near(yes);
    const otherwise = this.near(no);
    const next = this.length - 1;
    return { at: this.push(code, k, next - to, next - otherwise) };
  }

  /** An instruction that goes on to what was written before it. */
  step(code: number, k: number): Target {
    return { at: this.push(code, k) };
  }

  /** Makes `target` what the next instruction written goes on to. */
  follow({ at }: { readonly at: number }): void {
    const next = this.length - 1;
    if (at !== next) this.push(codes.jumpAlways, next - at);
  }

  /** The array of struct sock_filter, in the machine's byte order. */
  program(bigEndian: boolean): Uint8Array {
    const bytes = new Uint8Array(this.length * 8);
    const view = new DataView(bytes.buffer);
    let offset = 0;
    for (let index = this.length - 1; index >= 0; index--, offset += 8) {
      const instruction = this.instructions[index];
      if (!instruction) continue;
      view.setUint16(offset, instruction.code, !bigEndian);
      bytes[offset + 2] = instruction.yes;
      bytes[offset + 3] = instruction.no;
      view.setUint32(offset + 4, instruction.k >>> 0, !bigEndian);
    }
    return bytes;
  }
}
