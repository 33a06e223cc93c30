import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cri, decode, type Message } from './cri.ts';
import { runDirectory, tag, until } from './shell.ts';

export const image = 'docker.io/library/busybox:latest';
/** The image of the process that keeps the namespaces of a pod. */
export const pause = 'localhost/pause:latest';

/** What this machine needs of containerd besides: no registry, no CAP_SYS_RESOURCE. */
export const besides = `
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pause}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  disable_cgroup = false
`;

type Answer = Map<number, number | Buffer>;

const text = (field: number | Buffer | undefined): string => String(field ?? '');
/** Namespaces: the network of the host, which needs no plugin; pids of each container's own. */
const namespaceOptions: Message = { 1: 2, 2: 1 };

/** A pod as the kubelet makes it, by CRI (runtime.v1); below this run's cgroup. */
export class Pod {
  private readonly cri: Cri;
  private readonly config: Message;
  readonly id: string;

  private constructor(cri: Cri, config: Message, id: string) {
    this.cri = cri;
    this.config = config;
    this.id = id;
  }

  /** @param handler that of the RuntimeClass; empty: the default one. @throws Error with what containerd says */
  static async run(cri: Cri, name: string, handler: string): Promise<Pod> {
    const config = {
      1: { 1: name, 2: `${name}-uid`, 3: 'default' },
      3: runDirectory,
      8: { 1: `/${tag}/${name}`, 2: { 1: namespaceOptions } },
    };
    return new Pod(cri, config, text((await cri.call('RunPodSandbox', { 1: config, 2: handler })).get(1)));
  }

  /** Name of the handler that made it, as containerd keeps it. */
  async handler(): Promise<string> {
    const status = decode((await this.cri.call('PodSandboxStatus', { 1: this.id })).get(1) as Buffer);
    return text(status.get(9));
  }

  /** Creates a container and starts it. @param memory limit in bytes. @returns its id */
  async start(of: string, command: readonly string[], memory = 64 << 20): Promise<string> {
    const limits = { 1: { 4: memory }, 2: { 3: namespaceOptions } };
    const program = { 1: { 1: 'main' }, 2: { 1: of }, 3: command, 11: 'log', 15: limits };
    const id = text((await this.cri.call('CreateContainer', { 1: this.id, 2: program, 3: this.config })).get(1));
    await this.cri.call('StartContainer', { 1: id });
    return id;
  }

  private async status(container: string): Promise<Answer> {
    return decode((await this.cri.call('ContainerStatus', { 1: container })).get(1) as Buffer);
  }

  /** Waits for the end of a container. @returns its exit status */
  async ended(container: string): Promise<number> {
    const status = await until('the container has ended', async () => {
      const found = await this.status(container);
      return found.get(3) === 2 ? found : undefined;
    });
    return Number(status.get(7) ?? 0);
  }

  /** As `kubectl exec` without a terminal. */
  async exec(container: string, ...command: readonly string[]): Promise<{ stdout: string; stderr: string; status: number }> {
    const answer = await this.cri.call('ExecSync', { 1: container, 2: command, 3: 10 });
    return { stdout: text(answer.get(1)), stderr: text(answer.get(2)), status: Number(answer.get(3) ?? 0) };
  }

  /** What `kubectl logs` reads: a line for each line, with time and stream. */
  log = (): string => readFileSync(join(runDirectory, 'log'), 'utf8');

  async remove(): Promise<void> {
    await this.cri.call('StopPodSandbox', { 1: this.id });
    await this.cri.call('RemovePodSandbox', { 1: this.id });
  }
}
