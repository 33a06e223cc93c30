import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import type { Config } from '../harness/config.ts';
import { links } from './attacks.ts';
import { type Attack, race, type Scene } from './race.ts';

// What the runtime itself needs of the rootfs is exchanged: proc, sys, dev and what is in them, the rootfs as a whole, its configuration.

const inRootfs =
  (first: string, second: string) =>
  ({ bundle }: Scene): [string, string] => [join(bundle.rootfs, first), join(bundle.rootfs, second)];

const refusedLink = /a symlink is not allowed here/;

function withProtection({ linux }: Config): void {
  linux.maskedPaths = ['/proc/keys', '/proc/timer_list'];
  linux.readonlyPaths = ['/proc/irq', '/proc/sys'];
  linux.sysctl = { 'kernel.shmmni': '4000' };
}

const look = [
  ...['in', '/proc,/fake', 'self/status', 'type', 'keys', 'type', 'timer_list'],
  ...['write', 'irq/default_smp_affinity', 'write', 'sys/kernel/printk', 'read', 'sys/kernel/shmmni'],
];
const protectedProcfs = 'c1:3 c1:3 EROFS EROFS 4000';

/** Another directory of the rootfs that looks as if it were one; the one that is not covered tells which it was. */
const twoProcs: Attack = {
  pair: inRootfs('proc', 'fake'),
  arrange: ({ bundle, config }) => {
    withProtection(config);
    for (const [index, name] of ['proc', 'fake'].entries()) {
      bundle.put(`/${name}/which`, `${index}\n`);
      for (const file of ['keys', 'timer_list', 'irq/default_smp_affinity', 'sys/kernel/printk', 'sys/kernel/shmmni', 'self/attr/exec'])
        bundle.put(`/${name}/${file}`, 'fake\n');
    }
  },
  look: () => [...look, 'in', '/proc,/fake', 'which', 'read', 'which', 'read', 'sys/kernel/shmmni'],
  first: new RegExp(`^${protectedProcfs} 1 fake`),
  second: new RegExp(`^${protectedProcfs} 0 fake`),
};

const linkedProc: Attack = {
  pair: inRootfs('proc', 'fake'),
  arrange: (scene) => {
    withProtection(scene.config);
    symlinkSync(links.climbing(scene), join(scene.bundle.rootfs, 'fake'));
  },
  look: () => look,
  first: new RegExp(`^${protectedProcfs}`),
  second: refusedLink,
};

const linkedSys: Attack = {
  pair: inRootfs('sys', 'fake-sys'),
  arrange: (scene) => symlinkSync(links.absolute(scene), join(scene.bundle.rootfs, 'fake-sys')),
  look: () => ['mounts', 'sysfs'],
  first: /^\/(?:fake-)?sys:ro/,
  second: refusedLink,
};

const devices = ['null', 'zero', 'full', 'random', 'urandom', 'tty', 'ptmx', 'fd', 'stdin', 'stdout', 'stderr', 'core'];

/** A /dev of the image that leads to a directory of the host, which has a `ptmx` and a `null` of its own. */
const linkedDev: Attack = {
  pair: inRootfs('dev', 'fake-dev'),
  arrange: (scene) => {
    scene.config.mounts = scene.config.mounts.filter(({ destination }) => !destination.startsWith('/dev'));
    symlinkSync(links.absolute(scene), join(scene.bundle.rootfs, 'fake-dev'));
    writeFileSync(join(scene.bundle.rootfs, 'dev/inside'), '');
  },
  look: ({ canary }) => [
    'in',
    '/dev,/fake-dev',
    'inside',
    'type',
    'zero',
    'type',
    'ptmx',
    'type',
    `${canary}/zero`,
    'type',
    `${canary}/ptmx`,
  ],
  first: /^c1:5 l ENOENT ENOENT/,
  second: /^ENOENT ENOENT c1:5 l/,
  mixed: /^(?:c1:5 ENOENT ENOENT l|ENOENT l c1:5 ENOENT)/,
  remove: ({ bundle, canary }) =>
    ['dev', 'fake-dev', canary].flatMap((directory) => devices.map((name) => join(bundle.rootfs, directory, name))),
};

/** A volume as /dev, with a null device that is exchanged with what would make masked files readable, or worse (CVE-2025-31133). */
const nullDevice = (replace: (path: string, scene: Scene) => void, second: RegExp): Attack => ({
  pair: ({ volume }) => [join(volume, 'null'), join(volume, 'evil')],
  arrange: (scene) => {
    const { config, volume } = scene;
    config.mounts = config.mounts.filter(({ destination }) => !destination.startsWith('/dev'));
    config.mounts.push({ destination: '/dev', type: 'bind', source: volume, options: ['rbind'] });
    execFileSync('mknod', ['-m', '666', join(volume, 'null'), 'c', '1', '3']);
    replace(join(volume, 'evil'), scene);
    for (const name of ['masked', 'target']) scene.bundle.put(`${scene.place}/${name}`, 'content\n');
    config.linux.maskedPaths = [`${scene.place}/masked`, '/proc/keys'];
  },
  look: ({ place }) => ['type', `${place}/masked`, 'type', '/proc/keys', 'type', `${place}/target`],
  first: /^c1:3 c1:3 f/,
  second,
});

const nullIsLink = nullDevice((path, { place }) => symlinkSync(`${place}/target`, path), refusedLink);
const nullIsFile = nullDevice((path) => writeFileSync(path, 'evil\n'), /is not the null device/);
const nullIsOther = nullDevice((path) => execFileSync('mknod', ['-m', '666', path, 'c', '1', '5']), /is not the null device/);

