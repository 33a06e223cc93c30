// What a program is given.
import { addCapabilities } from '../../harness/config.ts';
import { type Feature, shell } from '../feature.ts';

export const processes: readonly Feature[] = [
  {
    title: 'CFG-065 to CFG-068 user, groups and umask',
    change: shell('id -u; id -g; id -G; umask', (config) => {
      config.process.user = { uid: 1000, gid: 1001, umask: 0o27, additionalGids: [7, 8] };
    }),
    script: 'run',
    prints: '1000\n1001\n1001 7 8\n0027',
  },
  {
    title: 'CFG-040 to CFG-044 capabilities',
    change: shell('grep ^Cap /proc/self/status', (config) => {
      config.process.capabilities = { bounding: ['CAP_KILL', 'CAP_CHOWN'], effective: ['CAP_KILL'], permitted: ['CAP_KILL'], ambient: [] };
      addCapabilities(config, 'CAP_NET_RAW');
    }),
    script: 'run | tr "\\t" " "',
    prints: [
      ...['CapInh: 0000000000000000', 'CapPrm: 0000000000002021', 'CapEff: 0000000000002021', 'CapBnd: 0000000000002021'],
      'CapAmb: 0000000000000000',
    ].join('\n'),
  },
  {
    title: 'CFG-034 limits of resources',
    change: shell('ulimit -n; ulimit -Hn; ulimit -c', (config) => {
      config.process.rlimits = [
        { type: 'RLIMIT_NOFILE', soft: 300, hard: 400 },
        { type: 'RLIMIT_CORE', soft: 0, hard: 0 },
      ];
    }),
    script: 'run',
    prints: '300\n400\n0',
  },
  {
    title: 'CFG-048 CFG-049 no new privileges, score of the OOM killer',
    change: shell('grep NoNewPrivs /proc/self/status; cat /proc/self/oom_score_adj', (config) => {
      config.process.noNewPrivileges = true;
      config.process.oomScoreAdj = 123;
    }),
    script: 'run | tr "\\t" " "',
    prints: 'NoNewPrivs: 1\n123',
  },
  {
    title: 'CFG-051 CFG-058 scheduler and priority of input and output',
    change: (config) => {
      config.process.args = ['probe', 'self'];
      config.process.scheduler = { policy: 'SCHED_BATCH', nice: 5 };
      config.process.ioPriority = { class: 'IOPRIO_CLASS_IDLE', priority: 0 };
    },
    script: `run | tr , '\\n' | grep -e '"policy"' -e '"nice"' -e '"class"'`,
    prints: /"policy":3\n"nice":5\n[\s\S]*"class":3/,
  },
  {
    title: 'CVE-2024-21626 nothing of the runtime is open or blocked in the program',
    change: (config) => {
      config.process.args = ['probe', 'self'];
    },
    script: `run >self; for name in fds blocked ignored; do grep -o "\\"$name\\":[^]]*]" self; done`,
    prints: '"fds":[0,1,2]\n"blocked":[]\n"ignored":[]',
  },
  {
    title: 'CLI-040 descriptors of the caller that are preserved',
    change: shell('cat <&3'),
    script: 'echo kept >file; runts run --preserve-fds 1 $id 3<file',
    prints: 'kept',
  },
  {
    title: 'LNX-181 LNX-182 masked and read-only paths',
    change: shell('cat /proc/keys | wc -c; echo 1 >/proc/sys/kernel/panic', (config) => {
      config.linux.maskedPaths = ['/proc/keys'];
      config.linux.readonlyPaths = ['/proc/sys'];
    }),
    script: 'run',
    prints: /^0\nsh: can't create \/proc\/sys\/kernel\/panic: Read-only file system/,
  },
  {
    title: 'LNX-145 parameters of the kernel',
    change: shell('cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni', (config) => {
      config.linux.sysctl = { 'net.ipv4.ip_forward': '1', 'kernel.shmmni': '99' };
    }),
    script: 'run',
    prints: '1\n99',
  },
  {
    title: 'LNX-184 a personality that is 32 bits wide',
    change: shell('uname -m', (config) => {
      config.linux.personality = { domain: 'LINUX32' };
    }),
    script: 'run',
    prints: /^armv8l$/,
  },
  {
    title: 'LNX-029 LNX-039 devices',
    change: shell('ls -l /dev/odd | cut -c1-10; echo x >/dev/full; head -c 3 /dev/zero | wc -c', (config) => {
      config.linux.devices = [{ type: 'c', path: '/dev/odd', major: 1, minor: 5, fileMode: 0o640 }];
    }),
    script: 'run',
    prints: /^crw-r-----\nsh: write error: No space left on device\n3$/,
  },
];
