import { callText } from '../../errno.ts';
import type { ErrorCode } from '../../error-codes.ts';
import { RuntimeError } from '../../errors.ts';
import { O_PATH, O_WRONLY } from '../../kernel.gen.ts';
import { lookup } from '../../lookup.ts';
import { addon } from '../../native/addon.ts';
import { failedWith, isSystemError, type SystemError } from '../../native/system-error.ts';
import type { SystemdUnit } from '../../plan/cgroups/systemd/unit.ts';
import type { RuntimeAction, Step } from '../../plan/plan.ts';
import type { SyncPoint } from '../../plan/wire/places.ts';
import { claimCgroup } from '../cgroups/claims.ts';
import { chain, enableControllers, makeEnterable, missingControllerHint } from '../cgroups/controllers.ts';
import { notDelegatedHint } from '../cgroups/delegation.ts';
import { type ParentRefusal, parentRefusal, wholeDiskHint } from '../cgroups/parents.ts';
import { lackOfFile } from '../failure/kernel.ts';
import { type MovedNetDevice, moveNetDevice } from '../host/net-devices.ts';
import { applySchemata, createGroup, joinGroup, requireGroup } from '../host/resctrl.ts';
import { startScope } from '../systemd/scope.ts';
import { explainMap, writeMappings } from './id-mappings.ts';

type RuntimeStep = Extract<Step, { stage: 'runtime' }>;
/** The action of one operation. */
export type ActionOf<O extends RuntimeAction['op']> = Extract<RuntimeAction, { op: O }>;

/** A descriptor for a slot of init. */
export interface SlotDescriptor {
  readonly slot: number;
  readonly fd: number;
}

/** What the runtime's steps leave to undo or to hand over. */
export interface RuntimeEffects {
  /** Whoever uses the cgroups, for those that are there already (cgroup-claims.ts). */
  readonly cgroupUser: string;
  /** Cgroup directories to remove with the container, parents first. */
  readonly madeCgroups: string[];
  /** The unit that systemd has started. */
  systemdUnit?: SystemdUnit;
  /** Directories of the resctrl filesystem made, parents first. */
  readonly madeResctrl: string[];
  /** Network devices that are in the container now. */
  readonly movedNetDevices: MovedNetDevice[];
  /** Descriptor of the cgroup v2 directory the intermediate is to start in. */
  spawnCgroup?: number;
  /** Descriptors for init's slots. */
  readonly descriptors: SlotDescriptor[];
}

/** (gid_t)-1: chown(2) leaves the group alone. */
const KEEP_GROUP = 0xffffffff;
/** Error codes by the first word of the operation. */
const codes: Readonly<Record<string, ErrorCode>> = { cgroup: 'CGROUP_FAILED', resctrl: 'RESCTRL_FAILED', netDevice: 'NET_DEVICE_FAILED' };
/** Steps that need the pid of the container's first process, so that they cannot be done ahead. */
const needsProcess = new Set<RuntimeAction['op']>(['netDevice.move', 'oomScoreAdj.write', 'idMappings.write', 'resctrl.join', 'hook.run']);

/** The runtime's steps before init is spawned. */
export function firstSteps(steps: readonly Step[]): RuntimeStep[] {
  return steps.filter((step): step is RuntimeStep => step.stage === 'runtime' && step.at === undefined);
}

/** The runtime's steps of one sync point, split by whether they can be done before the process exists. */
export function stepsAt(steps: readonly Step[], point: SyncPoint): { readonly ahead: RuntimeStep[]; readonly withProcess: RuntimeStep[] } {
  const own: RuntimeStep[] = [];
  // A limit on processes must not meet the intermediate, which still has to clone.
  let born: { readonly path: string } | undefined;
  for (const step of steps) {
    if (step.stage !== 'runtime') continue;
    if (step.at === point) own.push(step);
    if (step.action.op === 'cgroup.spawnInto') born = step.action;
  }
  // Systemd wants the process at once, and what comes after its scope is done inside of that.
  const scope = own.findIndex(({ action }) => action.op === 'cgroup.scope');
  const inside = born && `${born.path}/`;
  const limitsInit = (action: RuntimeAction): boolean =>
    inside !== undefined && action.op === 'cgroup.write' && action.path.startsWith(inside);
  const ahead: RuntimeStep[] = [];
  const withProcess: RuntimeStep[] = [];
  own.forEach((step, index) => {
    const waits = needsProcess.has(step.action.op) || limitsInit(step.action) || (scope >= 0 && index >= scope);
    (waits ? withProcess : ahead).push(step);
  });
  return { ahead, withProcess };
}

