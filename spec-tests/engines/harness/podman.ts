import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { busyboxRootfs, hardLimit, snippet } from './runtime.ts';
import { attempt, type Finished, runDirectory, type ShellOptions, shell, tag } from './shell.ts';

/** Podman and Buildah as root, configured as docs/podman.md says. */
export class Podman {
  /** The default state root of the runtime: Podman names none. */
  readonly stateRoot = '/run/runts';

  /** Writes the configuration into this run's own /etc and imports the image `busybox`. */
  static async set(): Promise<Podman> {
    mkdirSync('/etc/containers', { recursive: true });
    // What the machine is in the way of, not what runts asks for: no systemd, and limits that cannot be raised.
    const machine = [
      '[containers]',
      'apparmor_profile = "unconfined"',
      'log_driver = "k8s-file"',
      `default_ulimits = ["nofile=${hardLimit('nofile')}:${hardLimit('nofile')}", "nproc=${hardLimit('nproc')}:${hardLimit('nproc')}"]`,
    ];
    const engine = ['[engine]', 'cgroup_manager = "cgroupfs"', 'events_logger = "file"'].join('\n');
    const text = snippet('podman.md', 'containers.conf').replace('[engine]', engine);
    writeFileSync('/etc/containers/containers.conf', `${machine.join('\n')}\n${text}`);
    const roots = `graphroot = "${runDirectory}/storage"\nrunroot = "/run/containers/storage"\n`;
    writeFileSync('/etc/containers/storage.conf', `[storage]\ndriver = "overlay"\n${roots}`);
    writeFileSync('/etc/containers/policy.json', '{"default":[{"type":"insecureAcceptAnything"}]}');
    writeFileSync('/etc/containers/registries.conf', 'unqualified-search-registries = ["localhost"]\nshort-name-mode = "permissive"\n');
    process.env['PODMAN_IGNORE_CGROUPSV1_WARNING'] = '1';
    const podman = new Podman();
    await podman.run('import', join(busyboxRootfs().tar), 'busybox');
    return podman;
  }

  run(...args: string[]): Promise<string> {
    return shell(['podman', ...args]);
  }

  attempt(...args: string[]): Promise<Finished> {
    return attempt(['podman', ...args]);
  }

  with(options: ShellOptions, ...args: string[]): Promise<Finished> {
    return attempt(['podman', ...args], options);
  }

  /** The words of `run --rm` below this run's cgroup. */
  words(...args: string[]): string[] {
    return ['run', '--rm', '--cgroup-parent', `/${tag}`, ...args];
  }

  sh(script: string, ...options: string[]): Promise<string> {
    return this.run(...this.words(...options, 'busybox', 'sh', '-c', script));
  }

  async background(name: string, ...options: string[]): Promise<void> {
    const script = 'trap "exit 0" TERM; while :; do sleep 0.1; done';
    await this.run('run', '-d', '--cgroup-parent', `/${tag}`, '--name', name, ...options, 'busybox', 'sh', '-c', script);
  }

  async clear(): Promise<void> {
    await this.run('pod', 'rm', '-af', '-t', '1');
    await this.run('rm', '-af', '-t', '1');
  }
}
