// The first root of the machine: busybox, the modules that reach the host's files, and start.sh with what it is to do.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Kernel } from './kernel.ts';
import type { Options } from './options.ts';
import { processors } from './processors.ts';

/** Where a disk is mounted. */
const diskFolder = '/disk';

const wantedModules = ['virtio_pci', '9pnet_virtio', '9p', 'overlay', 'fuse'];

const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

const moduleName = (path = ''): string =>
  basename(path)
    .replace(/\.ko.*$/, '')
    .replaceAll('-', '_');

/**
 * Modules with what each needs before it, by `modules.dep`, where a line has a module and what it needs, the nearest first.
 * @returns paths below the folder of the release
 * @throws Error when there is no such module
 */
export function inOrder(dependencies: string, wanted: readonly string[]): string[] {
  const lines = dependencies.split('\n').map((line) => line.replace(':', '').split(' ').filter(Boolean));
  const found = wanted.flatMap((module) => {
    const [path, ...needs] = lines.find(([first]) => moduleName(first) === module) ?? [];
    if (path === undefined) throw new Error(`this kernel has no module ${module}`);
    return [...needs.reverse(), path];
  });
  return [...new Set(found)];
}

/**
 * What pid 1 does once the host's files are there: it waits for the command, and reaps what others leave to it. Of a command that a signal ended
 * the kernel may know more: which program, at which address.
 */
export function commandScript({ env, command, processor }: Options, cwd: string): string {
  const [, output, status] = processors[processor].ports;
  return `export PATH=${quote(process.env['PATH'] ?? '')} HOME=${quote(process.env['HOME'] ?? '/root')}
${Object.entries(env)
  .map(([name, value]) => `export ${name}=${quote(value)}\n`)
  .join('')}cd ${quote(cwd)}
/run/busybox stty -F /dev/${output} raw
{ ${command.map(quote).join(' ')}; status=$?; [ $status -le 128 ] || /run/busybox dmesg | /run/busybox tail -n 20; echo $status >/dev/${status}; } </dev/null 2>&1 | /run/busybox cat >/dev/${output}
/run/busybox sync
/run/busybox poweroff -f
`;
}

/**
 * @param source the root of the machine
 * @returns its path in the folder given
 */
export function makeInitramfs(folder: string, kernel: Kernel, source: string, options: Options, cwd: string): string {
  const root = join(folder, 'root');
  for (const name of ['bin', 'modules']) mkdirSync(join(root, name), { recursive: true });
  const busybox = ['bin/busybox', 'usr/bin/busybox'].map((name) => join(source, name)).find((path) => existsSync(path)) ?? '';
  copyFileSync(busybox, join(root, 'bin/busybox'));
  const release = join(kernel.modules, kernel.release);
  const builtIn = readFileSync(join(release, 'modules.builtin'), 'utf8').split('\n').map(moduleName);
  const wanted = wantedModules.filter((name) => !builtIn.includes(name));
  const modules = inOrder(readFileSync(join(release, 'modules.dep'), 'utf8'), wanted);
  for (const module of modules) copyModule(join(release, module), join(root, 'modules', plainName(module)));
  const [log, output] = processors[options.processor].ports;
  const settings = {
    log,
    output,
    boot_modules: modules.map(plainName).join(' '),
    modules: kernel.modules,
    applets: source === '/' ? '' : 'yes',
    shares: options.shares.join(' '),
    shown: options.shown.join(' '),
    tmpfs: options.tmpfs.join(' '),
    disk: options.disk === undefined ? '' : diskFolder,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${quote(value)}\n`);
  writeFileSync(join(root, 'settings'), lines.join(''));
  writeFileSync(join(root, 'command'), commandScript(options, cwd));
  const init = readFileSync(join(import.meta.dirname, 'start.sh'));
  writeFileSync(join(root, 'init'), init, { mode: 0o755 });
  const file = join(folder, 'initramfs');
  execFileSync('sh', ['-c', 'cd "$1" && find . | busybox cpio -o -H newc 2>/dev/null >"$2"', 'sh', root, file]);
  return file;
}

const plainName = (module: string) => basename(module).replace(/\.xz$/, '');

function copyModule(from: string, to: string): void {
  const plain = from.endsWith('.xz') ? execFileSync('xz', ['--decompress', '--stdout', from], { maxBuffer: 1 << 26 }) : readFileSync(from);
  writeFileSync(to, plain);
}
