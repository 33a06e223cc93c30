/**
 * What the unit tests use of vitest, for an engine that has the language alone: @vitest/expect with its own matchers, and the registering of tests.
 * A test is counted once for each row of its table, as vitest counts them; what a snapshot holds vitest compares, here the value is only printed.
 */
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  type ExpectStatic,
  GLOBAL_EXPECT,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from '@vitest/expect';
import { format } from '@vitest/pretty-format';

type Body = (...values: never[]) => unknown;
type Title = string | { readonly name: string };

interface Test {
  readonly file: string;
  readonly title: string;
  readonly body: () => unknown;
  readonly suites: readonly Suite[];
}

interface Suite {
  readonly title: string;
  readonly hooks: Record<'beforeAll' | 'beforeEach' | 'afterEach' | 'afterAll', (() => unknown)[]>;
}

const newSuite = (title: string): Suite => ({ title, hooks: { beforeAll: [], beforeEach: [], afterEach: [], afterAll: [] } });

const tests: Test[] = [];
let suites: readonly Suite[] = [];

/** Called at the top of each file of tests (bundle.ts). */
export function file(name: string): void {
  suites = [newSuite(name)];
}

const nameOf = (title: Title): string => (typeof title === 'string' ? title : title.name);

function add(title: Title, body: Body, values: readonly unknown[] = []): void {
  const run = () => (body as (...values: readonly unknown[]) => unknown)(...values);
  tests.push({ file: suites[0]?.title ?? '', title: nameOf(title), body: run, suites });
}

function describeOne(title: Title, body: Body, values: readonly unknown[] = []): void {
  const outer = suites;
  suites = [...outer, newSuite(nameOf(title))];
  (body as (...values: readonly unknown[]) => unknown)(...values);
  suites = outer;
}

/** With `each` and `skipIf`, which both kinds have. The body is the last argument: options may stand in front of it. */
function withTables(one: (title: Title, body: Body, values?: readonly unknown[]) => void) {
  const call = (title: Title, ...rest: unknown[]): void => one(title, rest.find((value) => typeof value === 'function') as Body);
  const each = (rows: readonly unknown[]) => (title: Title, body: Body) => {
    for (const row of rows) one(title, body, Array.isArray(row) ? row : [row]);
  };
  const skipIf = (condition: unknown) => (condition ? () => undefined : call);
  return Object.assign(call, { each, skipIf });
}

export const test = withTables(add);
export const it = withTables(add);
export const describe = withTables(describeOne);

const hook = (kind: keyof Suite['hooks']) => (body: () => unknown) => void suites.at(-1)?.hooks[kind].push(body);
export const beforeAll = hook('beforeAll');
export const beforeEach = hook('beforeEach');
export const afterEach = hook('afterEach');
export const afterAll = hook('afterAll');

// What they install themselves upon is known by these symbols.
const global = globalThis as unknown as Record<symbol, object>;
for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin);
const expectation = (value: unknown, message?: string) => chai.expect(value, message);
Object.assign(expectation, chai.expect, global[ASYMMETRIC_MATCHERS_OBJECT]);
export const expect = expectation as unknown as ExpectStatic;
setState({ assertionCalls: 0, isExpectingAssertions: false, expectedAssertionsNumber: null, customTesters: [] }, expect);
Object.assign(global, { [GLOBAL_EXPECT]: expect });
chai.use(({ Assertion }, utils) => {
  for (const name of ['toMatchSnapshot', 'toMatchInlineSnapshot']) {
    utils.addMethod(Assertion.prototype, name, function (this: object) {
      format(utils.flag(this, 'object'));
    });
  }
});

async function hooks(test: Test, kind: 'beforeEach' | 'afterEach'): Promise<void> {
  for (const suite of test.suites) for (const body of suite.hooks[kind]) await body();
}

/** What follows the last test of a suite, and what precedes its first. */
const begun = new Set<Suite>();
async function enter(test: Test): Promise<void> {
  for (const suite of test.suites) {
    if (begun.has(suite)) continue;
    begun.add(suite);
    for (const body of suite.hooks.beforeAll) await body();
  }
}

async function leave(test: Test, next: Test | undefined): Promise<void> {
  for (const suite of [...test.suites].reverse()) {
    if (next?.suites.includes(suite)) continue;
    for (const body of suite.hooks.afterAll) await body();
  }
}

export interface Result {
  readonly file: string;
  readonly title: string;
  /** Milliseconds. */
  readonly took: number;
  /** Undefined when it passed. */
  readonly failure?: string;
}

/** @returns what became of each test of the files whose names contain `wanted`: of every `parts`th one, from that of the number `part` on */
export async function runTests(wanted: string, part: number, parts: number): Promise<Result[]> {
  const results: Result[] = [];
  const files = [...new Set(tests.map(({ file }) => file))].filter((file, index) => file.includes(wanted) && index % parts === part);
  const chosen = tests.filter((test) => files.includes(test.file));
  for (const [index, test] of chosen.entries()) {
    const started = Date.now();
    const title = [...test.suites.slice(1).map((suite) => suite.title), test.title].join(' > ');
    let failure: string | undefined;
    try {
      await enter(test);
      await hooks(test, 'beforeEach');
      await test.body();
    } catch (error) {
      failure = `${String(error)}\n${(error as Error | undefined)?.stack ?? ''}`;
    } finally {
      await hooks(test, 'afterEach');
      await leave(test, chosen[index + 1]);
    }
    results.push({ file: test.file, title, took: Date.now() - started, ...(failure !== undefined && { failure }) });
  }
  return results;
}