/**
 * Performs one step of the runtime; hooks are the caller's.
 * @throws RuntimeError with the step's pointer
 */
export function perform(step: RuntimeStep, pid: number, effects: RuntimeEffects): void {
  try {
    dispatch(step.action, pid, effects);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const { code, syscall } = error;
    const unable = `unable to ${step.title}`;
    const lack = lackOf(step.action, error);
    const { why = lack, hint } = lack === undefined ? explain(step.action, error) : {};
    throw new RuntimeError(
      lack === undefined ? codeOf(step.action) : 'KERNEL_TOO_OLD',
      `${unable}: ${callText(error, unable)}${why === undefined ? '' : `: ${why}`}`,
      {
        ...(step.pointer === undefined ? {} : { pointer: step.pointer }),
        step: step.title,
        ...(hint === undefined ? {} : { hint }),
        syscall,
        errno: code,
        cause: error,
      },
    );
  }
}

const codeOf = ({ op }: RuntimeAction): ErrorCode => lookup(codes, op.slice(0, op.indexOf('.'))) ?? 'STEP_FAILED';

/** What this kernel is too old for. */
function lackOf(action: RuntimeAction, error: SystemError): string | undefined {
  return action.op === 'cgroup.write' ? lackOfFile(action.path, error) : undefined;
}

function explain(action: RuntimeAction, error: SystemError): Partial<ParentRefusal> {
  if (action.op === 'idMappings.write') return explainMap(action, error);
  if (action.op === 'oomScoreAdj.write' && error.code === 'EACCES') {
    return { hint: 'lowering it takes CAP_SYS_RESOURCE outside of any user namespace: a user can only raise it' };
  }
  if (!action.op.startsWith('cgroup.')) return {};
  const refusal = action.op === 'cgroup.write' ? parentRefusal(action.path, action.value, error) : undefined;
  if (refusal !== undefined) return refusal;
  const ofFile =
    action.op === 'cgroup.write' ? (missingControllerHint(action.path, error) ?? wholeDiskHint(action.path, error)) : undefined;
  const hint = notDelegatedHint(error) ?? ofFile;
  return hint === undefined ? {} : { hint };
}

function dispatch(action: RuntimeAction, pid: number, effects: RuntimeEffects): void {
  switch (action.op) {
    case 'cgroup.scope':
      makeScope(action, pid, effects);
      break;
    case 'cgroup.create':
      makeCgroup(action.path, effects);
      break;
    case 'cgroup.write':
      writeControl(action);
      break;
    case 'cgroup.inheritCpuset':
      inheritCpuset(action);
      break;
    case 'cgroup.enable':
      enableControllers(action);
      break;
    case 'cgroup.spawnInto':
      effects.spawnCgroup = addon.open(action.path, O_PATH, 0);
      break;
    case 'cgroup.deviceFilter':
      addon.attachDeviceFilter(action.path, action.program);
      break;
    case 'cgroup.delegate':
      delegate(action);
      break;
    case 'cgroup.open':
      openCgroups(action, effects);
      break;
    case 'idMappings.write':
      writeMappings(action, pid);
      break;
    case 'resctrl.create':
      if (createGroup(action.path)) effects.madeResctrl.push(action.path);
      break;
    case 'resctrl.require':
      requireGroup(action.path);
      break;
    case 'resctrl.schemata':
      applySchemata(action, effects.madeResctrl.includes(action.path));
      break;
    case 'resctrl.join':
      joinGroup(action.path, pid);
      break;
    case 'userNamespace.make':
      effects.descriptors.push({ slot: action.slot, fd: addon.makeUserNamespace(action.uidMap, action.gidMap) });
      break;
    case 'oomScoreAdj.write':
      addon.writeControl(`/proc/${pid}/oom_score_adj`, String(action.value));
      break;
    case 'netDevice.find':
      addon.netDevice(action.name);
      break;
    case 'netDevice.move':
      effects.movedNetDevices.push(moveNetDevice(action, pid));
      break;
    case 'hook.run':
      break;
  }
}

