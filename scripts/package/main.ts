// `npm run package`: the files of a release, in dist/package, made of HEAD in a fresh clone; docs/releasing.md tells of them.
//   --sign KEY       signs the checksums with this key of gpg's
//   --output FOLDER  another folder, which does not exist yet
//   --built FOLDER   takes this built checkout in place of a fresh clone, and says so in the provenance: for tests
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildClone } from '../clone.js';
import { needPrograms } from '../programs.js';
import { Unavailable } from '../unavailable.js';
import { type Contents, filesBelow, makeDeb, makeTarball } from './archives.ts';
import { type Bill, billOfMaterials } from './bill.ts';
import { digestOf } from './digest.ts';
import { checksums, isFor, namesOf, packagedFiles } from './files.ts';
import { linkedVersions, needCommitted, originOf, pinnedQuickjs } from './origin.ts';
import { type Origin, provenance } from './provenance.ts';
import { makeRpm } from './rpm.ts';

const root = dirname(dirname(import.meta.dirname));
const standard = join(root, 'dist/package');
const documents = ['LICENSE', 'NOTICE', 'CHANGELOG.md'];

const sharedFiles = (checkout: string): string[] => filesBelow(join(checkout, 'share')).map((file) => relative(checkout, file));

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

function billOf(checkout: string, executable: string, epoch: number): Bill {
  const args = ['sbom', '--package-lock-only', '--offline', '--logs-max=0', '--sbom-format=cyclonedx', '--sbom-type=application'];
  const npm = JSON.parse(execFileSync('npm', args, { cwd: checkout, encoding: 'utf8', maxBuffer: 1 << 26 })) as Bill;
  const quickjs = pinnedQuickjs(readFileSync(join(checkout, 'scripts/quickjs.js'), 'utf8'));
  return billOfMaterials(npm, { quickjs, ...linkedVersions() }, executable, epoch);
}

/** The packages of one executable, and its bill of materials. */
function makePackages(contents: Contents, work: string, output: string): void {
  const { checkout, executable, names, epoch } = contents;
  const [tarball, deb, rpm] = ['tarball', 'deb', 'rpm'].map((name) => join(work, names.architecture, name)) as [string, string, string];
  for (const folder of [tarball, deb, rpm]) mkdirSync(folder, { recursive: true });
  makeTarball(contents, tarball, output);
  makeDeb(contents, readFileSync(join(checkout, 'NOTICE'), 'utf8'), deb, output);
  makeRpm(contents, rpm, output);
  writeFileSync(join(output, names.bill), json(billOf(checkout, digestOf(join(checkout, executable)), epoch)));
}

/** The packages of npm, of the checkout's own addons. */
const makeNpmPackages = (checkout: string, output: string): void => {
  execFileSync(join(checkout, 'node_modules/.bin/bun'), [join(checkout, 'scripts/pack.ts'), output], {
    cwd: checkout,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
};

function makeRelease(builds: readonly Contents[], origin: Origin, work: string, output: string): void {
  const [own] = builds as readonly [Contents, ...Contents[]];
  for (const contents of builds) makePackages(contents, work, output);
  makeNpmPackages(own.checkout, output);
  const digests = (folder: string, files: readonly string[]) =>
    Object.fromEntries(files.map((name) => [basename(name), digestOf(join(folder, name))]));
  const executables = builds.map(({ executable }) => executable);
  const products = { ...digests(own.checkout, executables), ...digests(output, readdirSync(output).sort()) };
  writeFileSync(join(output, own.names.provenance), json(provenance(products, origin)));
  writeFileSync(join(output, 'SHA256SUMS'), checksums(digests(output, readdirSync(output))));
}

/** The executable for the other processor, where its compiler is. @returns why there is none */
function buildForeign(checkout: string): string | undefined {
  const { status, stderr } = spawnSync('node', [join(checkout, 'scripts/build-binary.js'), '--arch', 'aarch64'], { encoding: 'utf8' });
  if (status !== 0 && status !== Unavailable.status) throw new Error(`the executable for aarch64 was not built: ${stderr.trim()}`);
  return status === 0 ? undefined : stderr.trim();
}

/** What a fresh clone is to have besides the executable. */
function buildRest(checkout: string): void {
  for (const script of ['build-ts.js', 'build-musl-addon.js'])
    execFileSync('node', [join(checkout, 'scripts', script)], { stdio: ['ignore', 'ignore', 'inherit'] });
  const why = process.arch === 'arm64' ? 'it is that of this machine' : buildForeign(checkout);
  if (why !== undefined) console.error(`nothing is made for aarch64: ${why}`);
}

/** What is packaged for each processor that there is an executable for; that of this machine is the first. */
function buildsOf(checkout: string, epoch: number): Contents[] {
  const { version } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as { version: string };
  const executables = [
    ['dist/runts', process.arch],
    ['dist/runts-aarch64', 'arm64'],
  ] as const;
  return executables.flatMap(([executable, arch]) => {
    if (arch !== process.arch && !existsSync(join(checkout, executable))) return [];
    if (!isFor(arch, readFileSync(join(checkout, executable)))) throw new Error(`${executable} is no executable for ${arch}`);
    return [
      { checkout, executable, files: packagedFiles(executable, sharedFiles(checkout), documents), names: namesOf(version, arch), epoch },
    ];
  });
}

/** Before the build, which takes minutes. */
function needKey(key: string): void {
  needPrograms('gpg');
  const { status, stderr } = spawnSync('gpg', ['--batch', '--list-secret-keys', key], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`cannot sign with ${key}: ${stderr.trim()}`);
}

function sign(key: string, output: string): void {
  const sums = join(output, 'SHA256SUMS');
  const args = ['--batch', '--armor', '--detach-sign', '--local-user', key, '--output', `${sums}.asc`, sums];
  execFileSync('gpg', args, { stdio: ['inherit', 'inherit', 'inherit'] });
}

/** Into a folder beside it first: what cannot be finished leaves nothing. */
function publish(output: string, make: (unfinished: string) => void): void {
  mkdirSync(dirname(output), { recursive: true });
  const unfinished = mkdtempSync(`${output}.`);
  try {
    make(unfinished);
    chmodSync(unfinished, 0o755);
    if (output === standard) rmSync(output, { recursive: true, force: true });
    renameSync(unfinished, output);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function main(): void {
  const { values } = parseArgs({ options: { sign: { type: 'string' }, output: { type: 'string' }, built: { type: 'string' } } });
  needPrograms('tar', 'gzip', 'xz', 'dpkg-deb', 'rpmbuild', 'git');
  if (values.sign !== undefined) needKey(values.sign);
  if (values.built === undefined) needCommitted(root);
  const output = resolve(values.output ?? standard);
  if (output !== standard && existsSync(output)) throw new Error(`${output} exists: a release is not put among other files`);
  const work = mkdtempSync(join(tmpdir(), 'runts-package-'));
  try {
    const checkout = values.built === undefined ? join(work, 'clone') : resolve(values.built);
    if (values.built === undefined) {
      buildClone(checkout);
      buildRest(checkout);
    }
    const origin = originOf(checkout, values.built === undefined);
    const builds = buildsOf(checkout, origin.epoch);
    publish(output, (unfinished) => {
      makeRelease(builds, origin, work, unfinished);
      if (values.sign !== undefined) sign(values.sign, unfinished);
    });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  console.log(readFileSync(join(output, 'SHA256SUMS'), 'utf8').trimEnd());
  console.log(values.sign === undefined ? `in ${output}, not signed: --sign KEY` : `in ${output}, signed by ${values.sign}`);
}

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof Unavailable ? Unavailable.status : 1;
}
