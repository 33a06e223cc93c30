import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { Config, Resources } from '../harness/config.ts';
import { from, type Piece, piece, some } from './piece.ts';

const megabytes = (...sizes: readonly number[]) => from(...sizes.map((size) => size * 1024 * 1024));

/** Without a number it is of all devices of the type. */
const rule = fc.record(
  {
    allow: fc.boolean(),
    type: from('c', 'b', 'a'),
    major: from(-1, 1, 10, 254),
    minor: from(-1, 3, 5, 200),
    access: from('r', 'w', 'rw', 'rwm', 'm'),
  },
  { requiredKeys: ['allow', 'type', 'access'] },
);

function add(config: Config, resources: Resources): void {
  config.linux.resources = { ...config.linux.resources, ...resources };
}

/** A disk of this host; without one there is nothing to limit. */
function firstDisk(): { readonly major: number; readonly minor: number } | undefined {
  const [, major, minor] = /^ *(\d+) +(\d+) +\d+ [a-z]+$/m.exec(readFileSync('/proc/partitions', 'utf8')) ?? [];
  return major === undefined ? undefined : { major: Number(major), minor: Number(minor) };
}

/** The size of huge pages as cgroup v1 names it, where it limits them. */
function hugePageSize(): string | undefined {
  const kilobytes = Number(/^Hugepagesize: +(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0);
  const name = `${kilobytes / 1024}MB`;
  return existsSync(`/sys/fs/cgroup/hugetlb/hugetlb.${name}.limit_in_bytes`) ? name : undefined;
}

const rates = fc.subarray(
  ['throttleReadBpsDevice', 'throttleWriteBpsDevice', 'throttleReadIOPSDevice', 'throttleWriteIOPSDevice'] as const,
  { minLength: 1 },
);

export const resourcePieces: readonly Piece[] = [
  piece(
    'memory',
    some({
      limit: megabytes(64, 256),
      reservation: megabytes(32, 64),
      swap: megabytes(256, 512),
      swappiness: from(0, 60, 100),
      disableOOMKiller: fc.boolean(),
    }),
    // Swap includes memory.
    ({ swap, ...memory }, { config }) =>
      add(config, { memory: memory.limit === undefined || swap === undefined ? memory : { ...memory, swap } }),
  ),
  piece(
    'cpu',
    some({
      shares: from(128, 512, 1024, 10_000),
      quota: from(-1, 100_000, 400_000),
      period: from(50_000, 100_000),
      cpus: from('0', '0-1', '1'),
      mems: from('0'),
    }),
    (cpu, { config }) => add(config, { cpu: { ...config.linux.resources?.cpu, ...cpu } }),
  ),
  piece(
    'cpu burst',
    from(0, 10_000, 50_000),
    (burst, { config }) => add(config, { cpu: { ...config.linux.resources?.cpu, quota: 100_000, burst } }),
    { runc: '1.2', crun: '1.8.2' },
  ),
  piece('pids', from(-1, 100, 1000), (limit, { config }) => add(config, { pids: { limit } })),
  piece('disk', fc.tuple(rates, from(1 << 20, 1 << 30)), ([names, rate], { config }) => {
    const disk = firstDisk();
    if (disk) add(config, { blockIO: Object.fromEntries(names.map((name) => [name, [{ ...disk, rate }]])) });
  }),
  piece('huge pages', from(0, 2, 64), (count, { config }) => {
    const pageSize = hugePageSize();
    if (pageSize !== undefined) add(config, { hugepageLimits: [{ pageSize, limit: count * Number(pageSize.slice(0, -2)) * (1 << 20) }] });
  }),
  piece('device rules', fc.tuple(fc.boolean(), fc.array(rule, { maxLength: 4 })), ([denies, rules], { config }) =>
    add(config, { devices: [...(denies ? [{ allow: false, access: 'rwm' }] : []), ...rules] }),
  ),
];
