import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RuntimeError } from '../../errors.ts';
import { resctrlMount } from '../../host/resctrl.ts';
import { plan } from '../../plan/build.ts';
import { planOptions, smallSpec, unifiedHost } from '../../plan/testing.ts';
import type { LinuxIntelRdt } from '../../spec/types.ts';
import { perform, type RuntimeEffects } from '../init/runtime-steps.ts';
import { holds, removeGroups, SchemataChange } from './resctrl.ts';

// A tree of plain files stands in for the resctrl filesystem: `kernel` makes the files of a new group, as mkdir(2) there does.

let root: string;
const group = (...parts: string[]): string => join(root, ...parts);
const text = (...parts: string[]): string => readFileSync(group(...parts), 'utf8');

function kernel(path: string): void {
  for (const file of ['tasks', 'schemata']) if (!existsSync(join(path, file))) writeFileSync(join(path, file), '');
  if (!path.includes('mon_groups')) mkdirSync(join(path, 'mon_groups'), { recursive: true });
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'runts-resctrl-'));
  kernel(root);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Does what create does with `intelRdt`, for process 77. */
function enter(rdt: LinuxIntelRdt) {
  const compiled = plan(
    { ...smallSpec, linux: { ...smallSpec.linux, intelRdt: rdt } },
    { ...planOptions, id: 'box' },
    { ...unifiedHost, resctrl: root },
  );
  const effects: RuntimeEffects = { cgroupUser: '', madeCgroups: [], madeResctrl: [], movedNetDevices: [], descriptors: [] };
  for (const step of compiled.steps) {
    if (step.stage !== 'runtime' || !step.action.op.startsWith('resctrl.')) continue;
    perform(step, 77, effects);
    if (step.action.op === 'resctrl.create') kernel(step.action.path);
  }
  return { made: effects.madeResctrl.map((path) => path.slice(root.length)), groups: compiled.resctrl };
}

const failure = (rdt: LinuxIntelRdt): RuntimeError => {
  try {
    enter(rdt);
  } catch (error) {
    return error as RuntimeError;
  }
  throw new Error('no error');
};

function existing(name: string, schemata: string): void {
  mkdirSync(group(name));
  kernel(group(name));
  writeFileSync(group(name, 'schemata'), schemata);
}

test('LNX-123 LNX-134 without closID a group is named by the container', () => {
  const { made, groups } = enter({});
  expect(made).toEqual(['/box']);
  expect(text('box', 'tasks')).toBe('77');
  expect(groups?.remove).toEqual([group('box')]);
});

test('LNX-124 without intelRdt nothing is touched', () => {
  const { steps, resctrl } = plan(smallSpec, planOptions, { ...unifiedHost, resctrl: root });
  expect(steps.some(({ action }) => action.op.startsWith('resctrl.'))).toBe(false);
  expect(resctrl).toBeUndefined();
});

test('LNX-126 the closID "/" is the root of the filesystem', () => {
  const { made, groups } = enter({ closID: '/' });
  expect(made).toEqual([]);
  expect(text('tasks')).toBe('77');
  expect(groups?.remove).toEqual([]);
});

test('LNX-130 LNX-131 LNX-132 the cache comes first, the bandwidth then, the free lines last', () => {
  const { steps } = plan(
    {
      ...smallSpec,
      linux: { intelRdt: { schemata: ['L2:0=f', 'MB:1=20'], memBwSchema: 'MB:0=50', l3CacheSchema: 'L3:0=ff' } },
    },
    planOptions,
    { ...unifiedHost, resctrl: root },
  );
  const write = steps.find(({ action }) => action.op === 'resctrl.schemata');
  expect(write?.action).toMatchObject({ lines: ['L3:0=ff', 'MB:0=50', 'L2:0=f', 'MB:1=20'] });
});

test('LNX-131 a schema is written as a line of its own', () => {
  enter({ l3CacheSchema: 'L3:0=ff' });
  expect(text('box', 'schemata')).toBe('L3:0=ff\n');
});

test('LNX-133 LNX-137 a named group without schema has to be there, and its schemata stay', () => {
  expect(failure({ closID: 'gold' })).toMatchObject({ code: 'RESCTRL_GROUP_MISSING' });
  existing('gold', 'L3:0=1\n');
  expect(enter({ closID: 'gold' }).made).toEqual([]);
  expect(text('gold', 'schemata')).toBe('L3:0=1\n');
  expect(text('gold', 'tasks')).toBe('77');
});

test('LNX-135 LNX-139 a named group with a schema is made, and not removed by delete', () => {
  const { made, groups } = enter({ closID: 'gold', memBwSchema: 'MB:0=50' });
  expect(made).toEqual(['/gold']);
  expect(text('gold', 'schemata')).toBe('MB:0=50\n');
  expect(groups?.remove).toEqual([]);
});

