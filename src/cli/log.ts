import type { Problem } from '../errors.ts';
import { printable } from './table.ts';

export type Level = 'debug' | 'info' | 'warning' | 'error';
export type Format = 'text' | 'json';

/** What is known of one line besides its words. */
export interface Details {
  readonly code?: string;
  readonly pointer?: string;
  readonly hint?: string;
  readonly problems?: readonly Problem[];
  /** Lines of the text that is wrong; for people alone, since anything may stand there, a secret too. */
  readonly excerpt?: string;
  /** Title of the plan's step that failed, the system call and its symbolic errno. */
  readonly step?: string;
  readonly syscall?: string;
  readonly errno?: string;
}

/** Where lines go. */
interface LogTarget {
  /** Appends to the file of --log; undefined when the log is stderr. */
  readonly file: ((text: string) => void) | undefined;
  readonly stderr: (text: string) => void;
  readonly stderrIsTerminal: boolean;
  readonly format: Format;
  readonly now: () => Date;
}

/** RFC 3339 with seconds: containerd gives up on a log whose time it cannot parse. */
function stamp(now: Date): string {
  return `${now.toISOString().slice(0, 19)}Z`;
}

/** Several findings, one a line; a pointer may be empty (the whole document). One alone is what the message says. */
function listed(message: string, problems: readonly Problem[] | undefined): string {
  if (!problems || problems.length < 2) return message;
  return [message, ...problems.map(({ pointer, message: words }) => `  ${pointer || '/'}: ${words}`)].join('\n');
}

/** Where a warning was found and what may help, for a line that has no other place for it. */
function aside({ pointer, hint }: Details): string {
  const parts = [...(pointer === undefined ? [] : [`at ${pointer || '/'}`]), ...(hint === undefined ? [] : [hint])];
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}

/** One line as logrus writes it in JSON: keys in the order level, msg, time; what is known besides comes after, for programs. */
function jsonLine(level: Level, message: string, now: Date, details: Details): string {
  const { code, pointer, hint, problems, step, syscall, errno } = details;
  return `${JSON.stringify({ level, msg: message, time: stamp(now), code, pointer, step, syscall, errno, hint, problems })}\n`;
}

/** One line as logrus writes it in text. */
function textLine(level: Level, message: string, now: Date): string {
  return `time="${stamp(now)}" level=${level} msg=${JSON.stringify(message)}\n`;
}

/** An error or a warning for people: the message, where, and what may help. What a config.json says must not steer their terminal. */
function peopleLines(word: string, message: string, details: Details): string {
  const lines = `${word}: ${listed(message, details.problems)}`.split('\n');
  if (details.excerpt !== undefined) lines.push(...details.excerpt.split('\n').map((line) => `  ${line}`));
  if (details.pointer !== undefined && (details.problems?.length ?? 0) < 2) lines.push(`  at   ${details.pointer || '/'}`);
  if (details.hint !== undefined) lines.push(`  hint ${details.hint}`);
  return lines.map((line) => `${printable(line)}\n`).join('');
}

/**
 * The log of one command.
 *
 * Errors and warnings are always told, warnings unless the level is error, details when their level is asked for: to the file of --log, else to
 * stderr. There a person at a terminal reads them in lines of their own, and a program as logrus writes them.
 */
export class Log {
  readonly #target: LogTarget;
  #level: Level | undefined;

  constructor(target: LogTarget) {
    this.#target = target;
  }

  /** Asks for lines of this level and above. */
  set level(level: Level) {
    this.#level = level;
  }

  #line(level: Level, message: string, details: Details = {}): void {
    const { file, stderr, format, now } = this.#target;
    (file ?? stderr)(format === 'json' ? jsonLine(level, message, now(), details) : textLine(level, message, now()));
  }

  /** Whether debug lines are written, for those that cost something to make. */
  get debugs(): boolean {
    return this.#level === 'debug';
  }

  debug(message: string): void {
    if (this.debugs) this.#line('debug', message);
  }

  info(message: string): void {
    if (this.#level === 'debug' || this.#level === 'info') this.#line('info', message);
  }

  warning(message: string, details: Details = {}): void {
    if (this.#level === 'error') return;
    const { file, stderr, format, stderrIsTerminal } = this.#target;
    if (file === undefined && format === 'text' && stderrIsTerminal) stderr(peopleLines('warning', message, details));
    else this.#line('warning', message + aside(details), details);
  }

  /** The error that ends the command. It goes to stderr as well when the log is a file: engines read either. */
  error(message: string, details: Details = {}): void {
    const { file, stderr, format, stderrIsTerminal } = this.#target;
    const whole = listed(message, details.problems);
    if (file === undefined && format === 'text') {
      stderr(peopleLines('error', message, details));
      return;
    }
    this.#line('error', whole, details);
    if (file === undefined) return;
    stderr(stderrIsTerminal ? peopleLines('error', message, details) : `${whole}\n`);
  }
}
