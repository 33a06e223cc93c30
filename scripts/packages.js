// Debian's packages of another release, or for another processor, than those of this machine: fetched and unpacked, and not installed.
// Plain JavaScript on Node's own modules, as the build needs it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { debianMirror } from './debian.js';
import { needPrograms } from './programs.js';
import { Unavailable } from './unavailable.js';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** @throws Unavailable with the last line of what it said */
function run(program, args, cwd) {
  try {
    return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26 });
  } catch (error) {
    throw new Unavailable(`${program} failed: ${error.stderr?.trim().split('\n').pop() || error.message}`);
  }
}

function archiveOfDebian() {
  try {
    return debianMirror();
  } catch (error) {
    throw new Unavailable(`this machine does not have Debian's packages: ${error.message}`);
  }
}

/** What one release has for one processor. The machine's own lists, which may be of another release, stay as they are. */
export class PackageLists {
  #options;
  #archives;

  /**
   * @param {string} folder where apt keeps what it needs; the caller removes it
   * @param {string} release such as `bookworm`
   * @param {string} architecture as Debian calls it: `amd64`, `arm64`
   * @throws Unavailable when they cannot be had
   */
  constructor(folder, release, architecture) {
    needPrograms('apt-get', 'dpkg-deb');
    this.#archives = join(folder, 'archives');
    for (const name of ['lists/partial', 'archives/partial']) mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, 'sources.list'), `deb [signed-by=${keyring}] ${archiveOfDebian()} ${release} main\n`);
    // Nothing is installed there.
    writeFileSync(join(folder, 'status'), '');
    const settings = {
      'APT::Architecture': architecture,
      'APT::Architectures': architecture,
      'Dir::Etc::sourcelist': join(folder, 'sources.list'),
      'Dir::Etc::sourceparts': '/dev/null',
      'Dir::Etc::preferencesparts': '/dev/null',
      'Dir::State': folder,
      'Dir::State::lists': join(folder, 'lists'),
      'Dir::State::status': join(folder, 'status'),
      'Dir::Cache': folder,
      'APT::Sandbox::User': 'root',
      'Acquire::Languages': 'none',
      'Acquire::Retries': '2',
      'Acquire::http::Timeout': '30',
    };
    this.#options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    run('apt-get', [...this.#options, '-qq', '--error-on=any', 'update']);
  }

  /**
   * @param {string} name
   * @returns {string[]} names of what it depends on
   */
  depends(name) {
    const lines = run('apt-cache', [...this.#options, 'depends', name]);
    return [...lines.matchAll(/^ *Depends: ([^\s<]+)$/gm)].map(([, found = '']) => found);
  }

  /**
   * @param {readonly string[]} names
   * @returns {string[]} NAME=VERSION of these and of all that they depend on
   */
  closure(names) {
    const lines = run('apt-get', [...this.#options, '--simulate', '--no-install-recommends', 'install', ...names]);
    return [...lines.matchAll(/^Inst (\S+) \((\S+)/gm)].map(([, name, version]) => `${name}=${version}`);
  }

  /**
   * @param {readonly string[]} names also NAME=VERSION
   * @returns {string[]} paths of the packages
   */
  download(names) {
    run('apt-get', [...this.#options, '-qq', 'download', ...names], this.#archives);
    return readdirSync(this.#archives)
      .filter((name) => name.endsWith('.deb'))
      .map((name) => join(this.#archives, name));
  }
}

/**
 * Unpacks a package without running anything of it. Folders that Debian has moved below /usr, release by release, are there.
 * @param {string} deb
 * @param {string} folder
 * @param {readonly string[]} more options of tar
 */
export function unpackPackage(deb, folder, more = []) {
  const moved = ['--transform=s,^\\./lib/,./usr/lib/,', '--transform=s,^\\./bin/,./usr/bin/,', '--transform=s,^\\./sbin/,./usr/sbin/,'];
  const script = 'deb=$1; shift; dpkg-deb --fsys-tarfile "$deb" | tar -x --no-same-owner "$@"';
  run('sh', ['-c', script, 'sh', deb, ...more, ...moved, `--directory=${folder}`]);
}

/**
 * Unpacks a program for amd64 with the libraries that it needs.
 * @param {string} release
 * @param {RegExp} packages of what it depends on, those that it does not run without
 * @param {string} name
 * @param {string} root an empty directory
 */
export function unpackProgram(release, name, packages, root) {
  const apt = `${root}.apt`;
  const lists = new PackageLists(apt, release, 'amd64');
  const wanted = lists.closure([name]).filter((each) => packages.test(each));
  for (const deb of lists.download(wanted)) unpackPackage(deb, root);
  rmSync(apt, { recursive: true });
}

/**
 * A folder that is made once for all checkouts of a user, whole or not at all.
 * @param {string} folder
 * @param {(unfinished: string) => void} make
 * @returns its path
 */
export function madeOnce(folder, make) {
  if (statSync(folder, { throwIfNoEntry: false }) !== undefined) return folder;
  mkdirSync(dirname(folder), { recursive: true });
  const unfinished = mkdtempSync(join(dirname(folder), `${basename(folder)}.`));
  try {
    make(unfinished);
    renameSync(unfinished, folder);
  } catch (error) {
    // Somebody else has made it meanwhile.
    if (!['ENOTEMPTY', 'EEXIST'].includes(error.code) || statSync(folder, { throwIfNoEntry: false }) === undefined) throw error;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}
