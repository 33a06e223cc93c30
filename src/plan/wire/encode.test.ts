import { expect, test } from 'vitest';
import { encodePlan, PLAN_ABI, PLAN_MAGIC } from './encode.ts';
import { opNumbers } from './ops.ts';
import { stages } from './places.ts';

const words = (bytes: Uint8Array): bigint[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 8 }, (_, index) => view.getBigUint64(index * 8, true));
};

test('a plan begins with magic, abi and its whole length', () => {
  expect(words(encodePlan([]))).toEqual([PLAN_MAGIC, BigInt(PLAN_ABI), 24n]);
});

test('a record has operation, stage, step and payload length', () => {
  const bytes = encodePlan([{ index: 7, stage: 'init', action: { op: 'umask.set', mask: 0o22 } }]);
  const op = BigInt(opNumbers['umask.set']) | (BigInt(stages.init) << 32n);
  expect(words(bytes).slice(3)).toEqual([op, 7n, 8n, 0o22n]);
});

test('strings carry their length, a NUL and padding to eight bytes', () => {
  const bytes = encodePlan([{ index: 0, stage: 'init', action: { op: 'hostname.set', name: '12345678' } }]);
  const payload = bytes.subarray(48);
  expect(words(payload)[0]).toBe(8n);
  expect([...payload.subarray(8, 24)]).toEqual([...Buffer.from('12345678'), 0, 0, 0, 0, 0, 0, 0, 0]);
});

test('numbers keep all their 64 bits, negative ones as two’s complement', () => {
  const infinity = 0xffff_ffff_ffff_ffffn;
  const rlimit = encodePlan([{ index: 0, stage: 'init', action: { op: 'rlimit.set', resource: 7, soft: 1n, hard: infinity } }]);
  expect(words(rlimit).slice(-2)).toEqual([1n, infinity]);
  const scheduler = { op: 'scheduler.set', policy: 0, nice: -5n, priority: 0, flags: 0n, runtime: 0n, deadline: 0n, period: 0n } as const;
  expect(words(encodePlan([{ index: 0, stage: 'init', action: scheduler }]))[7]).toBe(BigInt.asUintN(64, -5n));
});

test('a plan larger than the first buffer is encoded whole', () => {
  const env = Array.from({ length: 5000 }, (_, index) => `VARIABLE_${index}=${'x'.repeat(20)}`);
  const bytes = encodePlan([{ index: 0, stage: 'init', action: { op: 'exec', args: ['a'], env } }]);
  expect(words(bytes)[2]).toBe(BigInt(bytes.length));
  expect(Buffer.from(bytes).includes('VARIABLE_4999=')).toBe(true);
});
