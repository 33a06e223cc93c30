// What a release is made of and with, asked of this machine.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { digestOf } from './digest.ts';
import type { Origin } from './provenance.ts';

/** The pin of the engine's source: read and not imported, as who changes that script has the engine made anew. */
export function pinnedQuickjs(script: string): { version: string; archive: string; sha256: string } {
  const constant = (name: string) => new RegExp(`^const ${name} = '([\\w.]+)';$`, 'm').exec(script)?.[1];
  const [version, sha256] = [constant('version'), constant('sha256')];
  if (version === undefined || sha256 === undefined) throw new Error('scripts/quickjs.js pins no source of QuickJS');
  return { version, archive: `quickjs_${version}.orig.tar.xz`, sha256 };
}

/** What a program says first, on whichever stream; '' where there is none. */
function firstLine(program: string, ...args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  return `${stdout ?? ''}${stderr ?? ''}`.trim().split('\n')[0] ?? '';
}

const programs = ['g++', 'gcc', 'ld', 'make', 'node', 'npm', 'tar', 'gzip', 'dpkg-deb', 'rpmbuild', 'xz'];

/** The dynamic linker of musl tells its version; it comes with the static library that is linked. */
function muslVersion(processor: string): string {
  const { stderr } = spawnSync(`/lib/ld-musl-${processor}.so.1`, [], { encoding: 'utf8' });
  return /^Version (\S+)$/m.exec(stderr ?? '')?.[1] ?? 'unknown';
}

const processorName = () => (process.arch === 'arm64' ? 'aarch64' : 'x86_64');

export const linkedVersions = () => ({ musl: muslVersion(processorName()), gcc: firstLine('g++', '-dumpfullversion') });

/** Libraries that are linked into the executable and are no part of the commit. */
function libraries(): string[] {
  const ofCompiler = ['libstdc++.a', 'libgcc.a', 'libgcc_eh.a'].map((name) => firstLine('g++', `-print-file-name=${name}`));
  return [`/usr/lib/${processorName()}-linux-musl/libc.a`, ...ofCompiler].filter(existsSync);
}

/** Of a checkout that may be another user's, as in CI: nothing of it is executed. */
const gitOf = (checkout: string, args: readonly string[]): readonly string[] => [
  '-C',
  checkout,
  '-c',
  `safe.directory=${checkout}`,
  ...args,
];

const git = (checkout: string, ...args: readonly string[]) => execFileSync('git', gitOf(checkout, args), { encoding: 'utf8' }).trim();

/**
 * A release is of a commit: what is in the checkout alone would be missing from it.
 * @throws Error that names the files
 */
export function needCommitted(checkout: string): void {
  const changes = git(checkout, 'status', '--porcelain', '--untracked-files=no');
  if (changes !== '') throw new Error(`not committed, and so it would not be in the release:\n${changes}`);
}

/** The commit that an executable tells of itself; '' when it was built outside of a git checkout. */
const builtFrom = (executable: string) => /^commit: (\S+)$/m.exec(execFileSync(executable, ['--version'], { encoding: 'utf8' }))?.[1] ?? '';

/** In full where the checkout has that commit; an executable of an earlier one, or of another checkout, may tell of one that it has not. */
function inFull(checkout: string, commit: string): string {
  const { stdout, status } = spawnSync('git', gitOf(checkout, ['rev-parse', '--verify', '--quiet', `${commit}^{commit}`]), {
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : commit;
}

/**
 * @param checkout a built checkout with its git folder
 * @param freshClone whether it is one of nothing but the commit
 * @throws Error when the executable of a fresh clone is of another commit
 */
export function originOf(checkout: string, freshClone: boolean): Origin {
  const head = git(checkout, 'rev-parse', 'HEAD');
  const commit = inFull(checkout, builtFrom(join(checkout, 'dist/runts')));
  if (freshClone && commit !== head) throw new Error(`the executable is of commit ${commit}, and not of ${head}`);
  const { archive, sha256 } = pinnedQuickjs(readFileSync(join(checkout, 'scripts/quickjs.js'), 'utf8'));
  const linked = libraries().map((file) => [basename(file), digestOf(file)] as const);
  const bun = firstLine(join(checkout, 'node_modules/.bin/bun'), '--version');
  return {
    commit,
    epoch: Number(process.env['SOURCE_DATE_EPOCH'] || git(checkout, 'log', '-1', '--format=%ct')),
    freshClone,
    inputs: { [archive]: sha256, 'package-lock.json': digestOf(join(checkout, 'package-lock.json')), ...Object.fromEntries(linked) },
    tools: {
      ...Object.fromEntries(programs.map((program) => [program, firstLine(program, '--version')])),
      bun,
      musl: linkedVersions().musl,
    },
  };
}
