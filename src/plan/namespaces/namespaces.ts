import { RuntimeError } from '../../errors.ts';
import { CLONE_NEWTIME, CLONE_NEWUSER } from '../../kernel.gen.ts';
import { hostChange } from '../../spec/host-changes.ts';
import type { Linux, Spec } from '../../spec/types.ts';
import { isNew, isUnprivileged, type PlanContext } from '../context.ts';
import type { Step } from '../plan.ts';
import { capabilityBit } from '../process/capabilities.ts';
import { syncPoints } from '../wire/places.ts';
import { writeMappings } from './id-maps.ts';
import { type NamespaceType, namespaceOf, namespaceTypes } from './types.ts';

const chapter = 'Namespaces';

/** The number above is no id (credentials(7)). */
const LAST_UID = 0xfffffffe;

const pointerOf = (linux: Linux, type: NamespaceType): string =>
  `/linux/namespaces/${linux.namespaces?.findIndex((namespace) => namespace.type === type) ?? 0}`;

/**
 * Steps that open and join the namespaces given by path. All are opened before the first is joined, because joining a mount
 * namespace changes what paths mean. A privileged runtime joins the user namespace last, since it may own none of the others;
 * an unprivileged one first, since only there it has the capabilities to join the rest.
 */
function joinSteps({ spec, linux, facts, nextSlot }: PlanContext, filesystems: readonly Step[]): Step[] {
  const joined: JoinedNamespace[] = (linux.namespaces ?? [])
    .map(({ type, path }, index) => ({ type, path, index, slot: path ? nextSlot() : 0 }))
    .filter(({ path }) => path);
  const userFirst = isUnprivileged(facts);
  const step = (verb: 'open' | 'join', { type, path, index, slot }: JoinedNamespace): Step => {
    const { flag } = namespaceOf(type);
    return {
      chapter,
      pointer: `/linux/namespaces/${index}/path`,
      title: `${verb} the ${type} namespace ${path}`,
      stage: 'intermediate',
      action: verb === 'open' ? { op: 'ns.open', path: path as string, type: flag, slot } : { op: 'ns.join', slot, flags: flag },
    };
  };
  const user = joined.filter(({ type }) => type === 'user').flatMap((namespace) => [step('join', namespace), becomeRoot]);
  return [
    ...joined.map((namespace) => step('open', namespace)),
    ...joined.flatMap((namespace) => spareHost(spec, namespace)),
    ...(userFirst ? user : []),
    ...joined.filter(({ type }) => type !== 'user').map((namespace) => step('join', namespace)),
    ...filesystems,
    ...(userFirst ? [] : user),
  ];
}

interface JoinedNamespace {
  readonly type: NamespaceType;
  readonly path?: string | undefined;
  /** In linux.namespaces. */
  readonly index: number;
  readonly slot: number;
}

/** What the container changes in a namespace must not be changed in the runtime's own, to which a path may lead as well. */
function spareHost(spec: Spec, { type, path, slot }: JoinedNamespace): Step[] {
  const change = hostChange(spec, type);
  if (change === undefined) return [];
  return [
    {
      chapter,
      pointer: change.pointer,
      title: `make sure that ${path} is not the ${type} namespace of the runtime`,
      stage: 'intermediate',
      action: { op: 'ns.foreign', slot, own: `/proc/self/ns/${namespaceOf(type).file}`, refusal: change.message },
    },
  ];
}

function awaitRuntime(title: string): Step {
  return { chapter, title, stage: 'intermediate', action: { op: 'sync', point: syncPoints.idMappings } };
}

const becomeRoot: Step = {
  chapter,
  title: 'become root of the user namespace',
  stage: 'intermediate',
  action: { op: 'user.set', uid: 0, gid: 0, groups: [], setGroups: false },
};

/** Not dumpable: nobody who shares a pid namespace may look at our root and our descriptors (CVE-2016-9962). */
const hide: Step = {
  chapter,
  title: 'hide from the processes of the container',
  stage: 'intermediate',
  action: { op: 'dumpable.set', on: false },
};

/**
 * Makes the user namespace belong to the last of its ids, and not to the host's root: every process of that user, a container's in the
 * host's pid namespace among them, would have all capabilities over the processes in it, and a createContainer hook still has the host's root. Only with CAP_SYS_PTRACE the runtime still
 * enters what then belongs to somebody else.
 */