test('LNX-136 a group that is there has to have the same values', () => {
  existing('gold', '    L3:0=00ff;1=000F\n    MB:0=  50;1= 100\n');
  expect(enter({ closID: 'gold', l3CacheSchema: 'L3:1=f;0=ff', memBwSchema: 'MB:0=50' }).made).toEqual([]);
  expect(failure({ closID: 'gold', l3CacheSchema: 'L3:0=fe' })).toMatchObject({
    code: 'RESCTRL_MISMATCH',
    pointer: '/linux/intelRdt/l3CacheSchema',
  });
  expect(failure({ closID: 'gold', memBwSchema: 'MB:0=60' })).toMatchObject({ pointer: '/linux/intelRdt/memBwSchema' });
});

test('LNX-140 a monitoring group of the container below its class, removed by delete', () => {
  existing('gold', '');
  const { made, groups } = enter({ closID: 'gold', enableMonitoring: true });
  expect(made).toEqual(['/gold/mon_groups/box']);
  expect(text('gold', 'mon_groups', 'box', 'tasks')).toBe('77');
  expect(groups).toEqual({ join: [group('gold'), group('gold/mon_groups/box')], remove: [group('gold/mon_groups/box')] });
});

test('LNX-138 removal takes the deepest first, and what is gone is no error', () => {
  mkdirSync(group('a/mon_groups/box'), { recursive: true });
  removeGroups([group('a'), group('a/mon_groups'), group('a/mon_groups/box'), group('never')]);
  expect(readdirSync(root)).not.toContain('a');
});

test('a refusal of the kernel comes with its last_cmd_status', () => {
  mkdirSync(group('info'));
  appendFileSync(group('info', 'last_cmd_status'), 'mask f0f is not contiguous\n');
  // A directory instead of the file: the write fails, as one does that the kernel refuses.
  mkdirSync(group('bad', 'schemata'), { recursive: true });
  const error = failure({ closID: 'bad', schemata: ['L3:0=f0f'] });
  expect(error).toMatchObject({ code: 'RESCTRL_FAILED', pointer: '/linux/intelRdt' });
  expect(error.message).toMatch(/write the schemata of .*\(mask f0f is not contiguous\)/);
});

test('CLI-088 CLI-089 update writes the schemata of the container, and takes them back', () => {
  enter({ closID: 'gold', l3CacheSchema: 'L3:0=ff' });
  writeFileSync(group('gold', 'schemata'), '    MB:0= 100;1= 100\n    L3:0=ff;1=ff\n');
  const change = new SchemataChange(group('gold'), ['L3:0=f', 'MB:0=50']);
  // A plain file starts anew with each line as the kernel's does not: the last one stays.
  const lines = (): string => text('gold', 'schemata').split('\n')[0] ?? '';
  change.apply();
  expect(lines()).toBe('MB:0=50');
  change.undo();
  expect(lines()).toBe('L3:0=ff;1=ff');
});

test('CLI-088 an update without schemata touches nothing, one for a container without intelRdt is refused', () => {
  const nothing = new SchemataChange(undefined, []);
  nothing.apply();
  nothing.undo();
  expect(() => new SchemataChange(undefined, ['L3:0=f'])).toThrow(expect.objectContaining({ code: 'INTEL_RDT_MISSING' }));
});

test('LNX-123 without a resctrl filesystem intelRdt is an error', () => {
  const spec = { ...smallSpec, linux: { intelRdt: {} } };
  expect(() => plan(spec, planOptions, unifiedHost)).toThrow(/no resctrl filesystem is mounted/);
});

test.each([
  ['L3:0=ff', 'L3:0=0FF', true],
  ['L3:0=ff;1=f', 'L3:1=f', true],
  ['L3:0=ff', 'L3:1=ff', false],
  ['L3CODE:0=ff', 'L3:0=ff', false],
  ['MB:0=100', 'MB:0=10', false],
])('%j holds %j: %j', (schemata, wanted, expected) => {
  expect(holds(schemata, wanted)).toBe(expected);
});

test('the mount point is that of mountinfo', () => {
  const line = String.raw`61 30 0:50 / /sys/fs/res\040ctrl rw,relatime - resctrl resctrl rw`;
  expect(resctrlMount(`60 30 0:1 / /sys rw - sysfs sysfs rw\n${line}\n`)).toBe('/sys/fs/res ctrl');
  expect(resctrlMount('60 30 0:1 / /sys rw - sysfs sysfs rw\n')).toBeUndefined();
});
