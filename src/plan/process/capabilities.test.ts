import { expect, test } from 'vitest';
import { capabilityNames, capabilitySets } from './capabilities.ts';

const all = (1n << 41n) - 1n;

test('CFG-045 every name has its number', () => {
  expect(capabilityNames).toHaveLength(41);
  const { sets, warnings } = capabilitySets({ bounding: capabilityNames }, all, '');
  expect(sets.bounding).toBe(all);
  expect(warnings).toEqual([]);
});

test('CFG-046 an unknown capability and one that cannot be granted are warnings with a pointer', () => {
  const grantable = all & ~(1n << 24n);
  const { sets, warnings } = capabilitySets({ bounding: ['CAP_TEST', 'CAP_SYS_RESOURCE', 'CAP_KILL'] }, grantable, '/process/capabilities');
  expect(sets.bounding).toBe(1n << 5n);
  expect(warnings.map(({ pointer }) => pointer)).toEqual(['/process/capabilities/bounding/0', '/process/capabilities/bounding/1']);
});

test('CFG-044 ambient capabilities need to be permitted and inheritable', () => {
  const kill = ['CAP_KILL'];
  expect(capabilitySets({ permitted: kill, inheritable: kill, ambient: kill }, all, '').sets.ambient).toBe(1n << 5n);
  const refused = capabilitySets({ permitted: kill, ambient: kill }, all, '');
  expect(refused.sets.ambient).toBe(0n);
  expect(refused.warnings).toHaveLength(1);
});
