import { messageOf, RuntimeError } from '../errors.ts';
import type { HostFacts } from '../host/facts.ts';
import { hostFacts } from '../host/probe.ts';
import { O_PATH, O_WRONLY } from '../kernel.gen.ts';
import { addon } from '../native/addon.ts';
import { canSpawnInto } from '../plan/cgroups/spawn.ts';
import { isUnprivileged } from '../plan/context.ts';
import { planExec } from '../plan/process/exec.ts';
import { slots } from '../plan/wire/places.ts';
import type { ContainerStatus, Linux, Spec } from '../spec/types.ts';
import { type CgroupFile, cgroupFiles, openCgroup, spawnDirectory } from './cgroups/exec.ts';
import { type Mover, moverInto } from './cgroups/mover.ts';
import type { Context } from './context.ts';
import { withFullCgroup } from './failure/pids.ts';
import { joinGroup } from './host/resctrl.ts';
import { told } from './init/handlers.ts';
import { passDescriptor, writePidFile } from './init/handover.ts';
import type { SlotDescriptor } from './init/runtime-steps.ts';
import { sendSeccompListener } from './init/seccomp-agent.ts';
import { filterOf } from './init/seccomp-cache.ts';
import { converse, type InitProcess, type InitRequest, reapIntermediate, spawnInit } from './init/spawn.ts';
import { Origins } from './process/exec-origins.ts';
import { type ExecRequest, execProcess } from './process/exec-process.ts';
import { forwardedSignals, plainNewlines } from './process/foreground.ts';
import { inheritedCount } from './process/inherited.ts';
import { killChild, killProcess, type OpenProcess } from './process/kill-process.ts';
import { ownerOfStreams } from './process/streams.ts';
import { traceToo } from './process/tracer.ts';
import type { ContainerRecord } from './state/container-record.ts';
import { openInit } from './state/lifecycle.ts';
import { load, loadSpec, recorderDoor } from './state/store.ts';
import { currentStatus } from './state.ts';
import { traced } from './trace.ts';

export type { ExecRequest } from './process/exec-process.ts';

/**
 * Starts one more process in a container (CLI-042 to CLI-060).
 * @returns its exit status (128 + n when signal n killed it), 0 when detached
 * @throws RuntimeError; then no process and no pid file is left
 */
export function exec(context: Context, request: ExecRequest): number {
  const record = load(context, request.id);
  checkStatus(context, record, request);
  const spec = loadSpec(context, request.id);
  // As in run: a signal that comes as soon as the program runs is the program's.
  if (!request.detach) addon.holdSignals(forwardedSignals, request.process?.terminal ?? request.tty);
  try {
    return attend(context, request, startIn(context, record, spec, request));
  } finally {
    addon.releaseForeground();
  }
}

function attend(context: Context, request: ExecRequest, started: StartedProcess): number {
  try {
    if (request.pidFile !== undefined) writePidFile(request.pidFile, started.pid);
    if (request.detach) return 0;
    const ended = addon.foreground({ ...started, signals: forwardedSignals });
    addon.drainForeground(true);
    return ended.signal > 0 ? 128 + ended.signal : ended.status;
  } catch (error) {
    kill(context, () => killProcess(started, 'process'));
    throw error;
  } finally {
    for (const fd of [started.pidfd, started.console]) if (fd >= 0) addon.close(fd);
  }
}

function checkStatus(context: Context, record: ContainerRecord, { ignorePaused }: ExecRequest): void {
  const status = currentStatus(context, record);
  if (status === 'stopped') throw new RuntimeError('NOT_RUNNING', 'cannot exec in a stopped container');
  if (status === 'paused' && !ignorePaused) {
    throw new RuntimeError('PAUSED', 'cannot exec in a paused container (use --ignore-paused to override)');
  }
  if (status === 'creating') throw new RuntimeError('NOT_RUNNING', 'cannot exec in a container that is being created');
}

/** A process that was started in a container. */
export interface StartedProcess extends OpenProcess {
  /** Master of its terminal; -1: it has none. */
  readonly console: number;
}

/**
 * exec, for a caller that waits for the process himself, which is his child.
 * @throws RuntimeError; then no process is left
 */
