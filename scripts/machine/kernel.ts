// Debian's own kernel, which QEMU boots: downloaded once for all checkouts of a user.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../archive.js';
import { debianMirror } from '../debian.js';
import { Unavailable } from '../unavailable.js';

export interface Kernel {
  /** As `uname -r` says it. */
  readonly release: string;
  readonly image: string;
  /** What belongs at /usr/lib/modules. */
  readonly modules: string;
}

/** No machine of ours has these, and they are most of the package. */
const unwanted = ['accel', 'gpu', 'infiniband', 'media', 'net/ethernet', 'net/wireless', 'scsi', 'staging', 'usb'].map(
  (name) => `drivers/${name}`,
);

/**
 * @param release of Debian, such as `bookworm`
 * @throws Unavailable when it is not in the cache and cannot be downloaded
 */
export function findKernel(release: string): Kernel {
  const folder = join(cacheFolder(), 'kernels', release);
  if (!existsSync(folder)) {
    mkdirSync(join(folder, '..'), { recursive: true });
    const unfinished = mkdtempSync(`${folder}.`);
    try {
      download(release, unfinished);
      renameSync(unfinished, folder);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  const image = readdirSync(join(folder, 'boot')).find((name) => name.startsWith('vmlinuz-')) ?? '';
  return { release: image.slice('vmlinuz-'.length), image: join(folder, 'boot', image), modules: join(folder, 'usr/lib/modules') };
}

/** @throws Unavailable */
function archiveOfDebian(): string {
  try {
    return debianMirror();
  } catch (error) {
    throw new Unavailable(`this machine does not have Debian's packages, so it cannot have its kernels: ${(error as Error).message}`);
  }
}

/** The machine's own lists may be of another release: they stay as they are. */
function download(release: string, folder: string): void {
  const apt = join(folder, 'apt');
  for (const name of ['lists/partial', 'archives/partial']) mkdirSync(join(apt, name), { recursive: true });
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  writeFileSync(join(apt, 'sources.list'), `deb [signed-by=${keyring}] ${archiveOfDebian()} ${release} main\n`);
  const settings = {
    'Dir::Etc::sourcelist': join(apt, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    'Dir::State::lists': join(apt, 'lists'),
    'Dir::State::status': '/dev/null',
    'Dir::Cache': apt,
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
    'Acquire::http::Timeout': '30',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  console.log(`downloading the kernel of Debian ${release} (some 100 MB) into ${cacheFolder()}`);
  run('apt-get', ...options, '-qq', '--error-on=any', 'update');
  const wanted = run('apt-cache', ...options, 'depends', 'linux-image-amd64');
  const name = /Depends: (linux-image-\S+)/.exec(wanted)?.[1];
  if (name === undefined) throw new Unavailable(`Debian ${release} has no kernel`);
  run('sh', '-c', 'cd "$1/archives" && shift && exec apt-get "$@"', 'sh', apt, ...options, '-qq', 'download', name);
  unpack(join(apt, 'archives'), folder);
  rmSync(apt, { recursive: true });
}

function unpack(archives: string, folder: string): void {
  const deb = readdirSync(archives).find((name) => name.endsWith('.deb')) ?? '';
  const exclude = unwanted.map((name) => `--exclude=*/kernel/${name}`);
  // Debian moves its folders below /usr, release by release.
  const rename = ['--transform=s,^\\./lib/,./usr/lib/,', `--directory=${folder}`];
  execFileSync('sh', [
    '-c',
    'deb=$1; shift; dpkg-deb --fsys-tarfile "$deb" | tar -x "$@"',
    'sh',
    join(archives, deb),
    ...exclude,
    ...rename,
  ]);
  const modules = join(folder, 'usr/lib/modules');
  const [release = ''] = readdirSync(modules);
  // depmod of busybox looks below lib.
  execFileSync('busybox', ['depmod', '-b', join(folder, 'usr'), release]);
  if (!readFileSync(join(modules, release, 'modules.dep'), 'utf8').includes('9pnet_virtio')) throw new Error(`${deb} has no modules`);
}

function run(program: string, ...args: readonly string[]): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stderr = '', message } = error as { stderr?: string; message: string };
    throw new Unavailable(`${program} failed: ${stderr.trim().split('\n').pop() || message}`);
  }
}
