import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RuntimeError } from '../errors.ts';
import { exactJson } from '../spec/exact-json.ts';
import type { Finding } from '../spec/findings.ts';
import { parseProcess, parseResources, parseSpec, validateProcess, validateSpec } from '../spec/validate.ts';
import { config } from './arbitrary/testing.ts';
import { plan } from './build.ts';
import { hybridHost, planOptions, unifiedHost } from './testing.ts';

/** Values that are nowhere right, or in few places, or nearly right. */
const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    0.5,
    1e308,
    2 ** 32,
    1n << 63n,
    (1n << 64n) - 1n,
    -(1n << 70n),
    '',
    ' ',
    '\0',
    '/',
    '..',
    '\ud800',
  ),
  fc.constantFrom<unknown>('constructor', '__proto__', 'x'.repeat(5000), [], {}, [[]], [null], [{}], { constructor: 1 }, { toString: {} }),
  fc.constant(JSON.parse('{"__proto__":{"a":1}}')),
  fc.constant(Array.from({ length: 60 }).reduce<unknown>((inner) => [inner], 'deep')),
  fc.string(),
  fc.double(),
);

type Step = string | number;

/** Where there is a value, the whole document included. */
function places(value: unknown, at: readonly Step[] = []): (readonly Step[])[] {
  if (typeof value !== 'object' || value === null) return [at];
  const members = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [at, ...members.flatMap(([name, member]) => places(member, [...at, name]))];
}

function replaced(value: unknown, [step, ...rest]: readonly Step[], by: unknown): unknown {
  if (step === undefined) return by;
  if (Array.isArray(value)) return value.map((member: unknown, index) => (index === step ? replaced(member, rest, by) : member));
  return Object.fromEntries(
    Object.entries(value as object).map(([name, member]) => [name, name === step ? replaced(member, rest, by) : member]),
  );
}

/** A document with up to three values of it exchanged. */
const changed = (document: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc
    .tuple(document, fc.array(fc.tuple(fc.nat(), odd), { minLength: 1, maxLength: 3 }))
    .map(([start, changes]) =>
      changes.reduce((value, [place, by]) => replaced(value, places(value)[place % places(value).length] ?? [], by), start),
    );

const codes = readFileSync(new URL('../error-codes.ts', import.meta.url), 'utf8');
/** What an engine of JavaScript says of a mistake in a program. */
const mistake =
  /undefined|is not a function|is not iterable|cannot read|cannot convert|\[object |\bNaN\b|internal error|maximum call stack/i;

function expectTold(text: string): void {
  // Words of the document are quoted.
  expect(text.replace(/"(?:[^"\\]|\\.)*"/g, '""')).not.toMatch(mistake);
}

function expectFindings(findings: readonly Finding[]): void {
  for (const { pointer, message } of findings) {
    expect(pointer).toMatch(/^(\/|$)/);
    expectTold(message);
  }
}

/** Does it, or refuses it with a code that exists. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    expect(codes).toContain(`'${error.code}'`);
    expectTold(error.message);
    expect(error.pointer ?? '').toMatch(/^(\/|$)/);
    return undefined;
  }
}

const json = (value: unknown): string => exactJson(value) ?? 'null';
const part = (name: 'process' | 'linux') => config.map((value) => (value as Record<string, unknown>)[name] ?? {});
const resources = part('linux').map(
  (linux) => (linux as { resources?: unknown }).resources ?? { memory: { limit: 1 }, devices: [{ allow: true }] },
);

test('whatever value a configuration has anywhere, it is planned or refused in words of ours, at a place', () => {
  fc.assert(
    fc.property(changed(config), (value) => {
      const { problems, warnings } = validateSpec(value);
      expectFindings([...problems, ...warnings]);
      const spec = attempt(() => parseSpec(json(value), (warning) => expectFindings([warning])));
      for (const host of spec ? [unifiedHost, hybridHost] : []) attempt(() => plan(spec as NonNullable<typeof spec>, planOptions, host));
    }),
    { numRuns: 600 },
  );
}, 120_000);

test('whatever value the process of exec has anywhere, it is taken or refused so', () => {
  fc.assert(
    fc.property(changed(part('process')), (value) => {
      const { problems, warnings } = validateProcess(value);
      expectFindings([...problems, ...warnings]);
      const process = attempt(() => parseProcess(json(value)));
      if (problems.length === 0) expect(process).toBeDefined();
    }),
    { numRuns: 600 },
  );
}, 120_000);

test('whatever value the resources of update have anywhere, they are taken or refused so', () => {
  fc.assert(
    fc.property(changed(resources), (value) => {
      attempt(() => parseResources(json(value), (warning) => expectFindings([warning])));
    }),
    { numRuns: 600 },
  );
}, 120_000);
