/** What the unit tests use of node:fs, by the addon. */
import { dirname } from 'node:path';
import { addon } from '../../../src/native/addon.ts';

type Name = string | { readonly pathname: string };

const pathOf = (name: Name): string => (typeof name === 'string' ? name : name.pathname);

export const readFileSync = (name: Name, encoding?: string): string | Uint8Array =>
  encoding ? addon.readFile(pathOf(name)) : addon.readBytes(pathOf(name), 64 << 20);

function list(folder: string, recursive: boolean, below = ''): string[] {
  const members = addon.readDirectory(`${folder}/${below}`).sort((a, b) => (a.name < b.name ? -1 : 1));
  return members.flatMap(({ name, directory }) => {
    const path = below + name;
    return directory && recursive ? [path, ...list(folder, true, `${path}/`)] : [path];
  });
}

export const readdirSync = (name: Name, options: { readonly recursive?: boolean } = {}): string[] =>
  list(pathOf(name), options.recursive === true);

export const existsSync = (name: Name): boolean => addon.stat(pathOf(name), true) !== null;
export const writeFileSync = (name: Name, content: string | Uint8Array): void => addon.writeFile(pathOf(name), content, 0o666);
export const appendFileSync = (name: Name, content: string): void => addon.writeFile(pathOf(name), content, 0o666, true);

export function mkdirSync(name: Name, options: { readonly recursive?: boolean } = {}): void {
  if (options.recursive && existsSync(name)) return;
  if (options.recursive) mkdirSync(dirname(pathOf(name)), options);
  addon.mkdir(pathOf(name), 0o777);
}

let folders = 0;
export function mkdtempSync(prefix: string): string {
  const path = `${prefix}${process.pid}-${folders++}`;
  addon.mkdir(path, 0o700);
  return path;
}

export function rmSync(name: Name): void {
  const path = pathOf(name);
  const type = addon.stat(path, false)?.type;
  if (type === 'directory') {
    for (const { name: member } of addon.readDirectory(path)) rmSync(`${path}/${member}`);
    addon.rmdir(path);
  } else if (type !== undefined) addon.unlink(path);
}