function openCgroups({ files }: ActionOf<'cgroup.open'>, effects: RuntimeEffects): void {
  const unified = '/cgroup.procs';
  for (const { path, slot } of files) {
    if (path.endsWith(unified)) makeEnterable(path.slice(0, -unified.length));
    effects.descriptors.push({ slot, fd: addon.open(path, O_WRONLY, 0) });
  }
}

/** What systemd has made is ours to remove, should it not do so itself. */
function makeScope({ place, properties, directories }: ActionOf<'cgroup.scope'>, pid: number, effects: RuntimeEffects): void {
  startScope(place, properties, pid);
  effects.systemdUnit = { name: place.name, user: place.user };
  const made = directories.filter((directory) => addon.stat(directory, false));
  // A stopped container may have had a unit of that name.
  for (const directory of made) claimCgroup(directory, effects.cgroupUser);
  effects.madeCgroups.push(...made);
}

function makeCgroup(path: string, effects: RuntimeEffects): void {
  if (makeDirectories(path, effects) || claimCgroup(path, effects.cgroupUser)) effects.madeCgroups.push(path);
}

/** @returns whether the last one was not there, which is the caller's to note */
function makeDirectories(path: string, effects: RuntimeEffects): boolean {
  try {
    addon.mkdir(path, 0o755);
    return true;
  } catch (error) {
    if (failedWith(error, 'EEXIST')) return false;
    if (!failedWith(error, 'ENOENT')) throw error;
    const parent = path.slice(0, path.lastIndexOf('/'));
    if (makeDirectories(parent, effects)) effects.madeCgroups.push(parent);
    return makeDirectories(path, effects);
  }
}

function writeControl({ path, value, optional, fallback, mayBeForbidden }: ActionOf<'cgroup.write'>): void {
  try {
    addon.writeControl(path, value);
  } catch (error) {
    if (mayBeForbidden && failedWith(error, 'EPERM')) return;
    if (!failedWith(error, 'ENOENT')) throw error;
    if (fallback) addon.writeControl(fallback.path, fallback.value);
    else if (!optional) throw error;
  }
}

/** A new cpuset of cgroup v1 is empty and takes no process before it has cpus and memory nodes. */
function inheritCpuset({ root, path }: ActionOf<'cgroup.inheritCpuset'>): void {
  const directories = chain(root, path);
  for (const name of ['cpuset.cpus', 'cpuset.mems']) {
    // Bottom up to the first that has a value, then down again: usually that is the parent.
    let have = directories.length - 1;
    let value = '';
    for (; have >= 0; have--) {
      value = addon.readFile(`${directories[have]}/${name}`).trim();
      if (value !== '') break;
    }
    for (const directory of directories.slice(have + 1)) addon.writeControl(`${directory}/${name}`, value);
  }
}

/** The files that may be given away (cgroup-v2, "Delegation"); the kernel lists them where it can. */
function delegate({ path, uid }: ActionOf<'cgroup.delegate'>): void {
  const listed = addon.stat('/sys/kernel/cgroup/delegate', true)
    ? addon.readFile('/sys/kernel/cgroup/delegate').split('\n').filter(Boolean)
    : ['cgroup.procs', 'cgroup.subtree_control', 'cgroup.threads'];
  addon.chown(path, uid, KEEP_GROUP);
  for (const file of listed) if (addon.stat(`${path}/${file}`, false)) addon.chown(`${path}/${file}`, uid, KEEP_GROUP);
}
