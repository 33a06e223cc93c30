import { messageOf, RuntimeError } from '../../errors.ts';
import { O_PATH } from '../../kernel.gen.ts';
import { addon } from '../../native/addon.ts';
import { hooksOf } from '../../plan/hooks.ts';
import type { Plan } from '../../plan/plan.ts';
import { type SyncPoint, slots } from '../../plan/wire/places.ts';
import type { Bundle } from '../bundle/bundle.ts';
import { countingPath } from '../cgroups/cgroup.ts';
import { cgroupUser } from '../cgroups/claims.ts';
import { removeCgroups } from '../cgroups/removal.ts';
import { spawnIntoCgroup } from '../cgroups/spawn.ts';
import type { Context } from '../context.ts';
import { withFullCgroup } from '../failure/pids.ts';
import { explainDeath } from '../failure/post-mortem.ts';
import { runNotedHook, runPoststop } from '../host/hooks.ts';
import { mapTree } from '../host/idmap.ts';
import { detachAll, noteMount } from '../host/mounts.ts';
import { returnNetDevices } from '../host/net-devices.ts';
import { removeGroups } from '../host/resctrl.ts';
import { makeStreams } from '../process/kept-streams.ts';
import { killChild, killProcess } from '../process/kill-process.ts';
import { ownerOfStreams } from '../process/streams.ts';
import type { ContainerRecord } from '../state/container-record.ts';
import type { Hold } from '../state/hold.ts';
import { discard, fifoPath, makeNotifyDirectory, recorderDoor, save, saveSpec } from '../state/store.ts';
import { traced } from '../trace.ts';
import type { CreatedContainer, CreateRequest, Stdio } from './created.ts';
import { told } from './handlers.ts';
import { passDescriptor, writePidFile } from './handover.ts';
import { type ActionOf, firstSteps, perform, type RuntimeEffects, stepsAt } from './runtime-steps.ts';
import { sendSeccompListener } from './seccomp-agent.ts';
import { converse, type InitProcess, type InitRequest, reapIntermediate } from './spawn.ts';

/** One attempt to make a container: what it has made so far, so that all of it can be undone. */
export class Creation {
  protected readonly context: Context;
  protected readonly request: CreateRequest;
  protected readonly compiled: Plan;
  protected readonly spec: Bundle['spec'];
  protected readonly text: string;
  protected readonly piped: boolean;
  protected readonly effects: RuntimeEffects;
  protected readonly hold: Hold;
  protected record: ContainerRecord;
  protected init: InitProcess | undefined;
  protected socket = -1;
  protected pidfd = -1;
  protected console = -1;
  private streams: Stdio | undefined;

  constructor(
    context: Context,
    request: CreateRequest,
    bundle: Bundle,
    compiled: Plan,
    record: ContainerRecord,
    hold: Hold,
    piped: boolean,
  ) {
    this.context = context;
    this.request = request;
    this.compiled = compiled;
    this.spec = bundle.spec;
    this.text = bundle.text;
    this.piped = piped;
    this.record = record;
    this.hold = hold;
    this.effects = { cgroupUser: cgroupUser(context, record), madeCgroups: [], madeResctrl: [], movedNetDevices: [], descriptors: [] };
  }

  run(): CreatedContainer {
    try {
      this.traced('prepare the state directory', () => this.prepareDirectory());
      this.makeContainer();
      this.traced('write the state', () => this.finish());
      const { record, pidfd, console, hold, streams } = this;
      return { record, pidfd, console, hold, ...(streams === undefined ? {} : { streams }) };
    } catch (error) {
      // Asked while the cgroup is still there.
      const explained = explainDeath(withFullCgroup(error, this.record), this.record, 'the container was made');
      throw this.failure(this.undo() ? explained : this.hold.deleted(error));
    } finally {
      for (const { fd } of this.effects.descriptors) addon.close(fd);
      if (this.effects.spawnCgroup !== undefined) addon.close(this.effects.spawnCgroup);
      for (const { namespace } of this.effects.movedNetDevices) addon.close(namespace);
      this.closeSocket();
    }
  }

  /** runc's words in front of what went wrong while the container was made. */
  protected failure(error: unknown): unknown {
    if (!(error instanceof RuntimeError)) return error;
    return error.restated(`unable to start container process: error during container init: ${error.message}`);
  }

