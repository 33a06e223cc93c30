import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Cri, decode, type Message } from './harness/cri.ts';
import { startContainerd } from './harness/docker.ts';
import { busyboxArchive } from './harness/image.ts';
import { leftovers } from './harness/left.ts';
import { needing, parsed, runtime, snippet, standInForRunc } from './harness/runtime.ts';
import { type Daemon, runDirectory, shell, tag, until } from './harness/shell.ts';

const image = 'docker.io/library/busybox:latest';
const pause = 'localhost/pause:latest';

/** What this machine needs besides: no registry, no CAP_SYS_RESOURCE. */
const besides = `
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pause}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  disable_cgroup = false
`;

/** The other runtime beside which a RuntimeClass is asked for: it fails. */
const other = `
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      BinaryName = "/bin/false"
`;

type Containerd = { default_runtime_name: string; runtimes: { runts: { runtime_type: string; options: Record<string, unknown> } } };

function containerdSection(config: string, plugin: string): Containerd {
  const { plugins } = parsed('TOML', config) as { plugins: Record<string, { containerd: Containerd }> };
  return plugins[plugin]?.containerd as Containerd;
}

/** Names and namespaces of a pod in the network of the host, which needs no plugin; below this run's cgroup. */
function pod(name: string): Message {
  return { 1: { 1: name, 2: `${name}-uid`, 3: 'default' }, 3: runDirectory, 8: { 1: `/${tag}/${name}`, 2: { 1: { 1: 2, 2: 1 } } } };
}

const text = (field: number | Buffer | undefined): string => String(field ?? '');

needing('containerd', 'ctr').describe('docs/containerd.md', () => {
  let containerd: Daemon;
  beforeAll(async () => {
    standInForRunc();
    containerd = await startContainerd(snippet('containerd.md', 'config-1.toml') + besides + other);
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

  describePods();
});

/** What the kubelet makes of the manifests of docs/kubernetes.md, by the same interface of containerd. */
function describePods(): void {
  const runtimeClass = parsed('YAML', snippet('kubernetes.md', 'runtime-class'));
  const manifest = parsed('YAML', snippet('kubernetes.md', 'pod'));
  const [container] = manifest.spec.containers;

  /** Runs the container of the manifest in a pod of this handler. @returns its exit status and what it wrote */
  async function runPod(cri: Cri, handler: string): Promise<{ status: unknown; log: string }> {
    const config = pod(manifest.metadata.name);
    const id = text((await cri.call('RunPodSandbox', { 1: config, 2: handler })).get(1));
    try {
      const program = {
        1: { 1: container.name },
        2: { 1: container.image },
        3: container.command,
        11: 'log',
        15: { 2: { 3: { 1: 2, 2: 1 } } },
      };
      const made = text((await cri.call('CreateContainer', { 1: id, 2: program, 3: config })).get(1));
      await cri.call('StartContainer', { 1: made });
      const status = await until('the container has ended', async () => {
        const found = decode((await cri.call('ContainerStatus', { 1: made })).get(1) as Buffer);
        return found.get(3) === 2 ? found : undefined;
      });
      return { status: status.get(7) ?? 0, log: await shell(['cat', join(runDirectory, 'log')]) };
    } finally {
      await cri.call('StopPodSandbox', { 1: id });
      await cri.call('RemovePodSandbox', { 1: id });
    }
  }

  test('what restricts the RuntimeClass to some nodes is a map of labels', () => {
    expect(parsed('YAML', snippet('kubernetes.md', 'scheduling'))).toEqual({
      scheduling: { nodeSelector: { 'runtime.example.org/runts': 'true' } },
    });
    expect(runtimeClass).toMatchObject({ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', handler: 'runts' });
    expect(manifest).toMatchObject({ apiVersion: 'v1', kind: 'Pod' });
  });

  test.each([
    ['by the RuntimeClass of docs/kubernetes.md', String(runtimeClass.handler)],
    ['by default', ''],
  ])('the pod of docs/kubernetes.md runs, %s', async (_, handler) => {
    expect(manifest.spec.runtimeClassName).toBe(runtimeClass.metadata.name);
    const cri = new Cri('/run/containerd/containerd.sock');
    try {
      const { status, log } = await runPod(cri, handler);
      expect(status).toBe(0);
      expect(log).toMatch(/ stdout F hello$/);
      if (handler !== '') await expect(runPod(cri, 'runc')).rejects.toThrow(/failed to create/);
      await expect(runPod(cri, 'nothing')).rejects.toThrow(/no runtime for "nothing" is configured/);
    } finally {
      cri.close();
    }
  });
}
