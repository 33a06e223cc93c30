// Makes the tarball and the Debian package. Both have the same bytes whenever they are made of the same files: one time and one owner for all,
// names in order, and compressors that note nothing.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, lstatSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { controlFile, copyrightFile } from './debian.ts';
import { digestOf } from './digest.ts';
import { checksums, type namesOf, type Packaged } from './files.ts';

/** Of what is packaged: a built checkout, its files, what it is called, and the time that all files get, in seconds. */
export interface Contents {
  readonly checkout: string;
  /** Path of the executable in it. */
  readonly executable: string;
  readonly files: readonly Packaged[];
  readonly names: ReturnType<typeof namesOf>;
  readonly epoch: number;
}

const gzip = (file: string) => execFileSync('gzip', ['-9n', file]);

/** Copies the files of a package below a folder. */
export function putFiles({ checkout, files }: Contents, prefix: string): void {
  for (const { from, to, executable } of files) {
    const file = join(prefix, to);
    mkdirSync(dirname(file), { recursive: true });
    copyFileSync(join(checkout, from), file);
    chmodSync(file, executable ? 0o755 : 0o644);
  }
}

/** Folders and their modes are those of the umask until then. */
function level(path: string, epoch: number): void {
  if (lstatSync(path).isDirectory()) {
    for (const name of readdirSync(path)) level(join(path, name), epoch);
    chmodSync(path, 0o755);
  }
  utimesSync(path, epoch, epoch);
}

/** Paths of the files in a folder and its folders. */
export function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** @param work an empty folder; @param output where the tarball goes */
export function makeTarball(contents: Contents, work: string, output: string): void {
  const { names, epoch } = contents;
  putFiles(contents, join(work, names.folder));
  level(work, epoch);
  const tar = join(output, names.tarball.replace(/\.gz$/, ''));
  const order = ['--sort=name', '--format=ustar', '--owner=0', '--group=0', '--numeric-owner', `--mtime=@${epoch}`];
  execFileSync('tar', [...order, '-C', work, '-cf', tar, names.folder], { env: { ...process.env, TAR_OPTIONS: '' } });
  gzip(tar);
}

/** Debian's places for what the tarball has otherwise: compressed manuals and changelog, and the licence by a copyright file. */
function debianDocuments(notice: string, root: string): void {
  const documents = join(root, 'usr/share/doc/runts');
  for (const file of filesBelow(join(root, 'usr/share/man'))) gzip(file);
  gzip(join(documents, 'changelog'));
  writeFileSync(join(documents, 'copyright'), copyrightFile(notice), { mode: 0o644 });
  chmodSync(join(documents, 'copyright'), 0o644);
}

const debianPlace = (file: Packaged): Packaged[] => {
  if (file.from === 'LICENSE' || file.from === 'NOTICE') return [];
  return [file.from === 'CHANGELOG.md' ? { ...file, to: 'share/doc/runts/changelog' } : file];
};

/** @param work an empty folder; @param output where the package goes */
export function makeDeb(contents: Contents, notice: string, work: string, output: string): void {
  const { files, names, epoch } = contents;
  putFiles({ ...contents, files: files.flatMap(debianPlace) }, join(work, 'usr'));
  debianDocuments(notice, work);
  const installed = filesBelow(work);
  const bytes = installed.reduce((sum, file) => sum + statSync(file).size, 0);
  const control = join(work, 'DEBIAN');
  mkdirSync(control);
  writeFileSync(join(control, 'control'), controlFile(names.packageVersion, names.architecture, bytes));
  const sums = Object.fromEntries(installed.map((file) => [relative(work, file), digestOf(file, 'md5')]));
  writeFileSync(join(control, 'md5sums'), checksums(sums));
  for (const file of filesBelow(control)) chmodSync(file, 0o644);
  level(work, epoch);
  // xz makes other blocks with other numbers of threads.
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(epoch), DPKG_DEB_THREADS_MAX: '1' };
  execFileSync('dpkg-deb', ['-Zxz', '--root-owner-group', '--build', work, join(output, names.deb)], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