  protected prepareDirectory(): void {
    const { context, record } = this;
    const fifo = fifoPath(context, record.id);
    saveSpec(context, record.id, this.text);
    addon.mkfifo(fifo, 0o622);
    // The file's mode went through the umask, and the container's user has to open it for writing.
    addon.chmod(fifo, 0o622);
    if (this.request.keepsStreams) this.streams = makeStreams(context, record.id);
    if (this.request.notifySocket !== undefined) makeNotifyDirectory(context, record.id);
    this.request.recorder?.begin(recorderDoor(context, record.id));
    save(context, record);
  }

  /** Init goes on only after this. From here on others may delete what is being made. */
  protected noteMade(): void {
    this.record = { ...this.record, ...this.made() };
    if (!this.isFoundByCgroup()) save(this.context, this.record);
    this.hold.unlock();
  }

  /** Whether the first record leads `kill` to init while a hook hangs: by a cgroup that nobody else is in, with nothing else to remove. */
  private isFoundByCgroup(): boolean {
    const { cgroupPaths, madeCgroups, systemdUnit, hostMount, sharedMounts } = this.record;
    if (hooksOf(this.spec, 'createContainer').length > 0) return false;
    return madeCgroups.includes(countingPath(cgroupPaths) ?? '') && !systemdUnit && !hostMount && !sharedMounts;
  }

  protected makeContainer(): void {
    const { compiled, request, effects } = this;
    for (const step of firstSteps(compiled.steps)) this.perform(step, 0);
    const cgroup = effects.spawnCgroup;
    const { trace } = this.context;
    const initRequest: InitRequest = {
      steps: compiled.steps,
      preserveFds: request.preserveFds,
      stdio: this.stdio,
      piped: this.piped,
      owner: ownerOfStreams(this.spec.process, this.spec.linux),
      cgroup,
      pidNamespace: this.context.guard?.namespace,
      until: 'ready',
      trace: trace !== undefined,
    };
    const init = this.traced('start init', () => spawnIntoCgroup(initRequest, this.record.cgroupPaths['']));
    this.init = init;
    this.socket = init.socket;
    // The cgroups are made while the intermediate builds the namespaces.
    for (const step of stepsAt(compiled.steps, 'cgroup').ahead) this.perform(step, 0);
    effects.descriptors.push({ slot: slots.execFifo, fd: addon.open(fifoPath(this.context, request.id), O_PATH, 0) });
    converse(init, initRequest, {
      cloned: (pid) => {
        this.noteProcess(pid);
        if (initRequest.owner === undefined) this.giveStreams(pid);
      },
      sync: (point, pid) => this.synchronise(point, pid),
      console: (fd) => this.takeConsole(fd),
      seccompListener: (fd) => sendSeccompListener(this.spec, this.record, 'creating', this.record.pid, fd),
      mapTree: (tree, event) => mapTree(compiled.steps, event, tree),
      ...told(this.context),
    });
  }

  private get stdio(): Stdio | undefined {
    return this.streams ?? this.request.stdio;
  }

  protected traced<T>(name: string, action: () => T): T {
    return traced(this.context, name, 'runtime', action);
  }

  protected perform(step: Parameters<typeof perform>[0], pid: number): void {
    traced(this.context, step.title, step.chapter, () => perform(step, pid, this.effects), step.pointer);
  }

  private noteProcess(pid: number): void {
    this.context.debug(`the container's first process is ${pid}`);
    this.pidfd = addon.pidfdOpen(pid);
    this.reapIntermediate();
    this.noteInit(pid);
  }

  protected noteInit(pid: number): void {
    this.record = { ...this.record, pid, startTime: String(addon.processStat(pid)?.startTime ?? 0n) };
  }

  /** To a user of whom only the joined user namespace tells who he is here. */
  private giveStreams(pid: number): void {
    const owner = ownerOfStreams(this.spec.process, this.spec.linux, pid);
    if (owner !== undefined) addon.giveStreams(owner, this.piped ? [] : (this.stdio ?? [0, 1, 2]));
  }

  private reapIntermediate(): void {
    if (this.init) reapIntermediate(this.init);
  }

  protected synchronise(point: SyncPoint, pid: number): readonly { slot: number; fd: number }[] {
    this.request.recorder?.attach(point, pid);
    const { ahead, withProcess } = stepsAt(this.compiled.steps, point);
    for (const step of point === 'cgroup' ? withProcess : [...ahead, ...withProcess]) {
      const { action } = step;
      if (action.op !== 'hook.run') this.perform(step, pid);
      else traced(this.context, step.title, step.chapter, () => this.runHook(action));
    }
    if (point === 'cgroup') this.noteMade();
    return this.effects.descriptors.splice(0);
  }

