import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, beforeEach, describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { addCapabilities } from './harness/config.ts';
import { inVm } from './harness/suite.ts';

/** Kept between runs: making it takes a minute and a Debian mirror. SPEC_DEBIAN= names a rootfs made elsewhere. */
const cache = process.env['SPEC_DEBIAN'] ?? join(tmpdir(), 'runts-spec-debian');

const available = existsSync(cache);

/** Why there is no Debian here. */
let lacking: string | undefined;

/** Makes a minimal Debian with nginx in the cache unless it is there, or cannot be had. */
async function makeDebian(): Promise<void> {
  if (existsSync(join(cache, 'usr/sbin/nginx')) || !existsSync('/usr/sbin/debootstrap') || inVm || process.getuid?.() !== 0) return;
  const fresh = `${cache}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { mode: 0o755 });
  try {
    await promisify(execFile)('debootstrap', ['--variant=minbase', '--include=nginx-light', 'bookworm', fresh]);
    renameSync(fresh, cache);
  } catch (error) {
    const { stdout = '' } = error as { stdout?: string };
    // Whatever else stops debootstrap is a fault to look into.
    if (!/^E: (Failed getting release file|Couldn't download|Invalid Release file)|Couldn't retrieve/m.test(stdout)) throw error;
    lacking = 'debootstrap could not reach a Debian mirror';
    rmSync(fresh, { recursive: true, force: true });
  }
}

describe('a Debian rootfs', () => {
  beforeAll(makeDebian, 900_000);
  beforeEach((context) => context.skip(lacking !== undefined, lacking));

  clause(
    'RT-018 nginx answers a request',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.root = { path: cache, readonly: true };
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
    // In the VM the cache must have been made by an earlier run on the host.
    ...(available ? [] : inVm ? (['SPEC_DEBIAN'] as const) : (['/usr/sbin/debootstrap'] as const)),
  );
});
