import { expect, test } from 'vitest';
import schema from '../../spec/schema/linux.json' with { type: 'json' };
import { namespaceOf, namespaceTypes } from './types.ts';

test('every type of the specification has a row, with a flag of its own', () => {
  const types = namespaceTypes.map(({ type }) => type);
  expect([...types].sort()).toEqual([...schema.definitions.LinuxNamespaceType.enum].sort());
  expect(new Set(namespaceTypes.map(({ flag }) => flag)).size).toBe(types.length);
  for (const type of types) expect(namespaceOf(type).type).toBe(type);
});
