import { join } from 'node:path';
import fc from 'fast-check';
import type { Mount } from '../harness/config.ts';
import { from, isNew, type Piece, piece } from './piece.ts';

/** No two of them contradict each other: which wins then is told by tests of its own. */
const flags = fc
  .uniqueArray(
    from(
      ['ro', 'access'],
      ['rw', 'access'],
      ['nosuid', 'suid'],
      ['nodev', 'dev'],
      ['noexec', 'exec'],
      ['noatime', 'time'],
      ['relatime', 'time'],
      ['strictatime', 'time'],
      ['nodiratime', 'directories'],
      ['sync', 'sync'],
      ['dirsync', 'dirsync'],
    ),
    { maxLength: 3, selector: ([, about]) => about },
  )
  .map((chosen) => chosen.map(([word = '']) => word));
/** Of the mount and all below it, by mount_setattr(2). */
const recursive = fc.subarray(['rro', 'rnosuid', 'rnodev', 'rnoexec', 'rnoatime', 'rnodiratime'], { maxLength: 2 });
const propagation = fc.uniqueArray(from('rprivate', 'private', 'rslave', 'slave', 'rshared', 'shared', 'unbindable', 'runbindable'), {
  maxLength: 1,
});
const destination = from('/data', '/mnt', '/mnt/a', '/mnt/a/b', '/made/by/runtime', '/tmp', '/link', '/link/below', '/run/a', '/etc/added');

const tmpfs = fc
  .tuple(destination, flags, fc.subarray(['size=1m', 'mode=700', 'mode=1777', 'uid=5', 'gid=6', 'nr_inodes=100'], { maxLength: 2 }))
  .map(([to, words, others]): Mount => ({ destination: to, type: 'tmpfs', source: 'tmpfs', options: [...words, ...others] }));

/** `source` is a name in the volume, see `makeVolume`. */
const bind = fc
  .tuple(destination, from('folder', 'tree', 'tree/below', 'guarded', 'file'), from('bind', 'rbind'), flags, propagation)
  .map(([to, source, word, words, last]): Mount => {
    return { destination: source === 'file' ? `${to}-file` : to, type: 'bind', source, options: [word, ...words, ...last] };
  });

const mounts = fc.array(fc.oneof(tmpfs, bind), { maxLength: 4, size: 'max' });

/** Options of the mounts that every container has, by their destinations. */
const usual = fc.record(
  {
    '/proc': fc.subarray(['nosuid', 'noexec', 'nodev']),
    '/dev': fc.subarray(['nosuid', 'noexec', 'strictatime', 'mode=755', 'size=64k']),
    '/dev/pts': fc.subarray(['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620']),
    '/dev/shm': fc.subarray(['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=4m']),
    '/dev/mqueue': fc.subarray(['nosuid', 'noexec', 'nodev']),
    '/sys': fc.subarray(['nosuid', 'noexec', 'nodev', 'ro']),
  },
  { requiredKeys: [] },
);
const optional = ['/dev/pts', '/dev/shm', '/dev/mqueue', '/sys'];