/** A volume as /dev, whose pts leads elsewhere when the terminal is made (CVE-2025-52565). */
const linkedPts: Attack = {
  pair: ({ volume }) => [join(volume, 'pts'), join(volume, 'evil')],
  arrange: ({ bundle, config, volume, place }) => {
    config.mounts = config.mounts.filter(({ destination }) => !/^\/dev(?:\/shm|\/mqueue)?$/.test(destination));
    config.mounts.splice(0, 0, { destination: '/dev', type: 'bind', source: volume, options: ['rbind'] });
    mkdirSync(join(volume, 'pts'));
    for (const name of ['null', 'ptmx', '0']) bundle.put(`${place}/${name}`, 'evil\n');
    symlinkSync(place, join(volume, 'evil'));
  },
  look: () => ['type', '/dev/console'],
  first: /c136:\d+ end/,
  second: refusedLink,
};

/** A node at the path of a device, and something else there. */
const deviceOrFile: Attack = {
  pair: ({ bundle, place }) => [join(bundle.rootfs, place, 'node'), join(bundle.rootfs, place, 'file')],
  arrange: ({ bundle, config, place }) => {
    execFileSync('mknod', ['-m', '600', join(bundle.rootfs, place, 'node'), 'c', '1', '7']);
    bundle.put(`${place}/file`, 'file\n');
    config.linux.devices = [{ path: `${place}/node`, type: 'c', major: 1, minor: 7, fileMode: 0o666 }];
  },
  look: () => ['host'],
  first: /^spec/,
  second: /a regular file is there already/,
};

/** A working directory by way of a descriptor of the runtime (CVE-2024-21626). */
const magicDirectory = (target: string): Attack => ({
  pair: inRootfs('root', 'magic'),
  arrange: ({ bundle, config }) => {
    symlinkSync(target, join(bundle.rootfs, 'magic'));
    config.process.cwd = '/root';
  },
  look: ({ canary }) => ['cwd', 'type', canary],
  first: /^\/(?:root|magic) ENOENT/,
  second: /^error: .*(?:magic link|no such file)/,
});

/** Two rootfs of one bundle, each marked, of which only one may be the container's, with all that is mounted there. */
const twoRootfs: Attack = {
  pair: ({ bundle }) => [bundle.rootfs, join(bundle.directory, 'other')],
  arrange: ({ bundle, config }) => {
    config.root.readonly = true;
    withProtection(config);
    const other = join(bundle.directory, 'other');
    mkdirSync(join(bundle.rootfs, 'proof'));
    cpSync(bundle.rootfs, other, { recursive: true, verbatimSymlinks: true });
    for (const [index, root] of [bundle.rootfs, other].entries()) writeFileSync(join(root, 'which'), `${index}\n`);
  },
  look: () => ['read', '/which', 'write', '/which', 'mounts', 'devpts', 'mounts', 'sysfs', ...look],
  first: new RegExp(`^0 EROFS /dev/pts:rw /sys:ro ${protectedProcfs}`),
  second: new RegExp(`^1 EROFS /dev/pts:rw /sys:ro ${protectedProcfs}`),
};

/** Two configurations, each with its own protection. */
const twoConfigs: Attack = {
  pair: ({ bundle }) => ['config.json', 'other.json'].map((name) => join(bundle.directory, name)) as [string, string],
  arrange: ({ bundle, config, place }) => {
    for (const name of ['one', 'two']) bundle.put(`${place}/${name}`, 'content\n');
    config.linux.maskedPaths = [`${place}/one`];
    const write = bundle.write.bind(bundle);
    bundle.write = () => {
      const other = structuredClone(config);
      other.hostname = 'other';
      other.linux.maskedPaths = [`${place}/two`];
      writeFileSync(join(bundle.directory, 'other.json'), JSON.stringify(other, null, 1));
      return write();
    };
  },
  look: ({ place }) => ['host', 'type', `${place}/one`, 'type', `${place}/two`],
  first: /^spec c1:3 f/,
  second: /^other f c1:3/,
};

describe('a rootfs of which somebody exchanges a part while the container is made', () => {
  race('LNX-181 LNX-182 CVE-2019-16884 CVE-2025-52881 proc with another directory', [twoProcs]);
  race('LNX-181 CVE-2019-19921 CVE-2023-27561 CVE-2023-28642 proc with a symlink', [linkedProc]);
  race('CFG-011 CVE-2023-28642 sys with a symlink', [linkedSys]);
  race('RTL-004 CVE-2026-41579 CVE-2026-47766 dev with a symlink', [linkedDev]);
  race('LNX-181 CVE-2025-31133 the null device with a symlink', [nullIsLink]);
  race('LNX-181 CVE-2025-31133 the null device with a file', [nullIsFile]);
  race('LNX-181 CVE-2025-31133 the null device with another device', [nullIsOther]);
  race('LNX-045 CVE-2025-52565 devpts with a symlink', [linkedPts], { terminal: true });
  race('LNX-032 a device with a file', [deviceOrFile]);
  race('CFG-028 CVE-2024-21626 the working directory with a magic link to a descriptor', [magicDirectory('/proc/self/fd/7')]);
  race('CFG-028 CVE-2024-21626 the working directory with a magic link to a root', [magicDirectory('/proc/self/root/root')]);
  race('CFG-004 the rootfs with another', [twoRootfs]);
  race('BND-001 the configuration with another', [twoConfigs]);
});
