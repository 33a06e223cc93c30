/** Choices that the bytes of an input make; zeros behind its end. */
export class Draw {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get isOver(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    return this.bytes[this.at++] ?? 0;
  }

  one<T>(list: readonly T[]): T {
    return list[this.byte() % list.length] as T;
  }

  /** Up to `most` bytes. */
  some(most: number): Uint8Array {
    const size = this.byte() % (most + 1);
    this.at += size;
    return this.bytes.subarray(this.at - size, this.at);
  }

  list<T>(most: number, draw: () => T): T[] {
    return Array.from({ length: this.byte() % (most + 1) }, draw);
  }
}
