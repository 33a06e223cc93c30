// The machine a benchmark ran on, and the runtimes found on it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { cpus, machine, release, type } from 'node:os';
import { basename, delimiter, join } from 'node:path';

export interface Runtime {
  readonly name: string;
  readonly path: string;
  readonly version: string;
  /** State root of its own, so that nothing of the user's is touched. */
  readonly root: string;
}

export interface Machine {
  readonly kernel: string;
  readonly cpu: string;
  readonly cpus: number;
  readonly cgroup: 'v1' | 'hybrid' | 'v2';
}

export function describeMachine(): Machine {
  const unified = existsSync('/sys/fs/cgroup/cgroup.controllers');
  const hybrid = existsSync('/sys/fs/cgroup/unified');
  return {
    kernel: `${type()} ${release()} ${machine()}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cpus: cpus().length,
    cgroup: unified ? 'v2' : hybrid ? 'hybrid' : 'v1',
  };
}

function which(name: string): string | undefined {
  const candidates = name.includes('/') ? [name] : (process.env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, name));
  const found = candidates.find((path) => existsSync(path));
  return found === undefined ? undefined : realpathSync(found);
}

/**
 * The runtimes named, or runts and whichever of runc and crun there are. The first is the one the others are compared with.
 * @throws Error when one that was named is not there or does not tell its version
 */
export function findRuntimes(named: readonly string[], work: string): Runtime[] {
  const own = join(import.meta.dirname, '../dist/runts');
  const names = named.length > 0 ? named : [own, ...['runc', 'crun'].filter((name) => which(name))];
  return names.map((asked, index) => {
    const path = which(asked);
    const version = path === undefined ? undefined : spawnSync(path, ['--version'], { encoding: 'utf8' });
    if (path === undefined || version?.status !== 0) throw new Error(`${asked} is not there or does not run`);
    const root = join(work, `root-${index}`);
    mkdirSync(root);
    const twin = names.findIndex((other) => basename(other) === basename(asked)) !== index;
    return {
      name: twin ? `${basename(asked)}-${index}` : basename(asked),
      path,
      version: /\d+\.\d\S*/.exec(version.stdout)?.[0] ?? 'unknown',
      root,
    };
  });
}
