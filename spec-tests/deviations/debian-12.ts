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
  {
    reason: 'does not know execCPUAffinity',
    titles: {
      'CFG-061 CFG-062 a list with a comma': 'to match /:\\t0$/',
      'CFG-061 CFG-062 a list with commas': 'to match /:\\t0$/',
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

/** What crun 1.8.1 does otherwise, and crun 1.28 no longer. */
const crun: readonly Omit<Deviation, 'runtimes' | 'before'>[] = [
  {
    reason: 'a bind mount that asks for flags loses those of its source',
    titles: {
      'MNT-039 recursive flags alone': "expected 'ro' to be 'nodev,nosuid,ro'",
      'MNT-039 bind,ro in a user namespace keeps': "expected 'ro' to be 'nodev,noexec,nosuid,ro'",
      'MNT-039 flags that the host has locked stay': "expected [ 'ro', 'relatime' ] to deeply equal",
    },
  },
  { reason: 'ps of a stopped container ends by a fault', titles: { 'CLI-065 CLI-064 ps of a stopped': 'status 139 of ' } },
  {
    reason: 'opens one descriptor for each mount, and keeps to the limit of its caller',
    titles: {
      'CFG-012 1100 binds': 'Too many open files',
      'CFG-012 300 binds in': 'Too many open files',
      'CFG-012 60 binds in': 'Too many open files',
    },
  },
  {
    reason: 'has words of its own',
    titles: {
      'CLI-003 a log that is a fifo': 'error opening file `',
      'CLI-046 exec does not make a missing directory': 'to match /no such file or directory/',
      'CLI-042 a working directory of --cwd that is missing': 'chdir `/nope`: No such file',
      'CLI-043 a working directory of the file': 'chdir `/nope`: No such file',
    },
  },
  {
    reason: 'exec --tty does not follow the size of the terminal',
    titles: { 'CLI-048 exec --tty follows the size': '30 100\r\nmodes restored' },
  },
  {
    reason: 'exec --env replaces the environment, PATH too',
    titles: { 'CLI-046 CLI-047 --cwd and': 'executable file `sh` not found in $PATH' },
  },
  { reason: 'wants every file of a limit', titles: { 'LNX-101 a weight below': 'opening file `blkio.weight` for writing' } },
  { reason: 'ignores a mount label', titles: { 'LNX-183 a mount label on a kernel': 'expected +0 to be 1' } },
  { reason: 'does not make / read-only', titles: { 'LNX-182 the root itself': "expected 'written\\nbelow\\n' to be 'below\\n'" } },
  {
    reason: 'exec has the umask of the caller',
    titles: { 'CFG-067 without umask': 'to match object { umask: 18 }', 'CFG-034 exec has what': "expected '0\\n0022' to be '0\\n0027'" },
  },
  { reason: 'knows no Intel RDT', titles: { 'LNX-123 intelRdt without': 'expected +0 to be 1' } },
  {
    reason: 'refuses another version',
    titles: { 'CFG-001 an empty': 'unknown version specified', 'CFG-001 a version that is': 'unknown version specified' },
  },
  {
    reason: 'writes -1 as it is',
    titles: {
      'CLI-071 cpu: shares': 'writing file `cpu.cfs_quota_us`: Numerical result out of range',
      'CLI-071 pids': 'writing file `pids.max`: Invalid argument',
    },
  },
  { reason: 'has no --log-level', titles: { 'RT-035 is silenced': "unrecognized option '--log-level'" } },
  {
    reason: 'takes a signal that it does not know for none',
    titles: {
      'CLI-025 the signal SIGTREM': 'expected +0 to be 1',
      'CLI-025 the signal kil': 'expected +0 to be 1',
      'CLI-025 the signal NOTHING': 'expected +0 to be 1',
    },
  },
  { reason: 'makes the working directory under the umask of the caller', titles: { 'ENG-025 is made with mode 755': '/new/deep\n700' } },
];

/** The versions that Debian 12 has, which a newcomer finds as /usr/bin/runc and /usr/bin/crun: rows for these alone, before those of every version. */
export const debian12: readonly Deviation[] = [
  ...runc.map((row) => ({ ...row, runtimes: ['runc'] as const, before: '1.2' })),
  ...crun.map((row) => ({ ...row, runtimes: ['crun'] as const, before: '1.28' })),
];
