// The life of a container, and what commands say of it.
import { withUserNamespace } from '../../harness/config.ts';
import { type Feature, shell } from '../feature.ts';

export const containers: readonly Feature[] = [
  {
    title: 'RT-017 RT-024 RT-041 RT-052 a container is created, started, killed and deleted',
    script: `runts create $id && is created && echo created
runts start $id && is running && echo running
runts kill $id KILL && await is stopped && echo stopped
runts delete $id && runts state $id`,
    prints: /^created\nrunning\nstopped\nerror: container does not exist: c\d+/,
  },
  {
    title: 'CLI-031 run ends with the status of the program',
    change: shell('echo out; echo err >&2; exit 42'),
    script: 'run; echo $?',
    prints: 'out\nerr\n42',
  },
  {
    title: 'CLI-010 run tells a signal by 128 and its number',
    script: 'run & await is running; runts kill $id KILL; wait $!; echo $?',
    prints: '137',
  },
  {
    title: 'CLI-035 detached, with its pid in a file',
    script: `runts run --detach --pid-file pid $id && tr '\\0' ' ' </proc/$(cat pid)/cmdline && echo && runts delete --force $id`,
    prints: 'sleep 1000',
  },
  {
    title: 'RT-039 an id is taken while its container is there',
    script: 'runts create $id && runts create $id; runts delete --force $id',
    prints: /container with given ID already exists|already/,
  },
  {
    title: 'CLI-062 CLI-064 list, ps and state know a running container',
    script: `runts run --detach $id && runts list --quiet | sed s/$id/ID/ && runts ps $id | sed -n '2s/.*sleep/sleep/p'; runts delete --force $id`,
    prints: 'ID\nsleep 1000',
  },
  {
    title: 'CLI-066 CLI-067 pause stops it, resume has it go on',
    script: `runts run --detach $id && runts pause $id && is paused && cat /sys/fs/cgroup/$id/cgroup.freeze && runts resume $id && is running &&
cat /sys/fs/cgroup/$id/cgroup.freeze; runts delete --force $id`,
    prints: '1\n0',
  },
  {
    title: 'CLI-042 CLI-046 CLI-047 CLI-049 exec joins its namespaces and its cgroup',
    change: (config) => {
      config.hostname = 'inside';
    },
    script: `runts run --detach $id && runts exec $id sh -c 'hostname; tr "\\\\0" " " </proc/1/cmdline; echo; exit 7'; echo $?
runts exec --cwd /tmp --env A=b --user 1000:1000 $id sh -c 'pwd; echo $A; id -u'
runts exec $id sed -n s/c[0-9]*/ID/p /proc/self/cgroup; runts delete --force $id`,
    prints: 'inside\nsleep 1000 \n7\n/tmp\nb\n1000\n0::/ID',
  },
  {
    title: 'ENG-003 exec of a program that is not there',
    script: 'runts run --detach $id && runts exec $id nothing; echo $?; runts delete --force $id',
    prints: /nothing.*(not found|no such file)[\s\S]*\n(127|1|255)$/,
  },
  {
    title: 'ENG-003 a program for another processor is told by its name',
    script: `{ head -c 18 /srv/probe; printf '\\076\\000'; tail -c +21 /srv/probe | head -c 4096; } >/srv/rootfs/bin/foreign; chmod 755 /srv/rootfs/bin/foreign
sed -i 's/"sleep"/"foreign"/' config.json; run; rm /srv/rootfs/bin/foreign`,
    prints: /exec format error[\s\S]*ELF program for x86_64, and this machine is aarch64/,
  },
  {
    title: 'LNX-010 in a user namespace its root is another user of the host',
    change: shell('cat /proc/self/uid_map; id -u; stat -c %u /bin', withUserNamespace),
    script: 'run | tr -s " "',
    prints: / 0 100000 65536\n0\n65534/,
  },
  {
    title: 'LNX-005 to LNX-009 namespaces of its own',
    change: shell('for name in pid net ipc uts mnt; do readlink /proc/self/ns/$name; done; echo $$; ls /sys/class/net'),
    script: `for name in pid net ipc uts mnt; do readlink /proc/self/ns/$name; done >own; run >inside; grep -cxFf own inside; sed -n '6,$p' inside`,
    prints: '0\n1\nlo',
  },
  {
    title: 'FEAT-024 features names its own processor',
    script: `runts features | grep -o 'SCMP_ARCH_\\(AARCH64\\|ARM\\)"' | sort -u`,
    prints: 'SCMP_ARCH_AARCH64"\nSCMP_ARCH_ARM"',
  },
];