function ownerSteps({ linux, facts }: PlanContext): Step[] {
  const uid = Math.max(0, ...(linux.uidMappings ?? []).map(({ hostID, size }) => hostID + size - 1));
  if (isUnprivileged(facts) || uid === 0 || uid > LAST_UID || (facts.boundingCapabilities & capabilityBit('CAP_SYS_PTRACE')) === 0n)
    return [];
  const title = `take the user id ${uid}, which the user namespace will belong to`;
  return [{ chapter, pointer: '/linux/uidMappings', title, stage: 'intermediate', action: { op: 'owner.take', uid } }];
}

/**
 * A new user namespace, its id mappings (which the process in it may not write itself) and root inside it.
 * @param before what takes rights in it, but its maker's hold of the files in /proc/self
 */
function userNamespaceSteps(context: PlanContext, before: readonly Step[]): Step[] {
  const { linux, facts } = context;
  if (!isNew(linux, 'user')) return [];
  return [
    ...ownerSteps(context),
    {
      chapter,
      pointer: pointerOf(linux, 'user'),
      title: 'create a user namespace',
      stage: 'intermediate',
      action: { op: 'ns.unshare', flags: CLONE_NEWUSER },
    },
    writeMappings(linux, facts),
    awaitRuntime('wait for the id mappings'),
    ...before,
    becomeRoot,
  ];
}

function timeNamespaceSteps({ linux }: PlanContext): Step[] {
  if (!isNew(linux, 'time')) return [];
  const steps: Step[] = [
    {
      chapter,
      pointer: pointerOf(linux, 'time'),
      title: 'create a time namespace',
      stage: 'intermediate',
      action: { op: 'ns.unshare', flags: CLONE_NEWTIME },
    },
  ];
  const offsets = Object.entries(linux.timeOffsets ?? {});
  if (offsets.length > 0) {
    const text = offsets.map(([clock, { secs, nanosecs }]) => `${clock} ${secs ?? 0} ${nanosecs ?? 0}\n`).join('');
    steps.push({
      chapter,
      pointer: '/linux/timeOffsets',
      title: `set clock offsets ${offsets.map(([clock]) => clock).join(' and ')}`,
      stage: 'intermediate',
      action: { op: 'ns.timeOffsets', text },
    });
  }
  return steps;
}

/** @throws RuntimeError GUARD_USELESS when the container has no pid namespace of its own, so that no other could be above it */
function checkGuard({ linux, options }: PlanContext): void {
  if (!options.guarded || isNew(linux, 'pid')) return;
  throw new RuntimeError('GUARD_USELESS', 'a container without a pid namespace of its own cannot be made to end with its parent', {
    pointer: '/linux/namespaces',
    hint: 'give it a new pid namespace, or let it outlive its parent',
  });
}

/**
 * Everything up to the clone of the container's first process.
 * @param early mount sources: before any namespace is entered
 * @param filesystems those of joined namespaces: once these are entered, before the user namespace
 */
export function planNamespaces(context: PlanContext, early: readonly Step[], filesystems: readonly Step[]): Step[] {
  const { spec, linux, facts } = context;
  const created = namespaceTypes.filter(({ type, inClone }) => inClone && isNew(linux, type));
  const flags = created.reduce((sum, { flag }) => sum + flag, 0);
  const title =
    created.length > 0
      ? `clone the container's first process into new ${created.map(({ type }) => type).join(', ')} namespace${created.length > 1 ? 's' : ''}`
      : "clone the container's first process";
  checkGuard(context);
  const op = context.options.guarded ? 'ns.cloneWithin' : 'ns.clone';
  const unprivileged = isUnprivileged(facts);
  const own = isNew(linux, 'user');
  // Before the user namespace: its clock offsets are written through /proc/self, which a process of a foreign user namespace does not own.
  const time = timeNamespaceSteps(context);
  const timeInside = unprivileged && own;
  return [
    // The files of /proc/PID then belong to root: without it the runtime writes them first, and becoming root hides.
    ...(unprivileged && !own && spec.process?.oomScoreAdj !== undefined ? [awaitRuntime('wait for oom_score_adj')] : []),
    ...(timeInside ? [] : [hide]),
    ...early,
    ...joinSteps(context, filesystems),
    ...(timeInside ? [] : time),
    ...userNamespaceSteps(context, timeInside ? time : []),
    { chapter, pointer: '/linux/namespaces', title, stage: 'intermediate', action: { op, flags } },
  ];
}

/** Flags of all namespaces the container has for itself, made or joined: what exec has to enter. */
export function ownNamespaceFlags(linux: Linux): number {
  return (linux.namespaces ?? []).reduce((flags, { type }) => flags | namespaceOf(type).flag, 0);
}
