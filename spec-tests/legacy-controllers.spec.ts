import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { set } from './harness/config.ts';

/** Whether a controller of cgroup v1 is there and mounted nowhere: then it can be, for as long as a test lasts. */
const free = (name: string): boolean => new RegExp(`^${name}\t0\t`, 'm').test(readFileSync('/proc/cgroups', 'utf8'));

/** Output of the program in a container with these resources, where the controllers are mounted besides the host's. */
async function under(box: Box, controllers: string, resources: Record<string, unknown>, program: string): Promise<string> {
  const place = join(box.directory, 'hierarchy');
  // A hierarchy that is unmounted while cgroups of it are still about to go outlives its mount, and keeps its controllers.
  const gone = `grep -Pq '^${controllers.split(',')[0]}\\t\\d+\\t1\\t' /proc/cgroups`;
  const script = `mkdir ${place} && mount -t cgroup -o ${controllers} ${controllers} ${place} && { "$@"; status=$?; }
    for i in $(seq 200); do ${gone} && break; sleep 0.02; done; umount ${place}; exit $status`;
  const bundle = box.bundle((config) => {
    config.process.args = ['sh', '-c', program];
    config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro'] });
    set(config, '/linux/resources', resources);
  });
  const result = await box.run(bundle, { through: ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh'] });
  return result.ok().stdout.trim();
}

describe('controllers of cgroup v1 that are seldom mounted', () => {
  for (const [title, controllers, resources, files, lines] of [
    [
      'LNX-110 LNX-111 the network class and the priorities of interfaces',
      'net_cls,net_prio',
      { network: { classID: 0x100001, priorities: [{ name: 'lo', priority: 7 }] } },
      'net_cls.classid net_prio.ifpriomap',
      [String(0x100001), 'lo 7'],
    ],
    [
      'LNX-108 LNX-109 limits of huge pages, of what is used and of what is reserved',
      'hugetlb',
      { hugepageLimits: [{ pageSize: '2MB', limit: 8 << 20 }] },
      'hugetlb.2MB.limit_in_bytes hugetlb.2MB.rsvd.limit_in_bytes',
      [String(8 << 20), String(8 << 20)],
    ],
  ] as const) {
    if (!controllers.split(',').every(free)) {
      test.skip(`${title} [skipped: needs ${controllers} of cgroup v1, not mounted]`);
      continue;
    }
    clause(
      title,
      async (box) => {
        const seen = await under(box, controllers, resources, `cd /sys/fs/cgroup/hierarchy && cat ${files}`);
        expect(seen.split('\n')).toEqual(expect.arrayContaining([...lines]));
      },
      'cgroup v1',
      // The others look for hierarchies below /sys/fs/cgroup alone.
      'runts',
    );
  }
});
