import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout this suite lies in. */
export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** What the program `probe` is made of. */
export const probeSources: readonly string[] = [
  ...['probe.c', 'self.c', 'launch.c', 'confine.c', 'race.c', 'look.c', 'observe.c', 'hunt.c', 'inject.c', 'die.c'],
].map((name) => join(projectRoot, 'spec-tests/probe', name));

/** What the global setup hands to every worker. */
export interface Suite {
  /** Occurs in the name of everything the suite makes: container ids, cgroups, the environment of what it starts. */
  readonly tag: string;
  /** Temporary directory of the whole suite; each test has its own below it. */
  readonly directory: string;
  /** Compiled probe program, or empty when there is no C compiler. */
  readonly probe: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    suite: Suite;
  }
}

export type RuntimeKind = 'runts' | 'runc' | 'crun';

export interface RuntimeBinary {
  /** The command line's first words. */
  readonly command: readonly string[];
  readonly kind: RuntimeKind;
}

/**
 * The runtime under test: RUNTIME= (a path; a `.js` file runs under node), else dist/runts, else bin/runts.js.
 * @throws Error when there is none.
 */
export function findRuntime(env: NodeJS.ProcessEnv = process.env): RuntimeBinary {
  const candidates = env['RUNTIME'] ? [resolve(env['RUNTIME'])] : [join(projectRoot, 'dist/runts'), join(projectRoot, 'bin/runts.js')];
  const path = candidates.find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`no runtime to test: none of ${candidates.join(', ')} exists`);
  const name = basename(path);
  const kind = name.startsWith('runc') ? 'runc' : name.startsWith('crun') ? 'crun' : 'runts';
  return { command: path.endsWith('.js') ? [process.execPath, path] : [path], kind };
}

/** What `--version` tells of a runtime, as `1.3.6`. */
export function versionOf(command: readonly string[]): string {
  const [program = '', ...words] = command;
  return /version (\d+(?:\.\d+)*)/.exec(execFileSync(program, [...words, '--version'], { encoding: 'utf8' }))?.[1] ?? '0';
}

let version: string | undefined;

/** The version of the runtime under test, read once; that of runts itself is never asked for. */
export function runtimeVersion(): string {
  const { kind, command } = findRuntime();
  version ??= kind === 'runts' ? '0' : versionOf(command);
  return version;
}

/**
 * Whether Bun made the executable, which is done where QuickJS cannot be had. Its own start, before anything of ours, fails in a directory that is gone.
 */
export function isMadeByBun({ command: [executable = '', script] }: RuntimeBinary): boolean {
  return script === undefined && readFileSync(executable).includes('.bun_builtins');
}

/** Whether the runtime under test reports its mistakes of memory: it keeps what was freed for that, and takes twice the memory. */
export const isSanitized = process.env['RUNTIME']?.endsWith('-sanitized') === true;

/** A user-mode-linux VM enters the kernel some hundred times more slowly; deadlines grow with it. */
export const inVm = process.env['VMRUN'] === '1';

/** How many times as long everything may take: a machine that is emulated may have to wait for others besides. */
export const slowness = Number(process.env['SPEC_SLOWNESS'] ?? 1);

/** Longest time one call of the runtime may take, in milliseconds. */
export const callTimeout = slowness * (inVm ? 120_000 : 30_000);

/** Longest time a condition may take to come true, in milliseconds. */
export const patience = slowness * (inVm ? 30_000 : 8_000);

/** unified: cgroup2 alone; v1: the controllers are bound to v1 hierarchies (with or without a cgroup2 mount beside them). */
export const cgroupMode: 'v1' | 'unified' = existsSync('/sys/fs/cgroup/cgroup.controllers') ? 'unified' : 'v1';

/** Mount points of all cgroup hierarchies of this host. */
export function cgroupMounts(): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter((fields) => /^cgroup2?$/.test(fields[fields.indexOf('-') + 1] ?? ''))
    .map((fields) => fields[4] ?? '');
}

/** Directory names of /proc that are processes. */
export function processIds(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}
