import { describe, expect, test } from 'vitest';
import { tasks } from '../tasks.ts';
import { platforms } from './list.ts';
import { problems, render } from './page.ts';
import { afterwards, type FileResult, note, type Place, type Run, type Sources, sum } from './record.ts';

const place: Place = {
  kernel: '6.1.0-9',
  architecture: 'x86_64',
  cgroups: 'v2',
  systemd: false,
  security: '',
  user: 'root',
  executable: 'dist/runts',
};
const sources: Sources = { version: '1.2.3', day: '2026-02-03', files: ['a', 'b', 'c'], suite: 3 };
const result = (passed: number, failed = 0, reasons: FileResult['reasons'] = {}): FileResult => ({
  passed,
  failed,
  skipped: Object.values(reasons).reduce((all, count) => all + count, 0),
  reasons,
});
const run = (files: Run['files'], changes: Partial<Place> = {}): Run => ({
  place: { ...place, ...changes },
  complete: true,
  files,
  failures: {},
});

describe('the record of a platform', () => {
  const first = note(undefined, run({ b: result(2), a: result(1, 1) }), { ...sources, day: '2026-01-01' });

  test('has the files in their order, each with the day of its sources', () => {
    expect(Object.entries(first.files)).toEqual([
      ['a', { ...result(1, 1), sources: '2026-01-01' }],
      ['b', { ...result(2), sources: '2026-01-01' }],
    ]);
    expect(first).toMatchObject({ place, version: '1.2.3', suite: 3 });
  });

  test('keeps what another run does not replace', () => {
    expect(note(first, run({ a: result(2), c: result(0, 0, { 'needs x': 3 }) }), sources).files).toEqual({
      a: { ...result(2), sources: '2026-02-03' },
      b: { ...result(2), sources: '2026-01-01' },
      c: { ...result(0, 0, { 'needs x': 3 }), sources: '2026-02-03' },
    });
  });

  test('begins anew with another kernel or executable', () => {
    for (const change of [{ kernel: '6.1.0-10' }, { executable: 'bin/runts.js' }]) {
      expect(Object.keys(note(first, run({ c: result(1) }, change), sources).files)).toEqual(['c']);
    }
  });

  test('forgets files that are gone, and what failed at the end of an earlier run', () => {
    const before = note(undefined, run({ a: result(1), gone: result(1), [afterwards]: result(0, 1) }), sources);
    expect(Object.keys(note(before, run({ b: result(1) }), sources).files)).toEqual(['a', 'b']);
  });

  test('is not made of a part of a file', () => {
    const partial = run({ a: result(1, 0, { 'no reason given': 2 }), b: result(1) });
    expect(() => note(undefined, partial, sources)).toThrow('not all tests of a were run');
  });

  test('is summed with its reasons', () => {
    expect(sum(note(undefined, run({ a: result(1, 0, { x: 1, y: 1 }), b: result(2, 1, { x: 2 }) }), sources))).toEqual({
      ...{ passed: 3, failed: 1, skipped: 4 },
      reasons: { x: 3, y: 1 },
    });
  });
});

describe('the page', () => {
  const record = note(undefined, run({ a: result(4, 0, { 'needs a|b': 2 }), b: result(1) }), sources);
  const user = note(undefined, run({ c: result(7, 0, { 'needs root': 1 }) }, { cgroups: 'hybrid', security: 'AppArmor' }), sources);
  const page =
    'before\n<!-- platforms: written by bun scripts/platforms/main.ts from platforms/ -->\nold\n<!-- end of platforms -->\nafter\n';
  const rendered = render(page, { 'debian-12': record, 'host-user': user });

  test('has a row for each record, in the order of the list', () => {
    const rows = rendered.split('\n').filter((line) => /^\| (host|debian)/.test(line));
    expect(rows).toEqual([
      '| host-user | a developer’s machine, a plain user | 6.1.0-9, AppArmor | hybrid | a user | none | x86_64 | dist/runts | 1 | 7 | 0 | 1 | 2026-02-03 |',
      '| debian-12 | Debian 12, QEMU | 6.1.0-9 | v2 | root | none | x86_64 | dist/runts | 2 of 3 | 5 | 0 | 2 | 2026-02-03 |',
    ]);
  });

  test('tells why tests were skipped, by platform', () => {
    expect(rendered).toContain('| Why | host-user | debian-12 |\n| --- | --- | --- |\n| needs a\\|b |  | 2 |\n| needs root | 1 |  |\n');
  });

  test('keeps what stands around it, and is written once', () => {
    expect(rendered).toMatch(/^before\n[\s\S]*\nafter\n$/);
    expect(render(rendered, { 'debian-12': record, 'host-user': user })).toBe(rendered);
    expect(() => render('nothing', {})).toThrow('no <!-- platforms');
  });

  test('has no failed cell, and no platform that the list does not have', () => {
    const failed = note(undefined, run({ a: result(1, 2) }), sources);
    expect(problems({ host: record })).toEqual([]);
    expect(problems({ host: failed, 'no-such': record })).toEqual([
      'docs/platforms/host.json: 2 failed in a',
      'docs/platforms/no-such.json: list.ts has no such platform',
    ]);
  });
});

test('what npm test leaves a run of is a platform of the list', () => {
  const named = tasks.flatMap(({ platform }) => platform ?? []);
  expect(named).toEqual(['host', 'host-node', 'debian-12', 'debian-13', 'debian-11']);
  expect(named.filter((name) => !(name in platforms))).toEqual([]);
});
