import { SECCOMP_DATA_ARCH, SECCOMP_DATA_ARGS, SECCOMP_DATA_NR, SECCOMP_DATA_SIZE } from '../../kernel.gen.ts';
import { codes } from './assembler.ts';

// Each by itself: an instruction is compared with most of them.
const { loadWord, and, jumpAlways, jumpEqual, jumpGreater, jumpGreaterEqual, jumpBits, returnValue } = codes;

/** One system call as a filter sees it: struct seccomp_data (linux/seccomp.h). */
export interface Call {
  readonly number: number;
  /** AUDIT_ARCH_*. */
  readonly audit: number;
  readonly args: readonly bigint[];
}

function pack({ number, audit, args }: Call, little: boolean): DataView {
  const view = new DataView(new ArrayBuffer(SECCOMP_DATA_SIZE));
  view.setUint32(SECCOMP_DATA_NR, number >>> 0, little);
  view.setUint32(SECCOMP_DATA_ARCH, audit >>> 0, little);
  for (let index = 0; index < 6; index++) view.setBigUint64(SECCOMP_DATA_ARGS + 8 * index, args[index] ?? 0n, little);
  return view;
}

interface Result {
  /** SECCOMP_RET_*. */
  readonly action: number;
  /** Instructions run. */
  readonly steps: number;
  /** Offsets into struct seccomp_data that were read. */
  readonly loads: readonly number[];
}

/**
 * Runs a classic BPF program as seccomp does.
 * @throws Error for what the kernel's checker would refuse: an unknown instruction, a jump or load out of bounds, no return
 */
export function interpret(program: Uint8Array, call: Call, bigEndian = false): Result {
  const code = new DataView(program.buffer, program.byteOffset, program.length);
  const input = pack(call, !bigEndian);
  const loads: number[] = [];
  let accumulator = 0;
  let steps = 0;
  for (let at = 0; at * 8 < program.length; at++) {
    steps++;
    const operation = code.getUint16(at * 8, !bigEndian);
    const k = code.getUint32(at * 8 + 4, !bigEndian);
    const branch = (holds: boolean): number => code.getUint8(at * 8 + (holds ? 2 : 3));
    switch (operation) {
      case loadWord:
        if (k % 4 !== 0 || k >= SECCOMP_DATA_SIZE) throw new Error(`load of ${k} at ${at}`);
        loads.push(k);
        accumulator = input.getUint32(k, !bigEndian);
        break;
      case and:
        accumulator = (accumulator & k) >>> 0;
        break;
      case jumpAlways:
        at += k;
        break;
      case jumpEqual:
        at += branch(accumulator === k);
        break;
      case jumpGreater:
        at += branch(accumulator > k);
        break;
      case jumpGreaterEqual:
        at += branch(accumulator >= k);
        break;
      case jumpBits:
        at += branch((accumulator & k) !== 0);
        break;
      case returnValue:
        return { action: k, steps, loads };
      default:
        throw new Error(`unknown instruction ${operation} at ${at}`);
    }
  }
  throw new Error('the program ends without a return');
}