export function startProcess(context: Context, request: ExecRequest): StartedProcess {
  const record = load(context, request.id);
  checkStatus(context, record, request);
  return startIn(context, record, loadSpec(context, request.id), request);
}

function startIn(context: Context, record: ContainerRecord, spec: Spec, request: ExecRequest): StartedProcess {
  const process = execProcess(spec, request);
  const preserveFds = inheritedCount({ listenFds: 0, preserveFds: request.preserveFds });
  checkConsole(process.terminal === true, request);
  const facts = traced(context, 'ask the host', 'runtime', hostFacts);
  if (isUnprivileged(facts)) refuseCreated(currentStatus(context, record));
  const { hierarchies } = facts.cgroup;
  const files = cgroupFiles(record, request.cgroup, hierarchies['']);
  // Born in the unified cgroup instead of moved there; but not when the process has cpus for the time before it enters (CFG-061).
  const unified = process.execCPUAffinity?.initial === undefined && canSpawnInto(facts) ? spawnDirectory(files) : undefined;
  const cgroups = unified === undefined ? files : files.filter(({ path }) => !path.startsWith(`${unified}/cgroup.procs`));
  const linux = withRestoredClocks(spec.linux ?? {}, record);
  const origins = new Origins(request, spec.process ?? process);
  const { steps, warnings } = origins.plan(() =>
    planExec(
      {
        linux,
        process,
        seccomp: linux.seccomp,
        seccompFilter: filterOf(context, { linux, process }, facts.machine),
        cgroupSlots: cgroups.map(({ slot }) => slot),
        preserveFds,
        plainNewlines: !request.detach && request.stdio === undefined && process.terminal === true && plainNewlines(),
        changeRoot: record.changedRoot,
        keyring: record.callersKeyring ? undefined : `_ses.${record.id}`,
      },
      facts,
    ),
  );
  for (const warning of warnings) context.warn(warning);
  const initRequest: InitRequest = {
    steps,
    place: (step) => origins.place(step),
    preserveFds,
    stdio: request.stdio,
    piped: !request.detach && request.stdio === undefined && process.terminal !== true,
    owner: ownerOfStreams(process, linux, record.pid),
    until: 'executed',
    trace: context.trace !== undefined,
  };
  return new Execution(context, record, spec, request, initRequest, { files: cgroups, unified, hierarchies }).run();
}

/** A restored container lives in a time namespace. */
function withRestoredClocks(linux: Linux, { restoredClocks }: ContainerRecord): Linux {
  const { namespaces = [] } = linux;
  if (!restoredClocks || namespaces.some(({ type }) => type === 'time')) return linux;
  return { ...linux, namespaces: [...namespaces, { type: 'time' }] };
}

/** Hidden from the container's processes, init is hidden from a user without privileges as well, until it is the program of the container. */
function refuseCreated(status: ContainerStatus): void {
  if (status !== 'created') return;
  throw new RuntimeError('NOT_RUNNING', 'cannot exec in a container that is not started without privileges', { hint: 'start it first' });
}

function checkConsole(terminal: boolean, { detach, consoleSocket }: ExecRequest): void {
  if (detach && terminal && consoleSocket === undefined) {
    throw new RuntimeError('CONSOLE_SOCKET_MISSING', 'cannot allocate tty if runc will detach without setting console socket');
  }
  if (consoleSocket !== undefined && !(detach && terminal)) {
    throw new RuntimeError('CONSOLE_SOCKET_UNUSED', 'cannot use console socket if runc will not detach or allocate tty');
  }
}

/** Where the process goes. */
interface Cgroups {
  /** Files to enter by. */
  readonly files: readonly CgroupFile[];
  /** Cgroup v2 directory that it is born in. */
  readonly unified: string | undefined;
  readonly hierarchies: HostFacts['cgroup']['hierarchies'];
}

/** One attempt to start a process. */
class Execution {
  private readonly context: Context;
  private readonly record: ContainerRecord;
  private readonly spec: Spec;
  private readonly request: ExecRequest;
  private readonly initRequest: InitRequest;
  private readonly cgroups: Cgroups;
  /** What moves the process into its cgroup v2 where nobody else may. */
  private mover: Mover | undefined;
  private pid = 0;
  private pidfd = -1;
  private console = -1;

