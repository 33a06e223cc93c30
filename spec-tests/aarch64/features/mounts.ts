// Mounts, by the calls of newer kernels.
import { type Feature, shell } from '../feature.ts';

const bind = (destination: string, ...options: string[]) => ({ destination, source: '/srv/source', options: ['bind', ...options] });
const source = 'mkdir -p /srv/source; echo text >/srv/source/file';

export const mounts: readonly Feature[] = [
  {
    title: 'MNT-039 a folder of the host, to be read only',
    change: shell('cat /data/file; echo x >/data/file', (config) => config.mounts.push(bind('/data', 'ro'))),
    script: `${source}; run`,
    prints: /^text\nsh: can't create \/data\/file: Read-only file system/,
  },
  {
    title: 'MNT-042 a tree of the host, all of it to be read only',
    change: shell('echo x >/data/below/file', (config) => config.mounts.push({ ...bind('/data', 'rro'), options: ['rbind', 'rro'] })),
    script: `${source}; mkdir -p /srv/source/below; mount -t tmpfs below /srv/source/below; run; umount /srv/source/below`,
    prints: /Read-only file system/,
  },
  {
    title: 'CFG-016 a tmpfs with a size',
    change: shell('df -k /data | tail -n 1 | tr -s " " | cut -d " " -f 2', (config) =>
      config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs', options: ['size=1024k'] }),
    ),
    script: 'run',
    prints: '1024',
  },
  {
    title: 'CFG-021 a mount whose owners are mapped',
    change: shell('stat -c %u /data/file', (config) =>
      config.mounts.push({
        ...bind('/data'),
        uidMappings: [{ containerID: 0, hostID: 500, size: 10 }],
        gidMappings: [{ containerID: 0, hostID: 500, size: 10 }],
      }),
    ),
    script: `${source}; run`,
    prints: '500',
  },
  {
    title: 'CFG-014 an overlay',
    change: shell('cat /data/file; echo new >/data/other', (config) =>
      config.mounts.push({
        destination: '/data',
        type: 'overlay',
        source: 'overlay',
        options: ['lowerdir=/srv/source', 'upperdir=/srv/changes/upper', 'workdir=/srv/changes/work'],
      }),
    ),
    script: `${source}; mkdir -p /srv/changes/upper /srv/changes/work; run; cat /srv/changes/upper/other; rm -rf /srv/changes`,
    prints: 'text\nnew',
  },
  {
    title: 'CFG-007 a root that is read only',
    change: shell('echo x >/file', (config) => {
      config.root.readonly = true;
    }),
    script: 'run',
    prints: /^sh: can't create \/file: Read-only file system/,
  },
  {
    title: 'CFG-011 a link of the root leads nowhere else',
    change: shell('cat /data/x/link/file', (config) => config.mounts.push(bind('/data/x/link/'))),
    script: `${source}; ln -s / /srv/rootfs/data/x; ls /link 2>/dev/null; run; rmdir /srv/rootfs/link; rm /srv/rootfs/data/x; ls -d /link`,
    prints: /^text\nls: \/link: No such file or directory$/,
  },
  {
    title: 'LNX-007 the root of the host is gone from the mounts',
    change: shell('cut -d " " -f 5 /proc/self/mountinfo | sort'),
    script: 'run',
    prints: ['/', '/dev', '/dev/mqueue', '/dev/pts', '/dev/shm', '/proc', '/sys'].join('\n'),
  },
];
