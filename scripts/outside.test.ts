import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ownFiles, references } from './outside.ts';

const beside = ['..', 'shared'].join('/');

test.each([`run="\${VM_RUN:-${beside}/vm/run}"`, `see ${beside}`, `join(root, '../${beside}/x')`])('%s is found, with its line', (line) => {
  expect(references('spec-tests/vm', `first\n${line}\n`)).toEqual(['spec-tests/vm:2 refers to a folder beside the checkout']);
});

test.each(['../sharedthings', './shared/hook', 'shared', '/data/shared/hook'])('%s is none', (line) => {
  expect(references('a', line)).toEqual([]);
});

test('what is made, and what git keeps for itself, is not looked at', () => {
  const folder = mkdtempSync(join(tmpdir(), 'runts-outside-'));
  try {
    for (const name of ['.git', '.ci', 'node_modules/x', 'dist', 'src/deep']) {
      mkdirSync(join(folder, name), { recursive: true });
      writeFileSync(join(folder, name, 'file'), '');
    }
    expect(ownFiles(folder).sort()).toEqual(['.ci/file', 'src/deep/file']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
