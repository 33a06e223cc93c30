import { O_CLOEXEC } from '../../kernel.gen.ts';
import { addon } from '../../native/addon.ts';
import { firstPassed } from '../../plan/criu/launch.ts';
import { foreignNamespaces, joinedNamespaces } from '../../plan/criu/namespaces.ts';
import { hasNewNetwork, type RestoreOptions, type RestorePlan, restoreOptions } from '../../plan/criu/restore.ts';
import { type CriuOptions, requestTypes } from '../../plan/criu/rpc.ts';
import type { Bundle } from '../bundle/bundle.ts';
import { spawnIntoCgroup } from '../cgroups/spawn.ts';
import type { Context } from '../context.ts';
import type { CreateRequest } from '../init/created.ts';
import { Creation } from '../init/creation.ts';
import { firstSteps, type SlotDescriptor, stepsAt } from '../init/runtime-steps.ts';
import type { InitRequest } from '../init/spawn.ts';
import { killProcess } from '../process/kill-process.ts';
import type { ContainerRecord } from '../state/container-record.ts';
import type { Hold } from '../state/hold.ts';
import { criuStage, save, saveSpec } from '../state/store.ts';
import { requireVersion } from './capabilities.ts';
import { CriuChannel, closeAll } from './channel.ts';
import { connectToCriu } from './connection.ts';
import {
  type CriuDirectories,
  type CriuPaths,
  closeDirectories,
  directoryOptions,
  isInheritable,
  logPath,
  openDirectories,
} from './images.ts';
import { makeRootReadonly, setLoopbackUp } from './inside.ts';
import { withLog } from './log.ts';
import { haveOneMaster } from './saved-mounts.ts';
import { stagedOptions } from './staged.ts';

/** What a restore has beyond a create. */
export interface Checkpoint {
  readonly plan: RestorePlan;
  readonly request: RestoreOptions & CriuPaths;
  /** CRIU's own configuration. */
  readonly config: Pick<CriuOptions, 'config_file'>;
  /** What fds 0 to 2 were when the container was saved. */
  readonly descriptors: readonly string[];
}

const logFile = 'restore.log';
/** How long CRIU may take to undo a restore that has failed, in milliseconds. */
const EXIT_TIMEOUT_MS = 10_000;

/** One attempt to make a container from images: as for a create, but its processes come from CRIU, and run when it is made. */
export class Restoration extends Creation {
  private readonly checkpoint: Checkpoint;
  private staged: ReturnType<typeof stagedOptions> | undefined;
  private directories: CriuDirectories | undefined;
  private hasCriu = true;

  constructor(
    context: Context,
    request: CreateRequest,
    bundle: Bundle,
    checkpoint: Checkpoint,
    record: ContainerRecord,
    hold: Hold,
    piped: boolean,
  ) {
    super(context, request, bundle, checkpoint.plan, record, hold, piped);
    this.checkpoint = checkpoint;
  }

  /** Nothing waits for a start. */
  protected override prepareDirectory(): void {
    saveSpec(this.context, this.record.id, this.text);
    addon.mkdir(criuStage(this.context, this.record.id), 0o700);
    save(this.context, this.record);
  }

  protected override makeContainer(): void {
    const { plan } = this.checkpoint;
    for (const step of firstSteps(plan.steps)) this.perform(step, 0);
    const initRequest: InitRequest = {
      steps: plan.steps,
      preserveFds: 0,
      stdio: this.request.stdio,
      piped: this.piped,
      cgroup: this.effects.spawnCgroup,
      until: 'executed',
      trace: this.context.trace !== undefined,
    };
    const init = this.traced('start init', () => spawnIntoCgroup(initRequest, this.record.cgroupPaths['']));
    this.init = init;
    this.socket = init.socket;
    this.noteCriu(init.intermediate);
    for (const step of stepsAt(plan.steps, 'cgroup').ahead) this.perform(step, 0);
    const socket = connectToCriu(this.context, init, initRequest, (point, pid) =>
      point === 'staged' ? this.describe(pid) : this.synchronise(point, pid),
    );
    this.closeSocket();
    const fds = [socket];
    try {
      const pidfd = addon.pidfdOpen(init.intermediate);
      fds.push(pidfd);
      const channel = new CriuChannel(socket, pidfd);
      this.traced('ask for the version of CRIU', () => requireVersion(channel));
      this.traced('restore the processes', () => this.restore(channel));
    } catch (error) {
      throw withLog(error, logPath(this.checkpoint.request, logFile));
    } finally {
      closeAll(fds);
      if (this.directories) closeDirectories(this.directories);
    }
    this.traced('wait for the end of CRIU', () => this.endCriu(init.intermediate));
    this.record = { ...this.record, criu: undefined };
    this.noteTimeNamespace();
    addon.rmdir(criuStage(this.context, this.record.id));
  }

