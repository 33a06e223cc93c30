import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MemoryWitness } from './memory-witness.ts';

let directory = '';

function write(files: Record<string, string>): void {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, `memory.${name}`), content);
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'witness-'));
  write({ events: 'oom 0\noom_kill 0\n', peak: '100\n', max: '4096\n' });
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const witnessed = (body: (witness: MemoryWitness) => void): MemoryWitness => {
  const witness = new MemoryWitness({ '': directory });
  body(witness);
  witness.close();
  return witness;
};

test('what the cgroup says in the end', () => {
  expect(witnessed(() => {}).seen).toEqual({ oomKills: 0n, peak: 100n, limit: 4096n });
  const { seen } = witnessed((watching) => {
    write({ events: 'oom 1\noom_kill 1\n', peak: '4096\n' });
    watching.look('', 'oom_kill 1\n');
  });
  expect(seen).toEqual({ oomKills: 1n, peak: 4096n, limit: 4096n });
});

test('a kill that was seen outlives the cgroup', () => {
  const { seen } = witnessed((witness) => {
    write({ events: 'oom_kill 1\n', peak: '4096\n' });
    witness.look('', 'oom_kill 1\n');
    rmSync(directory, { recursive: true });
    witness.look('');
  });
  expect(seen).toEqual({ oomKills: 1n, peak: 4096n, limit: 4096n });
});

test('one that was told as the cgroup went, too', () => {
  const { seen } = witnessed((witness) => {
    rmSync(directory, { recursive: true });
    witness.look('', 'oom_kill 2\n');
  });
  expect(seen).toMatchObject({ oomKills: 2n, limit: 4096n });
});

test('nothing is said of a peak that may have been passed unseen, nor of a cgroup that was gone before', () => {
  const { seen } = witnessed((witness) => {
    rmSync(directory, { recursive: true });
    witness.look('');
  });
  expect(seen).toBeUndefined();
  expect(witnessed((witness) => witness.look('')).seen).toBeUndefined();
});

test('what was counted after the last process had left outlives the cgroup, also when it went before it could be looked for', () => {
  const { seen } = witnessed((witness) => {
    rmSync(directory, { recursive: true });
    witness.look('populated 0\nfrozen 0\n', 'oom_kill 0\n', '300\n');
    witness.look('', '', '');
  });
  expect(seen).toEqual({ oomKills: 0n, peak: 300n, limit: 4096n });
  mkdirSync(directory);
  write({ events: 'oom_kill 0\n', peak: '100\n' });
  const early = witnessed((witness) => {
    rmSync(directory, { recursive: true });
    witness.look('populated 1\nfrozen 0\n', 'oom_kill 0\n', '300\n');
    witness.look('', '', '');
  });
  expect(early.seen).toBeUndefined();
});

test('what cannot be read is not known, and no error', () => {
  rmSync(join(directory, 'memory.events'));
  mkdirSync(join(directory, 'memory.events'));
  expect(witnessed((watching) => watching.look('', 'oom_kill 0\n')).seen).toBeUndefined();
  expect(witnessed((watching) => watching.look('', 'oom_kill 1\n')).seen).toEqual({ oomKills: 1n });
});
