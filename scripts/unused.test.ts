// What knip cannot see, because it is no export: operations of init that no plan has, functions of the addon and wrappers of system calls that
// nobody calls.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { ops } from '../src/plan/wire/ops.ts';
import { slots } from '../src/plan/wire/places.ts';

const root = dirname(import.meta.dirname);

function textOf(folder: string, isWanted: (path: string) => boolean): string {
  const paths = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter(isWanted);
  return paths.map((path) => readFileSync(join(root, folder, path), 'utf8')).join('\n');
}

const isSource = (path: string): boolean => path.endsWith('.ts') && !/\b(test|testing|gen)\.ts$/.test(path);
const chapters = textOf('src/plan', (path) => isSource(path) && !path.startsWith('wire/'));
const operations = textOf('src/container', isSource);
const callers = textOf('src', (path) => isSource(path) && path !== 'native/addon.ts');

test('every operation of init is a step of some plan', () => {
  const steps = `${chapters}\n${operations}`;
  expect(Object.keys(ops).filter((op) => !steps.includes(`'${op}'`))).toEqual([]);
});

test('every slot with a meaning of its own is used by the planner, the runtime or init', () => {
  const native = textOf('native', (path) => /\.(cc|h)$/.test(path) && !/\.gen\./.test(path));
  const used = (name: string): boolean => new RegExp(`slots(\\.|::)${name}\\b`).test(`${chapters}\n${operations}\n${native}`);
  expect(Object.keys(slots).filter((name) => !used(name))).toEqual([]);
});

test('every function of the addon is declared, and called', () => {
  const source = textOf('native/addon', (path) => path.endsWith('.cc'));
  const functions = [...source.matchAll(/\badd<\w+>\(exports, "(\w+)"\)/g)].map(([, name = '']) => name);
  expect(functions).toContain('runProcess');
  const interfaces = textOf('src/native', (path) => /^(addon|terminal-calls)\.ts$/.test(path));
  const declared = [...interfaces.matchAll(/export interface (?:Addon|TerminalCalls)\b[^{]*\{\n(.*?)\n\}/gs)]
    .map(([, body = '']) => body)
    .join('\n');
  expect([...declared.matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name).sort()).toEqual(functions.sort());
  expect(functions.filter((name) => !new RegExp(`addon\\.${name}\\b`).test(callers))).toEqual([]);
});

test('every system call that has a wrapper is made somewhere', () => {
  const native = textOf('native', (path) => /\.(cc|h)$/.test(path) && path !== 'core/syscall.h');
  const wrapped = [...readFileSync(join(root, 'native/core/syscall.h'), 'utf8').matchAll(/^(?:\[\[noreturn\]\] )?inline \w+ (\w+)\(/gm)];
  const names = wrapped.map(([, name = '']) => name).filter((name) => !['call', 'word'].includes(name));
  expect(names).toContain('openat');
  expect(names.filter((name) => !native.includes(`sys::${name}(`))).toEqual([]);
});
