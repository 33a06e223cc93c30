/**
 * What src/ uses of Node's globals, for the executable's own engine, which has the language alone (native/engine/host.cc is beneath).
 * Not imported under Node and Bun.
 */
interface Engine {
  arguments(): readonly string[];
  /** The first of two equal names counts, as getenv(3) has it. */
  environment(): Readonly<Record<string, string>>;
  pid(): number;
  parent(): number;
  workingDirectory(): string;
  writeError(text: string): void;
  encode(text: string): Uint8Array;
  encodeInto(text: string, target: Uint8Array): number;
  /** undefined for what is not UTF-8, when `fatal`. */
  decode(bytes: Uint8Array, fatal: boolean): string | undefined;
}

const { engine } = globalThis as unknown as { readonly engine: Engine };

class Encoder {
  encode(text: string): Uint8Array {
    return engine.encode(text);
  }

  encodeInto(text: string, target: Uint8Array): { readonly read: number; readonly written: number } {
    return { read: text.length, written: engine.encodeInto(text, target) };
  }
}

class Decoder {
  readonly #fatal: boolean;

  constructor(_label?: string, { fatal = false }: { readonly fatal?: boolean } = {}) {
    this.#fatal = fatal;
  }

  decode(bytes: Uint8Array): string {
    const text = engine.decode(bytes, this.#fatal);
    if (text === undefined) throw new TypeError('invalid UTF-8');
    return text.startsWith('\ufeff') ? text.slice(1) : text;
  }
}

/** For what came out of JSON: no cycles, no classes. */
function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copy);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copy(member)]));
}

/** Asked for late: this module is loaded when the executable is built. */
let variables: Readonly<Record<string, string>> | undefined;

Object.assign(globalThis, {
  TextEncoder: Encoder,
  TextDecoder: Decoder,
  structuredClone: copy,
  process: {
    // Node's first two arguments are its own path and the program's.
    get argv() {
      return ['', ...engine.arguments()];
    },
    get env() {
      variables ??= engine.environment();
      return variables;
    },
    get pid() {
      return engine.pid();
    },
    get ppid() {
      return engine.parent();
    },
    cwd: () => engine.workingDirectory(),
    stderr: { write: (text: string) => engine.writeError(text) },
  },
});
