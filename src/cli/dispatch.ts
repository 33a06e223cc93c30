import type { Context } from '../container/context.ts';
import type { Trace } from '../container/trace.ts';
import { callText, errnoText } from '../errno.ts';
import { messageOf, RuntimeError } from '../errors.ts';
import { inInitialUserNamespace } from '../host/user-namespace.ts';
import { ENOMEM, O_APPEND, O_CLOEXEC, O_CREAT, O_NONBLOCK, O_WRONLY } from '../kernel.gen.ts';
import { addon } from '../native/addon.ts';
import { failedWith, isOutOfMemory, isSystemError } from '../native/system-error.ts';
import type { CommandName, GlobalValues } from './commands.ts';
import type { Invocation, Verb } from './invocation.ts';
import { type Details, type Level, Log } from './log.ts';
import { booleanOf, type CommandLine, findLog, parseCommandLine } from './parse.ts';
import { filterCache, stateRoot } from './root.ts';
import type { StrictError, Strictness } from './strict.ts';
import { intact, mangledArgument } from './utf8.ts';
import { verbs } from './verbs.ts';

/** Writes what nobody waits for: a full disk or a closed stderr must not hide the error that is being told. */
function append(fd: number, text: string): void {
  try {
    addon.writeFd(fd, text);
  } catch {
    // There is no other place left to say it.
  }
}

/** How long a log that is a fifo waits for its reader, in milliseconds. */
const READER_TIMEOUT_MS = 1000;

/** Opens a fifo that somebody reads, or is about to read; what does not fit in it later is lost. */
function openFifo(path: string): number {
  const deadline = addon.monotonic() + READER_TIMEOUT_MS;
  for (;;) {
    try {
      return addon.open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0);
    } catch (error) {
      if (!failedWith(error, 'ENXIO')) throw error;
      if (addon.monotonic() > deadline) {
        throw new RuntimeError('LOG_UNREAD', `open ${path}: ${errnoText(error.errno)}`, {
          hint: 'nobody reads this fifo',
          errno: error.code,
          cause: error,
        });
      }
    }
    // Nothing can be waited on for a reader.
    addon.pollIn([], 10);
  }
}

/** Opens the log before anything else can fail: engines read the file after a failure and take its absence for another error. */
function openLog(argv: readonly string[]): Log {
  const { path, format } = findLog(argv);
  const stderr = (text: string) => append(2, text);
  const target = {
    stderr,
    stderrIsTerminal: addon.isTerminal(2),
    format: format === 'json' ? 'json' : 'text',
    now: () => new Date(),
  } as const;
  if (path === undefined || path === '' || path === '/dev/stderr') return new Log({ ...target, file: undefined });
  const fd = addon.stat(path, true)?.type === 'fifo' ? openFifo(path) : addon.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644);
  return new Log({ ...target, file: (text) => append(fd, text) });
}

interface Told {
  readonly message: string;
  readonly details: Details;
}

/** A StrictError, whose module is loaded only where there can be one. */
const isWarning = (error: unknown): error is StrictError => error instanceof Error && error.name === 'StrictError';

function describe(error: unknown): Told {
  if (error instanceof RuntimeError) return { message: error.message, details: error };
  if (isSystemError(error)) return { message: callText(error), details: { code: error.code, syscall: error.syscall, errno: error.code } };
  if (isOutOfMemory(error)) return { message: `mmap: ${errnoText(ENOMEM)}`, details: { code: 'ENOMEM', syscall: 'mmap', errno: 'ENOMEM' } };
  if (isWarning(error)) return { message: error.message, details: error.details };
  return { message: messageOf(error), details: { code: 'INTERNAL' } };
}

/** With what around the runtime may be the reason. */
async function around({ message, details }: Told): Promise<Told> {
  if (details.errno === undefined) return { message, details };
  // Without descriptors nothing can be loaded, but where all is in the executable.
  const loaded = await import('../container/failure/surroundings.ts').catch(() => undefined);
  const hint = loaded?.withSurroundings(details) ?? details.hint;
  return hint === details.hint ? { message, details } : { message, details: { ...details, ...(hint === undefined ? {} : { hint }) } };
}

function levelOf({ debug, 'log-level': level }: GlobalValues): Level | undefined {
  if (debug) return 'debug';
  return level === 'warn' ? 'warning' : level;
}

