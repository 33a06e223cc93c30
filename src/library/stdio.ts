import type { Stdio } from '../container/init/created.ts';
import { RuntimeError } from '../errors.ts';
import { O_RDWR } from '../kernel.gen.ts';
import { addon } from '../native/addon.ts';
import { checkSize, type TerminalSize } from './terminal.ts';

/**
 * What a standard stream of a process is: a stream of its `Process`, nothing, that of this process, or the descriptor of that number, which stays
 * the caller's.
 */
export type StdioOption = 'pipe' | 'ignore' | 'inherit' | number;
/** One for all three, or for standard input, output and error. */
export type StdioOptions = StdioOption | readonly [StdioOption, StdioOption, StdioOption];

/**
 * What was asked for, or what is usual; nothing where a terminal takes the place of all three.
 * @throws RuntimeError INVALID_VALUE for both at once
 */
export function stdioOf(
  { stdio, terminal }: { readonly stdio?: StdioOptions | 'kept' | undefined; readonly terminal?: TerminalSize | undefined },
  usual: StdioOption,
): StdioOptions {
  if (!terminal) return stdio === 'kept' ? 'ignore' : (stdio ?? usual);
  checkSize(terminal);
  if (stdio === undefined) return 'ignore';
  throw new RuntimeError('INVALID_VALUE', 'both stdio and a terminal: a terminal is all three streams');
}

/** The descriptors of a process that is to be started. */
export class StdioEnds {
  readonly theirs: Stdio;
  /** The other ends of pipes; -1: not a pipe. */
  readonly ours: Stdio;
  private readonly opened: number[] = [];

  constructor(options: StdioOptions) {
    const choices = typeof options === 'object' ? options : [options, options, options];
    const ours: number[] = [];
    try {
      this.theirs = choices.map((choice = 'ignore', stream) => {
        const [our, their] = this.ends(choice, stream);
        ours.push(our);
        return their;
      }) as unknown as Stdio;
    } catch (error) {
      this.startFailed(ours);
      throw error;
    }
    this.ours = ours as unknown as Stdio;
  }

  private ends(choice: StdioOption, stream: number): [number, number] {
    if (choice === 'inherit') return [-1, stream];
    if (typeof choice === 'number') return [-1, choice];
    if (choice === 'ignore') return [-1, this.own(addon.open('/dev/null', O_RDWR, 0))];
    const [read, write] = addon.pipe();
    return stream === 0 ? [write, this.own(read)] : [read, this.own(write)];
  }

  private own(fd: number): number {
    this.opened.push(fd);
    return fd;
  }

  /** The process has its ends: with ours, streams would not end with it. */
  started(): void {
    for (const fd of this.opened.splice(0)) addon.close(fd);
  }

  startFailed(ours: readonly number[] = this.ours): void {
    this.started();
    for (const fd of ours) if (fd >= 0) addon.close(fd);
  }
}
