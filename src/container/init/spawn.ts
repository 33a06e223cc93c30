import { RuntimeError } from '../../errors.ts';
import { SIGKILL } from '../../kernel.gen.ts';
import { addon, changesProcess, type InitEvent } from '../../native/addon.ts';
import { failedWith } from '../../native/system-error.ts';
import type { Step } from '../../plan/plan.ts';
import { encodePlan, type WireStep } from '../../plan/wire/encode.ts';
import { descriptorKinds, eventKinds } from '../../plan/wire/messages.ts';
import { type SyncPoint, syncPoints } from '../../plan/wire/places.ts';
import { stepError } from '../failure/failure.ts';
import { explainSpawn } from '../failure/spawn.ts';
import type { Stdio } from './created.ts';

/** What the runtime does when init reports something; init waits meanwhile at a sync point. */
export interface InitHandlers {
  /** The container's first process exists; `pid` as the runtime sees it. */
  readonly cloned: (pid: number) => void;
  /** @returns the descriptors init asked for, by slot; the caller of this function closes them. */
  readonly sync: (point: SyncPoint, pid: number) => readonly { readonly slot: number; readonly fd: number }[];
  readonly console: (fd: number) => void;
  readonly seccompListener: (fd: number) => void;
  /** Init waits meanwhile; absent: no plan of these asks for it. */
  readonly mapTree?: (tree: number, event: InitEvent) => void;
  readonly warning: (event: InitEvent) => void;
  /** A step has ended, when `trace` asked for it. */
  readonly traced?: (step: Step, start: number, duration: number) => void;
}

export interface InitRequest {
  readonly steps: readonly Step[];
  /** Puts the pointer of a step that has failed where it was set, when that is not what it says. */
  readonly place?: (step: Step) => Step;
  readonly preserveFds: number;
  /** Descriptors that become its standard streams; absent: those of the caller. */
  readonly stdio?: Stdio | undefined;
  /** Whether its standard streams are pipes, served by a foreground that follows, and not those of the caller. */
  readonly piped: boolean;
  /** Uid that gets the standard streams; absent: they stay as they are. */
  readonly owner?: number | undefined;
  /** Descriptor of the cgroup v2 directory the intermediate starts in; it stays the caller's. */
  readonly cgroup?: number | undefined;
  /** Descriptor of the pid namespace that the intermediate starts in; it stays the caller's. */
  readonly pidNamespace?: number | undefined;
  /** Event that ends the conversation: create waits for `ready`, others for the end of file that a successful execve brings. */
  readonly until: 'ready' | 'executed';
  /** Whether init reports when each step began and how long it took. */
  readonly trace?: boolean;
}

/** A started init program: its intermediate process and the socket to talk to it. */
export interface InitProcess {
  readonly intermediate: number;
  readonly socket: number;
}

/** prlimit(2) tells nothing of another user's process, such as that of su(1); its file does. */
function limitOfParent(pid: number): [bigint, bigint] {
  try {
    return addon.nofileOf(pid);
  } catch (error) {
    if (!failedWith(error, 'EPERM')) throw error;
    const [, soft = '', hard = ''] = /^Max open files +(\d+) +(\d+) /m.exec(addon.readFile(`/proc/${pid}/limits`)) ?? [];
    return soft === '' ? addon.nofileOf(process.pid) : [BigInt(soft), BigInt(hard)];
  }
}

/**
 * RLIMIT_NOFILE of the caller, soft and hard: what a container without rlimits gets. Node and Bun have raised our soft one, so it is looked up
 * at the parent, which may have lowered the limits of its child alone; above our own hard one nothing can be set.
 */
function callersLimit(): [bigint, bigint] {
  const [soft, hard] = limitOfParent(process.ppid);
  const [, own] = addon.nofileOf(process.pid);
  return [soft < own ? soft : own, hard < own ? hard : own];
}

