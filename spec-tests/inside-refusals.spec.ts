import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { type Config, withUserNamespace } from './harness/config.ts';
import type { Need } from './harness/needs.ts';
import { enterContainer, type Outer, without } from './harness/outer.ts';

// Every refusal that comes from what is around the runtime, and not from the configuration, tells its cause and its cure.

interface Refusal {
  readonly title: string;
  /** The container that the runtime is called in, and what its caller has asked the engine for; absent: the host. */
  readonly outer?: Outer;
  readonly asked?: (config: Config) => void;
  /** What executes the runtime. */
  readonly through?: (box: Box) => string[];
  readonly global?: readonly string[];
  readonly change?: (config: Config) => void;
  readonly cause: RegExp;
  readonly cure: RegExp;
  readonly needs?: readonly Need[];
}

const administrates = ({ process }: Config): void => {
  for (const set of ['bounding', 'effective', 'permitted'] as const) process.capabilities?.[set]?.push('CAP_SYS_ADMIN');
};

const after = (script: string): string[] => ['unshare', '--mount', 'sh', '-c', `set -e; ${script}; exec "$@"`, 'sh'];
const noCgroup = ['--cgroup-manager', 'disabled'];

/** pivot_root(2) on x86-64, and on aarch64 and riscv. */
const pivotRoot = process.arch === 'x64' ? 155 : 41;

/** Calls of Linux 5.2 and later, which filters of an older time do not know. */
const newCalls = ['open_tree', 'move_mount', 'fsopen', 'fsconfig', 'fsmount', 'openat2', 'mount_setattr'];

const ofEngines: readonly Refusal[] = [
  {
    title: "Docker's default container, where no namespaces can be made",
    outer: 'Docker',
    global: noCgroup,
    cause: /clone: operation not permitted.*runts has no CAP_SYS_ADMIN here, as in a container that is not privileged/s,
    cure: /give the outer container --privileged/,
  },
  {
    title: "Docker's default container, where no cgroups can be made",
    outer: 'Docker',
    cause: /unable to create the cgroup .*: read-only file system.*cgroups are read-only here/s,
    cure: /--cgroup-manager disabled.*--privileged/,
  },
  {
    title: "Podman's default container, where /proc is masked",
    outer: 'Podman',
    global: noCgroup,
    change: withUserNamespace,
    cause: /cannot create "proc" on "\/proc".*operation not permitted.*only where it sees a proc that nothing covers/s,
    cure: /--security-opt unmask=ALL/,
  },
  {
    title: 'a pod with CAP_SYS_ADMIN, where cgroups are read-only',
    outer: 'Kubernetes',
    asked: (config) => {
      administrates(config);
      delete config.linux.seccomp;
    },
    cause: /unable to create the cgroup .*: read-only file system/,
    cure: /--cgroup-manager disabled/,
  },
  {
    title: 'a pod without CAP_NET_ADMIN, where no loopback can be had',
    outer: 'Kubernetes',
    asked: (config) => {
      administrates(config);
      delete config.linux.seccomp;
    },
    global: noCgroup,
    cause: /loopback interface up: lo: .*operation not permitted.*takes CAP_NET_ADMIN/s,
    cure: /--cap-add NET_ADMIN.*or leave \{"type": "network"\} out/,
  },
  {
    title: 'a filter that hides the calls of newer kernels',
    outer: 'Docker, --privileged',
    asked: (config) => {
      config.linux.seccomp = without(newCalls, 38);
    },
    cause: /open_tree: function not implemented.*a seccomp filter around runts hides the call/s,
    cure: /runts needs Linux 5\.10.*seccomp=unconfined/,
  },
  {
    title: 'a filter that forbids the calls of newer kernels',
    outer: 'Docker, --privileged',
    asked: (config) => {
      config.linux.seccomp = without(newCalls, 1);
    },
    cause: /open_tree: operation not permitted.*a seccomp filter around runts, as engines give it/s,
    cure: /seccomp=unconfined.*seccompProfile of the type Unconfined/,
  },
  {
    title: 'a limit of processes of the outer container',
    outer: 'Docker, --privileged',
    asked: (config) => {
      config.linux.resources = { pids: { limit: 3 }, devices: [{ allow: true, access: 'rwm' }] };
    },
    cause: /clone: resource temporarily unavailable.*of at most 3 processes and threads \(pids\.max\).*it is above that of the container/s,
    cure: /--pids-limit of the outer container/,
    needs: ['a static executable'],
  },
];