  /** Whose connection is closed: what it has made by then and shall not stay, it takes back itself. */
  private endCriu(pid: number): void {
    const pidfd = addon.pidfdOpen(pid);
    try {
      if (addon.pollIn([pidfd], EXIT_TIMEOUT_MS).length === 0) killProcess({ pid, pidfd }, 'criu');
      else addon.waitPid(pid, false);
      this.hasCriu = false;
    } finally {
      addon.close(pidfd);
    }
  }

  protected override kill(): void {
    this.closeSocket();
    if (this.init && this.hasCriu) this.endCriu(this.init.intermediate);
    if (this.pidfd >= 0) killProcess({ pid: this.record.pid, pidfd: this.pidfd }, 'container init');
  }

  /** What init has mounted for CRIU, and the descriptors that it leaves to it. */
  private describe(pid: number): SlotDescriptor[] {
    const { stage, directories } = this.checkpoint.plan;
    this.staged = stagedOptions(pid, addon.realPath(this.record.rootfs), addon.realPath(stage));
    this.directories = openDirectories(directories, pid);
    const namespaces = foreignNamespaces(this.spec.linux ?? {});
    return namespaces.map(({ path }, index) => ({
      slot: this.checkpoint.plan.namespaceSlots[index] as number,
      fd: addon.open(path, O_CLOEXEC, 0),
    }));
  }

  private restore(channel: CriuChannel): void {
    channel.request({ type: requestTypes.RESTORE, opts: this.criuOptions() }, (script, pid, fds) => {
      this.context.debug(`criu: ${script}`);
      if (script === 'setup-namespaces') this.enterHooks(pid);
      else if (script === 'orphan-pts-master') this.takeMaster(fds);
      else if (script === 'post-restore') this.noteRestored(pid);
    });
  }

  private takeMaster([master, ...others]: readonly number[]): void {
    closeAll(others);
    if (master !== undefined) this.takeConsole(master);
  }

  /** The network, the devices that move there and the hooks, which mostly see to it as well. */
  private enterHooks(pid: number): void {
    if (hasNewNetwork(this.spec)) this.traced('set the loopback interface up', () => setLoopbackUp(this.context, pid));
    this.noteInit(pid);
    this.synchronise('runtimeHooks', pid);
  }

  /** For a delete after this runtime is killed. */
  private noteCriu(pid: number): void {
    this.record = { ...this.record, criu: { pid, startTime: String(addon.processStat(pid)?.startTime ?? 0n) } };
  }

  /** Not every CRIU tells of its namespaces. */
  protected override noteInit(pid: number): void {
    if (this.pidfd < 0) this.pidfd = addon.pidfdOpen(pid);
    super.noteInit(pid);
  }

  /** Its processes stand still until this returns. */
  private noteRestored(pid: number): void {
    this.noteInit(pid);
    if (this.spec.root?.readonly) this.traced('make the root read-only', () => makeRootReadonly(this.context, pid));
    this.hold.lock();
    this.hold.check();
    save(this.context, { ...this.record, isCreated: true });
    this.hold.unlock();
  }

  /** CRIU goes on with the clocks as they were, in a namespace that no configuration speaks of. */
  private noteTimeNamespace(): void {
    const own = (pid: number | 'self'): string => addon.readLink(`/proc/${pid}/ns/time`);
    if (own(this.record.pid) !== own('self')) this.record = { ...this.record, restoredClocks: true };
  }

  protected override failure(error: unknown): unknown {
    return error;
  }

  private criuOptions(): CriuOptions {
    const { request, descriptors, config } = this.checkpoint;
    const linux = this.spec.linux ?? {};
    const streams = descriptors.flatMap((key, fd) => (isInheritable(key) ? [{ key, fd }] : []));
    const namespaces = foreignNamespaces(linux).map(({ key }, index) => ({ key, fd: firstPassed + 1 + index }));
    return {
      ...restoreOptions(request, logFile),
      ...(this.directories ? directoryOptions(this.directories) : {}),
      ...config,
      ...this.staged,
      mntns_compat_mode: haveOneMaster(request.imagePath),
      inherit_fd: [...namespaces, ...streams],
      join_ns: joinedNamespaces(linux),
      cg_root: this.cgroupRoots(),
    };
  }

  /** Where the container's cgroups are now, by what CRIU is in itself. */
  private cgroupRoots(): { readonly ctrl: string; readonly path: string }[] {
    const lines = addon
      .readFile(`/proc/${this.init?.intermediate ?? 'self'}/cgroup`)
      .trim()
      .split('\n');
    return lines.map((line) => {
      const [, ctrl = '', ...path] = line.split(':');
      return { ctrl, path: path.join(':') };
    });
  }
}