  constructor(context: Context, record: ContainerRecord, spec: Spec, request: ExecRequest, initRequest: InitRequest, cgroups: Cgroups) {
    this.context = context;
    this.record = record;
    this.spec = spec;
    this.request = request;
    this.initRequest = initRequest;
    this.cgroups = cgroups;
  }

  /** @throws RuntimeError, with the cgroup that is full where that is why */
  run(): StartedProcess {
    try {
      return this.attempt();
    } catch (error) {
      throw withFullCgroup(error, this.record);
    }
  }

  private attempt(): StartedProcess {
    const init = this.spawn();
    try {
      this.converse(init);
      if (this.request.pidfdSocket !== undefined) passDescriptor(this.request.pidfdSocket, 'pidfd socket', 'pidfd', this.pidfd, true);
      return { pid: this.pid, pidfd: this.pidfd, console: this.console };
    } catch (error) {
      this.undo(init);
      throw error;
    } finally {
      addon.close(init.socket);
    }
  }

  private spawn(): InitProcess {
    const { unified } = this.cgroups;
    if (unified === undefined) return spawnInit(this.initRequest);
    const cgroup = this.openCgroup(unified, O_PATH);
    try {
      return spawnInit({ ...this.initRequest, cgroup });
    } catch (error) {
      this.mover = moverInto(unified, this.record, error);
      return spawnInit(this.initRequest);
    } finally {
      addon.close(cgroup);
    }
  }

  private openCgroup(path: string, flags: number): number {
    return openCgroup(path, flags, this.record, this.cgroups.hierarchies);
  }

  private converse(init: InitProcess): void {
    converse(init, this.initRequest, {
      cloned: (pid) => {
        this.pid = pid;
        this.pidfd = addon.pidfdOpen(pid);
        reapIntermediate(init);
      },
      sync: (_point, pid) => {
        if (this.record.isRecorded) traceToo(recorderDoor(this.context, this.record.id), pid);
        return this.descriptors(pid);
      },
      console: (fd) => this.takeConsole(fd),
      seccompListener: (fd) => sendSeccompListener(this.spec, this.record, currentStatus(this.context, this.record), this.pid, fd),
      ...told(this.context),
    });
  }

  private descriptors(pid: number): SlotDescriptor[] {
    this.mover?.(pid);
    const score = this.request.process?.oomScoreAdj ?? this.spec.process?.oomScoreAdj;
    if (score !== undefined) addon.writeControl(`/proc/${pid}/oom_score_adj`, String(score));
    for (const group of this.record.resctrl?.join ?? []) joinGroup(group, pid);
    const target = openInit(this.record);
    if (target === undefined) throw new RuntimeError('NOT_RUNNING', 'cannot exec in a stopped container');
    const result: SlotDescriptor[] = [{ slot: slots.target, fd: target }];
    try {
      if (this.record.changedRoot) result.push({ slot: slots.targetRoot, fd: addon.open(`/proc/${this.record.pid}/root`, O_PATH, 0) });
      for (const { path, slot } of this.cgroups.files) result.push({ slot, fd: this.openCgroup(path, O_WRONLY) });
    } catch (error) {
      for (const { fd } of result) addon.close(fd);
      throw error;
    }
    return result;
  }

  private takeConsole(fd: number): void {
    if (this.request.consoleSocket === undefined) this.console = fd;
    else passDescriptor(this.request.consoleSocket, 'console socket', '/dev/ptmx', fd);
  }

  private undo({ intermediate }: InitProcess): void {
    const process = { pid: this.pid, pidfd: this.pidfd };
    kill(this.context, () => (process.pidfd >= 0 ? killProcess(process, 'process') : killChild(intermediate, 'intermediate')));
    for (const fd of [this.pidfd, this.console]) if (fd >= 0) addon.close(fd);
  }
}

/** What led to the kill is what the caller has to know; that the process stays is said beside it. */
function kill(context: Context, operation: () => void): void {
  try {
    operation();
  } catch (error) {
    context.warn({ code: 'CLEANUP_FAILED', message: messageOf(error) });
  }
}
