import { readlinkSync } from 'node:fs';
import type { Bundle } from './bundle.ts';
import type { Self } from './probe.ts';

/** Prints all that protects the host from a process, or its neighbours from it, as the process sees it. */
const script = `probe self
for file in mountinfo limits uid_map gid_map attr/current coredump_filter timens_offsets; do echo "== $file"; cat /proc/self/$file 2>&1; done
echo == status; grep -E '^(Cap|NoNew|Seccomp|Specul|Sig[BIC]|Groups|Uid|Gid|Umask|THP|Mems_|Cpus_)' /proc/self/status
echo == devices; find /dev -exec stat -c '%n %F %a %u %g %t:%T' {} + | sort
echo == names; hostname; cat /proc/sys/kernel/domainname
echo == sysctls; cd /proc/sys; cat kernel/shm_rmid_forced kernel/msgmax net/ipv4/ip_forward net/ipv4/ping_group_range net/ipv4/ip_unprivileged_port_start 2>&1
echo == masks; for path in /proc/kcore /proc/keys /proc/timer_list /proc/acpi /sys/firmware; do stat -c '%n %F %t:%T' $path 2>&1; done
echo == end
`;

export const portraitEnd = '== end';

/** Puts the painter into a rootfs. @returns the words that call it; the program then goes on as \`rest\`. */
export function painter(bundle: Bundle, rest: string): string[] {
  bundle.put('/bin/portrait', script, 0o755);
  return ['sh', '-c', `sh /bin/portrait; ${rest}`];
}

/** The namespaces of the process that asks are the host's. */
function namespace(name: string, link: string): string {
  try {
    return readlinkSync(`/proc/self/ns/${name}`) === link ? 'host' : 'own';
  } catch {
    return link;
  }
}

/** A portrait without what is another every time: ids of processes, mounts, keys and namespaces. */
export function portrait(text: string): string[] {
  const [first = '', ...lines] = text.replaceAll('\r', '').split('\n');
  const self = JSON.parse(first) as Self;
  const namespaces = Object.entries(self.namespaces).map(([name, link]) => [name, namespace(name.replace(/_.*$/, ''), link)]);
  const isLeader = [self.sid === self.pid, self.pgid === self.pid];
  const keyring = self.keyring
    .split(';')
    .at(-1)
    ?.replace(/\.[0-9a-f]*$/, '');
  const { pid, ppid, sid, pgid, env, exe, ...rest } = self;
  const own = { ...rest, keyring, namespaces: Object.fromEntries(namespaces), isLeader, isFirst: pid === 1 };
  const end = lines.indexOf(portraitEnd);
  if (end < 0) throw new Error(`an unfinished portrait: ${text}`);
  return [...Object.entries(own).map((entry) => JSON.stringify(entry)), ...lines.slice(0, end).map(sameEveryTime)];
}

function sameEveryTime(line: string): string {
  const mount = /^\d+ \d+ \d+:\d+ (.* - .*)$/.exec(line);
  if (mount) return (mount[1] ?? '').replace(/(shared|master):\d+/g, '$1');
  return line.replace(/^(\/dev\/pts\/)\d+/, '$1N');
}
