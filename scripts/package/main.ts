// `npm run package`: the files of a release, in dist/package, made of HEAD in a fresh clone; docs/releasing.md tells of them.
//   --sign KEY       signs the checksums with this key of gpg's
//   --output FOLDER  another folder, which does not exist yet
//   --built FOLDER   takes this built checkout in place of a fresh clone, and says so in the provenance: for tests
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildClone } from '../clone.js';
import { needPrograms } from '../programs.js';
import { Unavailable } from '../unavailable.js';
import { type Contents, filesBelow, makeDeb, makeTarball } from './archives.ts';
import { type Bill, billOfMaterials } from './bill.ts';
import { digestOf } from './digest.ts';
import { checksums, namesOf, packagedFiles } from './files.ts';
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

function makeRelease(contents: Contents, origin: Origin, work: string, output: string): void {
  const { checkout, names, epoch } = contents;
  const [tarball, deb, rpm] = ['tarball', 'deb', 'rpm'].map((name) => join(work, name)) as [string, string, string];
  for (const folder of [tarball, deb, rpm]) mkdirSync(folder);
  makeTarball(contents, tarball, output);
  makeDeb(contents, readFileSync(join(checkout, 'NOTICE'), 'utf8'), deb, output);
  makeRpm(contents, rpm, output);
  const packages = [names.tarball, names.deb, names.rpm];
  const executable = digestOf(join(checkout, 'dist/runts'));
  writeFileSync(join(output, names.bill), json(billOf(checkout, executable, epoch)));
  const digests = (files: readonly string[]) => Object.fromEntries(files.map((name) => [name, digestOf(join(output, name))]));
  const products = { runts: executable, ...digests([...packages, names.bill]) };
  writeFileSync(join(output, names.provenance), json(provenance(products, origin)));
  writeFileSync(join(output, 'SHA256SUMS'), checksums(digests([...packages, names.bill, names.provenance])));
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
    if (values.built === undefined) buildClone(checkout);
    const origin = originOf(checkout, values.built === undefined);
    const { version } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as { version: string };
    const files = packagedFiles(sharedFiles(checkout), documents);
    const contents = { checkout, files, names: namesOf(version, process.arch), epoch: origin.epoch };
    publish(output, (unfinished) => {
      makeRelease(contents, origin, work, unfinished);
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
