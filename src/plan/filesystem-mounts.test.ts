import { expect, test } from 'vitest';
import { plan } from './build.ts';
import { planOptions, smallSpec, unifiedHost } from './testing.ts';

function creation(option: string): string | undefined {
  const mounts = [{ destination: '/t', type: 'tmpfs', options: [option] }];
  return plan({ ...smallSpec, mounts }, planOptions, unifiedHost).steps.find(({ action: { op } }) => op.startsWith('fs.mount'))?.action.op;
}

test('an option that fsconfig(2) does not take, counted in bytes, is for mount(2)', () => {
  expect(creation(`x=${'a'.repeat(253)}`)).toBe('fs.mount');
  expect(creation(`x=${'a'.repeat(254)}`)).toBe('fs.mountLegacy');
  expect(creation(`x=${'ä'.repeat(127)}`)).toBe('fs.mountLegacy');
});
