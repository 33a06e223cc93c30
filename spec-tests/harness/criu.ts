import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fetchCriu } from '../../scripts/criu.js';
import type { Box } from './box.ts';
import type { Bundle } from './bundle.ts';
import { type Result, until } from './command.ts';
import type { Config } from './config.ts';
import { Container } from './container.ts';
import { fetchedIfPossible } from './fetched.ts';
import { findRuntime } from './suite.ts';

let found: { readonly path: string | undefined } | undefined;

/** A kernel in user mode tells nobody the thread areas of a process (ptrace(2)), which `criu check` does not look for. */
const isUserMode = (): boolean => readFileSync('/proc/cpuinfo', 'utf8').includes('User Mode Linux');

/** Whether it can save and restore processes of this kernel. */
const works = (folder: string): boolean => {
  const program = join(folder, 'criu');
  return existsSync(program) && !isUserMode() && spawnSync(program, ['check'], { stdio: 'ignore' }).status === 0 && saves(program);
};

/** Saves a process of this machine: what CRIU stumbles over there, such as breakpoints that never come, its own check does not tell. */
function saves(program: string): boolean {
  const images = mkdtempSync(join(tmpdir(), 'runts-spec-criu-'));
  const sleeper = spawn('sleep', ['1000'], { stdio: 'ignore', detached: true });
  try {
    // It mounts cgroups otherwise, which takes options from the host's hierarchy.
    const words = ['dump', '--tree', String(sleeper.pid), '--images-dir', images, '--leave-running', '--manage-cgroups=ignore'];
    const { status } = spawnSync(program, words, { stdio: 'ignore', timeout: 20_000, killSignal: 'SIGKILL' });
    if (status !== 0)
      console.warn(`spec-tests: ${program} cannot save a process here: ${status === null ? 'it never ends' : `status ${status}`}`);
    return status === 0;
  } finally {
    sleeper.kill('SIGKILL');
    rmSync(images, { recursive: true });
  }
}

/** PATH with a CRIU that works on this kernel; undefined where there is none. */
export function criuPath(): string | undefined {
  if (found) return found.path;
  const path = process.env['PATH'] ?? '';
  const folder = path.split(delimiter).find(works) ?? fetchedIfPossible('CRIU', fetchCriu);
  found = { path: folder === undefined || !works(folder) ? undefined : `${folder}${delimiter}${path}` };
  return found.path;
}

/** Whether this kernel tells CRIU which pages have changed (soft-dirty bits). */
export const tracksMemory = (): boolean =>
  spawnSync('criu', ['check', '--feature', 'mem_dirty_track'], { stdio: 'ignore', env: { PATH: criuPath() ?? '' } }).status === 0;

/** As CRIU counts: 4.2.1 is 40201. @param path as PATH */
export function criuVersion(path: string): number {
  const { stdout } = spawnSync('criu', ['--version'], { encoding: 'utf8', env: { PATH: path } });
  const [, major = 0, minor = 0, sublevel = 0] = /^Version: (\d+)\.(\d+)(?:\.(\d+))?/.exec(stdout)?.map(Number) ?? [];
  return major * 10000 + minor * 100 + sublevel;
}

/** For calls that save or restore. */
export const withCriu = () => ({
  env: { PATH: criuPath() ?? '' },
  ...(findRuntime().kind === 'runts' ? { global: ['--allow-annotation', 'org.criu.config'] } : {}),
});

/** Prints a number after the other, which a restored process goes on with. */
export const counting = ['sh', '-c', 'i=0; while :; do i=$((i+1)); echo $i; usleep 20000; done'];

export const last = (text: string): number => Number(text.trim().split('\n').at(-1));

/** runc, and CRIU for it, cannot save a process whose standard streams are files of the host. */
const pipes = ['bash', '-c', '"$@" < <(:) > >(cat) 2>&1', 'bash'];

const streams = (box: Box): { readonly through?: readonly string[] } => (box.kind === 'runts' ? {} : { through: pipes });

/** A container that counts. */
export async function counter(box: Box, change: (config: Config, bundle: Bundle) => void = () => {}): Promise<Container> {
  const container = await box.started(
    box.bundle((config, bundle) => {
      config.process.args = [...counting];
      change(config, bundle);
    }),
    streams(box),
  );
  await container.prints(/^3$/m);
  return container;
}

/** Directories for the images and the logs of one checkpoint. */
export const placesOf = (box: Box, name = 'checkpoint') => {
  const [images, work] = [join(box.directory, name), join(box.directory, `${name}-work`)] as const;
  return { images, work, flags: ['--image-path', images, '--work-path', work] };
};

/** A restored container, detached: under a new id, as its bundle says. @param through what executes the runtime */
export async function restored(box: Box, bundle: Bundle, flags: readonly string[], through: readonly string[] = []): Promise<Container> {
  const pidFile = join(bundle.directory, 'restored.pid');
  const result = await box.runtime(['restore', '--detach', '--bundle', bundle.directory, '--pid-file', pidFile, ...flags, bundle.id], {
    ...withCriu(),
    through,
  });
  result.ok();
  return new Container(box, bundle, Number(readFileSync(pidFile, 'utf8')), result);
}

/** Saves a container. */
export const save = (box: Box, container: Container, flags: readonly string[]): Promise<Result> =>
  box.runtime(['checkpoint', ...flags, container.id], withCriu());

/** Waits until a restored counter has gone on from where it was. */
export const goesOn = (container: Container, before: number): Promise<unknown> =>
  until(`${container.id} counts on from ${before}`, () => last(container.stdout) > before + 3);
