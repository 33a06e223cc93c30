import { afterAll, beforeAll, expect, test } from 'vitest';
import { Docker } from './harness/docker.ts';
import { needing } from './harness/runtime.ts';

/** Everything a program can see of its surroundings, a section for each command. What differs between two containers of one runtime is folded. */
const look: Readonly<Record<string, string>> = {
  mounts: `while read id parent device root place rest; do echo "$place $rest"; done < /proc/self/mountinfo | sort`,
  'mount order': `cut -d" " -f5 /proc/self/mountinfo`,
  status: `grep -vE "^(State|SigQ|Pid|NSpid|Tgid|PPid|VmPeak|VmSize|VmHWM|VmRSS|RssAnon|RssFile|VmData|VmStk|VmExe|VmPTE|voluntary|nonvoluntary|NStgid|NSpgid|NSsid|FDSize|Threads)" /proc/1/status`,
  'children of init': `cut -d" " -f4-8 /proc/1/stat`,
  limits: `cat /proc/1/limits`,
  environment: `tr "\\0" "\\n" < /proc/1/environ | sort`,
  'command line': `tr "\\0" " " < /proc/1/cmdline; cat /proc/1/comm`,
  cgroup: `cat /proc/1/cgroup`,
  'cgroup values':
    'cd /sys/fs/cgroup && for f in $(find . -type f -name "*.*" | grep -vE "usage|procs|tasks|stat|numa|event|time|pressure|current|peak|io_serv" | sort); do echo "$f: $(cat $f 2>&1 | sort | tr "\\n" " ")"; done',
  'cgroup directories': `ls -l /sys/fs/cgroup | sed "s/ [A-Z][a-z][a-z] .* / /"`,
  devices: `ls -ln /dev | sed "s/  *[A-Z][a-z][a-z] .*[0-9]  *\\([a-z]\\)/ \\1/"; ls -ld /dev /dev/pts /dev/shm /dev/mqueue | cut -c1-10; stat -c "%n %A %u %g %t %T" /dev/* 2>&1 | sort`,
  'ls of fd': `ls -l /proc/1/fd | sed "s/.*[0-9][0-9]:[0-9][0-9] //; s/:\\[[0-9]*\\]//"`,
  'own fds': `ls /proc/self/fd`,
  namespaces: `for n in /proc/self/ns/*; do [ "$(readlink $n)" = "$(readlink /proc/1/ns/\${n##*/})" ] && echo "\${n##*/} shared with init"; done`,
  'namespace files': `ls /proc/1/ns`,
  'id maps': `cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups`,
  capabilities: `grep Cap /proc/1/status`,
  'root directory': `ls -lan / | sed "s/ [A-Z][a-z][a-z] .*:[0-9][0-9] / /; s/ [A-Z][a-z][a-z]  *[0-9]*  *[0-9]* / /"`,
  'masked paths': `for p in /proc/kcore /proc/keys /proc/timer_list /proc/sched_debug /proc/latency_stats; do ls -l $p | cut -c1-10; head -c1 $p | wc -c; done 2>&1; ls -la /proc/acpi /sys/firmware /proc/scsi 2>&1 | sed "s/[A-Z][a-z][a-z] .*:[0-9][0-9] //"`,
  'read-only paths': `for p in bus fs irq sys sysrq-trigger; do touch /proc/$p 2>&1; done`,
  names: `hostname | wc -c; cat /proc/sys/kernel/domainname`,
  user: `id; pwd; umask; echo $HOME; ulimit -a`,
  scheduling: `cat /proc/1/oom_score_adj /proc/1/autogroup 2>/dev/null | sed "s/autogroup-[0-9]*/autogroup/"; grep -E "allowed" /proc/1/status`,
  keyring: `cut -d" " -f7- /proc/keys 2>&1 | sed "s/[0-9a-f]\\{64\\}/ID/" | sort`,
  sysctl: `cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/net/ipv4/ping_group_range /proc/sys/kernel/shmmax`,
  // Whether a bridge of the host has a carrier depends on the containers that were there a moment ago.
  network: `ip -o link | sed "s/NO-CARRIER,//; s/,LOWER_UP//; s/[0-9a-f:]\\{17\\}/MAC/g; s/^[0-9]*//; s/@if[0-9]*//; s/link-netnsid [0-9]*//"; ip route | sed "s/172[0-9.]*/ADDRESS/g"`,
  seccomp: `grep Seccomp: /proc/1/status; unshare -m true 2>&1; mount -t tmpfs x /tmp 2>&1; chroot / true && echo chroot`,
};

