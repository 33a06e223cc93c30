/**
 * cpu.shares (2 to 262144) as cpu.weight (1 to 10000), so that the default 1024 becomes the default 100 (ENG-017).
 */
export function sharesToWeight(shares: number | bigint): number {
  const clamped = Math.min(Math.max(Number(shares), 2), 262144);
  const log = Math.log2(clamped);
  const weight = 10 ** ((log * log + 125 * log) / 612 - 7 / 34);
  // Where the formula meets an integer, rounding errors must not lift it to the next one.
  return Math.ceil(weight - 1e-9);
}

/** blkio.weight (10 to 1000) as io.weight (1 to 10000). */
export function blkioToIoWeight(weight: number): number {
  return 1 + Math.floor(((weight - 10) * 9999) / 990);
}

/** A limit in cgroup v2's words: negative is "max". */
export function limitOrMax(value: number | bigint): string {
  return value < 0 ? 'max' : String(value);
}