  /** What delete will have to remove. */
  private made(): Pick<ContainerRecord, 'madeCgroups' | 'systemdUnit' | 'resctrl' | 'hostMount' | 'sharedMounts'> {
    const { madeResctrl } = this.effects;
    const { resctrl } = this.compiled;
    const { hostMount, sharedMounts } = this.record;
    return {
      ...madeCgroups(this.effects),
      ...(hostMount === undefined ? {} : { hostMount: noteMount(hostMount) }),
      ...(sharedMounts === undefined ? {} : { sharedMounts: sharedMounts.map(noteMount) }),
      ...(resctrl === undefined ? {} : { resctrl: { ...resctrl, remove: resctrl.remove.filter((path) => madeResctrl.includes(path)) } }),
    };
  }

  protected runHook({ kind, index, hook }: ActionOf<'hook.run'>): void {
    this.record = { ...this.record, ...this.made() };
    runNotedHook(this.context, this.hold, this.record, { kind, index, hook, status: 'creating' });
  }

  protected takeConsole(fd: number): void {
    if (this.request.consoleSocket === undefined) this.console = fd;
    else passDescriptor(this.request.consoleSocket, 'console socket', '/dev/ptmx', fd);
  }

  private finish(): void {
    const { context, request } = this;
    this.hold.lock();
    this.hold.check();
    this.record = { ...this.record, isCreated: true, ...this.made() };
    // What has not come out by now is none of ours later.
    const sharedMounts = this.record.sharedMounts?.filter(({ layers }) => layers);
    if (sharedMounts) this.record = { ...this.record, sharedMounts };
    save(context, this.record);
    if (request.pidfdSocket !== undefined) passDescriptor(request.pidfdSocket, 'pidfd socket', 'pidfd', this.pidfd, true);
    if (request.pidFile !== undefined) writePidFile(request.pidFile, this.record.pid);
  }

  /**
   * Leaves nothing behind (RT-033). The error that led here is the caller's to throw.
   * @returns false when another command has deleted the container, and so all of it that the record spoke of
   */
  private undo(): boolean {
    const { context, record, hold } = this;
    this.tryEach([
      () => returnNetDevices(this.effects.movedNetDevices),
      () => this.piped && addon.releaseForeground(),
      () => this.kill(),
      () => this.closeDescriptors(),
    ]);
    const isThere = hold.lockOrWarn(context);
    if (isThere) {
      this.tryEach([
        () => removeCgroups(context, { ...record, ...madeCgroups(this.effects) }),
        () => removeGroups(this.effects.madeResctrl),
        () => detachAll(record),
        () => discard(context, record.id),
      ]);
    }
    hold.close();
    if (isThere && this.init) this.tryEach([() => runPoststop(context, record)]);
    return isThere;
  }

  /** Every part is tried, whatever becomes of the others. */
  private tryEach(parts: readonly (() => unknown)[]): void {
    for (const part of parts) {
      try {
        part();
      } catch (error) {
        this.context.warn({ code: 'CLEANUP_FAILED', message: `cleaning up ${this.record.id}: ${messageOf(error)}` });
      }
    }
  }

  private closeDescriptors(): void {
    for (const fd of [this.pidfd, this.console, ...(this.streams ?? [])]) if (fd >= 0) addon.close(fd);
  }

  protected closeSocket(): void {
    if (this.socket >= 0) addon.close(this.socket);
    this.socket = -1;
  }

  protected kill(): void {
    if (!this.init) return;
    if (this.pidfd < 0) {
      // Of a child that it may have by now nobody has heard yet: that one ends with the socket, and would be in the cgroups until then.
      this.closeSocket();
      killChild(this.init.intermediate, 'intermediate');
    } else killProcess({ pid: this.record.pid, pidfd: this.pidfd }, 'container init');
  }
}

const madeCgroups = ({ madeCgroups: made, systemdUnit }: RuntimeEffects): Pick<ContainerRecord, 'madeCgroups' | 'systemdUnit'> => ({
  madeCgroups: [...made],
  ...(systemdUnit === undefined ? {} : { systemdUnit }),
});
