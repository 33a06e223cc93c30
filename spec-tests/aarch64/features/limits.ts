// Cgroup version 2.
import { type Feature, shell } from '../feature.ts';

export const limits: readonly Feature[] = [
  {
    title: 'LNX-082 LNX-083 LNX-092 LNX-093 LNX-098 LNX-112 CLI-071 limits stand in the files of its cgroup',
    change: (config) => {
      config.linux.resources = {
        memory: { limit: 64 << 20, reservation: 32 << 20 },
        pids: { limit: 33 },
        cpu: { quota: 50_000, period: 100_000, shares: 512, cpus: '0' },
      };
    },
    script: `runts run --detach $id; cd /sys/fs/cgroup/$id && cat memory.max memory.low pids.max cpu.max cpuset.cpus
runts update --pids-limit 44 --memory 100663296 $id; cat pids.max memory.max; runts delete --force $id`,
    prints: '67108864\n33554432\n33\n50000 100000\n0\n44\n100663296',
  },
  {
    title: 'LNX-082 who needs more memory than it may have is killed',
    change: (config) => {
      config.process.args = ['probe', 'memory', '64'];
      config.linux.resources = { memory: { limit: 16 << 20, swap: 16 << 20 } };
    },
    script: 'run; echo $?',
    prints: /^(?!touched)[\s\S]*137$/,
  },
  {
    title: 'LNX-112 no more processes than it may have',
    change: (config) => {
      config.process.args = ['probe', 'children', '40'];
      config.linux.resources = { pids: { limit: 10 } };
    },
    script: 'run',
    prints: '9',
  },
  {
    title: 'LNX-075 a device that no rule allows',
    change: shell('head -c 1 /dev/zero | wc -c; cat /dev/odd', (config) => {
      config.linux.devices = [{ type: 'c', path: '/dev/odd', major: 1, minor: 11 }];
      config.linux.resources = { devices: [{ allow: false, access: 'rwm' }] };
    }),
    script: 'run',
    prints: /^1\ncat: can't open '\/dev\/odd': Operation not permitted$/,
  },
  {
    title: 'LNX-059 it is born in its cgroup, as the plan says',
    change: shell('cat /proc/self/cgroup'),
    script: `run | sed s/$id/ID/; runts plan . | grep -o 'have init start in it'`,
    prints: '0::/ID\nhave init start in it',
  },
  {
    title: 'LNX-011 a cgroup namespace has its cgroup as root',
    change: shell('cat /proc/self/cgroup', (config) => config.linux.namespaces.push({ type: 'cgroup' })),
    script: 'run',
    prints: '0::/',
  },
  {
    title: 'CLI-070 events tell how much it uses',
    change: (config) => {
      config.linux.resources = { pids: { limit: 33 } };
    },
    script: `runts run --detach $id; runts events --stats $id | grep -o '"pids":{"current":1,"limit":33}'; runts delete --force $id`,
    prints: '"pids":{"current":1,"limit":33}',
  },
];
