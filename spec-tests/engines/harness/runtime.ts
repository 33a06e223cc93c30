import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'vitest';
import { blocks } from '../../../scripts/documents.ts';
import { isInstalled } from '../../../scripts/programs.js';
import { runDirectory } from './shell.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The runtime under test: RUNTIME=, else the single binary. Engines want one file that they can execute. */
export const runtime = resolve(process.env['RUNTIME'] ?? join(root, 'dist/runts'));
accessSync(runtime, constants.X_OK);

/** PATH with a CRIU that works on this kernel; empty where there is none. */
export const criuPath = process.env['ENGINES_CRIU_PATH'] ?? '';

const isThere = (program: string): boolean => (program === 'criu' ? criuPath !== '' : isInstalled(program));

/**
 * `describe` and `test` for what needs these programs: where one is not installed it is skipped, with the reason in its title. A CRIU that
 * does not work on this kernel counts as none.
 */
export function needing(...programs: string[]) {
  const missing = programs.filter((program) => !isThere(program));
  const marked = (title: string) => (missing.length === 0 ? title : `${title} [skipped: not installed: ${missing.join(', ')}]`);
  return {
    describe: (title: string, body: () => void) => describe.skipIf(missing.length > 0)(marked(title), body),
    test: (title: string, body: () => Promise<void>) => test.skipIf(missing.length > 0)(marked(title), body),
  };
}

/**
 * A configuration as docs/ shows it: the fenced block after the comment `<!-- tested: NAME -->`, with the path of the runtime under test.
 * So what is documented is what is tested.
 */
export function snippet(document: string, name: string): string {
  const block = blocks(readFileSync(join(root, 'docs', document), 'utf8')).find(({ tested }) => tested === name)?.text;
  if (block === undefined) throw new Error(`docs/${document} has no block ${name}`);
  return block.replaceAll('/usr/local/bin/runts', runtime);
}

/** What a text of TOML or YAML says, read by Bun's parsers. */
export function parsed(format: 'TOML' | 'YAML', text: string) {
  const script = `console.log(JSON.stringify(Bun.${format}.parse(await Bun.stdin.text())))`;
  return JSON.parse(execFileSync(join(root, 'node_modules/.bin/bun'), ['-e', script], { input: text, encoding: 'utf8' }));
}

/** Puts the runtime first in PATH as `runc`: buildkit and shims call it by that name, whatever they were told. */
export function standInForRunc(): void {
  const directory = join(runDirectory, 'bin');
  if (!existsSync(directory)) {
    mkdirSync(directory);
    symlinkSync(runtime, join(directory, 'runc'));
  }
  process.env['PATH'] = `${directory}:${process.env['PATH'] ?? ''}`;
}

const busyboxes = ['/bin/busybox', '/usr/bin/busybox', '/sbin/busybox'];

/** An image without a registry: busybox and its applets. @returns the path of a tar of the root filesystem */
export function busyboxRootfs(): { readonly tar: string; readonly directory: string } {
  const directory = join(runDirectory, 'rootfs');
  const tar = join(runDirectory, 'busybox.tar');
  if (existsSync(tar)) return { tar, directory };
  const busybox = busyboxes.find((path) => existsSync(path));
  if (busybox === undefined) throw new Error('a statically linked busybox is needed (Debian: busybox-static)');
  const script = `set -e
mkdir -p "$2/bin" "$2/etc" "$2/proc" "$2/sys" "$2/dev" "$2/tmp" "$2/root" "$2/run" "$2/var/www"
chmod 1777 "$2/tmp"
cp "$1" "$2/bin/busybox"
for applet in $("$1" --list); do [ -e "$2/bin/$applet" ] || ln -s busybox "$2/bin/$applet"; done
printf 'root:x:0:0:root:/root:/bin/sh\\nuser:x:1000:1000::/tmp:/bin/sh\\n' > "$2/etc/passwd"
printf 'root:x:0:\\nuser:x:1000:\\n' > "$2/etc/group"
echo 'it works' > "$2/var/www/index.html"
tar -C "$2" -cf "$3" .`;
  execFileSync('sh', ['-c', script, 'sh', busybox, directory, tar]);
  return { tar, directory };
}

/** Hard limit of open files, by which engines must not be told to raise it: that needs CAP_SYS_RESOURCE. */
export function hardLimit(resource: 'nofile' | 'nproc'): string {
  return execFileSync('bash', ['-c', `ulimit -H${resource === 'nofile' ? 'n' : 'u'}`], { encoding: 'utf8' }).trim();
}
