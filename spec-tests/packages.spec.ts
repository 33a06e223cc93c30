// What `npm run package` makes, used as somebody would who has a plain Debian 12 and the files of a release.
import { execFile } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest';
import { blocks, consoleLines } from '../scripts/documents.ts';
import { clause } from './harness/clause.ts';
import { debianRoot, makeDebianRoot } from './harness/debian-root.ts';
import { enterCopy, rpmLife, withForeign } from './harness/release.ts';
import { findRuntime, projectRoot } from './harness/suite.ts';

const run = promisify(execFile);
/** Installing takes longer than a call of the runtime may. */
const timeout = 50_000;

/** Of the whole file: a release signed by a key that is made for it, and the public key. */
let home = '';
let release = '';
const key = () => join(home, 'key.gpg');

const makePackages = (output: string, ...options: readonly string[]): Promise<string> => makePackagesAs({}, output, ...options);

/** By a caller with other variables and another umask. @returns what it warned of */
async function makePackagesAs(variables: Readonly<Record<string, string>>, output: string, ...options: readonly string[]): Promise<string> {
  const env = { ...process.env, GNUPGHOME: home, MASK: '022', BUILT: '.', ...variables };
  const words = ['node_modules/.bin/bun', 'scripts/package/main.ts', '--built', env.BUILT, '--output', output, ...options];
  const { stderr } = await run('sh', ['-c', 'umask $MASK && exec "$@"', 'sh', ...words], { cwd: projectRoot, env });
  return stderr;
}

async function makeSignedRelease(): Promise<void> {
  // Not below the directory of the suite: the socket of gpg-agent lies there, and its path may have 107 bytes.
  home = mkdtempSync(join(tmpdir(), 'runts-gpg-'));
  release = join(home, 'release');
  const gpg = (...args: string[]) => run('gpg', ['--homedir', home, '--batch', ...args]);
  await gpg('--passphrase', '', '--quick-generate-key', 'releaser', 'ed25519', 'sign', 'never');
  await gpg('--output', key(), '--export', 'releaser');
  await makePackages(release, '--sign', 'releaser');
}

/** gpg has started an agent, which stays. */
async function forgetKey(): Promise<void> {
  if (home === '') return;
  await run('gpgconf', ['--homedir', home, '--kill', 'all']);
  rmSync(home, { recursive: true, force: true });
}

const contents = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((name) => name !== 'SHA256SUMS.asc')
      .map((name) => [name, readFileSync(join(folder, name)).toString('base64')]),
  );

const page = blocks(readFileSync(join(projectRoot, 'docs/releasing.md'), 'utf8'));

/** The commands of a block of docs/releasing.md, for sh. */
const commands = (name: string): string => {
  const block = page.find(({ tested }) => tested === name);
  return consoleLines(block?.text ?? '')
    .map(({ command }) => command)
    .join(' && ');
};

const needs = [
  'runts',
  'the executable',
  'x86-64',
  '/usr/bin/gpg',
  '/usr/bin/gpg-agent',
  '/usr/bin/gpgv',
  '/usr/bin/git',
  '/usr/bin/rpmbuild',
  'real hardware',
] as const;

beforeAll(makeSignedRelease, 300_000);
afterAll(forgetKey);

