/**
 * Containers of generated configurations, made by the runtime under test and by its peers, are the same to who is in them.
 *
 * DIFFERENTIAL_PEERS=/path/runc:/path/crun, the peers (else Debian's); DIFFERENTIAL_RUNS=1000, how many; FUZZ_SEED=7 or random, which;
 * DIFFERENTIAL_SAMPLE='{…}', that one alone; DIFFERENTIAL_REPORT=FILE, where lines are added as it goes on.
 */
import { appendFileSync, existsSync, readlinkSync } from 'node:fs';
import { expect, vi } from 'vitest';
import type { Box } from '../harness/box.ts';
import { clause } from '../harness/clause.ts';
import { until } from '../harness/command.ts';
import { slowness } from '../harness/suite.ts';
import { apart, type Contestants, contestants, inside } from './peers.ts';
import type { Places } from './piece.ts';
import { repeat, search } from './search.ts';

const runs = Number(process.env['DIFFERENTIAL_RUNS'] ?? 12);
// What was found is made smaller, which takes as long as many that are compared.
vi.setConfig({ testTimeout: runs > 12 ? 0 : slowness * 300_000 });
const wanted = process.env['FUZZ_SEED'] ?? '20';
const seed = wanted === 'random' ? Date.now() % 1e9 : Number(wanted);
const all = contestants();
const { peers } = all;
const names = peers.map(({ kind, version }) => `${kind} ${version}`).join(' and ');

const report = process.env['DIFFERENTIAL_REPORT'];
/** What a long search has found so far is in the file. */
const tell = (line: string) => (report === undefined ? console.log(line) : appendFileSync(report, `${line}\n`));

const isOther = (path: string): boolean => readlinkSync(path) !== readlinkSync('/proc/self/ns/pid');

/** Namespaces that containers are asked to join. */
async function hold(box: Box): Promise<Places['held']> {
  const { pid } = box.background(['unshare', '--net', '--ipc', '--uts', '--pid', '--fork', '--kill-child', 'sleep', '36000'], {
    timeout: 36_000_000,
  });
  const path = (name: string) => `/proc/${pid}/ns/${name}`;
  // That of processes appears with its first one.
  await until(
    'the namespaces are there',
    () => existsSync(path('pid_for_children')) && existsSync(path('net')) && isOther(path('pid_for_children')),
  );
  return { network: path('net'), ipc: path('ipc'), uts: path('uts'), pid: path('pid_for_children') };
}

/** The runtimes, where none of them can do to the host what another would see. */
async function separate(box: Box): Promise<Contestants> {
  const holder = box.background(apart(['sh', '-c', 'echo made; exec sleep 36000']), { timeout: 36_000_000 });
  await until('the mount namespace is there', () => holder.output() === 'made\n');
  return inside(holder.pid, all);
}

clause(
  `RUN generated configurations make the same containers as with ${names || 'a peer, of which there is none here'}`,
  async (box) => {
    const held = await hold(box);
    const runtimes = await separate(box);
    const sample = process.env['DIFFERENTIAL_SAMPLE'];
    if (sample !== undefined) return expect(await repeat(sample, runtimes, held)).toEqual([]);
    const { count, refusals, failures, findings } = await search(runs, seed, runtimes, held, tell);
    const refused = [...refusals.values()].reduce((sum, times) => sum + times, 0);
    tell(`${count} configurations, seed ${seed}: ${refused} refused by all, ${findings.length} unexplained differences`);
    for (const [words, times] of refusals) tell(`${times} × ${words}`);
    expect(failures.join('\n')).toBe('');
    // Who is refused compares nothing. Of a few one may be by chance.
    expect(refused).toBeLessThan(Math.max(4, count / 20));
    expect(findings.map((finding) => JSON.stringify(finding, null, 1)).join('\n')).toBe('');
  },
  'probe',
  'runts',
  peers.length > 0 ? 'probe' : '/usr/bin/runc or crun',
);
