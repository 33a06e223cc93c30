// Writes what is published to a folder, from what is built and without the network: the package, and one for each platform with its addon.
//   npm run pack [-- FOLDER]    build/packages unless it is given
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Manifest, mainManifest, misfit, platformManifest, platforms } from './pack-manifests.ts';
import { run } from './run.js';

const root = dirname(import.meta.dirname);
const target = resolve(process.argv[2] ?? join(root, 'build/packages'));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;

/** What npm takes into every package. */
const always = ['README.md', 'LICENSE'];

/** @param files where each file or folder of the package comes from */
function pack(own: Manifest, files: Readonly<Record<string, string>>): void {
  const folder = mkdtempSync(join(target, 'package-'));
  try {
    writeFileSync(join(folder, 'package.json'), `${JSON.stringify(own, null, 2)}\n`);
    for (const [name, from] of Object.entries(files)) cpSync(join(root, from), join(folder, name), { recursive: true });
    // npm takes modes as they are, and those are of the umask.
    run('chmod', ['-R', 'u=rwX,go=rX', folder]);
    const flags = ['--ignore-scripts', '--offline', '--silent', '--pack-destination', target];
    console.log(join(target, run('npm', ['pack', folder, ...flags]).trim()));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const main = mainManifest(manifest);
const same = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, name]));
mkdirSync(target, { recursive: true });
for (const platform of platforms) {
  const why = existsSync(join(root, platform.addon)) ? misfit(readFileSync(join(root, platform.addon)), platform) : 'not built';
  if (why !== undefined) throw new Error(`${platform.addon} cannot be packed as ${platform.name}: ${why}`);
  pack(platformManifest(manifest, platform), { 'runts.node': platform.addon, ...same(['LICENSE', 'NOTICE']) });
}
pack(main, same([...main.files, ...always]));
