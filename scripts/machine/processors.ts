// What the machine can be made as: this machine's processor, or one that is emulated.

export interface Processor {
  /** As Debian calls it. */
  readonly debian: 'amd64' | 'arm64';
  readonly qemu: string;
  /** The kind of board. */
  readonly machine: string;
  /** The model of the processor, where that is emulated. */
  readonly emulated: string;
  /** Names of the serial ports for the kernel's words, for what the command prints, and for its status. */
  readonly ports: readonly [kernel: string, output: string, status: string];
}

export const processors = {
  x86_64: {
    debian: 'amd64',
    qemu: 'qemu-system-x86_64',
    machine: 'q35',
    // What later ones have besides takes a third more time: a fifth level of page tables, wider registers to be saved.
    emulated: 'Nehalem',
    ports: ['ttyS0', 'ttyS1', 'ttyS2'],
  },
  aarch64: {
    debian: 'arm64',
    qemu: 'qemu-system-aarch64',
    machine: 'virt,gic-version=3',
    // The oldest instructions of 64 bits: what runs there runs on every one.
    emulated: 'cortex-a72',
    ports: ['ttyAMA0', 'ttyS0', 'ttyS1'],
  },
} as const satisfies Readonly<Record<string, Processor>>;

export type ProcessorName = keyof typeof processors;

/** This machine's. */
export const ownProcessor: ProcessorName = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
