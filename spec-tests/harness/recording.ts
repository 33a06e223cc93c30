import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from './box.ts';
import type { Bundle } from './bundle.ts';
import type { Result } from './command.ts';
import type { Config, Seccomp } from './config.ts';
import type { CallOptions } from './runtime-call.ts';
import { projectRoot } from './suite.ts';

/** Puts the program that is recorded into a rootfs. */
export function putProgram(bundle: Bundle): string {
  const program = join(bundle.rootfs, 'bin/recorded');
  const source = join(projectRoot, 'spec-tests/probe/recorded.c');
  execFileSync('gcc', ['-static', '-Os', '-Wall', '-Werror', '-pthread', '-o', program, source]);
  return program;
}

/** A bundle of `recorded MODE`. */
export function recorded(box: Box, mode: string, change: (config: Config) => void = () => {}): Bundle {
  return box.bundle((config, made) => {
    putProgram(made);
    config.process.args = ['/bin/recorded', mode];
    change(config);
  });
}

/** Where the profile of a bundle's recording goes. */
export const output = (bundle: Bundle): string => join(bundle.directory, 'seccomp.json');

/** The command line of a recording. */
export const words = (bundle: Bundle, ...options: string[]): string[] => [
  ...['seccomp', 'record', '--bundle', bundle.directory, '--output', output(bundle)],
  ...options,
  bundle.id,
];
export const record = (box: Box, bundle: Bundle, options: readonly string[] = [], call: CallOptions = {}): Promise<Result> =>
  box.runtime(words(bundle, ...options), call);
export const profileOf = (bundle: Bundle): Seccomp => JSON.parse(readFileSync(output(bundle), 'utf8')) as Seccomp;
export const namesOf = ({ syscalls = [] }: Seccomp): string[] => syscalls[0]?.names ?? [];

/** Another bundle of the same program, under the profile. */
export function under(box: Box, profile: Seccomp, change: (config: Config) => void): Bundle {
  return recorded(box, 'calls', (config) => {
    config.linux.seccomp = profile;
    change(config);
  });
}
