import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { set } from './harness/config.ts';
import { cgroupDirectory } from './harness/container.ts';
import { cgroupMode } from './harness/suite.ts';

const device = { major: 7, minor: 0 };
/** Of the VM, with --disk. */
const [disk, mountPoint] = ['ubda', 'disk'];
const megabyte = 1 << 20;

describe('block I/O', () => {
  clause(
    'LNX-104 to LNX-107 the four throttles of a device, with 64 bits',
    async (box) => {
      const rate = 2 ** 40;
      const container = await box.create(
        box.bundle((config) =>
          set(config, '/linux/resources/blockIO', {
            throttleReadBpsDevice: [{ ...device, rate }],
            throttleWriteBpsDevice: [{ ...device, rate: 2_000_000 }],
            throttleReadIOPSDevice: [{ ...device, rate: 3_000 }],
            throttleWriteIOPSDevice: [{ ...device, rate: 4_000 }],
          }),
        ),
      );
      if (cgroupMode === 'unified') {
        expect(container.control('', 'io.max')).toBe(`7:0 rbps=${rate} wbps=2000000 riops=3000 wiops=4000`);
        return;
      }
      expect(container.control('blkio', 'blkio.throttle.read_bps_device')).toBe(`7:0 ${rate}`);
      expect(container.control('blkio', 'blkio.throttle.write_bps_device')).toBe('7:0 2000000');
      expect(container.control('blkio', 'blkio.throttle.read_iops_device')).toBe('7:0 3000');
      expect(container.control('blkio', 'blkio.throttle.write_iops_device')).toBe('7:0 4000');
    },
    '/sys/block/loop0',
  );

  clause(
    'LNX-105 a throttle binds: what is written to the disk takes its time',
    async (box) => {
      const [major, minor] = readFileSync(`/sys/block/${disk}/dev`, 'utf8').split(':').map(Number);
      const directory = mkdtempSync(`/${mountPoint}/throttle-`);
      try {
        const bundle = box.bundle((config) => {
          config.mounts.push({ destination: '/disk', source: directory, options: ['bind'] });
          config.process.args = ['dd', 'if=/dev/zero', 'of=/disk/file', 'bs=512k', 'count=4', 'oflag=direct'];
          set(config, '/linux/resources/blockIO', { throttleWriteBpsDevice: [{ major, minor, rate: megabyte }] });
        });
        const before = performance.now();
        (await box.run(bundle)).ok();
        // Two megabytes at one a second; the kernel lets the first requests pass early.
        expect(performance.now() - before).toBeGreaterThan(1_000);
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    },
    'cgroup v2',
    `/sys/block/${disk}`,
    `/${mountPoint}/lost+found`,
  );

  clause(
    'LNX-104 a device that is none, or no whole disk, is an error that says so',
    async (box) => {
      for (const [major, minor] of [
        [8, 255],
        [0, 40],
      ]) {
        const bundle = box.bundle((config) =>
          set(config, '/linux/resources/blockIO', { throttleReadBpsDevice: [{ major, minor, rate: megabyte }] }),
        );
        const result = await box.tryCreate(bundle);
        expect(result.status).toBe(1);
        expect(result.stderr).toMatch(/no such device/i);
        expect(result.stderr).toMatch(/hint only a whole disk can be limited.*lsblk --nodeps/);
        expect(box.leftovers()).toEqual([]);
      }
    },
    'runts',
  );

  clause(
    'LNX-101 the weight is written where the kernel has a file for it, and is an error elsewhere',
    async (box) => {
      const bundle = box.bundle((config) => set(config, '/linux/resources/blockIO', { weight: 200 }));
      const result = await box.tryCreate(bundle);
      const group = cgroupDirectory('blkio', bundle.config.linux.cgroupsPath ?? '');
      const files = ['io.bfq.weight', 'io.weight', 'blkio.bfq.weight', 'blkio.weight'].filter((name) => existsSync(join(group, name)));
      if (result.status !== 0) {
        expect(result.stderr).toMatch(/weight/);
        expect(box.leftovers()).toEqual([]);
        return;
      }
      // BFQ takes the number as it is; io.weight has another scale.
      expect(readFileSync(join(group, files[0] ?? ''), 'utf8')).toMatch(files[0] === 'io.weight' ? /1920/ : /200/);
    },
    'runts',
  );
});
