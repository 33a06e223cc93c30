/** What init tells the runtime. */
export const eventKinds = {
  /** A step failed: `step`, `errno`, text = syscall name, NUL, detail. */
  failed: 1,
  /** Init waits at a sync point: `value` is its number. */
  sync: 2,
  /** The intermediate cloned the container's first process: `value` is its pid. */
  cloned: 3,
  /** A file descriptor for the runtime comes with this message: `value` is one of descriptorKinds. */
  descriptor: 4,
  /** Everything that create promises is done; init is about to wait on the exec fifo (or to execute). */
  ready: 5,
  /** Something that is not an error but worth a warning; text as for `failed`. */
  warning: 6,
  /** After a `failed` step that was about the program: text = path, mode (octal), "noexec" or "", first bytes (hexadecimal), symlink's target. */
  program: 7,
  /** A step is done, after `trace.begin`: `value` is when it began (microseconds of CLOCK_REALTIME), text how long it took (nanoseconds, decimal). */
  traced: 8,
} as const;

/** What a descriptor is that init hands to the runtime. */
export const descriptorKinds = {
  console: 1,
  seccompListener: 2,
  /** A detached mount whose ids the runtime is to map: text = "filesystem 0x…", as in a failure, and init waits for the answer. */
  tree: 3,
} as const;

type HeaderType = 'u32' | 'i32' | 'u64';

/** In front of the text of an event, which is one packet of the event socket or one write into the exec fifo. Descriptors come by SCM_RIGHTS. */
export const eventHeader = {
  /** One of eventKinds. */
  kind: 'u32',
  step: 'u32',
  /** A positive errno, or 0. */
  error: 'i32',
  /** Bytes of text: the exec fifo does not keep messages apart. */
  size: 'u32',
  value: 'u64',
} as const satisfies Record<string, HeaderType>;

/** In front of the numbers (u32) of an answer's slots: `count` of them, one for each descriptor that comes with it. `status` 0 lets init go on. */
export const answerHeader = { status: 'u32', count: 'u32' } as const satisfies Record<string, HeaderType>;

/** Bytes of an event's text at the most: with the header below PIPE_BUF, so that it is one piece in the exec fifo, too. */
export const EVENT_TEXT_SIZE = 4000;

const headerSizes: Readonly<Record<HeaderType, number>> = { u32: 4, i32: 4, u64: 8 };

/** Bytes of an event before its text. */
export const EVENT_HEADER_SIZE = Object.values(eventHeader).reduce((sum, type) => sum + headerSizes[type], 0);

const headerReaders: Readonly<Record<HeaderType, (view: DataView, at: number) => number>> = {
  u32: (view, at) => view.getUint32(at, true),
  i32: (view, at) => view.getInt32(at, true),
  u64: (view, at) => Number(view.getBigUint64(at, true)),
};

/** The header of the event that begins at the byte `start`. */
export function readEventHeader(view: DataView, start: number): Readonly<Record<keyof typeof eventHeader, number>> {
  let at = start;
  const fields = Object.entries(eventHeader).map(([name, type]) => {
    const value = headerReaders[type](view, at);
    at += headerSizes[type];
    return [name, value];
  });
  return Object.fromEntries(fields);
}
