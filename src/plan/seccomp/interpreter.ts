/** One system call as a filter sees it: struct seccomp_data (linux/seccomp.h). */
export interface Call {
  readonly number: number;
  /** AUDIT_ARCH_*. */
  readonly audit: number;
  readonly args: readonly bigint[];
}

function pack({ number, audit, args }: Call, little: boolean): DataView {
  const view = new DataView(new ArrayBuffer(64));
  view.setUint32(0, number >>> 0, little);
  view.setUint32(4, audit >>> 0, little);
  for (let index = 0; index < 6; index++) view.setBigUint64(16 + 8 * index, args[index] ?? 0n, little);
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
      case 0x20:
        if (k % 4 !== 0 || k > 60) throw new Error(`load of ${k} at ${at}`);
        loads.push(k);
        accumulator = input.getUint32(k, !bigEndian);
        break;
      case 0x54:
        accumulator = (accumulator & k) >>> 0;
        break;
      case 0x05:
        at += k;
        break;
      case 0x15:
        at += branch(accumulator === k);
        break;
      case 0x25:
        at += branch(accumulator > k);
        break;
      case 0x35:
        at += branch(accumulator >= k);
        break;
      case 0x45:
        at += branch((accumulator & k) !== 0);
        break;
      case 0x06:
        return { action: k, steps, loads };
      default:
        throw new Error(`unknown instruction ${operation} at ${at}`);
    }
  }
  throw new Error('the program ends without a return');
}
