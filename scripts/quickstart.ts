// `npm run quickstart [-- COMMAND…]`: runs a container made of this machine's own files and nothing else.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeConfig } from './quickstart-config.ts';

if (process.geteuid?.() !== 0) {
  console.error('The quickstart needs root (it mounts and makes cgroups): sudo npm run quickstart');
  process.exit(1);
}

const runtime = process.env['RUNTIME'] ?? join(import.meta.dirname, '../dist/runts');
const look = ['/bin/sh', '-c', readFileSync(join(import.meta.dirname, 'quickstart-look.sh'), 'utf8')];
const asked = process.argv.slice(2);
const terminal = asked.length > 0 && process.stdin.isTTY === true && process.stdout.isTTY === true;

const bundle = mkdtempSync(join(tmpdir(), 'runts-quickstart-'));
const rootfs = join(bundle, 'rootfs');
const config = join(bundle, 'config.json');
mkdirSync(rootfs);
writeFileSync(config, JSON.stringify(makeConfig(asked.length > 0 ? asked : look, terminal), undefined, 2));

const id = `quickstart-${process.pid}`;
console.log(`$ runts run --bundle ${bundle} ${id}`);
const { status, error } = spawnSync(runtime, ['run', '--bundle', bundle, id], { stdio: 'inherit' });
if (error) console.error(`cannot run ${runtime}: ${error.message}`);

// Only rmdir: the runtime made empty directories to mount on, and whatever else might be there is not ours to delete.
for (const mountPoint of readdirSync(rootfs)) rmdirSync(join(rootfs, mountPoint));
rmdirSync(rootfs);
unlinkSync(config);
rmdirSync(bundle);

if (asked.length > 0) {
  // A shell ends with its last command's status, which is no failure of this script.
  process.exit(terminal ? 0 : (status ?? 1));
}
if (status !== 0) process.exit(status ?? 1);
console.log(`
The container is gone, and so is its bundle. What to try next:
  npm run quickstart -- sh                  a shell in the same container
  cd $(mktemp -d) && mkdir rootfs && ${runtime} spec && ${runtime} plan .
                                            what runts would do for a bundle, step by step
  npm test                                  all the tests`);
