/** The addon by generated calls: arguments of right and of wrong types, descriptors that are open, closed and none. Each call gives what is documented, or throws an Error. */
import { type Addon, addon } from '../../../src/native/addon.ts';
import { Draw } from './draw.ts';
import { type Kind, type Result, shapes } from './shapes.ts';
import { require, textOf } from './told.ts';

/** Calls of one input, so that none takes long. */
const MOST_CALLS = 40;

const thrower = {
  get pid(): never {
    throw new RangeError('a getter');
  },
};
/** What is right nowhere, or in few places. */
const odd: readonly unknown[] = [
  undefined,
  null,
  true,
  Number.NaN,
  -0,
  0.5,
  1e300,
  Number.NEGATIVE_INFINITY,
  2 ** 31,
  -(2 ** 31),
  2 ** 32,
  2 ** 53,
  1n << 63n,
  (1n << 64n) - 1n,
  -1n,
  1n << 64n,
  '',
  'a\0b',
  '\ud800',
  'é'.repeat(3000),
  [],
  [undefined],
  [[1]],
  [0.5],
  ['a\0'],
  {},
  thrower,
  () => 7,
  Symbol('s'),
  new Uint8Array(0),
  new Int16Array(3),
  new Float64Array(2),
  new ArrayBuffer(8),
  new Date(0),
  /x/,
  new Map(),
  new Array(5),
];

const paths = [
  '/work/a',
  '/work/b',
  '/work/d',
  '/work/d/b',
  '/work/s',
  '/work/a/c',
  '/work/a/../b',
  '/work',
  '.',
  'a',
  '/work/link',
  '/absent/x',
  '@name',
  '/proc/self/status',
];
const programs = ['/program', '/work/a', '/absent', '', 'program'];
const names = ['a', 'b', 'c', '.', 'lo', 'eth0', 'eth%d', 'sixteen-letters-', 'a/b'];
const texts = ['', 'x', 'user.a', 'security.b', '0 0 1\n', '+cpu', 'é', 'line\n'];
const maps = ['0 0 1\n', '0 0 1', '', '0 0 2\n', 'x', '1 0 1\n'];
/** O_NONBLOCK with each: nothing waits for the other end of a fifo. */
const flags = [0o4000, 0o4001, 0o4002, 0o4102, 0o204000, 0o10004000, 0o4301, 2, -1, 0x7fffffff];
const modes = [0o600, 0o644, 0, 0o7777, 0o100644, 0xffffffff];
const ids = [0, 1, 1000, 0xffffffff, 0xfffffffe];
/** Harmless ones, and none. */
const signals = [0, 28, 17, 18, 23, -1, 65, 1000];
const times = [0, 0, 1, 5];
const sizes = [0, 1, 16, 4096, 65536, 1 << 20];

/** One input's calls, what they have opened and started. */
class Session {
  private readonly draw: Draw;
  private readonly fds: number[];
  private readonly children = [0, -1, 4_194_304, 2 ** 31 - 1, -(2 ** 31)];

  constructor(draw: Draw) {
    this.draw = draw;
    addon.mkdir('/work/d', 0o700);
    addon.writeFile('/work/b', '12\n', 0o600);
    const opened = [addon.bindDatagram('/work/s', 0o600), ...addon.pipe(), addon.open('/work/b', 2, 0), addon.open('/work', 0, 0)];
    this.fds = [...opened, addon.eventFd(), -1, -2, 999_999, 2 ** 31 - 1];
  }

