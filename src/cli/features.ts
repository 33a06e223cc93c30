import { features } from '../plan/features.ts';
import type { Invocation } from './invocation.ts';

export function run({ print }: Invocation<'features'>): number {
  print(`${JSON.stringify(features(), null, 2)}\n`);
  return 0;
}
