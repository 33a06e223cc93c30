import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { busyboxRootfs, snippet, standInForRunc } from './runtime.ts';
import { attempt, type Daemon, daemon, type Finished, runDirectory, type ShellOptions, shell, tag } from './shell.ts';

const socket = 'unix:///run/docker.sock';
/** The distribution's client goes with the distribution's daemon. */
const client = existsSync('/usr/bin/docker') ? '/usr/bin/docker' : 'docker';
const containerdSocket = '/run/containerd/containerd.sock';

/** A dockerd with a containerd of its own, configured as docs/docker.md says. */
export class Docker {
  private readonly daemons: Daemon[] = [];
  private readonly extra: readonly string[];

  private constructor(extra: readonly string[]) {
    this.extra = extra;
  }

  /** Starts both, with the image `busybox`. */
  static async start(extra: readonly string[] = []): Promise<Docker> {
    const docker = new Docker(extra);
    standInForRunc();
    docker.daemons.push(await startContainerd('version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n'));
    await docker.startDockerd(snippet('docker.md', 'daemon.json'));
    await docker.run('import', busyboxRootfs().tar, 'busybox');
    return docker;
  }

  private async startDockerd(configuration: string): Promise<void> {
    const config = join(runDirectory, 'daemon.json');
    writeFileSync(config, configuration);
    const roots = ['--data-root', join(runDirectory, 'docker'), '--exec-root', '/run/docker', '--pidfile', '/run/docker.pid'];
    const options = ['--cgroup-parent', `/${tag}`, '--exec-opt', 'native.cgroupdriver=cgroupfs', '--containerd', containerdSocket];
    const command = ['dockerd', '--config-file', config, '-H', socket, ...roots, ...options, ...this.extra];
    this.daemons.push(await daemon('dockerd', command, () => shell([client, '-H', socket, 'version'])));
  }

  /** Ends dockerd, and starts it with another daemon.json. */
  async restart(configuration: object): Promise<void> {
    await this.daemons.pop()?.stop();
    await this.startDockerd(JSON.stringify(configuration));
  }

  /** State root that containerd's shim gives the runtime. */
  get stateRoot(): string {
    return '/run/docker/runtime-runc/moby';
  }

  /** A docker command that must succeed. @returns its stdout */
  run(...args: string[]): Promise<string> {
    return shell([client, '-H', socket, ...args]);
  }

  attempt(...args: string[]): Promise<Finished> {
    return attempt([client, '-H', socket, ...args]);
  }

  with(options: ShellOptions, ...args: string[]): Promise<Finished> {
    return attempt([client, '-H', socket, ...args], options);
  }

  /** The words of a docker command, for programs that call it themselves. */
  words(...args: string[]): string[] {
    return [client, '-H', socket, ...args];
  }

  /** stdout of a shell script in a new container that is removed afterwards. */
  sh(script: string, ...options: string[]): Promise<string> {
    return this.run('run', '--rm', ...options, 'busybox', 'sh', '-c', script);
  }

  /** Starts a container that waits for SIGTERM. */
  async background(name: string, ...options: string[]): Promise<void> {
    await this.run('run', '-d', '--name', name, ...options, 'busybox', 'sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done');
  }

  inspect(name: string, format: string): Promise<string> {
    return this.run('inspect', '-f', format, name);
  }

  /** Removes every container. */
  async clear(): Promise<void> {
    const ids = (await this.run('ps', '-aq')).split('\n').filter(Boolean);
    if (ids.length > 0) await this.run('rm', '-f', '-v', ...ids);
  }

  async stop(): Promise<void> {
    for (const each of this.daemons.reverse()) await each.stop();
  }
}

/** A containerd of this run's own. @param config further lines of config.toml, which begins with `version = 2` */
export function startContainerd(config: string): Promise<Daemon> {
  const file = join(runDirectory, 'containerd.toml');
  const [version = '', ...rest] = config.split('\n');
  writeFileSync(file, [version, `root = "${runDirectory}/containerd"`, 'state = "/run/containerd"', ...rest].join('\n'));
  return daemon('containerd', ['containerd', '-c', file, '-a', containerdSocket], () => shell(['ctr', '-a', containerdSocket, 'version']));
}