describe('a release', () => {
  clause(
    'PKG-001 made twice it has the same bytes; signature and checksums are right, and no longer when a byte is another',
    async (box) => {
      const again = join(box.directory, 'again');
      const odd = { MASK: '077', TZ: 'Asia/Kathmandu', LC_ALL: 'de_DE.UTF-8', TAR_OPTIONS: '--exclude=NOTICE' };
      // Bash may not have the locale.
      expect((await makePackagesAs(odd, again)).replace(/^.*setlocale.*\n/gm, '')).toBe('');
      // Of one processor: tarball, two packages, bill, provenance; three packages of npm; the checksums.
      expect(Object.keys(contents(release))).toHaveLength(9);
      expect(contents(again)).toEqual(contents(release));
      expect(existsSync(join(again, 'SHA256SUMS.asc'))).toBe(false);

      const verify = (folder: string) => box.host(['sh', '-c', commands('check')], { cwd: folder });
      const copy = (name: string, keyring: string) => {
        const folder = join(box.directory, name);
        cpSync(release, folder, { recursive: true });
        copyFileSync(keyring, join(folder, 'runts-release.gpg'));
        return folder;
      };
      (await verify(copy('same', key()))).ok();
      expect((await verify(copy('of-somebody-else', '/dev/null'))).status).not.toBe(0);
      for (const name of readdirSync(release)) {
        const changed = copy(`changed-${name}`, key());
        const bytes = readFileSync(join(changed, name));
        const middle = bytes.length >> 1;
        bytes[middle] = (bytes[middle] ?? 0) ^ 1;
        writeFileSync(join(changed, name), bytes);
        expect((await verify(changed)).status, name).not.toBe(0);
      }
    },
    ...needs,
  );

  clause(
    'PKG-006 with an executable for the other processor it has packages of that one too; all of it is in checksums and provenance',
    async (box) => {
      const output = join(box.directory, 'release');
      const checkout = withForeign(box);
      await makePackagesAs({ BUILT: checkout }, output);
      const names = readdirSync(output);
      const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string };
      const base = (processor: string) => `runts-${version}-linux-${processor}`;
      const ofProcessor = (processor: string, debian: string) => [
        `${base(processor)}.tar.gz`,
        `${base(processor)}.cdx.json`,
        `runts-${version}-1.${processor}.rpm`,
        `runts_${version}_${debian}.deb`,
      ];
      const npm = ['runts', 'runts-linux-x64-gnu', 'runts-linux-x64-musl'].map((name) => `${name}-${version}.tgz`);
      const products = [...ofProcessor('x86_64', 'amd64'), ...ofProcessor('aarch64', 'arm64'), ...npm];
      const provenance = `${base('x86_64')}.provenance.json`;
      expect(names.toSorted()).toEqual([...products, provenance, 'SHA256SUMS'].toSorted());
      const sums = readFileSync(join(output, 'SHA256SUMS'), 'utf8').trimEnd().split('\n');
      expect(sums.map((line) => line.split('  ')[1])).toEqual([...products, provenance].toSorted());
      const { subject } = JSON.parse(readFileSync(join(output, provenance), 'utf8')) as { subject: { name: string }[] };
      expect(subject.map(({ name }) => name).toSorted()).toEqual([...products, 'runts', 'runts-aarch64'].toSorted());
      const said = async (...words: string[]) => (await box.host(words, { cwd: output })).ok().stdout.trim();
      expect(await said('dpkg-deb', '--field', `runts_${version}_arm64.deb`, 'Architecture')).toBe('arm64');
      const query = ['rpm', '--query', '--package', '--queryformat', '%{ARCH}', `runts-${version}-1.aarch64.rpm`];
      expect(await said(...query)).toBe('aarch64');
      await said('tar', '-xzf', `${base('aarch64')}.tar.gz`, '-C', box.directory);
      const packed = readFileSync(join(box.directory, base('aarch64'), 'bin/runts'));
      expect(packed.equals(readFileSync(join(checkout, 'dist/runts-aarch64')))).toBe(true);

      copyFileSync(join(checkout, 'dist/runts'), join(checkout, 'dist/runts-aarch64'));
      const wrong = join(box.directory, 'wrong');
      await expect(makePackagesAs({ BUILT: checkout }, wrong)).rejects.toThrow('dist/runts-aarch64 is no executable for arm64');
      expect(existsSync(wrong)).toBe(false);
    },
    ...needs,
    '/usr/bin/rpm',
  );

  clause(
    'PKG-002 a folder that exists is not written to, and with a key that is not there nothing is left',
    async (box) => {
      const output = join(box.directory, 'release');
      await expect(makePackages(output, '--sign', 'nobody')).rejects.toThrow(
        'cannot sign with nobody: gpg: error reading key: No secret key',
      );
      expect(readdirSync(box.directory)).not.toContain(expect.stringContaining('release'));
      mkdirSync(output);
      await expect(makePackages(output)).rejects.toThrow(`${output} exists: a release is not put among other files`);
      expect(readdirSync(output)).toEqual([]);
    },
    ...needs,
  );
});

