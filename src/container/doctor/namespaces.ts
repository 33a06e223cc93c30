import { type Check, isPrivileged, type Machine, type State } from './check.ts';

const topic = 'Namespaces';

/** Names below /proc/self/ns and in sysctls, the option of the kernel, and whether no container is made without. */
const kinds = [
  ['mnt', '', true],
  ['pid', 'PID_NS', true],
  ['net', 'NET_NS', false],
  ['ipc', 'IPC_NS', false],
  ['uts', 'UTS_NS', false],
  ['cgroup', 'CGROUPS', false],
  ['user', 'USER_NS', false],
  ['time', 'TIME_NS', false],
] as const;

const why = 'linux.namespaces: what a container sees of its own';

function kindChecks({ read, exists }: Machine): Check[] {
  const lacking = kinds.flatMap(([kind, option, needed]): Check[] => {
    const state: State = needed ? 'missing' : 'limited';
    if (exists(`/proc/self/ns/${kind}`) === false)
      return [{ topic, subject: kind, state, found: 'not in this kernel', why, mend: `boot a kernel with CONFIG_${option}=y` }];
    const limit = `user.max_${kind}_namespaces`;
    if (read(`/proc/sys/user/max_${kind}_namespaces`) !== '0') return [];
    return [{ topic, subject: kind, state, found: `none may be made: ${limit} is 0`, why, mend: `sysctl ${limit}=15000` }];
  });
  const names = kinds.map(([kind]) => kind).filter((kind) => lacking.every(({ subject }) => subject !== kind));
  return [{ topic, subject: 'kinds', state: 'ok', found: names.join(', '), why }, ...lacking];
}

function userNamespace(machine: Machine): Check {
  const { noUserNamespace: cannot, noRights } = machine;
  const check = {
    topic,
    subject: 'user namespaces',
    why: 'root of the container is nobody on the host; users need one for every container',
  };
  const mend = cannot === undefined ? noRights : cannot.hint;
  if (cannot === undefined && noRights === undefined) return { ...check, state: 'ok', found: 'can be made' };
  return {
    ...check,
    state: isPrivileged(machine) ? 'limited' : 'missing',
    found: cannot === undefined ? 'can be made, but give no rights' : `cannot be made: ${cannot.why}`,
    ...(mend === undefined ? {} : { mend }),
  };
}

/** What somebody with a user namespace of his own is refused where procfs is covered (mount_too_revealing). */
const harmless = /^\/proc\/(sys\/fs\/binfmt_misc|fs\/nfsd)$/;

function procfs(machine: Machine): Check {
  const points = (machine.read('/proc/self/mountinfo') ?? '').split('\n').map((line) => line.split(' ')[4] ?? '');
  const covered = points.filter((point) => point.startsWith('/proc/') && !harmless.test(point));
  const check = { topic, subject: 'procfs', why: 'a new pid namespace needs a /proc of its own' };
  if (covered.length === 0 || isPrivileged(machine)) return { ...check, state: 'ok', found: 'can be mounted' };
  return {
    ...check,
    state: 'missing',
    found: `covered by mounts here (${covered[0]}), so that no user namespace may mount it`,
    mend: 'give the outer container --security-opt unmask=ALL (Podman), --security-opt systempaths=unconfined (Docker), procMount: Unmasked (Kubernetes)',
  };
}

function privileges(machine: Machine): Check {
  const { facts } = machine;
  const check = { topic, subject: 'privileges', why: 'CAP_SYS_ADMIN makes namespaces and mounts' };
  const who = facts.euid === 0 ? 'root' : `user ${facts.euid}`;
  const where = facts.initialUserNamespace ? '' : ' of a user namespace';
  if (isPrivileged(machine)) return { ...check, state: 'ok', found: `${who}${where}` };
  if (facts.euid !== 0) return { ...check, state: 'note', found: `${who}: containers with a user namespace alone` };
  return {
    ...check,
    state: machine.noUserNamespace === undefined ? 'limited' : 'missing',
    found: `${who}${where} without CAP_SYS_ADMIN: at the most containers with a user namespace`,
    mend: 'give the outer container --privileged (Docker, Podman), privileged: true (Kubernetes), or --cap-add SYS_ADMIN',
  };
}

export const namespaceChecks = (machine: Machine): Check[] => [
  privileges(machine),
  ...kindChecks(machine),
  userNamespace(machine),
  procfs(machine),
];
