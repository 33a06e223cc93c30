import { knownActions } from '../../spec/seccomp/actions.ts';
import type { LinuxSeccompAction } from '../../spec/types.ts';
import { enforcedProfile } from '../failure/user-namespace.ts';
import { type Check, isPrivileged, type Machine } from './check.ts';

const topic = 'Security';

/** Names of /proc/sys/kernel/seccomp/actions_avail by those of config.json. */
const actionNames: Readonly<Record<LinuxSeccompAction, string>> = {
  SCMP_ACT_KILL: 'kill_thread',
  SCMP_ACT_KILL_THREAD: 'kill_thread',
  SCMP_ACT_KILL_PROCESS: 'kill_process',
  SCMP_ACT_TRAP: 'trap',
  SCMP_ACT_ERRNO: 'errno',
  SCMP_ACT_TRACE: 'trace',
  SCMP_ACT_ALLOW: 'allow',
  SCMP_ACT_LOG: 'log',
  SCMP_ACT_NOTIFY: 'user_notif',
};

function seccomp({ read }: Machine): Check[] {
  const text = read('/proc/sys/kernel/seccomp/actions_avail');
  const check = { topic, subject: 'seccomp', why: 'linux.seccomp: which system calls a container may make' };
  if (text === undefined)
    return [{ ...check, state: 'limited', found: 'not in this kernel', mend: 'boot a kernel with CONFIG_SECCOMP_FILTER=y' }];
  const there = new Set(text.split(/\s+/));
  const lacking = knownActions.filter((action) => !there.has(actionNames[action]));
  const found = lacking.length === 0 ? `all actions: ${text}` : `without ${lacking.join(', ')}`;
  return [
    { ...check, state: lacking.length === 0 ? 'ok' : 'limited', found, ...(lacking.length === 0 ? {} : { mend: 'boot a later kernel' }) },
  ];
}

/** A filter that somebody has put around runts holds for its containers too. */
function filter(machine: Machine): Check[] {
  if (!/^Seccomp:\t2$/m.test(`${machine.read('/proc/self/status')}\n`)) return [];
  const check = {
    topic,
    subject: 'filter around runts',
    why: 'what it forbids no container can have; engines forbid pivot_root and keyctl',
  };
  const mend = '--no-pivot and --no-new-keyring; or --security-opt seccomp=unconfined of the outer container';
  return [{ ...check, state: isPrivileged(machine) ? 'note' : 'limited', found: 'there is one', mend }];
}

function apparmor({ facts, read }: Machine): Check {
  const check = { topic, subject: 'AppArmor', why: 'process.apparmorProfile' };
  if (!facts.apparmor) return { ...check, state: 'note', found: 'not in this kernel, or switched off' };
  const profile = enforcedProfile(read);
  return {
    ...check,
    state: 'ok',
    found: profile === undefined ? 'there; runts is not confined' : `there; runts is confined by ${profile}`,
  };
}

function others({ facts, read }: Machine): Check[] {
  const selinux: Check = {
    topic,
    subject: 'SELinux',
    state: facts.selinux ? 'ok' : 'note',
    found: facts.selinux ? (read('/sys/fs/selinux/enforce') === '1' ? 'enforcing' : 'permissive') : 'not in this kernel, or switched off',
    why: 'process.selinuxLabel and linux.mountLabel',
  };
  const modules = read('/sys/kernel/security/lsm');
  if (modules === undefined) return [selinux];
  return [
    selinux,
    { topic, subject: 'modules', state: 'note', found: modules, why: 'each of them may forbid what the kernel would allow' },
  ];
}

export const securityChecks = (machine: Machine): Check[] => [
  ...seccomp(machine),
  ...filter(machine),
  apparmor(machine),
  ...others(machine),
];
