import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { inner, innerBundle, mounts } from './harness/bundle.ts';
import { Podman } from './harness/podman.ts';
import { needing } from './harness/runtime.ts';

// runts called inside of Podman's containers.

needing('podman', 'conmon').describe('runts in a container of Podman', () => {
  let podman: Podman;
  let bundle: string;
  beforeAll(async () => {
    podman = await Podman.set();
    bundle = await innerBundle();
  });
  afterEach(() => podman.clear());

  const attempt = (options: string[], words: string[]) =>
    podman.attempt(...podman.words(...options, ...mounts(bundle), 'busybox', ...words));

  test('runs containers with --privileged', async () => {
    const { status, stdout, stderr } = await attempt(['--privileged'], inner());
    expect(status, stderr).toBe(0);
    expect(stdout).toBe('cat');
  });

  test('doctor says with its exit status whether it does', async () => {
    const privileged = await attempt(['--privileged'], ['/runts', 'doctor']);
    expect(privileged.stdout).toContain('containers can be made here');
    expect(privileged.stdout).toMatch(/container: [Pp]odman/);
    expect(privileged.status).toBe(0);
    const plain = await attempt([], ['/runts', 'doctor']);
    expect(plain.stdout).toMatch(/missing {2}procfs: .*\n.*\n +mend .*unmask=ALL/);
    expect(plain.status).toBe(1);
  });

  test('runs containers with a user namespace where /proc is not masked, and tells so where it is', async () => {
    const file = join(bundle, 'config.json');
    const before = readFileSync(file, 'utf8');
    const config = JSON.parse(before);
    // Their filter keeps sethostname(2) from who has no CAP_SYS_ADMIN.
    delete config.hostname;
    config.linux.namespaces.push({ type: 'user' });
    config.linux.uidMappings = config.linux.gidMappings = [{ containerID: 0, hostID: 0, size: 65_536 }];
    writeFileSync(file, JSON.stringify(config));
    try {
      const words = inner(['--cgroup-manager', 'disabled']);
      const { status, stdout, stderr } = await attempt(['--security-opt', 'unmask=ALL'], words);
      expect(stderr).not.toContain('error:');
      expect([status, stdout]).toEqual([0, 'cat']);
      const masked = await attempt([], words);
      expect(masked.stderr).toMatch(/cannot create "proc" on "\/proc".*operation not permitted.*hint .*unmask=ALL/s);
    } finally {
      writeFileSync(file, before);
    }
  });

  test('tells what is to be done without', async () => {
    const cgroups = await attempt([], inner());
    expect(cgroups.stderr).toMatch(/read-only file system.*hint .*--privileged/s);
    const { status, stderr } = await attempt([], inner(['--cgroup-manager', 'disabled']));
    expect(status).toBe(1);
    expect(stderr).toMatch(/no CAP_SYS_ADMIN here.*--privileged/s);
  });
});
