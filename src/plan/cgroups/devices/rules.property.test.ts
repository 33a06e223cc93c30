import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseResources } from '../../../spec/validate.ts';
import { deviceChanges } from './changes.ts';
import { compileDeviceFilter, type DeviceRule } from './filter.ts';
import { deviceRules } from './rules.ts';
import { allowList, type DeviceWrite, deviceWrites } from './v1.ts';

const numbers = [0, 1, 3, 5, 200];
const letters = fc.constantFrom('r', 'w', 'm', 'rw', 'rm', 'wm', 'rwm');
const number = fc.option(fc.constantFrom(-1, ...numbers), { nil: undefined });
const rule = fc
  .record({ allow: fc.boolean(), type: fc.constantFrom(undefined, 'a', 'b', 'c', 'c', 'c'), major: number, minor: number, access: letters })
  .map((given) => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)));
const resources = fc.array(rule, { maxLength: 8 }).map((devices) => parseResources(JSON.stringify({ devices })));

interface Request {
  readonly type: string;
  readonly major: number;
  readonly minor: number;
  readonly letter: string;
}

/** Every access to a few devices, one letter at a time: of several letters cgroup v1 wants one entry that has them all. */
const requests: readonly Request[] = ['b', 'c'].flatMap((type) =>
  numbers.flatMap((major) => numbers.flatMap((minor) => [...'rwm'].map((letter): Request => ({ type, major, minor, letter })))),
);

const matches = (own: string, asked: number): boolean => own === '*' || own === String(asked);

/** The devices controller of cgroup v1: a default, and exceptions to it. */
class Controller {
  private allowsOthers = true;
  private exceptions = new Map<string, Set<string>>();

  write({ file, value }: DeviceWrite): void {
    const allow = file === 'devices.allow';
    if (value === 'a') {
      this.allowsOthers = allow;
      this.exceptions = new Map();
      return;
    }
    const end = value.lastIndexOf(' ');
    const key = value.slice(0, end);
    const access = this.exceptions.get(key) ?? new Set();
    for (const letter of value.slice(end + 1)) allow === this.allowsOthers ? access.delete(letter) : access.add(letter);
    this.exceptions.set(key, access);
  }

  grants({ type, major, minor, letter }: Request): boolean {
    const isException = [...this.exceptions].some(([key, access]) => {
      const [majorOf = '', minorOf = ''] = key.slice(2).split(':');
      return key[0] === type && matches(majorOf, major) && matches(minorOf, minor) && access.has(letter);
    });
    return isException !== this.allowsOthers;
  }

  /** devices.list; undefined where it tells nothing of exceptions. */
  list(): string | undefined {
    if (this.allowsOthers) return undefined;
    return [...this.exceptions].flatMap(([key, access]) => (access.size > 0 ? [`${key} ${[...access].join('')}\n`] : [])).join('');
  }
}

/** "c 1:3 r", letter by letter, of a list of what is allowed. */
const entries = (controller: Controller): string[] =>
  (controller.list() ?? '').split('\n').flatMap((line) => {
    const end = line.lastIndexOf(' ');
    return [...line.slice(end + 1)].map((letter) => `${line.slice(0, end)} ${letter}`);
  });

/** The rules one after the other; the last that speaks of an access has its way. */
function means(rules: readonly DeviceRule[], allowsOthers: boolean, { type, major, minor, letter }: Request): boolean {
  const last = rules.findLast(
    (each) => each.type === type && (each.major ?? major) === major && (each.minor ?? minor) === minor && each.access.includes(letter),
  );
  return last?.allow ?? allowsOthers;
}

test('device rules that cgroup v1 can say mean there, letter by letter, what they say one after the other', () => {
  fc.assert(
    fc.property(resources, (given) => {
      const rules = deviceRules(given);
      const writes = deviceWrites(rules);
      fc.pre(writes !== undefined);
      const controller = new Controller();
      for (const write of writes) controller.write(write);
      const expected = requests.filter((request) => means([...rules.given, ...rules.own], rules.allowsOthers, request));
      expect(requests.filter((request) => controller.grants(request))).toEqual(expected);
      const list = allowList(rules);
      const listed = requests.filter((request) =>
        list?.some(
          ({ type, major, minor, access }) =>
            type === request.type && matches(major, request.major) && matches(minor, request.minor) && access.includes(request.letter),
        ),
      );
      if (list !== undefined) expect(listed).toEqual(expected);
      expect(compileDeviceFilter([...rules.given, ...rules.own]).length % 8).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test('an update leads from any device rules to any others, in between keeps the entries of both, and allows nothing that neither does', () => {
  fc.assert(
    fc.property(resources, resources, (before, after) => {
      const [present, wanted] = [before, after].map((given) => deviceWrites(deviceRules(given)));
      fc.pre(present !== undefined && wanted !== undefined);
      const controller = new Controller();
      for (const write of present) controller.write(write);
      const target = new Controller();
      for (const write of wanted) target.write(write);
      const [old, own] = [controller, target].map((each) => requests.map((request) => each.grants(request)));
      const kept = entries(controller).filter((entry) => entries(target).includes(entry));
      const writes = deviceChanges(controller.list(), wanted);
      const starts = writes.some(({ value }) => value === 'a');
      for (const write of writes) {
        controller.write(write);
        if (starts) continue;
        expect(entries(controller)).toEqual(expect.arrayContaining(kept));
        const neither = requests.filter((request, index) => controller.grants(request) && !old?.[index] && !own?.[index]);
        expect(neither).toEqual([]);
      }
      expect(requests.map((request) => controller.grants(request))).toEqual(own);
    }),
    { numRuns: 300 },
  );
});
