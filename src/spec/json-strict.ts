import { RuntimeError } from '../errors.ts';
import { escapePointer } from './pointer.ts';

/** Nesting beyond this is refused: no real document comes near, and recursion must stay bounded. */
export const MAX_DEPTH = 200;

export interface StrictOptions {
  /** Called for every repeated member name (GLO-002); the last value wins. */
  readonly onDuplicate?: (pointer: string) => void;
  /** Called for every value, with the index at which it begins. */
  readonly onValue?: (pointer: string, offset: number) => void;
}

const space = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 8259 forbids them in strings
const string = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;

const literals: readonly (readonly [string, unknown])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

/** Characters of a line that are shown before and after a place in it: what was written without line ends is one line. */
const AROUND = 60;

/** A line of a text that begins at `start`, cut to what is near a column, and a caret below that column. */
function excerpt(text: string, start: number, column: number): string {
  const end = text.indexOf('\n', start);
  const line = text.slice(start, end < 0 ? undefined : end).replace(/[\t\r]/g, ' ');
  const first = Math.max(0, column - AROUND);
  const before = (first > 0 ? '…' : '') + line.slice(first, column);
  const after = line.slice(column, column + AROUND) + (line.length > column + AROUND ? '…' : '');
  return `${before}${after}\n${' '.repeat([...before].length)}^`;
}

class StrictParser {
  private readonly text: string;
  private readonly options: StrictOptions;
  private at = 0;
  private depth = 0;

  constructor(text: string, options: StrictOptions) {
    this.text = text;
    this.options = options;
  }

  document(): unknown {
    const value = this.value('');
    this.skipSpace();
    if (this.at < this.text.length) this.fail('nothing more');
    return value;
  }

  private fail(expected: string): never {
    const before = this.text.slice(0, this.at).split('\n');
    const found = this.at < this.text.length ? JSON.stringify(this.text[this.at]) : 'the end';
    const column = before.at(-1)?.length ?? 0;
    const place = `line ${before.length}, column ${column + 1}`;
    const message = `invalid JSON at ${place}: expected ${expected}, found ${found}`;
    throw new RuntimeError('INVALID_JSON', message, { excerpt: excerpt(this.text, this.at - column, column) });
  }

  private skipSpace(): void {
    space.lastIndex = this.at;
    space.test(this.text);
    this.at = space.lastIndex;
  }

  private take(character: string): boolean {
    this.skipSpace();
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private value(pointer: string): unknown {
    this.skipSpace();
    this.options.onValue?.(pointer, this.at);
    switch (this.text[this.at]) {
      case '{':
        return this.nested(() => this.object(pointer));
      case '[':
        return this.nested(() => this.array(pointer));
      case '"':
        return this.string();
    }
    for (const [word, value] of literals) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    return this.number();
  }

  private nested<T>(read: () => T): T {
    if (++this.depth > MAX_DEPTH) this.fail(`at most ${MAX_DEPTH} levels`);
    this.at++;
    const value = read();
    this.depth--;
    return value;
  }

  private object(pointer: string): unknown {
    const object: Record<string, unknown> = {};
    if (this.take('}')) return object;
    do {
      this.skipSpace();
      const name = this.string();
      const place = `${pointer}/${escapePointer(name)}`;
      if (!this.take(':')) this.fail('":"');
      if (Object.hasOwn(object, name)) this.options.onDuplicate?.(place);
      // Assignment to __proto__ would change the prototype instead of adding a member.
      Object.defineProperty(object, name, { value: this.value(place), writable: true, enumerable: true, configurable: true });
    } while (this.take(','));
    if (!this.take('}')) this.fail('"," or "}"');
    return object;
  }

  private array(pointer: string): unknown {
    const array: unknown[] = [];
    if (this.take(']')) return array;
    do array.push(this.value(`${pointer}/${array.length}`));
    while (this.take(','));
    if (!this.take(']')) this.fail('"," or "]"');
    return array;
  }

  private string(): string {
    string.lastIndex = this.at;
    const match = string.exec(this.text)?.[0];
    if (match === undefined) this.fail(this.text[this.at] === '"' ? 'a well-formed string' : 'a string');
    this.at += match.length;
    return match.includes('\\') ? (JSON.parse(match) as string) : match.slice(1, -1);
  }

  private number(): number | bigint {
    number.lastIndex = this.at;
    const match = number.exec(this.text);
    if (match === null) this.fail('a value');
    this.at += match[0].length;
    const value = Number(match[0]);
    return match[1] !== undefined || match[2] !== undefined || Number.isSafeInteger(value) ? value : BigInt(match[0]);
  }
}

/**
 * Parses RFC 8259 text; integers beyond 2^53 become bigint.
 * @throws RuntimeError INVALID_JSON with line and column
 */
export function parseStrict(text: string, options: StrictOptions = {}): unknown {
  return new StrictParser(text, options).document();
}
