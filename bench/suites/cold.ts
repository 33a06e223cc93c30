// The first sandbox of a process of Node, beside what else there is for a program that nobody trusts.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../lab.ts';
import type { Runtime } from '../machine.ts';
import { type Effort, measureRounds } from '../rounds.ts';
import { type Row, summarize } from '../rows.ts';
import { time } from '../timer.ts';
import { type Ground, prepare } from './library.ts';

/** The last one for each Node, from its major version on. */
const isolates: readonly (readonly [node: number, version: string])[] = [
  [24, '7.0.1'],
  [22, '6.1.2'],
  [20, '5.0.4'],
];

function majorOfNode(): number {
  return Number(/^v(\d+)/.exec(spawnSync('node', ['--version'], { encoding: 'utf8' }).stdout)?.[1]);
}

/**
 * isolated-vm, installed in a project of its own that is kept: it may have to be compiled.
 * @returns its module; undefined where it cannot be had
 */
function isolateModule(): string | undefined {
  const major = majorOfNode();
  const version = isolates.find(([node]) => major >= node)?.[1];
  const project = join(import.meta.dirname, `../../build/isolated-vm-${version}-node-${major}`);
  const module = join(project, 'node_modules/isolated-vm/isolated-vm.js');
  const works = () => existsSync(module) && spawnSync('node', ['--eval', `require(${JSON.stringify(module)})`]).status === 0;
  if (version === undefined) return undefined;
  if (!works()) {
    mkdirSync(project, { recursive: true });
    writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, allowScripts: { 'isolated-vm': true } }));
    console.log(`installing isolated-vm ${version}, which may take minutes`);
    spawnSync('npm', ['install', '--no-save', `isolated-vm@${version}`], { cwd: project, stdio: 'ignore' });
  }
  return works() ? module : undefined;
}

/** The same programs read-only, a /tmp and namespaces of its own, no capabilities; there are no limits, nor a filter of system calls. */
function bubblewrapWords({ host }: Ground): string[] | undefined {
  const there = spawnSync('bwrap', ['--version'], { stdio: 'ignore' });
  if (there.status !== 0) return undefined;
  const mounts = (host.mounts ?? []).flatMap(({ source, destination }) => ['--ro-bind', source, destination]);
  const own = ['--unshare-all', '--unshare-user', '--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--hostname', 'sandbox'];
  const filesystems = ['--ro-bind', host.root, '/', ...mounts, '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp', '--chdir', '/tmp'];
  return ['bwrap', ...own, ...filesystems, '/bin/true'];
}

const title = 'the first sandbox of a process of Node';

export async function cold(lab: Lab, effort: Effort): Promise<Row[]> {
  const ground = prepare(lab, 'first');
  const { root } = lab.first;
  const isolate = isolateModule();
  const bubblewrap = bubblewrapWords(ground);
  if (!isolate) console.log('isolated-vm cannot be had here, so it is left out');
  if (!bubblewrap) console.log('bubblewrap is not there or does not run, so it is left out');
  const library = { root, filters: ground.filters, spec: ground.spec('sandbox'), id: lab.id(lab.first, 'first') };
  const kinds: Readonly<Record<string, readonly [kind: string, given: object]>> = {
    library: ['library', library],
    ...(isolate === undefined ? {} : { 'isolated-vm': ['isolate', { module: isolate }] }),
    ...(bubblewrap === undefined ? {} : { bubblewrap: ['program', { words: bubblewrap }] }),
    'Node alone': ['node', {}],
  };
  const subjects: Runtime[] = Object.keys(kinds).map((name) => ({ ...lab.first, name }));
  const measured = await measureRounds(lab, subjects, effort, ({ name }) => {
    const [kind, given] = kinds[name] ?? ['node', {}];
    const program = join(import.meta.dirname, '../first/main.js');
    const { wall, cpu, stages } = time(lab.timer, ['/usr/bin/env', 'node', program, kind, JSON.stringify(given)]);
    return { [title]: { wall, cpu, peak: stages[0]?.peak ?? 0 } };
  });
  return summarize(measured, Object.keys(kinds));
}
