import type { Deviation } from './deviation.ts';

const hookKinds = ['prestart', 'createRuntime', 'createContainer', 'poststart', 'poststop'];

/** What runc 1.1.5 does otherwise, and runc 1.3.6 no longer. */
const runc: readonly Omit<Deviation, 'runtimes' | 'before'>[] = [
  {
    reason: 'does not say of which kind a hook is that has failed',
    titles: {
      ...Object.fromEntries(
        hookKinds.map((kind) => [`CLI-003 the whole message of a failing ${kind} `, `to contain 'error running ${kind}`]),
      ),
      ...Object.fromEntries(
        ['createRuntime', 'createContainer'].flatMap((kind) =>
          ['CFG-078', 'CFG-075', 'CLI-003'].map((clause) => [
            `${clause} the words for a ${kind} hook`,
            `to contain 'error running ${kind} hook`,
          ]),
        ),
      ),
    },
  },
  {
    reason: 'leaves the flags of the source to a bind whose options take them away, unless they are read-only',
    titles: {
      'MNT-039 bind,rw replaces': "expected 'nodev,noexec,nosuid,ro' to be 'rw'",
      'MNT-039 bind,dev replaces': "expected 'nodev,noexec,nosuid,ro' to be 'rw'",
    },
  },
  { reason: 'does not know symfollow', titles: { 'MNT-054 symfollow and': "expected 'nosymfollow,rw' to be 'rw'" } },
  {
    reason: 'cannot bind a source in a user namespace whose flags the host has locked',
    titles: {
      'MNT-039 bind,ro in a user namespace keeps': 'operation not permitted',
      'MNT-039 rbind,nosuid,nodev in a user namespace keeps': 'operation not permitted',
      'MNT-039 in a user namespace what': 'operation not permitted',
      'MNT-039 flags that the host has locked stay': 'operation not permitted',
    },
  },
  {
    reason: 'ignores in a user namespace that a bind is to lose flags which the host has locked',
    titles: {
      'MNT-039 bind,rw in a user namespace cannot': 'expected +0 to be 1',
      'MNT-039 bind,dev,suid in a user namespace cannot': 'expected +0 to be 1',
    },
  },
  {
    reason: 'opens the bind sources of a container with a user namespace before anything is mounted',
    titles: {
      'CFG-012 a file system mounted by an earlier entry is what a bind of it shows in a user': "can't open '/again/new'",
      'CFG-012 a volume bound by an earlier entry is seen, by a relative source in a user': 'failed to open mount source',
      'CFG-012 rbind shows the mounts below, bind does not in a user': '/all/low: No such file or directory',
      'CFG-012 what is nowhere is missing, and its place is named in a user': 'expected +0 to be 1',
      'CFG-012 the flags of an earlier entry are those of the source in a user': 'to match / rw,nosuid,nodev,noexec,/',
    },
  },
  {
    reason: 'wants mappings also for a user namespace that is joined',
    titles: {
      'LNX-015 joins a user namespace': 'User namespaces enabled, but no uid mappings found.',
      'CFG-012 with a user namespace that is joined': 'User namespaces enabled, but no uid mappings found.',
      'LNX-010 CFG-018 with namespaces that belong': 'User namespaces enabled, but no uid mappings found.',
    },
  },
  {
    reason: 'takes a cgroup that has processes',
    titles: {
      'LNX-058 create into a cgroup with a process is': 'expected +0 to be 1',
      'LNX-058 create into a cgroup with a process in': "below/cgroup.procs'",
    },
  },
  {
    reason: 'gives a device what the default ACL of its directory leaves of its mode',
    titles: { 'LNX-034 the mode of a device in a directory with a default ACL': "expected '644\\n600\\n' to be '666\\n622\\n'" },
  },
  {
    reason: 'mounts where a symlink leads into /proc',
    titles: { 'CFG-011 a mount whose destination leads into /proc by a symlink': 'expected +0 to be 1' },
  },
  {
    reason: 'KILL ends what a stopped container has left only with --all',
    titles: { 'CLI-027 KILL of a stopped container ends': 'container not running' },
  },
  {
    reason: 'gives a tmpfs the mode of the directory below it, whatever the option mode= says',
    titles: {
      'CFG-015 options in one string: ["size=1m,ro"]': 'read-only file system',
      'CFG-015 a mode in such a list': "expected '755\\n' to be '700\\n'",
    },
  },
  {
    reason: 'gives a program that has no stdin, stdout or stderr of its caller descriptors of its own',
    titles: { 'RTL-001 they are the null device': 'to match /^(\\/dev\\/null|\\/null|pipe:.*)$/dev' },
  },
  {
    reason: 'exec does not set the umask of the configuration',
    titles: { 'CFG-034 exec has what': "expected '0\\n0022' to be '0\\n0027'" },
  },
  {
    reason: 'update has no --cpu-burst, and reads no exponent in a size',
    titles: { 'CLI-071 cpu burst': 'flag provided but not defined: -cpu-burst', 'CLI-071 are read as runc': "invalid size: '40.96e6'" },
  },
];

/** The versions that Debian 12 has, which a newcomer finds as /usr/bin/runc and /usr/bin/crun: rows for these alone, before those of every version. */
export const debian12: readonly Deviation[] = runc.map((row) => ({ ...row, runtimes: ['runc'] as const, before: '1.2' }));