describe('the package for rpm', () => {
  clause(
    'PKG-004 has what the tarball has, asks for nothing, runs nothing, and is gone when it is removed',
    async (box) => {
      const root = join(box.directory, 'root');
      mkdirSync(root);
      const rpm = readdirSync(release).find((name) => name.endsWith('.rpm')) ?? '';
      const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string };
      const result = await box.host(['sh', '-c', rpmLife, 'sh', root, join(release, rpm)], { timeout });
      expect(result.ok().stdout.trim().split('\n')).toEqual([
        'installed',
        'needs nothing',
        `runts version ${version}`,
        'documents',
        'removed',
      ]);
      const list = async (command: string) => (await box.host(['sh', '-c', command], { cwd: release })).ok().stdout.trim().split('\n');
      const ofRpm = (await list('rpm --query --package --list ./*.rpm')).map((path) => path.replace(/^\/usr\//, ''));
      const ofTarball = (await list('tar -tzf ./*.tar.gz')).flatMap((path) => (path.endsWith('/') ? [] : [path.replace(/^[^/]*\//, '')]));
      const licence = (path: string) => path.replace(/^share\/doc\/runts\/(LICENSE|NOTICE)$/, 'share/licenses/runts/$1');
      expect(ofRpm.sort()).toEqual(ofTarball.map(licence).sort());
    },
    ...needs,
    '/usr/bin/rpm',
  );
});

/** $1: the id of a container; the commands are those of the page. What the packaging system notes of its own is not left of a package. */
const life = `
files() { find / -xdev -not -path '/var/lib/dpkg/*' -not -path '/var/lib/apt/*' -not -path '/var/log/*' -not -path '/var/cache/*' | sort; }
files >/run/before
cd /run/brought/release
(${commands('check')}) >/dev/null 2>&1 && echo verified
(${commands('install')}) >/dev/null 2>&1 && dpkg --verify runts && echo installed
runts --version | head -n 1
for page in runts runts-run runts-config; do man "$page" | grep -c '^NAME$'; done
test -s /usr/share/bash-completion/completions/runts && test -s /usr/share/doc/runts/copyright && echo documents
cd /run/brought/bundle
runts create "$1" && runts start "$1" && runts exec "$1" echo executed
first=$(runts list --quiet)
(${commands('remove')}) >/dev/null 2>&1 && test ! -e /usr/bin/runts && echo removed
files | diff /run/before - && echo nothing left
other=/run/brought/other
$other exec "$1" echo "$first goes on"
$other delete --force "$1" && test -z "$($other list --quiet)" && echo deleted
cd ../release
${commands('unpack')} && hash -r && command -v runts && runts --version | head -n 1 && man -w runts`;

/** $1: what cgroups are called after. An image of nginx and what it loads, on a port of the host, by Docker as docs/docker.md configures it. */
const service = `
cd /run/brought/release
(${commands('install')}) >/dev/null 2>&1
mkdir -p /etc/docker
cp ../daemon.json /etc/docker/
dockerd --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/$1" --storage-driver vfs >/run/dockerd.log 2>&1 &
for try in $(seq 600); do docker version >/dev/null 2>&1 && break; sleep 0.1; done
docker version >/dev/null 2>&1 || { cat /run/dockerd.log; exit 1; }
docker info --format '{{.DefaultRuntime}}'
mkdir -p /run/image/run /run/image/tmp /run/image/var/lib/nginx /run/image/var/log/nginx
cp -L --parents /usr/sbin/nginx $(ldd /usr/sbin/nginx | grep -o '/[^ ]*') /etc/passwd /etc/group /run/image
echo 'user root; error_log stderr; events {} http { access_log off; server { listen 80; return 200 "served"; } }' >/run/image/nginx.conf
tar -C /run/image -c . | docker import - web >/dev/null
docker run --detach --publish 8080:80 --name web web /usr/sbin/nginx -c /nginx.conf -g 'daemon off;' >/run/web
answer() { bash -c 'exec 3<>/dev/tcp/127.0.0.1/8080 && printf "GET / HTTP/1.0\\r\\n\\r\\n" >&3 && tail -n 1 <&3'; }
for try in $(seq 100); do answer >/dev/null 2>&1 && break; sleep 0.1; done
answer && echo
/usr/bin/runts --root /run/docker/runtime-runc/moby list --quiet | diff - /run/web && echo by runts
(${commands('remove')}) >/dev/null 2>&1
test ! -e /usr/bin/runts && answer && echo ' after the removal'
other="/run/brought/other --root /run/docker/runtime-runc/moby"
$other delete --force "$(cat /run/web)" && test -z "$($other list --quiet)" && echo deleted`;

describe('in a plain Debian 12', () => {
  let lacking: string | undefined;
  beforeAll(async () => {
    lacking = await makeDebianRoot();
  }, 900_000);
  beforeEach((context) => context.skip(lacking !== undefined, lacking));

  clause(
    'PKG-003 the package is verified, installed, read, used and removed; its container goes on, and another copy deletes it',
    async (box) => {
      const [root, brought] = [join(box.directory, 'root'), join(box.directory, 'brought')];
      for (const folder of [root, brought]) mkdirSync(folder);
      const bundle = box.bundle();
      (await box.host(['cp', '-a', bundle.directory, join(brought, 'bundle')])).ok();
      cpSync(release, join(brought, 'release'), { recursive: true });
      copyFileSync(key(), join(brought, 'release/runts-release.gpg'));
      copyFileSync(findRuntime().command[0] ?? '', join(brought, 'other'));
      const words = [root, debianRoot, brought, life, 'sh', bundle.id];
      const result = await box.host(['unshare', '--mount', '--propagation', 'private', 'sh', '-c', enterCopy, 'sh', ...words], { timeout });
      const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string };
      const said = ['verified', 'installed', `runts version ${version}`, '1', '1', '1', 'documents', 'executed', 'removed', 'nothing left'];
      const unpacked = ['/usr/local/bin/runts', `runts version ${version}`, '/usr/local/man/man8/runts.8'];
      expect(result.ok().stdout.trim().split('\n')).toEqual([...said, `${bundle.id} goes on`, 'deleted', ...unpacked]);
    },
    ...needs,
    '/usr/sbin/debootstrap',
  );

  clause(
    'PKG-005 Docker, configured by its guide, serves a port by the package; what runs goes on when the package is removed',
    async (box) => {
      const [root, brought] = [join(box.directory, 'root'), join(box.directory, 'brought')];
      for (const folder of [root, brought]) mkdirSync(folder);
      cpSync(release, join(brought, 'release'), { recursive: true });
      copyFileSync(findRuntime().command[0] ?? '', join(brought, 'other'));
      const guide =
        blocks(readFileSync(join(projectRoot, 'docs/docker.md'), 'utf8')).find(({ tested }) => tested === 'daemon.json')?.text ?? '';
      writeFileSync(join(brought, 'daemon.json'), guide.replaceAll('/usr/local/bin/runts', '/usr/bin/runts'));
      const namespaces = ['--mount', '--pid', '--net', '--ipc', '--uts', '--fork', '--kill-child', '--propagation', 'private'];
      const cgroup = box.id();
      const words = [root, debianRoot, brought, service, 'sh', cgroup];
      const result = await box.host(['unshare', ...namespaces, 'sh', '-c', enterCopy, 'sh', ...words], { timeout: 4 * timeout });
      await box.host(['find', '/sys/fs/cgroup', '-depth', '-type', 'd', '-path', `*/${cgroup}*`, '-exec', 'rmdir', '{}', '+']);
      expect(result.ok().stdout.trim().split('\n')).toEqual(['runts', 'served', 'by runts', 'served after the removal', 'deleted']);
    },
    ...needs,
    '/usr/sbin/debootstrap',
  );
});
