import { appendFileSync, chmodSync, chownSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { busyboxRootfs, hardLimit, runtime, snippet } from './runtime.ts';
import { attempt, type Finished, runDirectory, type ShellOptions, shell } from './shell.ts';

/** An account of this run's own /etc, with ranges of ids. */
export const uid = 6501;
export const ranges = { from: 400_000, size: 65_536 } as const;
const name = 'plain';
const runtimeDirectory = `/run/user/${uid}`;

/** Makes a directory of the user's. */
function directoryOf(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chownSync(path, uid, uid);
  return path;
}

/** What every user of a desktop may open, and on a server without udev nobody but root; in this run's mount namespace alone. */
async function openDevice(device: string, major: number, minor: number): Promise<void> {
  const node = join(runDirectory, `device-${device.replace('/', '-')}`);
  await shell(['mknod', '-m', '0666', node, 'c', String(major), String(minor)]);
  if ((await attempt(['test', '-e', `/dev/${device}`])).status === 0) await shell(['mount', '--bind', node, `/dev/${device}`]);
}

/** Podman of a user without privileges, configured as docs/podman.md says. */
export class UserPodman {
  /** The default state root of the runtime: Podman names none. */
  readonly stateRoot = `${runtimeDirectory}/runts`;
  readonly home = join(runDirectory, 'user');

  /** Makes the account and its configuration, and imports the image `busybox`. */
  static async set(): Promise<UserPodman> {
    const podman = new UserPodman();
    const entries: Readonly<Record<string, string>> = {
      passwd: `${name}:x:${uid}:${uid}::${podman.home}:/bin/sh\n`,
      group: `${name}:x:${uid}:\n`,
      subuid: `${name}:${ranges.from}:${ranges.size}\n`,
      subgid: `${name}:${ranges.from}:${ranges.size}\n`,
    };
    for (const [file, line] of Object.entries(entries)) appendFileSync(join('/etc', file), line);
    await openDevice('fuse', 10, 229);
    await openDevice('net/tun', 10, 200);
    chmodSync(runDirectory, 0o711);
    mkdirSync('/run/user', { recursive: true });
    for (const path of [podman.home, join(podman.home, 'tmp'), runtimeDirectory]) directoryOf(path);
    podman.configure();
    // The user may not get at a checkout that lies in a home folder of root's.
    copyFileSync(runtime, podman.runtime);
    chmodSync(podman.runtime, 0o755);
    const tar = join(podman.home, 'busybox.tar');
    copyFileSync(busyboxRootfs().tar, tar);
    chownSync(tar, uid, uid);
    await podman.run('import', tar, 'busybox');
    return podman;
  }

  private get runtime(): string {
    return join(this.home, 'runts');
  }

  private configure(): void {
    directoryOf(join(this.home, '.config'));
    const folder = directoryOf(join(this.home, '.config/containers'));
    const limits = ['nofile', 'nproc'].map((kind) => `"${kind}=${hardLimit(kind as 'nofile')}:${hardLimit(kind as 'nofile')}"`);
    const machine = `[containers]\napparmor_profile = "unconfined"\nlog_driver = "k8s-file"\ndefault_ulimits = [${limits.join(', ')}]\n`;
    const engine = `[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\ntmp_dir = "${runtimeDirectory}/libpod/tmp"`;
    const text = snippet('podman.md', 'containers.conf').replaceAll(runtime, this.runtime).replace('[engine]', engine);
    const files: Readonly<Record<string, string>> = {
      'containers.conf': `${machine}${text}`,
      'storage.conf': `[storage]\ndriver = "overlay"\ngraphroot = "${this.home}/storage"\nrunroot = "${runtimeDirectory}/containers"\n`,
      'policy.json': '{"default":[{"type":"insecureAcceptAnything"}]}',
      'registries.conf': 'unqualified-search-registries = ["localhost"]\nshort-name-mode = "permissive"\n',
    };
    for (const [file, content] of Object.entries(files)) {
      writeFileSync(join(folder, file), content);
      chownSync(join(folder, file), uid, uid);
    }
  }

  /** Words in front of a command that the user is to run, and nothing of root's environment. */
  words(...command: string[]): string[] {
    const variables = {
      HOME: this.home,
      LOGNAME: name,
      PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
      PODMAN_IGNORE_CGROUPSV1_WARNING: '1',
      TERM: 'xterm',
      TMPDIR: join(this.home, 'tmp'),
      USER: name,
      XDG_RUNTIME_DIR: runtimeDirectory,
    };
    const environment = Object.entries(variables).map(([key, value]) => `${key}=${value}`);
    return ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--init-groups', 'env', '--chdir', this.home, '-i', ...environment, ...command];
  }

  run(...args: string[]): Promise<string> {
    return shell(this.words('podman', ...args));
  }

  attempt(options: ShellOptions, ...args: string[]): Promise<Finished> {
    return attempt(this.words('podman', ...args), options);
  }

  /** A script in a container without a network. */
  sh(script: string, ...options: string[]): Promise<string> {
    return this.run('run', '--rm', '--network', 'none', ...options, 'busybox', 'sh', '-c', script);
  }

  /** A directory of the user's in his home. */
  folder(path: string): string {
    return directoryOf(join(this.home, path));
  }

  async clear(): Promise<void> {
    await this.run('pod', 'rm', '-af', '-t', '0');
    await this.run('rm', '-af', '-t', '0');
  }
}
