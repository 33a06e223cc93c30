import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { addCapabilities } from './harness/config.ts';
import { debianRoot, makeDebianRoot } from './harness/debian-root.ts';
import { inVm } from './harness/suite.ts';

/** SPEC_DEBIAN= names a rootfs with nginx that was made elsewhere. */
const debian = process.env['SPEC_DEBIAN'] ?? debianRoot;

const available = existsSync(debian);

/** Why there is no Debian here. */
let lacking: string | undefined;

async function makeDebian(): Promise<void> {
  if (existsSync(debian) || !existsSync('/usr/sbin/debootstrap') || inVm || process.getuid?.() !== 0) return;
  lacking = await makeDebianRoot();
}

describe('a Debian rootfs', () => {
  beforeAll(makeDebian, 900_000);
  beforeEach((context) => context.skip(lacking !== undefined, lacking));

  clause(
    'RT-018 nginx answers a request',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.root = { path: debian, readonly: true };
        config.hostname = 'debian';
        config.process.env = ['PATH=/usr/sbin:/usr/bin:/sbin:/bin', ...box.marks];
        config.process.args = ['nginx', '-g', 'daemon off;'];
        addCapabilities(config, 'CAP_DAC_OVERRIDE', 'CAP_SETPCAP');
        for (const destination of ['/var/lib/nginx', '/var/log/nginx', '/run', '/tmp'])
          config.mounts.push({ destination, type: 'tmpfs', source: 'tmpfs', options: ['mode=755'] });
        config.mounts.push({ destination: '/mnt', source: join(box.suite.directory, 'programs'), options: ['bind', 'ro'] });
        config.linux.maskedPaths = ['/proc/kcore', '/sys/firmware'];
        config.linux.readonlyPaths = ['/proc/sys'];
      });
      const container = await box.started(bundle);
      const answer = await until('an answer of nginx', async () => {
        const result = await container.exec(['/mnt/busybox', 'wget', '-q', '-O', '-', 'http://127.0.0.1/']);
        if (result.status === 0) return result.stdout;
        if ((await container.status()) === 'stopped') throw new Error(`nginx has ended: ${container.stderr}`);
        return undefined;
      });
      expect(answer).toContain('Welcome to nginx');
      expect(await container.output('cat', '/etc/debian_version')).toMatch(/^12\./);
      (await container.kill('QUIT')).ok();
      await container.reaches('stopped');
    },
    // In the VM it must have been made by an earlier run on the host.
    ...(available ? [] : inVm ? (['SPEC_DEBIAN'] as const) : (['/usr/sbin/debootstrap'] as const)),
  );
});
