import { existsSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { cgroupMode, cgroupMounts } from './harness/suite.ts';

const top = cgroupMode === 'v1' ? '/sys/fs/cgroup/pids' : '/sys/fs/cgroup';

describe('a mount of a hierarchy that is listed before the one in /sys/fs/cgroup', () => {
  for (const [kind, source, then] of [
    ['read-only', top, 'mount -o remount,bind,ro stray'],
    ['of a directory of it', `${top}/$1`, 'true'],
    ['that is hidden', top, 'mount -t tmpfs none stray'],
    ['that is as good', top, 'true'],
  ] as const) {
    clause(
      `LNX-059 is not taken for it: ${kind}`,
      async (box) => {
        const bundle = box.bundle((config) => {
          config.linux.resources = { pids: { limit: 33 } };
        });
        // The usual one is mounted anew, so that it comes later; the host keeps its own.
        const again = `mkdir again && mount --bind ${top} again && umount -l ${top} && mount --move again ${top}`;
        const script = `mkdir -p stray ${top}/$1 && mount --bind ${source} stray && ${then} && ${again} && rmdir ${top}/$1; shift; exec "$@"`;
        const through = ['unshare', '--mount', '--propagation', 'private', 'sh', '-ec', script, 'sh', `${bundle.id}-sub`];
        const container = await box.create(bundle, { through });
        expect(container.control('pids', 'pids.max')).toBe('33');
        expect(container.control('pids', 'cgroup.procs')).toBe(String(container.pid));
      },
      'runts',
    );
  }
});

describe('a container that has left its cgroup', () => {
  clause(
    'CLI-042 exec follows init where the cgroup has been removed',
    async (box) => {
      const container = await box.started(box.bundle());
      for (const mount of cgroupMounts()) {
        const own = join(mount, container.id);
        writeFileSync(join(mount, 'cgroup.procs'), String(container.pid));
        await until(`${own} is removed`, () => {
          if (existsSync(own)) rmdirSync(own);
          return true;
        });
      }
      const result = await container.exec(['cat', '/proc/self/cgroup']);
      expect(result.ok().stdout).toBe(readFileSync(`/proc/${container.pid}/cgroup`, 'utf8'));
      expect((await container.exec(['true'], ['--cgroup', 'none'])).status).toBe(255);
      (await container.delete('--force')).ok();
    },
    'runts',
  );
});
