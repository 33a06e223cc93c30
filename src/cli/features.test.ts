import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { features } from './features.ts';

interface Definition {
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Definition>>;
  readonly items?: Definition;
}

function definitions(file: string): Readonly<Record<string, Definition>> {
  const text = readFileSync(new URL(`../spec/schema/${file}.json`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { definitions: Record<string, Definition> }).definitions;
}

function names(values: readonly string[] | undefined): readonly string[] {
  return [...(values ?? ['missing'])].sort();
}

const { linux, ...rest } = features();

test('seccomp lists hold what the schema knows', () => {
  const schema = definitions('seccomp');
  expect(linux.seccomp.actions).toEqual(names(schema['LinuxSeccompAction']?.enum));
  expect(linux.seccomp.operators).toEqual(names(schema['LinuxSeccompOperator']?.enum));
  expect(linux.seccomp.archs).toEqual(names(schema['Arch']?.enum));
  expect(linux.seccomp.knownFlags).toEqual(names(schema['LinuxSeccompFlag']?.enum));
});

test('memory policy lists hold what the schema knows', () => {
  const text = readFileSync(new URL('../spec/schema/linux.json', import.meta.url), 'utf8');
  for (const name of [...linux.memoryPolicy.modes, ...linux.memoryPolicy.flags]) expect(text).toContain(`"${name}"`);
  const known = new Set(text.match(/"MPOL_[A-Z_]+"/g));
  expect(linux.memoryPolicy.modes.length + linux.memoryPolicy.flags.length).toBe(known.size);
});

test('options of filesystems are no mount options', () => {
  expect(rest.mountOptions).toEqual(expect.arrayContaining(['rro', 'ridmap', 'tmpcopyup', 'rnodev']));
  for (const option of ['size', 'mode', 'gid', 'lowerdir']) expect(rest.mountOptions).not.toContain(option);
});

test('capabilities: 41, once each', () => {
  expect(new Set(linux.capabilities).size).toBe(41);
});

test('nothing is null', () => {
  expect(JSON.stringify(features())).not.toContain('null');
});
