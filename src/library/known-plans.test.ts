import { expect, test } from 'vitest';
import { RuntimeError } from '../errors.ts';
import { plan } from '../plan/build.ts';
import type { PlanOptions } from '../plan/context.ts';
import { planOptions, smallSpec, unifiedHost } from '../plan/testing.ts';
import type { Spec } from '../spec/types.ts';
import { KnownPlans } from './known-plans.ts';

const placeholder = 'placeholder0123456789abcdef';
const { linux, ...rest } = smallSpec;
/** Its cgroup has the name of the container. */
const unnamed: Spec = { ...rest, linux: { namespaces: linux?.namespaces ?? [] } };

function counted(spec = unnamed, facts = unifiedHost) {
  const known = new KnownPlans(placeholder);
  const ids: string[] = [];
  const compile = (options: PlanOptions) => {
    ids.push(options.id);
    return plan(spec, options, facts);
  };
  const ask = (options: Partial<PlanOptions>, host = facts) => known.plan(spec, { ...planOptions, ...options }, host, compile);
  return { ask, ids };
}

test('containers that differ by their id alone are planned once, each as it would be by itself', () => {
  const { ask, ids } = counted();
  for (const id of ['one', 'two', 'one']) expect(ask({ id })).toEqual(plan(unnamed, { ...planOptions, id }, unifiedHost));
  expect(ids).toEqual([placeholder]);
});

test('what else differs is planned: the options, the host, an unusual id, and other configurations', () => {
  const { ask, ids } = counted();
  ask({ id: 'one' });
  ask({ id: 'two', bundle: '/bundles/two' });
  ask({ id: 'two', bundle: '/bundles/two' }, { ...unifiedHost, boundingCapabilities: 1n });
  expect(ids).toEqual([placeholder, placeholder, placeholder]);
  ask({ id: 'a+b' });
  expect(ids.slice(3)).toEqual(['a+b']);
});

test('a refusal has the name of the container, and is not kept', () => {
  const known = new KnownPlans(placeholder);
  const compile = ({ id }: PlanOptions): never => {
    throw new RuntimeError('CGROUP_UNSUPPORTED', id);
  };
  const ask = (id: string) => () => known.plan(unnamed, { ...planOptions, id }, unifiedHost, compile);
  expect(ask('one')).toThrow('one');
  expect(ask('two')).toThrow('two');
});

test('of many texts the oldest are forgotten', () => {
  const known = new KnownPlans(placeholder);
  const parse = (name: string) => known.parse(JSON.stringify({ ...smallSpec, annotations: { name } }), () => {});
  const [first, second] = [parse('0'), parse('1')];
  for (let index = 2; index <= 16; index++) parse(String(index));
  expect(parse('1')).toBe(second);
  expect(parse('0')).not.toBe(first);
});

test('an equal text is read once, unless there is something to say of it', () => {
  const known = new KnownPlans(placeholder);
  const warned: string[] = [];
  const parse = (text: string) => known.parse(text, ({ pointer }) => void warned.push(pointer));
  const text = JSON.stringify(smallSpec);
  expect(parse(text)).toBe(parse(JSON.stringify(smallSpec)));
  expect(warned).toEqual([]);
  const odd = JSON.stringify({ ...smallSpec, surprise: 1 });
  expect(parse(odd)).toEqual(parse(odd));
  expect(warned).toEqual(['/surprise', '/surprise']);
});