  private readonly make: Readonly<Record<Kind, () => unknown>> = {
    path: () => this.draw.one(paths),
    name: () => this.draw.one(names),
    text: () => (this.draw.byte() % 4 === 0 ? textOf(this.draw.some(64)) : this.draw.one(texts)),
    content: () => (this.draw.byte() % 2 === 0 ? this.draw.some(200) : textOf(this.draw.some(200))),
    bytes: () => this.draw.some(200),
    fd: () => this.draw.one(this.fds),
    fds: () => this.draw.list(4, () => this.draw.one(this.fds)),
    flags: () => this.draw.one(flags),
    mode: () => this.draw.one(modes),
    id: () => this.draw.one(ids),
    child: () => this.draw.one(this.children),
    signal: () => this.draw.one(signals),
    signals: () => this.draw.list(4, () => this.draw.one(signals)),
    time: () => this.draw.one(times),
    size: () => this.draw.one(sizes),
    flag: () => this.draw.byte() % 2 === 0,
    slots: () => this.draw.list(4, () => this.draw.byte() - 2),
    map: () => this.draw.one(maps),
    never: () => 'x',
    spawn: () => ({
      plan: this.value('bytes'),
      stdio: this.draw.byte() % 4 === 0 ? this.value('fds') : [0, 1, 2],
      marked: this.value('flag'),
      piped: this.value('flag'),
      preserve: this.draw.one([0, 0, 0, 1, -1, 1 << 21]),
      ...(this.draw.byte() % 4 === 0 ? { nofile: this.draw.one<unknown>([[1024n, 4096n], [1n, 0n], [], [1, 2], 7]) } : {}),
      ...(this.draw.byte() % 4 === 0 ? { cgroup: this.value('fd') } : {}),
      ...(this.draw.byte() % 4 === 0 ? { pidNamespace: this.value('fd') } : {}),
    }),
    run: () => ({
      path: this.draw.one(programs),
      args: this.draw.list(3, () => this.value('text')),
      env: this.draw.list(3, () => this.value('text')),
      inherits: this.value('flag'),
      cwd: this.draw.one(['', '/work', '/absent']),
      stdin: this.value('text'),
      timeoutMs: 20,
      keepsEnd: this.value('flag'),
      ...(this.draw.byte() % 2 === 0 ? { mostOutput: this.draw.one([0, 1, -1, 4096]) } : {}),
      ...(this.draw.byte() % 2 === 0 ? { onStarted: this.draw.one<unknown>([() => 1, this.throwing, 7]) } : {}),
    }),
    foreground: () => ({
      pid: this.value('child'),
      pidfd: this.value('fd'),
      console: this.value('fd'),
      signals: this.value('signals'),
      ...(this.draw.byte() % 2 === 0
        ? { watched: this.value('fd'), onReadable: this.draw.one<unknown>([() => false, this.throwing, 7]) }
        : {}),
      ...(this.draw.byte() % 2 === 0
        ? { changing: this.value('fds'), onChange: this.draw.one<unknown>([() => 1, this.throwing, undefined]) }
        : {}),
    }),
  };

  private readonly throwing = (): never => {
    throw new RangeError('a callback');
  };

  /** Mostly one of its kind. What takes a signal or a process never gets a number that is neither; exit gets no number. */
  private value(kind: Kind): unknown {
    if (this.draw.byte() % 8 !== 0) return this.make[kind]();
    const value = this.draw.one(odd);
    return typeof value === 'number' && ['never', 'child', 'signal', 'time', 'size'].includes(kind) ? 'x' : value;
  }

  call(): void {
    const name = this.draw.one(Object.keys(shapes) as (keyof Addon)[]);
    const { takes, gives, orNull } = shapes[name];
    const missing = this.draw.byte() % 16 === 0 ? 1 : 0;
    const values = takes.slice(missing).map((kind) => this.value(kind));
    if (name === 'close' && typeof values[0] === 'number' && values[0] <= 2) return;
    let result: unknown;
    try {
      result = (addon[name] as (...values: readonly unknown[]) => unknown)(...values);
    } catch (error) {
      require(error instanceof Error && error.message !== '', `${name} throws what is no Error: ${String(error)}`);
      return;
    }
    if (result === null && orNull) return;
    require(isResult[gives](result), `${name} gives no ${gives}: ${typeof result}`);
    this.keep(gives, result);
  }

  private keep(gives: Result, result: unknown): void {
    if (gives === 'fd') this.fds.push(result as number);
    else if (gives === 'fds') this.fds.push(...(result as number[]));
    else if (gives === 'object') {
      const { socket, pid, fds = [] } = result as { readonly socket?: number; readonly pid?: number; readonly fds?: readonly number[] };
      if (socket !== undefined) this.fds.push(socket);
      if (pid !== undefined) this.children.push(pid);
      this.fds.push(...fds);
    }
  }
}

const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
const isDescriptor = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 2;

const isResult: Readonly<Record<Result, (value: unknown) => boolean>> = {
  nothing: (value) => value === undefined,
  number: isNumber,
  fd: isDescriptor,
  text: (value) => typeof value === 'string',
  flag: (value) => typeof value === 'boolean',
  bytes: (value) => value instanceof Uint8Array,
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  list: Array.isArray,
  fds: (value) => Array.isArray(value) && value.length === 2 && value.every(isDescriptor),
};

const missing = Object.keys(addon).filter((name) => !(name in shapes));
require(missing.length === 0, `not called: ${missing.join(' ')}`);

export function calls(bytes: Uint8Array): void {
  const draw = new Draw(bytes);
  const session = new Session(draw);
  for (let count = 0; count < MOST_CALLS && !draw.isOver; count++) session.call();
  addon.releaseForeground();
}
