import { isAtLeast } from '../deviations/deviation.ts';
import type { Config } from '../harness/config.ts';
import type { RuntimeKind } from '../harness/suite.ts';

/** One thing that differs between the runtime under test and a peer; undefined where there is nothing of the kind. */
export interface Difference {
  readonly peer: RuntimeKind;
  readonly version: string;
  readonly key: string;
  readonly ours: string | undefined;
  readonly theirs: string | undefined;
}

/** Differences that have a reason. */
export interface Known {
  readonly runtimes: readonly RuntimeKind[];
  /** What the runtime does instead. */
  readonly reason: string;
  /** Why runts does not do as that runtime does; needed where it is runc. */
  readonly why?: string;
  /** The beginning of a title of deviations/: it is in the tables already. */
  readonly row?: string;
  /** Of what is observed. */
  readonly key: RegExp;
  readonly when?: (config: Config, difference: Difference) => boolean;
}

const hasUserNamespace = ({ linux }: Config): boolean => linux.namespaces.some(({ type }) => type === 'user');
/** What the peer has there. */
const has =
  (pattern: RegExp) =>
  (_: Config, { theirs }: Difference): boolean =>
    theirs !== undefined && pattern.test(theirs);
/** Mount point of a key of mounts. */
const pointOf = ({ key }: Difference): string => /^(?:mounts(.*)#\d+\/|look(.*))/.exec(key)?.slice(1).find(Boolean) ?? '';
const isMasked = ({ linux }: Config, difference: Difference): boolean => linux.maskedPaths?.includes(pointOf(difference)) ?? false;

/** Whether there is another mount over a read-only tmpfs. */
function liesOverTmpfs({ mounts }: Config, point: string): boolean {
  const there = mounts.filter(({ destination }) => destination === point);
  return there.length > 1 && there[0]?.type === 'tmpfs' && there[0].options?.includes('ro') === true;
}

export const known: readonly Known[] = [
  {
    runtimes: ['runc', 'crun'],
    reason: 'binds the device nodes of the host in a user namespace',
    why: 'a node of its own has the owner and the mode that the configuration gives it',
    key: /^(mounts\/(dev|tmp)\/.*#\d+\/|look\/dev\/)/,
    when: hasUserNamespace,
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'fails in a user namespace where the host has no node of a device',
    why: 'a node of its own has the owner and the mode that the configuration gives it',
    key: /^status$/,
    when: (config, difference) => hasUserNamespace(config) && has(/refused.*(error creating device nodes|open `\/dev)/)(config, difference),
  },
  {
    runtimes: ['crun'],
    reason: 'mounts the hierarchies of cgroup v1 in the opposite order, on a tmpfs of another name and mode',
    key: /^mounts\/sys\/fs\/cgroup|^look\/sys\/fs\/cgroup/,
  },
  {
    runtimes: ['crun'],
    reason: 'makes the file system of a mount read-only, not the mount alone',
    key: /^mounts\/.*\/options$/,
    when: (_, { ours, theirs }) => ours?.replace(/^r[ow]/, '') === theirs?.replace(/^r[ow]/, ''),
  },
  { runtimes: ['crun'], reason: 'makes /dev/core', key: /^look\/dev(\/core)?$/, when: has(/core |\/proc\/kcore/) },
  {
    runtimes: ['runc'],
    reason: 'lets processes of the same user search the keyring',
    why: 'exec gets the keyring without it',
    key: /^self\/keyring$/,
  },
  {
    runtimes: ['crun'],
    reason: 'gives the keyring to a user that a user namespace has no id for',
    key: /^self\/keyring$/,
    when: hasUserNamespace,
  },
  { runtimes: ['crun'], reason: 'allows all devices without device rules', row: 'LNX-065 ENG-016', key: /^cgroup\/devices\/devices.list$/ },
  {
    runtimes: ['runc', 'crun'],
    reason: 'masks a directory with a tmpfs that has other flags, a file with a mount of other flags',
    why: 'nothing can be made there in any case',
    key: /^mounts\/.*\/(flags|options|type|source|root)$|^look\//,
    when: isMasked,
  },
  {
    runtimes: ['crun'],
    reason: 'makes mount points with the sticky bit, and files of mode 0700',
    key: /^(left|look)\//,
    when: has(/^(41755|100700) |^directory 1755 /),
  },
  {
    runtimes: ['crun'],
    reason: 'starts createContainer hooks elsewhere',
    row: 'CFG-083 createContainer hooks start',
    key: /^hooks\/createContainer\/directory/,
  },
  { runtimes: ['crun'], reason: 'tells hooks another status', key: /^hooks\/.*\/status|^look\/dev\/shm\/hooks/ },
  { runtimes: ['runc'], reason: 'runs poststart hooks in create', row: 'CFG-081 to CFG-086', key: /^hooks\/poststart\/status/ },
  {
    runtimes: ['runc'],
    reason: 'leaves the tmpfs of a read-only cgroup mount (v1) writable',
    why: 'it is asked for',
    key: /^(mounts|look)\/sys\/fs\/cgroup(#0\/flags)?$/,
    when: ({ mounts }) => mounts.some(({ type, options }) => type === 'cgroup' && options?.includes('ro')),
  },
  {
    runtimes: ['runc'],
    reason: 'fails with a time namespace without offsets',
    why: 'the clocks of the host are what such a configuration asks for',
    key: /^status$/,
    when: has(/timens_offsets: Invalid argument/),
  },
  {
    runtimes: ['crun'],
    reason: 'takes dirsync of a read-only file system for nodiratime',
    key: /^mounts\/.*\/flags$/,
    when: ({ mounts }, { theirs }) => /nodiratime/.test(theirs ?? '') && mounts.some(({ options }) => options?.includes('dirsync')),
  },
  {
    runtimes: ['crun'],
    reason: 'makes a PID namespace that nobody asks for with a time namespace',
    key: /^self\/(namespaces\/pid|pgid|pid|ppid|sid)$/,
    when: ({ linux }) => linux.namespaces.some(({ type }) => type === 'time') && linux.namespaces.every(({ type }) => type !== 'pid'),
  },
  {
    runtimes: ['crun'],
    reason: 'cannot write the offsets of a time namespace in a user namespace',
    key: /^status$/,
    when: has(/timens_offsets/),
  },
  {
    runtimes: ['crun'],
    reason: 'allows all devices without device rules',
    row: 'LNX-065 ENG-016',
    key: /^look\/(dev|tmp)\//,
    when: ({ linux }) => !linux.resources?.devices?.length,
  },
  {
    runtimes: ['crun'],
    reason: 'leaves an empty HOME',
    row: 'ENG-013',
    key: /^self\/env$/,
    when: (_, { theirs }) => /^HOME=$/m.test(theirs ?? ''),
  },
  {
    runtimes: ['runc'],
    reason: 'names the source of the hierarchy of systemd (v1) after it in a cgroup namespace',
    why: 'on the host it is "cgroup", as that of the others',
    key: /^mounts\/sys\/fs\/cgroup\/systemd#0\/source$/,
  },
  {
    runtimes: ['runc'],
    reason: 'fails with a real-time I/O priority in a user namespace',
    why: 'it is set by who may, before the process enters the namespace',
    key: /^status$/,
    when: has(/failed to set io priority: operation not permitted/),
  },
  {
    runtimes: ['runc'],
    reason: 'fails where a bind mount gets another way to keep access times in a user namespace',
    why: 'flags of mounts are set before they come into the namespace',
    key: /^status$/,
    when: (config, difference) =>
      hasUserNamespace(config) && has(/cannot change locked atime flags|error mounting .* operation not permitted/)(config, difference),
  },
  {
    runtimes: ['runc'],
    reason: 'refuses device rules that take back a part of an earlier one, also where a later one takes back all (v1)',
    why: 'what they come to can be had',
    key: /^status$/,
    when: has(/not supported by devices cgroupv1/),
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'fails when a capability of the list is not in its own bounding set',
    row: 'CFG-047 a capability the runtime does not have',
    key: /^status$/,
    when: has(/unable to apply caps|capset: Operation not permitted/),
  },
  {
    runtimes: ['crun'],
    reason: 'fails with a time namespace of its own and a PID namespace of somebody else',
    key: /^status$/,
    when: (config, difference) =>
      config.linux.namespaces.some(({ type }) => type === 'time') && has(/refused: unshare: Invalid argument/)(config, difference),
  },
  {
    runtimes: ['crun'],
    reason: 'fails where a device rule has -1 for one of its numbers and not for the other (v1)',
    key: /^status$/,
    when: has(/write to `devices\.(deny|allow)`: Invalid argument/),
  },
  {
    runtimes: ['crun'],
    reason: 'takes "/" for the bundle of a container with devices of its own in a user namespace',
    key: /^(state|hooks\/.*)\/(bundle|directory)$/,
    when: (config, difference) => hasUserNamespace(config) && has(/^\/$/)(config, difference),
  },
  {
    runtimes: ['crun'],
    reason: 'fails with rnoatime and rnodiratime',
    key: /^status$/,
    when: ({ mounts }, { theirs }) =>
      /mount_setattr .*Invalid argument/.test(theirs ?? '') &&
      mounts.some(({ options }) => options?.some((word) => /^rno(dir)?atime$/.test(word))),
  },
  { runtimes: ['crun'], reason: 'tells createContainer hooks no process id', key: /^hooks\/createContainer\/pid$/ },
  {
    runtimes: ['runc', 'crun'],
    reason: 'makes a container whose device rules take back a part of an earlier one, and leaves it that part (v1)',
    why: 'a rule takes effect or is an error',
    key: /^status$/,
    when: (_, { ours }) => /cannot be expressed in cgroup v1/.test(ours ?? ''),
  },
  {
    runtimes: ['runc'],
    reason: 'a rule that denies all devices of a type takes nothing from one that names a minor number alone (v1)',
    why: 'it denies all',
    key: /^cgroup\/devices\/devices\.list$|^look\/dev\//,
    when: ({ linux }) => {
      const rules = linux.resources?.devices ?? [];
      const oneMinor = rules.findIndex(({ allow, major, minor }) => allow && major === undefined && minor !== undefined);
      return oneMinor >= 0 && rules.slice(oneMinor).some(({ allow, major, minor }) => !allow && major === undefined && minor === undefined);
    },
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'makes read-only alone what is seen where a mount went through a symlink',
    why: 'what is covered may be seen again: symlinks of a shared volume can be exchanged meanwhile',
    key: /^mounts\//,
    when: ({ linux, mounts }, difference) =>
      linux.readonlyPaths?.includes(pointOf(difference)) === true && mounts.some(({ destination }) => destination.startsWith('/link')),
  },
  {
    runtimes: ['runc'],
    reason: 'fails with a scheduler together with a list of cpus, or with privileges of the host in a user namespace',
    why: 'both can be had: it is set by who may, before the process enters the namespace',
    key: /^status$/,
    when: has(/process scheduler can't be used together with AllowedCPUs|error setting scheduler: operation not permitted/),
  },
  {
    runtimes: ['runc'],
    reason: 'makes what lies on the mount point of a read-only tmpfs in the end read-only',
    why: 'that is another mount, which nobody wants to be read-only',
    key: /^(mounts|look)\//,
    when: (config, difference) => liesOverTmpfs(config, pointOf(difference)),
  },
  { runtimes: ['crun'], reason: 'mounts a tmpfs with ro and relatime nosymfollow', key: /^mounts\/.*\/flags$/, when: has(/,nosymfollow/) },
  {
    runtimes: ['crun'],
    reason: 'protects a path in a root that shares its mounts in another order',
    key: /^mounts\/.*#\d+\/below$/,
    when: ({ linux }) => linux.rootfsPropagation?.endsWith('shared') === true,
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'makes a smaller weight of CPU shares (runc before 1.3.2, crun before 1.23; v2)',
    why: 'as today: the default of one is the default of the other',
    key: /^cgroup\/\/cpu\.weight/,
    when: (_, { peer, version }) => !isAtLeast(version, peer === 'runc' ? '1.3.2' : '1.23'),
  },
  { runtimes: ['crun'], reason: 'propagation of a mount is undone by that of the root', row: 'MNT-051', key: /^mounts\/.*\/propagation$/ },
];

/** Versions whose mounts are compared too. What older ones do otherwise nobody has looked through; of them the rest is compared. */
const lookedThrough: Readonly<Partial<Record<RuntimeKind, string>>> = { runc: '1.3.6', crun: '1.28' };
const process = /^self\/(?!env|keyring|capabilities\/ambient)|^cgroup\/(?!devices)|^look\/proc\/(sys|self)\/|^hooks\/.*\/variable/;

/** Whether this difference has a reason. */
export function isKnown(config: Config, difference: Difference): boolean {
  const { peer, version, key } = difference;
  if (!isAtLeast(version, lookedThrough[peer]) && !process.test(key)) return true;
  return known.some((row) => row.runtimes.includes(peer) && row.key.test(key) && (row.when?.(config, difference) ?? true));
}
