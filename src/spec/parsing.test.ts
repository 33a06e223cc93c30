import { describe, expect, it } from 'vitest';
import type { RuntimeError } from '../errors.ts';
import { base } from './testing.ts';
import { parseProcess, parseResources, parseSpec, requireSpec, validateProcess, validateSpec } from './validate.ts';

describe('parsing', () => {
  const failure = (action: () => unknown): RuntimeError => {
    try {
      action();
    } catch (error) {
      return error as RuntimeError;
    }
    throw new Error('no error');
  };

  it('tells the first problem and how many there are', () => {
    const error = failure(() => parseSpec('{"ociVersion":"1.0.0","root":{"path":"a"},"hostname":"a","process":{"args":[],"cwd":"x"}}'));
    expect(error.code).toBe('INVALID_SPEC');
    expect(error.message).toBe('unable to set hostname without a private UTS namespace, and 2 more problems');
    expect(error.pointer).toBe('/hostname');
    expect(error.problems).toHaveLength(3);
  });

  it('keeps 64-bit numbers exact and drops nulls', () => {
    const text =
      '{"args":["a"],"cwd":"/","env":null,"rlimits":[{"type":"RLIMIT_AS","soft":18446744073709551614,"hard":18446744073709551615}]}';
    expect(parseProcess(text)).toEqual({
      args: ['a'],
      cwd: '/',
      rlimits: [{ type: 'RLIMIT_AS', soft: 18446744073709551614n, hard: 18446744073709551615n }],
    });
  });

  it('warns at every level of what it does not know', () => {
    const told: string[] = [];
    const text =
      '{"ociVersion":"1.0.0","root":{"path":"a","odd":1},"mounts":[{"destination":"/a","type":"tmpfs","odd":1}],"annotations":{"odd":""},"linux":{"namespaces":[{"type":"network"}],"netDevices":{"odd":{"odd":1}}}}';
    parseSpec(text, ({ pointer }) => told.push(pointer));
    expect(told).toEqual(['/root/odd', '/mounts/0/odd', '/linux/netDevices/odd/odd']);
  });

  it('finds NUL bytes', () => {
    expect(failure(() => parseProcess('{"args":["a\\u0000"],"cwd":"/"}')).problems).toMatchObject([
      { code: 'NUL_BYTE', pointer: '/args/0' },
    ]);
  });

  it('refuses numbers that lost digits', () => {
    const { problems } = validateProcess({ args: ['a'], cwd: '/', rlimits: [{ type: 'RLIMIT_AS', soft: 0, hard: 2 ** 64 }] });
    expect(problems).toMatchObject([{ code: 'BAD_INTEGER', hint: 'pass integers beyond 2^53 as bigint' }]);
  });

  it('lets update set swap alone', () => {
    expect(parseResources('{"memory":{"swap":5}}')).toEqual({ memory: { swap: 5 } });
    expect(failure(() => parseResources('{"cpu":{"idle":7}}')).pointer).toBe('/cpu/idle');
  });

  it('does not change what the library passes', () => {
    const input = Object.freeze({ ...base, hostname: null });
    expect(requireSpec(input)).toEqual(base);
  });
});

it('validate finds what create does behind a member whose name is known in another case', () => {
  const { problems, warnings } = validateSpec({ ...base, mounTs: [{ source: 'x' }] });
  expect(problems.map(({ pointer }) => pointer)).toEqual(['/mounts/0/destination']);
  expect(warnings.map(({ message }) => message)).toEqual(['unknown property "mounTs" is taken for "mounts"']);
});
