import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { Podman } from './harness/podman.ts';
import { needing, parsed, runtime, snippet } from './harness/runtime.ts';
import { shell, tag } from './harness/shell.ts';

needing('podman', 'conmon').describe('docs/podman.md', () => {
  let podman: Podman;
  beforeAll(async () => {
    podman = await Podman.set();
  });
  afterEach(() => podman.clear());

  /** The default runtime of Podman with the documented lines in this file alone. */
  async function runtimeFrom(file: string): Promise<string> {
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, snippet('podman.md', 'containers.conf'));
    try {
      return await podman.run('info', '-f', '{{.Host.OCIRuntime.Name}}');
    } finally {
      rmSync(file);
    }
  }

  test('the names of the file for the lines', async () => {
    const own = '/etc/containers/containers.conf';
    const before = await shell(['cat', own]);
    rmSync(own);
    try {
      expect(await podman.run('info', '-f', '{{.Host.OCIRuntime.Name}}')).not.toBe('runts');
      expect(await runtimeFrom('/etc/containers/containers.conf.d/runts.conf')).toBe('runts');
      expect(await runtimeFrom(own)).toBe('runts');
    } finally {
      writeFileSync(own, before);
    }
  });

  test('the lists hold the base name, also where the runtime is named by its path', async () => {
    const named = ['--runtime', runtime];
    expect((await podman.attempt(...named, ...podman.words('busybox', 'nothing'))).status).toBe(127);
    expect((await podman.attempt(...named, ...podman.words('busybox', '/etc'))).status).toBe(126);
    expect(await podman.run(...named, 'run', '--rm', '--cgroups', 'disabled', 'busybox', 'echo', 'free')).toBe('free');
  });

  needing('buildah').test('Buildah with --runtime and with BUILDAH_RUNTIME', async () => {
    const container = await shell(['buildah', 'from', '--cgroup-parent', `/${tag}/buildah`, 'localhost/busybox']);
    try {
      const command = ['--isolation', 'oci', container, 'sh', '-c', 'echo $((40 + 2))'];
      expect(await shell(['buildah', 'run', '--runtime', runtime, ...command])).toBe('42');
      expect(await shell(['buildah', 'run', ...command], { env: { BUILDAH_RUNTIME: runtime } })).toBe('42');
      // Which shows that the names are read.
      await expect(shell(['buildah', 'run', '--runtime', '/bin/false', ...command])).rejects.toThrow();
      await expect(shell(['buildah', 'run', ...command], { env: { BUILDAH_RUNTIME: '/bin/false' } })).rejects.toThrow();
    } finally {
      await shell(['buildah', 'rm', container]);
    }
  });

  test('the lines for CRI-O are TOML with the runtime as default', () => {
    const { crio } = parsed('TOML', snippet('podman.md', 'crio.conf')) as { crio: { runtime: Record<string, unknown> } };
    expect(crio.runtime).toEqual({
      default_runtime: 'runts',
      runtimes: { runts: { runtime_path: runtime, runtime_type: 'oci', runtime_root: '/run/runts' } },
    });
  });
});