export const mountPieces: readonly Piece[] = [
  piece('usual mounts', usual, (options, { config }) => {
    for (const mount of config.mounts)
      Object.assign(mount, { options: (options as Record<string, string[]>)[mount.destination] ?? mount.options });
  }),
  piece('mounts left out', fc.subarray(optional), (left, { config }) => {
    config.mounts = config.mounts.filter((mount) => !left.includes(mount.destination));
  }),
  piece('cgroup mount', fc.subarray(['ro', 'nosuid', 'noexec', 'nodev', 'relatime']), (options, { config }) => {
    if (config.mounts.some((mount) => mount.destination === '/sys')) {
      config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options });
    }
  }),
  piece('mounts', mounts, (list, { config, volume }) => {
    for (const mount of list) config.mounts.push(mount.type === 'bind' ? { ...mount, source: join(volume, mount.source ?? '') } : mount);
  }),
  piece(
    'recursive flags',
    fc.record({ source: from('tree', 'folder'), words: recursive, more: flags }),
    ({ source, words, more }, { config, volume }) => {
      config.mounts.push({ destination: '/srv/all', type: 'bind', source: join(volume, source), options: ['rbind', ...words, ...more] });
    },
  ),
  piece('tmpcopyup', fc.subarray(['ro', 'nosuid', 'mode=1700'], { maxLength: 1 }), (options, { config }) => {
    config.mounts.push({ destination: '/etc', type: 'tmpfs', source: 'tmpfs', options: ['tmpcopyup', ...options] });
  }),
  piece(
    'mapped mount',
    fc.record({ hostID: from(1000, 50_000), source: from('folder', 'guarded'), word: from('bind', 'rbind') }),
    ({ hostID, source, word }, { config, volume }) => {
      const mappings = [{ containerID: 0, hostID, size: 2000 }];
      const mount: Mount = {
        destination: '/srv/mapped',
        type: 'bind',
        source: join(volume, source),
        options: [word],
        uidMappings: mappings,
        gidMappings: mappings,
      };
      config.mounts.push(mount);
    },
    { runc: '1.2', crun: '1.9' },
  ),
  piece('read-only root', fc.boolean(), (readonly, { config }) => Object.assign(config.root, { readonly })),
  piece('root propagation', from('private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared'), (rootfsPropagation, { config }) =>
    Object.assign(config.linux, { rootfsPropagation }),
  ),
  piece(
    'masked paths',
    fc.subarray([
      '/proc/kcore',
      '/proc/keys',
      '/proc/timer_list',
      '/proc/scsi',
      '/sys/firmware',
      '/etc/group',
      '/data',
      '/nowhere',
      '/proc/nowhere',
    ]),
    (maskedPaths, { config }) => Object.assign(config.linux, { maskedPaths }),
  ),
  piece(
    'read-only paths',
    fc.subarray(['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger', '/etc', '/etc/passwd', '/data', '/nowhere']),
    (readonlyPaths, { config }) => Object.assign(config.linux, { readonlyPaths }),
  ),
  piece(
    'devices',
    fc.uniqueArray(
      fc.record(
        {
          type: from('c', 'u', 'b', 'p'),
          path: from('/dev/made', '/dev/folder/made', '/dev/other', '/tmp/made'),
          major: from(1, 10),
          minor: from(3, 5, 7),
          fileMode: from(0, 0o600, 0o640, 0o666, 0o777),
          uid: from(0, 1000),
          gid: from(0, 5),
        },
        { requiredKeys: ['type', 'path', 'major', 'minor'] },
      ),
      { maxLength: 3, selector: ({ path }) => path },
    ),
    (devices, { config }) => {
      config.linux.devices = devices.map(({ major, minor, ...device }) => (device.type === 'p' ? device : { ...device, major, minor }));
    },
  ),
  piece('personality', from('LINUX', 'LINUX32'), (domain, { config }) => Object.assign(config.linux, { personality: { domain } }), {
    runc: '1.2',
  }),
  piece(
    'sysctl',
    fc.subarray([
      'net.ipv4.ip_forward=1',
      'net.core.somaxconn=200',
      'net/ipv4/ip_default_ttl=70',
      'kernel.msgmax=9000',
      'kernel.shm_rmid_forced=1',
      'kernel.sem=250 32000 32 128',
      'fs.mqueue.msg_max=20',
      'fs.mqueue.queues_max=100',
      'kernel.msgmnb=20000',
      'net.ipv4.ip_unprivileged_port_start=80',
      'net.ipv4.ping_group_range=0 1000',
    ]),
    (list, { config }) => {
      const may = list.filter((entry) => isNew(config, entry.startsWith('net') ? 'network' : 'ipc'));
      if (may.length > 0) config.linux.sysctl = Object.fromEntries(may.map((entry) => entry.split('=') as [string, string]));
    },
  ),
];
