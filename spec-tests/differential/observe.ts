import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Box } from '../harness/box.ts';
import type { Bundle } from '../harness/bundle.ts';
import { until } from '../harness/command.ts';
import type { Config } from '../harness/config.ts';
import { readCgroups } from './cgroup-values.ts';
import { containerFacts, tree } from './facts.ts';
import type { Observation } from './observation.ts';
import type { Places } from './piece.ts';
import { apply, type Sample } from './sample.ts';
import { hookFacts, type RuntimeState, stateFacts } from './state-facts.ts';

/** What the container looks at, besides itself: paths, and calls that filters of samples are about. */
const questions = [
  ...[
    '/',
    '/dev',
    '/dev/null',
    '/dev/zero',
    '/dev/full',
    '/dev/tty',
    '/dev/random',
    '/dev/urandom',
    '/dev/ptmx',
    '/dev/console',
    '/dev/fd',
    '/dev/stdin',
  ],
  ...[
    '/dev/core',
    '/dev/made',
    '/dev/other',
    '/dev/folder',
    '/dev/folder/made',
    '/dev/pts',
    '/dev/shm',
    '/dev/shm/hooks',
    '/dev/mqueue',
    '/tmp',
    '/tmp/made',
  ],
  ...[
    '/data',
    '/data-file',
    '/mnt',
    '/mnt/a',
    '/mnt/a/b',
    '/mnt/a-file',
    '/made',
    '/made/by',
    '/made/by/runtime',
    '/made/deep',
    '/link',
    '/run/a',
    '/etc/added',
    '/srv',
    '/srv/all',
    '/srv/mapped',
    '/etc',
  ],
  ...[
    '/etc/added-file',
    '/etc/group',
    '/etc/passwd',
    '/proc/kcore',
    '/proc/keys',
    '/proc/timer_list',
    '/proc/scsi',
    '/proc/sysrq-trigger',
    '/proc/bus',
    '/proc/irq',
  ],
  ...[
    '/proc/fs',
    '/sys/firmware',
    '/sys/fs/cgroup',
    '/proc/sys/kernel/hostname',
    '/proc/sys/kernel/domainname',
    '/proc/sys/net/ipv4/ip_forward',
  ],
  ...['/proc/sys/net/core/somaxconn', '/proc/sys/net/ipv4/ip_default_ttl', '/proc/sys/kernel/msgmax', '/proc/sys/kernel/shm_rmid_forced'],
  ...[
    '/proc/sys/kernel/sem',
    '/proc/sys/fs/mqueue/msg_max',
    '/proc/sys/fs/mqueue/queues_max',
    '/proc/sys/kernel/msgmnb',
    '/proc/sys/net/ipv4/ip_unprivileged_port_start',
    '/proc/sys/net/ipv4/ping_group_range',
    '/proc/self/uid_map',
    '/proc/self/gid_map',
    '/proc/self/setgroups',
    '/proc/self/timens_offsets',
  ],
  ...['/proc/self/mountinfo', '/proc/self/cgroup', '/sys/class/net'],
  // vhangup, swapoff, getpriority of two kinds, sched_yield.
  ...['@153', '@168', '@140,0,0', '@140,1,0', '@24'],
];

/** What is bound: each runtime has its own. */
function makeVolume(directory: string): string {
  for (const name of ['folder', 'tree/below/deeper', 'guarded']) mkdirSync(join(directory, name), { recursive: true });
  chmodSync(join(directory, 'guarded'), 0o700);
  chownSync(join(directory, 'guarded'), 1000, 1000);
  closeSync(openSync(join(directory, 'file'), 'w', 0o640));
  return directory;
}

function prepare(bundle: Bundle, sample: Sample, held: Places['held']): void {
  const { config } = bundle;
  const volume = makeVolume(join(bundle.directory, 'volume'));
  config.process.args = ['/bin/probe', 'observe', '0', '/gate', ...questions];
  symlinkSync('data', join(bundle.rootfs, 'link'));
  // Hooks of the container write here too, which have the ids of its user namespace.
  writeFileSync(join(bundle.directory, 'hooks'), '');
  chmodSync(join(bundle.directory, 'hooks'), 0o666);
  apply(sample, { config, bundle, volume, held });
  const owner = config.linux.uidMappings?.[0]?.hostID ?? 0;
  // The root of a user namespace has to be able to make mount points. Programs are shared with other rootfs.
  for (const path of ['', ...readdirSync(bundle.rootfs, { recursive: true, encoding: 'utf8' })].map((name) => join(bundle.rootfs, name))) {
    if (lstatSync(path).isDirectory()) chownSync(path, owner, owner);
  }
}

/** Lets the container go on, which waits at its fifo. */
async function open(gate: string): Promise<void> {
  const fd = await until('the container waits', () => {
    try {
      return openSync(gate, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENXIO') return undefined;
      throw error;
    }
  });
  writeSync(fd, 'x');
  closeSync(fd);
}

/** Runs a container of this sample. */
export async function observe(box: Box, sample: Sample, held: Places['held']): Promise<{ config: Config; found: Observation }> {
  const bundle = box.bundle((_, made) => prepare(made, sample, held));
  const gate = join(bundle.rootfs, 'gate');
  (await box.host(['mkfifo', '-m', '666', gate])).ok();
  const running = box.launch(['run', '--bundle', bundle.directory, bundle.id]);
  let ended = false;
  const exited = running.exited.finally(() => {
    ended = true;
  });
  await until(`the container of ${box.kind} looks around or ends`, () => ended || running.output().endsWith('}\n'), 60_000);
  const found: Record<string, string> = {};
  if (!ended) {
    // Another call is a good part of what a sample costs: only where it has more to tell than of every container.
    const told = bundle.config.annotations && (await box.runtime(['state', bundle.id])).ok().json<RuntimeState>();
    if (told !== undefined) Object.assign(found, stateFacts('state', told));
    Object.assign(found, readCgroups(bundle.config.linux.cgroupsPath ?? ''), containerFacts(running.output(), statNamespaces(), held));
    await open(gate);
  }
  const { status, stderr } = await exited;
  Object.assign(found, hookFacts(readFileSync(join(bundle.directory, 'hooks'), 'utf8')));
  Object.assign(found, tree(bundle.rootfs), tree(join(bundle.directory, 'volume')));
  const said = ended && Object.keys(found).every((key) => !key.startsWith('self')) ? `refused: ${stderr}` : String(status);
  const hide = (text: string) => text.replaceAll(bundle.directory, 'BUNDLE').replaceAll(bundle.id, 'ID').replaceAll(box.directory, 'BOX');
  const hidden = Object.fromEntries(Object.entries({ ...found, status: said }).map(([key, value]) => [hide(key), hide(value)]));
  return { config: bundle.config, found: hidden };
}

/** Inode numbers of our own namespaces, as the container's would be if it shared them. */
function statNamespaces(): Readonly<Record<string, string>> {
  return Object.fromEntries(readdirSync('/proc/self/ns').map((name) => [name, readlinkSync(`/proc/self/ns/${name}`)]));
}
