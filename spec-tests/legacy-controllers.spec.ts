import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { set } from './harness/config.ts';
import { cgroupMode } from './harness/suite.ts';

/** Controllers of cgroup v1 that few hosts mount; one that nobody has mounted can be, for as long as a test lasts. */
const free = (...names: string[]): boolean => {
  const lines = readFileSync('/proc/cgroups', 'utf8').split('\n');
  return cgroupMode === 'v1' && names.every((name) => lines.some((line) => new RegExp(`^${name}\t0\t`).test(line)));
};

/** Output of the program in a container with these resources, where the controllers are mounted besides the host's. */
async function under(box: Box, controllers: string, resources: Record<string, unknown>, program: string): Promise<string> {
  const place = join(box.directory, 'hierarchy');
  const script = `mkdir ${place} && mount -t cgroup -o ${controllers} ${controllers} ${place} && exec "$@"`;
  const bundle = box.bundle((config) => {
    config.process.args = ['sh', '-c', program];
    config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro'] });
    set(config, '/linux/resources', resources);
  });
  const result = await box.run(bundle, { through: ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh'] });
  return result.ok().stdout.trim();
}

describe('controllers of cgroup v1 that are seldom mounted', () => {
  if (free('net_cls', 'net_prio')) {
    clause('LNX-110 LNX-111 the network class and the priorities of interfaces', async (box) => {
      const network = { classID: 0x100001, priorities: [{ name: 'lo', priority: 7 }] };
      const files = 'cd /sys/fs/cgroup/hierarchy && cat net_cls.classid net_prio.ifpriomap';
      const seen = await under(box, 'net_cls,net_prio', { network }, files);
      expect(seen.split('\n')).toEqual(expect.arrayContaining([String(0x100001), 'lo 7']));
    });
  }

  if (free('hugetlb')) {
    clause('LNX-108 LNX-109 limits of huge pages, of what is used and of what is reserved', async (box) => {
      const hugepageLimits = [{ pageSize: '2MB', limit: 8 << 20 }];
      const files = 'cd /sys/fs/cgroup/hierarchy && cat hugetlb.2MB.limit_in_bytes hugetlb.2MB.rsvd.limit_in_bytes';
      expect(await under(box, 'hugetlb', { hugepageLimits }, files)).toBe(`${8 << 20}\n${8 << 20}`);
    });
  }
});