const rootFacts = {
  get runtimeDirectory() {
    return intact('XDG_RUNTIME_DIR', process.env['XDG_RUNTIME_DIR']);
  },
  euid: () => addon.geteuid(),
  initialUserNamespace: inInitialUserNamespace,
  runWritable: () => {
    const run = addon.stat('/run', true);
    return run !== null && ((run.uid === 0 && (run.mode & 0o200) !== 0) || (run.mode & 0o002) !== 0);
  },
  directory: (path: string) => {
    try {
      return addon.stat(path, true) ?? undefined;
    } catch (error) {
      // Who may not enter is told so by what is to be done there.
      if (failedWith(error, 'EACCES')) return undefined;
      throw error;
    }
  },
};

function contextOf(global: GlobalValues, log: Log, trace: Trace | undefined, strictness: Strictness | undefined): Context {
  return {
    ...(trace === undefined ? {} : { trace }),
    ...stateRoot(global.root, rootFacts),
    filterCache: filterCache(rootFacts),
    durable: global['sync-state'],
    cgroupDriver: global['systemd-cgroup'] ? 'systemd' : global['cgroup-manager'],
    allowedAnnotations: global['allow-annotation'],
    warn: strictness?.warn ?? (({ message, ...details }) => log.warning(message, details)),
    debug: (message) => log.debug(message),
  };
}

function print(text: string): void {
  if (text !== '') addon.writeFd(1, text);
}

/** @throws RuntimeError USAGE when the variable has another value than a flag may have */
function isStrict({ strict }: GlobalValues): boolean {
  const variable = intact('RUNTS_STRICT', process.env['RUNTS_STRICT']);
  if (strict || variable === undefined || variable === '') return strict;
  const value = booleanOf(variable);
  if (value === undefined) throw new RuntimeError('USAGE', `invalid boolean value ${JSON.stringify(variable)} of RUNTS_STRICT`);
  return value;
}

async function perform(line: CommandLine, log: Log): Promise<number> {
  if (line.kind !== 'call') {
    const { helpText, versionText } = await import('./help.ts');
    print(line.kind === 'version' ? versionText() : helpText(line.topic));
    return 0;
  }
  const level = levelOf(line.global);
  if (level !== undefined) log.level = level;
  const { run } = await verbs[line.command]();
  const strictness = isStrict(line.global) ? new (await import('./strict.ts')).Strictness(log) : undefined;
  const call = (trace?: Trace) => {
    const invocation = {
      ...line,
      print,
      terminal: addon.isTerminal(1),
      strict: strictness !== undefined,
      context: () => contextOf(line.global, log, trace, strictness),
    };
    return (run as Verb<CommandName>)(invocation as Invocation<CommandName>);
  };
  const file = line.global.trace ?? intact('RUNTS_TRACE', process.env['RUNTS_TRACE']);
  const status = file === undefined || file === '' ? call() : (await import('./trace.ts')).traceCall(file, line.command, call);
  return strictness === undefined ? status : strictness.status(await status);
}

/** Where an error comes from: errors that were told in other words have the first as their cause. */
function traceBack(log: Log, error: unknown): void {
  for (let told = error; told instanceof Error; told = told.cause) log.debug(`${told.message}\n${told.stack ?? ''}`);
}

/**
 * Carries out a command line (without the program's name).
 * @returns the exit status: that of the verb; after a failure 1, or 255 when it was exec's own; 3 for a command that does not exist
 */
export async function dispatch(argv: readonly string[]): Promise<number> {
  let log: Log | undefined;
  let failure = { status: 1, prefix: '' };
  try {
    const refusal = mangledArgument(argv);
    // The log's own name may be the one.
    log = refusal ? undefined : openLog(argv);
    const line = parseCommandLine(argv);
    if (line.kind === 'call' && line.command === 'exec') failure = { status: 255, prefix: 'exec failed: ' };
    if (!log) throw refusal;
    return await perform(line, log);
  } catch (error) {
    const { message, details } = await around(describe(error));
    if (log?.debugs) traceBack(log, error);
    const words = message.startsWith(failure.prefix) ? message : failure.prefix + message;
    if (log) log.error(words, details);
    else append(2, `error: ${words}\n`);
    if (details.code === 'COMMAND_UNKNOWN') return 3;
  }
  return failure.status;
}
