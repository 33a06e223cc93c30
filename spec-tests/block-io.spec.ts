import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { set } from './harness/config.ts';
import { cgroupMode } from './harness/suite.ts';

const device = { major: 7, minor: 0 };

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
});
