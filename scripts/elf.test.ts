import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = dirname(import.meta.dirname);

const readelf = (file: string, ...options: string[]) =>
  execFileSync('readelf', ['--wide', ...options, resolve(root, file)], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });

/** Type and permissions ("RWE" less what is not allowed) of each segment. */
function segments(file: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [, type = '', flags = ''] of readelf(file, '--program-headers').matchAll(/^ {2}(\w+) +(?:0x\w+ +){5}([RWE ]{3}) /gm)) {
    found.set(type, [...(found.get(type) ?? []), flags.replaceAll(' ', '')]);
  }
  return found;
}

// Bun's executable is not made by us.
const own = !process.env['RUNTS_BINARY']?.includes('--bun');
const executable = own && existsSync(join(root, 'dist/runts')) ? ['dist/runts'] : [];
/** The words of libstdc++ that are in what has the check. */
const checkOfAnIndex = '__n < this->size()';

const muslAddon = existsSync(join(root, 'build/musl/runts.node')) ? ['build/musl/runts.node'] : [];

const files = ['build/Release/runts.node', 'build/Release/init', ...muslAddon, ...executable];

test.each(files)('%s has neither an executable stack nor memory that can be written and executed', (file) => {
  const found = segments(file);
  expect(found.get('GNU_STACK')).toEqual(['RW']);
  expect(found.get('LOAD')?.length).toBeGreaterThan(2);
  expect(found.get('LOAD')).not.toContain('RWE');
});

test.each(files)('%s is relocated before anything runs, and then read-only where it was', (file) => {
  const dynamic = readelf(file, '--dynamic');
  expect(dynamic).not.toMatch(/TEXTREL|RPATH|RUNPATH/);
  const isStatic = dynamic.includes('There is no dynamic section');
  expect(isStatic || /\(FLAGS\) .*BIND_NOW/.test(dynamic)).toBe(true);
  if (file === 'build/Release/init') {
    // Nothing is relocated, and nothing but .bss can be written.
    expect(isStatic).toBe(true);
    expect(readelf(file, '--relocs')).toContain('There are no relocations');
    expect(readelf(file, '--sections')).not.toMatch(/ \.(data|got|init_array)/);
  } else {
    expect(segments(file).has('GNU_RELRO')).toBe(true);
  }
});

test('the addon looks after its stack and what it asks of the C++ library', () => {
  const wanted = readelf('build/Release/runts.node', '--dyn-syms');
  expect(wanted).toMatch(/UND __stack_chk_fail@/);
  expect(readFileSync(join(root, 'build/Release/runts.node')).includes(checkOfAnIndex)).toBe(true);
});

test.each(muslAddon)('%s asks for what Node and musl have, and its exceptions find their handlers', (file) => {
  const names = (path: string, section: RegExp) =>
    [...readelf(path, '--dyn-syms').matchAll(/ (GLOBAL|WEAK) +\w+ +(UND|\d+) +([^\s@]+)/g)].flatMap(([, binding, place = '', name = '']) =>
      section.test(`${binding} ${place}`) ? [name] : [],
    );
  const given = new Set(names(`/usr/lib/${process.arch === 'x64' ? 'x86_64' : 'aarch64'}-linux-musl/libc.so`, /\d/));
  const wanted = names(file, /GLOBAL UND/).filter((name) => !name.startsWith('napi_'));
  expect(wanted.length).toBeGreaterThan(50);
  expect(wanted.filter((name) => !given.has(name))).toEqual([]);
  expect(readelf(file, '--dynamic').match(/NEEDED.*/g)).toEqual([expect.stringContaining('[libc.so]')]);
  expect(segments(file).has('GNU_EH_FRAME')).toBe(true);
  expect(readelf(file, '--dynamic')).not.toContain('STATIC_TLS');
});

test.each(executable)('so does %s', (file) => {
  expect(readFileSync(join(root, file)).includes(checkOfAnIndex)).toBe(true);
  // The executable has no symbols; the objects that it was linked from have.
  const objects = ['musl', 'glibc'].map((libc) => `build/engine/${libc}/addon/files.o`).filter((object) => existsSync(join(root, object)));
  for (const object of objects) expect(readelf(object, '--syms')).toMatch(/UND __stack_chk_fail/);
});