const ofTheMachine: readonly Refusal[] = [
  {
    title: 'root without CAP_SYS_ADMIN',
    through: () => ['setpriv', '--bounding-set', '-sys_admin', '--inh-caps', '-sys_admin'],
    global: noCgroup,
    cause: /clone: operation not permitted.*runts has no CAP_SYS_ADMIN/s,
    cure: /--privileged/,
  },
  {
    title: 'no pivot_root(2), as on an initramfs',
    through: ({ suite }) => [suite.probe, 'launch', `einval=${pivotRoot}`, '--'],
    cause: /pivot_root: invalid argument.*the root of the host is an initramfs/s,
    cure: /use --no-pivot \(DOCKER_RAMDISK=1/,
  },
  {
    title: 'too few descriptors',
    through: () => ['prlimit', '--nofile=12:12'],
    cause: /too many open files.*may have 12 descriptors open/s,
    cure: /`ulimit -n`, LimitNOFILE=/,
    needs: ['a static executable'],
  },
  {
    title: 'a /proc that is not mounted',
    through: () => after('umount -l /proc'),
    cause: /procfs is not mounted on \/proc/,
    cure: /`mount -t proc proc \/proc`/,
  },
  {
    title: 'limits where no cgroups are mounted',
    through: () => after('umount -l /sys/fs/cgroup'),
    change: (config) => {
      config.linux.resources = { pids: { limit: 5 } };
    },
    cause: /no cgroup hierarchy is mounted, but the configuration asks for limits/,
    cure: /leave linux\.resources out, or have cgroups: mounted/,
  },
  {
    title: 'a mount of cgroups where none are mounted',
    through: () => after('umount -l /sys/fs/cgroup'),
    change: (config) => {
      config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup' });
    },
    cause: /no cgroup filesystem is mounted on this host/,
    cure: /leave this mount out, or mount cgroups/,
  },
  {
    title: 'a limit of namespaces',
    through: () => ['unshare', '-Urm', 'sh', '-c', 'echo 0 > /proc/sys/user/max_net_namespaces; exec "$@"', 'sh'],
    cause: /clone: no space left on device/,
    cure: /a limit of \/proc\/sys\/user\/max_\*_namespaces is reached: raise it/,
  },
  {
    title: 'a group of devpts that the user namespace of the runtime has not',
    through: () => ['unshare', '-Urm'],
    // Older kernels say so of the file system as a whole, and not yet of its option.
    cause: /devpts.*fsconfig: invalid argument/,
    cure: /leave gid= out, or map that group \(\/proc\/self\/gid_map/,
  },
  {
    title: 'a state root that is read-only',
    through: ({ stateRoot }) => after(`mount --bind ${stateRoot} ${stateRoot}; mount -o remount,bind,ro ${stateRoot}`),
    cause: /for the state of a container: read-only file system/,
    cure: /give one with --root/,
  },
];

describe('who calls runts where something lacks is told what, and what to do', () => {
  for (const { title, outer, asked, through, global = [], change = () => {}, cause, cure, needs = [] } of [...ofEngines, ...ofTheMachine]) {
    clause(
      `RUN-013 ${title}`,
      async (box) => {
        if (outer !== undefined) await enterContainer(box, outer, asked);
        const bundle = box.bundle((config) => {
          config.process.args = ['true'];
          change(config);
        });
        const result = await box.run(bundle, { global, ...(through === undefined ? {} : { through: through(box) }) });
        const [, error = ''] = /error: (.*)/s.exec(result.stderr) ?? [];
        expect(result.status).toBe(1);
        expect(error).toMatch(cause);
        expect(error).toMatch(cure);
        expect(box.leftovers()).toEqual([]);
      },
      'probe',
      'runts',
      ...needs,
    );
  }
});
