import { chmodSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config.ts';

const applets =
  'sh ls cat echo sleep true false touch mkdir rm rmdir mknod ln id env pwd readlink stat chmod chown mount umount hostname ps kill test grep head tail wc sort tty stty sync dd ip ifconfig wget nc mkfifo usleep date dmesg su find sed awk tr cut seq printf timeout yes setsid nproc uname df cp mv tee';

/** Where the global setup keeps the programs of every rootfs. */
export function programDirectory(suiteDirectory: string): string {
  return join(suiteDirectory, 'programs');
}

/** A bundle: config.json beside a rootfs that holds busybox, the probe and two accounts. */
export class Bundle {
  readonly directory: string;
  readonly rootfs: string;
  readonly config: Config;
  /** The id its container gets. */
  readonly id: string;

  constructor(directory: string, id: string, config: Config) {
    this.directory = directory;
    this.id = id;
    this.rootfs = join(directory, config.root.path);
    this.config = config;
  }

  /** Makes the rootfs. Programs are hard links: a copy of 2 MB for every test costs more than the test. */
  makeRootfs(suiteDirectory: string): void {
    for (const name of ['bin', 'etc', 'proc', 'sys', 'dev', 'tmp', 'root', 'run', 'data'])
      mkdirSync(join(this.rootfs, name), { recursive: true });
    chmodSync(join(this.rootfs, 'tmp'), 0o1777);
    for (const name of ['busybox', 'probe']) {
      linkSync(join(programDirectory(suiteDirectory), name), join(this.rootfs, 'bin', name));
    }
    for (const applet of applets.split(' ')) symlinkSync('busybox', join(this.rootfs, 'bin', applet));
    this.put('/etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n');
    this.put('/etc/group', 'root:x:0:\nuser:x:1000:\n');
  }

  /** Writes a file of the rootfs. @returns its path on the host. */
  put(path: string, content: string, mode = 0o644): string {
    const file = join(this.rootfs, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, content);
    chmodSync(file, mode);
    return file;
  }

  /** Writes config.json. */
  write(): this {
    return this.writeText(JSON.stringify(this.config, null, 1));
  }

  /** Writes any text as config.json. */
  writeText(text: string | Uint8Array): this {
    writeFileSync(join(this.directory, 'config.json'), text);
    return this;
  }
}
