// Attacks on what lies on a volume: a directory of the rootfs, or a bound one, of which somebody exchanges a part.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mount } from '../harness/config.ts';
import type { Attack, Scene } from './race.ts';

const onHost = ({ bundle, place }: Scene, ...path: string[]): string => join(bundle.rootfs, place, ...path);

/** What a symlink says to mean the canary of the host; inside the rootfs it is the path of that name there. */
export const links = {
  absolute: ({ canary }: Scene): string => canary,
  climbing: ({ canary }: Scene): string => `${'../'.repeat(30)}${canary.slice(1)}`,
};

const xAndY = (scene: Scene): [string, string] => [onHost(scene, 'x'), onHost(scene, 'y')];

/** x is a directory, y a symlink. */
function directoryAndLink(scene: Scene, target: string): void {
  const [x, y] = xAndY(scene);
  mkdirSync(x);
  writeFileSync(join(x, 'inside'), 'inside\n');
  symlinkSync(target, y);
}

/** The canary's path inside the rootfs is shared by all attacks: each makes something of another name. */
const made = ({ place }: Scene): string => `made${place.replaceAll('/', '-')}`;

function whatWasMade(scene: Scene): string[] {
  const places = [...xAndY(scene), join(scene.bundle.rootfs, scene.canary)];
  return places.map((directory) => join(directory, made(scene)));
}

/** A mount whose destination has to be made, below what is exchanged. */
export function destination(link: keyof typeof links, mount: (scene: Scene) => Mount): Attack {
  return {
    pair: xAndY,
    arrange: (scene) => {
      directoryAndLink(scene, links[link](scene));
      scene.config.mounts.push({ ...mount(scene), destination: `${scene.place}/x/${made(scene)}` });
    },
    look: (scene) => [
      ...['mounts', made(scene), 'read', `${scene.canary}/secret`],
      ...['read', `${scene.place}/x/secret`, 'read', `${scene.place}/y/secret`],
    ],
    first: /^\/data\/\d+\/[xy]\/\S+:ro( ENOENT){3}/,
    second: /^\/\S+\/canary\/\S+:ro( ENOENT){3}/,
    remove: whatWasMade,
  };
}

/** A new filesystem; `silent` is an option that only mount(2) takes, which is the other way to make one. */
export const tmpfs =
  (...options: string[]) =>
  (scene: Scene): Mount => ({ destination: '', type: 'tmpfs', source: made(scene), options: ['ro', ...options] });

export function boundFile(scene: Scene): Mount {
  const source = join(scene.volume, made(scene));
  writeFileSync(source, 'volume\n');
  return { destination: '', type: 'bind', source, options: ['bind', 'ro'] };
}

export function boundDirectory(scene: Scene): Mount {
  const source = join(scene.volume, made(scene));
  mkdirSync(source);
  return { destination: '', type: 'bind', source, options: ['rbind', 'ro'] };
}

export function mappedDirectory(scene: Scene): Mount {
  const mapping = [{ containerID: 0, hostID: 1000, size: 10 }];
  return { ...boundDirectory(scene), uidMappings: mapping, gidMappings: mapping };
}

/** x and y are directories, each with a file that tells which it is and a directory `m`. */
function twoDirectories(scene: Scene): void {
  for (const [index, directory] of xAndY(scene).entries()) {
    mkdirSync(join(directory, 'm'), { recursive: true, mode: 0o700 });
    writeFileSync(join(directory, `is-${index}`), '');
  }
}

const eitherWith = (scene: Scene, name: string): string[] => ['in', `${scene.place}/x,${scene.place}/y`, name];

/** A read-only mount below a directory that is exchanged with another, where another mount goes. */
export function exchangedWithAnother(...later: string[]): Attack {
  return {
    pair: xAndY,
    arrange: (scene) => {
      twoDirectories(scene);
      const mount = { destination: `${scene.place}/x/m`, type: 'tmpfs', source: made(scene) };
      const remounts = later.length > 0;
      scene.config.mounts.push(
        { ...mount, options: remounts ? ['mode=711'] : ['mode=711', 'ro'] },
        { destination: `${scene.place}/y/m`, type: 'tmpfs', source: 'other', options: ['mode=755'] },
        ...(remounts ? [{ ...mount, options: later }] : []),
      );
    },
    look: (scene) => ['mounts', made(scene), ...eitherWith(scene, 'is-0'), 'mode', 'm'],
    first: /^\/data\/\d+\/[xy]\/m:ro 711/,
    second: /^\/data\/\d+\/[xy]\/m:ro 755/,
    mixed: /^\/data\/\d+\/[xy]\/m:ro 700/,
  };
}

