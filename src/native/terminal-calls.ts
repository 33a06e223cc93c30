/** ioctl_tty(2) and termios(3), by descriptors. They throw SystemError unless said otherwise. */
export interface TerminalCalls {
  isTerminal(fd: number): boolean;
  /** Of the terminal that is open as `fd`, in characters; null where it is none, or has no size. */
  terminalSize(fd: number): { readonly rows: number; readonly columns: number } | null;
  /** TIOCSWINSZ. */
  setWindowSize(fd: number, columns: number, rows: number): void;
  /** What somebody at a terminal types to end the input of its program, "" for nothing; `inLine`: the last that was typed was no newline. */
  endOfInput(fd: number, inLine: boolean): string;
}