const variants: readonly (readonly [string, readonly string[]])[] = [
  ['by default', []],
  ['with a terminal', ['-t']],
  [
    'with limits',
    ['--memory', '64m', '--cpus', '0.5', '--pids-limit', '50', '--cpu-shares', '512', '--cpuset-cpus', '0', '--ulimit', 'nofile=64:128'],
  ],
  [
    'as a user, read-only, without privileges',
    ['-u', '1000:7', '--read-only', '--tmpfs', '/tmp', '--security-opt', 'no-new-privileges', '--cap-drop', 'ALL', '--cap-add', 'KILL'],
  ],
  ['in the namespaces of the host', ['--net', 'host', '--pid', 'host', '--ipc', 'host', '--uts', 'host', '--cgroupns', 'host']],
  [
    'without seccomp, with volumes and devices',
    [
      '--security-opt',
      'seccomp=unconfined',
      '-v',
      '/usr:/u:ro',
      '-v',
      'v1:/v',
      '--device',
      '/dev/zero:/dev/z',
      '--shm-size',
      '32m',
      '--init',
    ],
  ],
];

/** What the specification leaves open, or what is better here, by section: lines that only one of the two has. */
const known: readonly { readonly section: string; readonly line: RegExp; readonly reason: string }[] = [
  {
    section: 'mounts',
    line: /^\/(proc\/acpi|proc\/scsi|sys\/firmware|sys\/devices\/\S+) ro,(nosuid,nodev,noexec,)?relatime - tmpfs tmpfs ro/,
    reason: 'what covers a masked directory is left open: here it holds nothing, runs nothing and takes no memory',
  },
  {
    section: 'masked paths',
    line: /^drwx(r-xr-x|rwxrwt) +2 root +root +40 \.$/,
    reason: 'the mode of the empty directory that covers a masked one is left open',
  },
  {
    section: 'mounts',
    line: /^\/sys\/fs\/cgroup r[ow],nosuid,nodev,noexec,relatime - tmpfs tmpfs rw,mode=755$/,
    reason: 'the directory of the cgroup v1 hierarchies is read-only as config.json asks; runc before 1.2 leaves it writable',
  },
];

needing('docker', 'dockerd', 'containerd', 'runc').describe('a container of runts and one of runc, in one dockerd', () => {
  let docker: Docker;
  beforeAll(async () => {
    docker = await Docker.start(['--add-runtime', 'other=/usr/sbin/runc']);
  });
  afterAll(() => docker.stop());

  async function seen(runtime: string, options: readonly string[]): Promise<Map<string, string[]>> {
    const script = Object.entries(look).map(([name, command]) => `echo "=== ${name}"; (${command}) 2>&1`);
    const text = await docker.sh(
      [...script, 'true'].join('\n'),
      '--runtime',
      runtime,
      '--name',
      'same',
      ...(options.includes('--uts') ? [] : ['-h', 'same']),
      ...options,
    );
    // ls(1) makes its columns as wide as the largest number, and /proc counts a link for every process.
    const sections = text.replaceAll('\r', '').replace(/ +/g, ' ').split('=== ').slice(1);
    return new Map(sections.map((section) => [section.split('\n')[0] ?? '', fold(section).split('\n').slice(1)]));
  }

  test.each(variants)('%s', async (_, options) => {
    const [ours, theirs] = [await seen('runts', options), await seen('other', options)];
    const differences: string[] = [];
    for (const [section, lines] of ours) {
      const others = theirs.get(section) ?? [];
      const isNew = (line: string): boolean => !known.some((each) => each.section === section && each.line.test(line));
      const only = (some: readonly string[], rest: readonly string[]): string[] =>
        some.filter((line) => !rest.includes(line) && isNew(line));
      differences.push(...only(lines, others).map((line) => `only with runts, ${section}: ${line}`));
      differences.push(...only(others, lines).map((line) => `only with runc, ${section}: ${line}`));
    }
    expect(differences).toEqual([]);
  });
});

/** Takes out what differs between any two containers: ids, layers, the script itself. */
function fold(text: string): string {
  return (
    text
      .replace(/[0-9a-f]{64}/g, 'ID')
      .replace(/overlay2\/l\/[A-Z0-9]+/g, 'LAYER')
      .replace(/(shared|master|propagate_from):\d+/g, '$1:N')
      .replace(/\b[0-9a-f]{12}\b/g, 'SHORT')
      // The links of /proc are its processes.
      .replace(/(dr-xr-xr-x +)\d+/g, '$1N')
  );
}