/** Paths that are masked or read-only below a directory that is exchanged with another (GHSA-3q8j-pf29-vwv8). */
export const protectedPaths: Attack = {
  pair: xAndY,
  arrange: (scene) => {
    const { config, place } = scene;
    twoDirectories(scene);
    for (const directory of xAndY(scene)) {
      for (const name of ['hidden', 'kept']) mkdirSync(join(directory, name));
      for (const name of ['secret', 'hidden/file', 'kept/file']) writeFileSync(join(directory, name), 'content\n');
    }
    config.linux.maskedPaths = [...(config.linux.maskedPaths ?? []), `${place}/x/secret`, `${place}/x/hidden`];
    config.linux.readonlyPaths = [...(config.linux.readonlyPaths ?? []), `${place}/x/kept`];
  },
  look: (scene) =>
    ['is-0', 'is-1'].flatMap((name) => [...eitherWith(scene, name), 'type', 'secret', 'type', 'hidden/file', 'write', 'kept/file']),
  first: /^c1:3 ENOENT EROFS f f open/,
  second: /^f f open c1:3 ENOENT EROFS/,
  // Each of the three is in force in exactly one of the two.
  mixed:
    /^(?:c1:3(?= \S+ \S+ f)|f(?= \S+ \S+ c1:3)) (?:ENOENT(?= \S+ \S+ f)|f(?= \S+ \S+ ENOENT)) (?:EROFS(?= \S+ \S+ open)|open(?= \S+ \S+ EROFS)) /,
};

/** A file that a new tmpfs begins with, exchanged with a symlink to a file of the host. */
export const copiedUp: Attack = {
  pair: xAndY,
  arrange: (scene) => {
    const [x, y] = xAndY(scene);
    writeFileSync(x, 'inside\n');
    symlinkSync(join(scene.canary, 'secret'), y);
    scene.config.mounts.push({ destination: scene.place, type: 'tmpfs', source: 'tmpfs', options: ['tmpcopyup'] });
  },
  look: ({ place }) => ['type', `${place}/x`, 'type', `${place}/y`, 'read', `${place}/x`, 'read', `${place}/y`],
  first: /^f l inside ENOENT/,
  second: /^l f ENOENT inside/,
  mixed: /^(?:f f inside inside|l l ENOENT ENOENT)/,
};

/** The same with a directory and one of the host. */
export const copiedUpDirectory: Attack = {
  ...copiedUp,
  arrange: (scene) => {
    directoryAndLink(scene, scene.canary);
    scene.config.mounts.push({ destination: scene.place, type: 'tmpfs', source: 'tmpfs', options: ['tmpcopyup'] });
  },
  look: ({ place }) => ['x', 'y'].flatMap((name) => ['type', `${place}/${name}`, 'type', `${place}/${name}/secret`]),
  first: /^d ENOENT l ENOENT/,
  second: /^l ENOENT d ENOENT/,
  mixed: /^(?:d ENOENT d ENOENT|l ENOENT l ENOENT)/,
};

/** A device below a directory that is exchanged with a symlink. */
export const device: Attack = {
  pair: xAndY,
  arrange: (scene) => {
    directoryAndLink(scene, links.climbing(scene));
    const path = `${scene.place}/x/${made(scene)}`;
    scene.config.linux.devices = [...(scene.config.linux.devices ?? []), { path, type: 'c', major: 1, minor: 7, fileMode: 0o600 }];
  },
  look: (scene) => [...eitherWith(scene, 'inside'), 'type', made(scene), 'type', join(scene.canary, made(scene))],
  first: /^c1:7 ENOENT/,
  second: /^ENOENT c1:7/,
  remove: whatWasMade,
};

/** The working directory, which has to be made, below what is exchanged with a symlink. */
export const workingDirectory: Attack = {
  pair: xAndY,
  arrange: (scene) => {
    directoryAndLink(scene, links.climbing(scene));
    scene.config.process.cwd = `${scene.place}/x/${made(scene)}`;
  },
  look: (scene) => ['cwd', 'type', join(scene.canary, 'secret')],
  first: /^\/data\/\d+\/[xy]\/\S+ ENOENT/,
  second: /^\/\S+\/canary\/\S+ ENOENT/,
  remove: whatWasMade,
};
