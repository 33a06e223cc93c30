import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tag } from './shell.ts';

/** Cgroups of containers of this run, in every hierarchy. Podman keeps its monitors in one named conmon. */
function cgroups(): string[] {
  const tops = readdirSync('/sys/fs/cgroup', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const parents = ['/sys/fs/cgroup', ...tops.map(({ name }) => join('/sys/fs/cgroup', name))].map((path) => join(path, tag));
  return parents.flatMap((parent) => {
    try {
      const below = readdirSync(parent, { withFileTypes: true }).filter((entry) => entry.isDirectory());
      return below.filter(({ name }) => name !== 'conmon').map(({ name }) => `cgroup ${join(parent, name)}`);
    } catch {
      return [];
    }
  });
}

/** Files of these directories: state roots of the runtime. */
function states(roots: readonly string[]): string[] {
  return roots.flatMap((root) => {
    try {
      return readdirSync(root).map((name) => `state ${join(root, name)}`);
    } catch {
      return [];
    }
  });
}

/** Processes of this pid namespace that a container left, by their command line. */
function processes(words: RegExp): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return words.test(line) ? [`process ${pid}: ${line}`] : [];
      } catch {
        return [];
      }
    });
}

/** Overlay mounts of containers. */
function mounts(): string[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return lines.filter((line) => /\/(merged|rootfs)\b/.test(line.split(' ')[4] ?? '')).map((line) => `mount ${line.split(' ')[4]}`);
}

/** What containers left that are gone: cgroups, state, processes whose command line matches, mounts. */
export function leftovers(stateRoots: readonly string[], words: RegExp): string[] {
  return [...cgroups(), ...states(stateRoots), ...processes(words), ...mounts()];
}