/** Starts the init program with the steps that are its own. */
export function spawnInit(request: InitRequest): InitProcess {
  const { steps, preserveFds, stdio, piped, owner, cgroup = -1, pidNamespace = -1, trace = false } = request;
  const own: WireStep[] = trace ? [{ index: 0, stage: 'intermediate', action: { op: 'trace.begin' } }] : [];
  for (const [index, { stage, action }] of steps.entries()) if (stage !== 'runtime') own.push({ index, stage, action } as WireStep);
  const limit = changesProcess ? { nofile: callersLimit() } : {};
  const streams = stdio ?? [0, 1, 2];
  const places = { cgroup, pidNamespace };
  const init = start({ plan: encodePlan(own), stdio: streams, marked: changesProcess, piped, preserve: preserveFds, ...places, ...limit });
  // By now init is at work.
  if (owner !== undefined) giveStreams(init, owner, piped ? [] : streams);
  return init;
}

function start(request: Parameters<typeof addon.spawnInit>[0]): InitProcess {
  try {
    const { pid, socket } = addon.spawnInit(request);
    return { intermediate: pid, socket };
  } catch (error) {
    throw explainSpawn(error);
  }
}

/** Of an init whose streams cannot be given to their owner nobody would hear any more: it goes before its cgroups are removed. */
function giveStreams(init: InitProcess, owner: number, streams: readonly number[]): void {
  try {
    addon.giveStreams(owner, streams);
  } catch (error) {
    reapIntermediate(init);
    addon.close(init.socket);
    throw error;
  }
}

/**
 * Talks with init until it is where `until` says.
 * @returns pid of the container's first process, 0 when no step clones it
 * @throws RuntimeError of the step that failed
 */
export function converse(init: InitProcess, { steps, place, until }: InitRequest, handlers: InitHandlers): number {
  let pid = 0;
  for (;;) {
    const event = nextEvent(init.socket, pid > 0 ? pid : init.intermediate);
    if (event === null) {
      if (until === 'executed' && (pid > 0 || !clones(steps))) return pid;
      throw endedEarly();
    }
    const step = steps[event.step];
    if (pid === 0 && step?.stage === 'init' && clones(steps)) throw untold(event);
    if (event.fds.length > 0) closeUnasked(event);
    if (event.kind === eventKinds.failed) {
      throw stepError(step && place ? place(step) : step, event, programOf(init.socket, step));
    }
    if (event.kind === eventKinds.ready) return pid;
    if (event.kind === eventKinds.cloned) {
      pid = clonedPid(event);
      handlers.cloned(pid);
    } else if (event.kind === eventKinds.traced) {
      if (step) handlers.traced?.(step, event.value, Number(event.text[0]) / 1000);
    } else handle(event, init, pid, handlers);
  }
}

/**
 * The intermediate has died after it cloned init and before it told of it: a process that nobody could find and kill is not to become a container.
 * It ends with the socket.
 */
function untold({ fds }: InitEvent): RuntimeError {
  for (const fd of fds) addon.close(fd);
  return endedEarly();
}

const endedEarly = () => new RuntimeError('INIT_DIED', 'init ended before the container was ready');

/** The step that an init has failed at which has gone since, before anybody has read of it; undefined when it has said nothing of the kind. */
export function lastWords({ socket }: InitProcess, { steps }: InitRequest): RuntimeError | undefined {
  try {
    for (let event = addon.receiveEvent(socket, 0); event !== null; event = addon.receiveEvent(socket, 0)) {
      closeUnasked(event);
      if (event.kind === eventKinds.failed) return stepError(steps[event.step], event, undefined);
    }
  } catch {
    // What the caller has met is told.
  }
  return undefined;
}

const clones = (steps: readonly Step[]): boolean => steps.some(({ action }) => action.op === 'ns.clone' || action.op === 'ns.cloneWithin');

/** Closes what comes with a message that promises no descriptor, or behind the one that it promises: an init that sends such is not ours any more. */
function closeUnasked({ kind, fds }: InitEvent): void {
  for (const fd of kind === eventKinds.descriptor || kind === eventKinds.cloned ? fds.slice(1) : fds) addon.close(fd);
}

