import { parentDirectory } from '../../plan/cgroups/path.ts';
import { isRootless } from '../../plan/context.ts';
import type { Check, Machine } from './check.ts';

const topic = 'Cgroups';

const words = {
  unified: 'version 2',
  hybrid: 'version 1, with version 2 beside it',
  legacy: 'version 1',
  none: 'none mounted',
} as const;

/** Controllers of a configuration's limits: name in version 2, names in version 1, and what they are for. */
const controllers: readonly (readonly [v2: string, v1: string, use: string])[] = [
  ['memory', 'memory', 'linux.resources.memory'],
  ['pids', 'pids', 'linux.resources.pids'],
  ['cpu', 'cpu', 'linux.resources.cpu'],
  ['cpuset', 'cpuset', 'linux.resources.cpu.cpus and mems'],
  ['io', 'blkio', 'linux.resources.blockIO'],
  ['hugetlb', 'hugetlb', 'linux.resources.hugepageLimits'],
  ['rdma', 'rdma', 'linux.resources.rdma'],
  ['', 'devices', 'linux.resources.devices'],
  ['', 'freezer', 'runts pause'],
  ['', 'net_cls', 'linux.resources.network.classID'],
  ['', 'net_prio', 'linux.resources.network.priorities'],
];
/** What machines without the device do not miss. */
const rare = ['hugetlb', 'rdma', 'net_cls', 'net_prio'];

function version({ facts }: Machine): Check {
  const { mode } = facts.cgroup;
  const check = { topic, subject: 'version', found: words[mode], why: 'limits, statistics, and the end of all processes at once' };
  if (mode === 'unified') return { ...check, state: 'ok' };
  if (mode === 'none') return { ...check, state: 'limited', mend: 'mount -t cgroup2 none /sys/fs/cgroup' };
  if (!isRootless(facts)) return { ...check, state: 'ok' };
  return { ...check, state: 'limited', mend: 'boot the host with systemd.unified_cgroup_hierarchy=1: version 1 gives no rights to users' };
}

function place({ facts, makesCgroups, manager }: Machine): Check[] {
  if (facts.cgroup.mode === 'none') return [];
  const check = { topic, subject: 'delegation', why: 'a container without a cgroup of its own has no limits, and cannot be paused' };
  if (makesCgroups) return [{ ...check, state: 'ok', found: 'cgroups can be made here' }];
  if (!isRootless(facts) || facts.euid === 0) {
    const mend = '--cgroup-manager disabled, or --privileged of the outer container';
    return [{ ...check, state: 'limited', found: 'cgroups are read-only here, or belong to somebody else', mend }];
  }
  const here = manager?.version !== undefined;
  const mend = here
    ? '`runts --systemd-cgroup …`, or `systemd-run --user --scope --property=Delegate=yes COMMAND`'
    : 'docs/rootless.md: an administrator gives the user a directory';
  return [
    {
      ...check,
      state: 'limited',
      found: 'no cgroup is delegated to this user',
      mend: facts.cgroup.mode === 'unified' ? mend : 'boot the host with cgroup version 2',
    },
  ];
}

/** Those that arrive where the container's cgroup is made; version 1 gives none to users. */
function available({ facts, read }: Machine): readonly string[] {
  const { mode, hierarchies, unifiedControllers } = facts.cgroup;
  if (mode !== 'unified') return facts.euid === 0 ? Object.keys(hierarchies) : [];
  const unified = hierarchies[''];
  const here = unified === undefined || !isRootless(facts) ? undefined : read(`${parentDirectory(unified)}/cgroup.controllers`);
  return here === undefined ? unifiedControllers : here.split(/\s+/).filter(Boolean);
}

const HANDED_ON = 'in /etc/systemd/system/user@.service.d/delegate.conf: [Service] Delegate=cpu cpuset io memory pids';

function controllerChecks(machine: Machine): Check[] {
  const { mode, hierarchies, unifiedControllers } = machine.facts.cgroup;
  if (mode === 'none') return [];
  const there = new Set(available(machine));
  const ofHost = new Set(mode === 'unified' ? unifiedControllers : Object.keys(hierarchies));
  const wanted = controllers.map(([v2, v1, use]) => [mode === 'unified' ? v2 : v1, use] as const).filter(([name]) => name !== '');
  const names = wanted.map(([name]) => name).filter((name) => there.has(name));
  const check: Check = {
    topic,
    subject: 'controllers',
    state: names.length > 0 ? 'ok' : 'limited',
    found: names.join(', ') || 'none for this user',
    why: 'each limit needs its own',
  };
  if (names.length === 0) return [check];
  const lacking = wanted.filter(([name]) => !there.has(name));
  const unusual = lacking.map(([name]) => name).filter((name) => rare.includes(name));
  return [
    check,
    ...(unusual.length === 0
      ? []
      : [{ topic, subject: 'rarer ones', state: 'note', found: `without ${unusual.join(', ')}`, why: check.why } as const]),
    ...lacking.flatMap(([name, why]): Check[] => {
      if (rare.includes(name)) return [];
      const mend = ofHost.has(name) ? HANDED_ON : `boot a kernel that has it, without cgroup_disable=${name}`;
      return [{ topic, subject: name, state: 'limited', found: 'not there', why, mend }];
    }),
  ];
}

function systemd({ manager, facts }: Machine): Check {
  const check = { topic, subject: 'systemd', why: '--systemd-cgroup has it make the cgroups' };
  if (manager === undefined) return { ...check, state: 'note', found: 'not running; runts makes cgroups itself' };
  if (manager.version !== undefined)
    return { ...check, state: 'ok', found: `version ${manager.version}${isRootless(facts) ? ', of the user' : ''}` };
  return {
    ...check,
    state: 'limited',
    found: `does not answer: ${manager.why ?? ''}`,
    mend: isRootless(facts) ? 'loginctl enable-linger USER; log in, or set XDG_RUNTIME_DIR=/run/user/UID' : 'systemctl start dbus',
  };
}

export const cgroupChecks = (machine: Machine): Check[] => [
  version(machine),
  ...place(machine),
  ...controllerChecks(machine),
  systemd(machine),
];
