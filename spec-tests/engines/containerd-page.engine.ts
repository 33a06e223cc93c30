import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Cri } from './harness/cri.ts';
import { startContainerd } from './harness/docker.ts';
import { busyboxArchive } from './harness/image.ts';
import { leftovers } from './harness/left.ts';
import { besides, image, Pod, pause } from './harness/pod.ts';
import { needing, parsed, runtime, snippet, standInForRunc } from './harness/runtime.ts';
import { type Daemon, runDirectory, shell, tag } from './harness/shell.ts';

type Containerd = { default_runtime_name: string; runtimes: { runts: { runtime_type: string; options: Record<string, unknown> } } };

function containerdSection(config: string, plugin: string): Containerd {
  const { plugins } = parsed('TOML', config) as { plugins: Record<string, { containerd: Containerd }> };
  return plugins[plugin]?.containerd as Containerd;
}

needing('containerd', 'ctr').describe('docs/containerd.md', () => {
  let containerd: Daemon;
  beforeAll(async () => {
    standInForRunc();
    containerd = await startContainerd(snippet('containerd.md', 'config-1.toml') + besides);
    const archive = await busyboxArchive([image, pause], { Entrypoint: ['/bin/sleep'], Cmd: ['1000000'], Env: ['PATH=/bin'] });
    for (const namespace of ['default', 'k8s.io']) await shell(['ctr', '-n', namespace, 'image', 'import', archive]);
  });
  afterAll(async () => {
    const left = leftovers(['/run/containerd/runc/default', '/run/containerd/runc/k8s.io'], /containerd-shim|sleep 1000000/);
    await containerd.stop();
    expect(left).toEqual([]);
  });

  test('the command of ctr', async () => {
    const words = snippet('containerd.md', 'ctr').trim().split(' ');
    words.splice(words.indexOf('--rm'), 0, '--cgroup', `/${tag}/hello`);
    // The image of the page starts a shell, this one `sleep`: what follows the id replaces either.
    expect(await shell(words)).toBe('hello');
  });

  test('the sections of 1.x and 2.x say the same, and SystemdCgroup goes beside BinaryName', async () => {
    const options = { BinaryName: runtime };
    const section = { default_runtime_name: 'runts', runtimes: { runts: { runtime_type: 'io.containerd.runc.v2', options } } };
    expect(containerdSection(snippet('containerd.md', 'config-1.toml'), 'io.containerd.grpc.v1.cri')).toEqual(section);
    expect(containerdSection(snippet('containerd.md', 'config-2.toml'), 'io.containerd.cri.v1.runtime')).toEqual(section);
    const file = join(runDirectory, 'systemd.toml');
    writeFileSync(file, `${snippet('containerd.md', 'config-1.toml').trimEnd()}\n      SystemdCgroup = true\n`);
    expect(await shell(['containerd', '-c', file, 'config', 'dump'])).toMatch(/BinaryName = "[^"]+"\n(.*\n)*?\s+SystemdCgroup = true/);
  });

  test('features tells of user namespaces and of recursive read-only mounts', async () => {
    const features = JSON.parse(await shell([runtime, 'features']));
    expect(features.linux.mountExtensions.idmap.enabled).toBe(true);
    expect(features.mountOptions).toContain('rro');
  });

  test('the pod of docs/kubernetes.md runs where runts is the default', async () => {
    const cri = new Cri('/run/containerd/containerd.sock');
    try {
      const pod = await Pod.run(cri, 'hello', '');
      try {
        const { image, command } = parsed('YAML', snippet('kubernetes.md', 'pod')).spec.containers[0];
        const container = await pod.start(image, command);
        expect(await pod.ended(container)).toBe(0);
        expect(pod.log()).toMatch(/ stdout F hello\n$/);
      } finally {
        await pod.remove();
      }
    } finally {
      cri.close();
    }
  });
});