/** Of a process that was cloned in another pid namespace the number there is another one, and a pidfd comes with it. */
function clonedPid({ value, fds: [pidfd] }: InitEvent): number {
  if (pidfd === undefined) return value;
  try {
    return Number(/^Pid:\s*(\d+)$/m.exec(addon.readFile(`/proc/self/fdinfo/${pidfd}`))?.[1] ?? value);
  } finally {
    addon.close(pidfd);
  }
}

/** How long init may take to look at a program that it could not execute, in milliseconds. */
const PROGRAM_TIMEOUT_MS = 1000;

/** What init says of the program after it failed to find or execute it; undefined when a seccomp filter or a slow filesystem kept it from that. */
function programOf(socket: number, step: Step | undefined): InitEvent | undefined {
  if (step?.action.op !== 'exec' && step?.action.op !== 'exec.find') return undefined;
  try {
    const event = addon.receiveEvent(socket, PROGRAM_TIMEOUT_MS);
    for (const fd of event?.fds ?? []) addon.close(fd);
    return event?.kind === eventKinds.program ? event : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param pid of the process that is to speak
 * @throws RuntimeError INIT_STOPPED when it neither speaks nor can: whoever may send it signals, or trace it, can keep it from going on
 */
function nextEvent(socket: number, pid: number): InitEvent | null {
  for (let wasStopped = false; ; ) {
    try {
      return addon.receiveEvent(socket, -1);
    } catch (error) {
      if (!failedWith(error, 'ECONNRESET', 'ETIMEDOUT')) throw error;
      // Twice in a row: a tracer lets a process go on between its system calls.
      const stopped = error.code === 'ETIMEDOUT' && /^[Tt]$/.test(addon.processStat(pid)?.state ?? '');
      if (stopped && wasStopped) throw stoppedError(pid);
      wasStopped = stopped;
    }
  }
}

function stoppedError(pid: number): RuntimeError {
  const tracer = /^TracerPid:\t(\d+)$/m.exec(addon.readFileIfThere(`/proc/${pid}/status`) ?? '')?.[1] ?? '0';
  const why = tracer === '0' ? 'somebody has stopped it' : `process ${tracer} traces it`;
  return new RuntimeError('INIT_STOPPED', `waited in vain for init, process ${pid}: ${why}`);
}

/** Reaps the process that made the namespaces, once it has nothing left to do. Killed, because it may be stopped by somebody. */
export function reapIntermediate({ intermediate }: InitProcess): void {
  addon.kill(intermediate, SIGKILL);
  addon.waitPid(intermediate, false);
}

/** Answers a sync point. Of an init that is gone by now, the next read says so. */
function reply(socket: number, answers: ReturnType<InitHandlers['sync']>): void {
  try {
    addon.answer(
      socket,
      answers.map(({ slot }) => slot),
      answers.map(({ fd }) => fd),
    );
  } catch (error) {
    if (!failedWith(error, 'EPIPE')) throw error;
  }
}

function handle(event: InitEvent, init: InitProcess, pid: number, handlers: InitHandlers): void {
  if (event.kind === eventKinds.sync) {
    const point = (Object.keys(syncPoints) as SyncPoint[]).find((name) => syncPoints[name] === event.value);
    const answers = point === undefined ? [] : handlers.sync(point, pid > 0 ? pid : init.intermediate);
    try {
      reply(init.socket, answers);
    } finally {
      for (const { fd } of answers) addon.close(fd);
    }
  } else if (event.kind === eventKinds.descriptor) {
    const [fd = -1] = event.fds;
    if (event.value === descriptorKinds.tree) {
      handlers.mapTree?.(fd, event);
      reply(init.socket, []);
    } else if (event.value === descriptorKinds.console) handlers.console(fd);
    else handlers.seccompListener(fd);
  } else if (event.kind === eventKinds.warning) handlers.warning(event);
}
