// docs/kubernetes.md as far as a node goes: there is no kubelet and no cluster here, but containerd, which is asked by CRI for what the kubelet would ask.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { consoleLines } from '../../scripts/documents.ts';
import { Cri } from './harness/cri.ts';
import { startContainerd } from './harness/docker.ts';
import { busyboxArchive } from './harness/image.ts';
import { leftovers } from './harness/left.ts';
import { besides, image, Pod, pause } from './harness/pod.ts';
import { needing, parsed, runtime, snippet, standInForRunc } from './harness/runtime.ts';
import { type Daemon, shell } from './harness/shell.ts';

const stateRoot = '/run/containerd/runc/k8s.io';

/** The default of the node, beside which a RuntimeClass is asked for: it makes nothing, so that whatever is made is made by runts. */
const byDefault = `
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      BinaryName = "/bin/false"
`;

needing('containerd', 'ctr').describe('docs/kubernetes.md, by CRI', () => {
  const runtimeClass = parsed('YAML', snippet('kubernetes.md', 'runtime-class'));
  const manifest = parsed('YAML', snippet('kubernetes.md', 'pod'));
  let containerd: Daemon;
  let cri: Cri;
  beforeAll(async () => {
    standInForRunc();
    containerd = await startContainerd(snippet('kubernetes.md', 'node.toml') + besides + byDefault);
    const archive = await busyboxArchive([image, pause], { Entrypoint: ['/bin/sleep'], Cmd: ['1000000'], Env: ['PATH=/bin'] });
    await shell(['ctr', '-n', 'k8s.io', 'image', 'import', archive]);
    cri = new Cri('/run/containerd/containerd.sock');
  });
  afterAll(async () => {
    cri?.close();
    const left = leftovers([stateRoot], /containerd-shim|sleep 1000000/);
    await containerd.stop();
    expect(left).toEqual([]);
  });

  /** A pod of that handler for the time of `body`. */
  async function inPod(handler: string, body: (pod: Pod) => Promise<void>): Promise<void> {
    const pod = await Pod.run(cri, manifest.metadata.name, handler);
    try {
      await body(pod);
    } finally {
      await pod.remove();
    }
  }

  test('the manifests: the pod names the RuntimeClass, which may be restricted to some nodes', () => {
    expect(runtimeClass).toMatchObject({ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', handler: 'runts' });
    expect(manifest).toMatchObject({ apiVersion: 'v1', kind: 'Pod', spec: { runtimeClassName: runtimeClass.metadata.name } });
    const scheduling = parsed('YAML', snippet('kubernetes.md', 'scheduling'));
    expect(scheduling).toEqual({ scheduling: { nodeSelector: { 'runtime.example.org/runts': 'true' } } });
  });

  test('the pod of the page runs by the handler of its RuntimeClass, and by no other', async () => {
    await inPod(runtimeClass.handler, async (pod) => {
      expect(await pod.handler()).toBe('runts');
      const [{ command }] = manifest.spec.containers;
      expect(await pod.ended(await pod.start(image, command))).toBe(0);
      expect(pod.log()).toMatch(/ stdout F hello\n$/);
    });
    await expect(Pod.run(cri, 'other', '')).rejects.toThrow(/failed to create/);
    await expect(Pod.run(cri, 'other', 'nothing')).rejects.toThrow(/no runtime for "nothing" is configured/);
  });

  test('a container in the pod: exec, logs, limits that change, the list on the node, stop and remove', async () => {
    await inPod(runtimeClass.handler, async (pod) => {
      const script = 'echo out; echo err >&2; trap "exit 7" TERM; while :; do sleep 0.1; done';
      const container = await pod.start(image, ['sh', '-c', script]);
      expect(await pod.exec(container, 'sh', '-c', 'echo in; echo no >&2; exit 3')).toEqual({ stdout: 'in\n', stderr: 'no\n', status: 3 });
      await expect(pod.exec(container, 'nothing')).rejects.toThrow(/executable file not found in \$PATH/);
      await cri.call('UpdateContainerResources', { 1: container, 2: { 4: 128 << 20 } });
      const stats = JSON.parse(await shell([runtime, '--root', stateRoot, 'stats', '--no-stream', '--format', 'json', container]));
      expect(JSON.stringify(stats)).toContain(String(128 << 20));
      for (const { command, output } of consoleLines(snippet('kubernetes.md', 'list'))) {
        const listed = await shell([runtime, ...command.split(' ').slice(1)]);
        expect(listed.split('\n')[0]?.split(/ +/)).toEqual(output.split('\n')[0]?.split(/ +/));
        for (const id of [container, pod.id]) expect(listed).toMatch(new RegExp(`^${id} .* running `, 'm'));
      }
      await cri.call('StopContainer', { 1: container, 2: 10 });
      expect(await pod.ended(container)).toBe(7);
      expect(pod.log()).toMatch(/ stdout F out\n/);
      expect(pod.log()).toMatch(/ stderr F err\n/);
      await cri.call('RemoveContainer', { 1: container });
      expect(await shell([runtime, '--root', stateRoot, 'list', '--quiet'])).toBe(pod.id);
    });
    expect(await shell([runtime, '--root', stateRoot, 'list', '--quiet'])).toBe('');
  });

  test('a program that is missing, and one over its memory limit, are told to the kubelet', async () => {
    await inPod(runtimeClass.handler, async (pod) => {
      await expect(pod.start(image, ['nothing'])).rejects.toThrow(/exec: "nothing": executable file not found in \$PATH/);
    });
    await inPod(runtimeClass.handler, async (pod) => {
      const container = await pod.start(image, ['tail', '-c', '104857600', '/dev/zero'], 16 << 20);
      expect(await pod.ended(container)).toBe(137);
    });
  });
});
