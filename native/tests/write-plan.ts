/** Writes the plan that wire_test.cc reads: every operation once, each field with the value its type has in `samples`. */
import { writeFileSync } from 'node:fs';
import { encodePlan } from '../../src/plan/wire/encode.ts';
import { type Action, type FieldType, type Op, ops } from '../../src/plan/wire/ops.ts';
import { SLOT_COUNT } from '../../src/plan/wire/places.ts';

const samples: Record<FieldType, unknown> = {
  u32: 0xffff_fffe,
  slot: SLOT_COUNT - 1,
  u64: 2n ** 64n - 2n,
  i64: -2n,
  bool: true,
  str: 'sieben7',
  bytes: new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]),
  strs: ['', 'a', 'achtacht', 'Grüße'],
  u32s: [0, 0xffff_ffff],
  u64s: [1n, 2n ** 64n - 1n],
};

const steps = (Object.keys(ops) as Op[]).map((op, index) => {
  const fields = Object.entries(ops[op]).map(([name, type]) => [name, samples[type as FieldType]]);
  return { index, stage: index < 5 ? 'intermediate' : 'init', action: { op, ...Object.fromEntries(fields) } as Action } as const;
});

writeFileSync(process.argv[2] ?? 'plan.bin', encodePlan(steps));
