import { describe, expect, test } from 'vitest';
import { entries, firstEntry } from './image.ts';

/** An image with its magic numbers, and entries of these bytes. */
function image(magic: readonly number[], ...entries: readonly (readonly number[])[]): Uint8Array {
  const words = (...numbers: readonly number[]) => numbers.flatMap((number) => [0, 8, 16, 24].map((shift) => (number >>> shift) & 0xff));
  return Uint8Array.from([...words(...magic), ...entries.flatMap((entry) => [...words(entry.length), ...entry])]);
}

const INVENTORY = [0x5831_3116];
const CORE = [0x5456_4319, 0x5505_3847];

describe('the first entry of an image', () => {
  test('is read, whatever else it has', () => {
    expect(firstEntry('inventory', image(INVENTORY, [0x08, 2, 0x10, 1, 0x30, 2], [0x30, 1])).lsmtype).toBe(2);
    expect(firstEntry('inventory', image(INVENTORY, [0x08, 2])).lsmtype).toBeUndefined();
    // core_entry.thread_core.creds.lsm_profile
    const core = image(CORE, [0x08, 1, 0x2a, 7, 0x08, 0, 0x52, 3, 0x7a, 1, 0x61]);
    expect(firstEntry('core', core).thread_core?.creds?.lsm_profile).toBe('a');
  });

  test('of what is no such image is an error', () => {
    const good = image(INVENTORY, [0x30, 2]);
    expect(() => firstEntry('core', good)).toThrow('no image of the kind "core"');
    for (let length = 0; length < good.length; length++) {
      const short = good.subarray(0, length);
      expect(() => firstEntry('inventory', short)).toThrow(RangeError);
    }
  });
});

test('every entry of an image is read, and one that ends too soon is an error', () => {
  const mounts = image([0x5456_4319, 0x5556_3928], [0x10, 9, 0x50, 6, 0x58, 7], [0x10, 10], [0x58, 8]);
  expect(entries('mountpoints', mounts)).toEqual([{ shared_id: 6, master_id: 7 }, {}, { master_id: 8 }]);
  expect(entries('mountpoints', mounts.subarray(0, 8))).toEqual([]);
  expect(() => entries('mountpoints', mounts.subarray(0, -1))).toThrow(RangeError);
});
