import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A change of a directory tree, with paths relative to the tree. `write` appends. */
export type Change =
  | { readonly kind: 'mkdir' | 'mknod' | 'create' | 'truncate' | 'unlink' | 'rmdir' | 'sync'; readonly path: string }
  | { readonly kind: 'write'; readonly path: string; readonly content: Buffer }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string };

/** Options of strace(1) that write what `changesOf` reads. */
export const recording = (file: string): string[] => {
  const calls =
    'open,openat,mkdir,mkdirat,mknod,mknodat,write,writev,pwrite64,rename,renameat,renameat2,unlink,unlinkat,rmdir,fsync,fdatasync';
  return ['/usr/bin/strace', '--output', file, '-y', '-xx', '--string-limit=4194304', `--trace=${calls},ftruncate,link,linkat,symlink`];
};

const unescaped = (text: string): Buffer => Buffer.from(text.replaceAll('\\x', ''), 'hex');

/** @throws Error for a call that the changes have no word for */
function changeOf(call: string, args: string, result: string, root: string): Change | undefined {
  const own = (text = ''): string | undefined => {
    const path = unescaped(text).toString();
    return path === root || path.startsWith(`${root}/`) ? path.slice(root.length + 1) : undefined;
  };
  const names = [...args.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, text]) => text);
  const named = own(names[0]);
  const opened = own(/^\d+<((?:\\x[0-9a-f]{2})*)>/.exec(args)?.[1]);
  if (named === undefined && opened === undefined) return undefined;
  const path = named ?? opened ?? '';
  if (/^(write|pwrite64)$/.test(call)) return { kind: 'write', path, content: unescaped(names[0] ?? '').subarray(0, Number(result)) };
  if (/^f(data)?sync$/.test(call)) return { kind: 'sync', path };
  if (/^open/.test(call)) {
    if (args.includes('O_CREAT')) return { kind: args.includes('O_EXCL') ? 'create' : 'truncate', path };
    return undefined;
  }
  const kind = /^(mkdir|mknod|rename|unlink|rmdir)/.exec(call)?.[1] as 'mkdir' | 'mknod' | 'rename' | 'unlink' | 'rmdir' | undefined;
  if (kind === undefined) throw new Error(`unknown change ${call}(${args})`);
  return kind === 'rename' ? { kind, path, to: own(names[1]) ?? '' } : { kind, path };
}

/** What a command has changed below `root`, in order. */
export function changesOf(file: string, root: string): Change[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((line) => {
    const [, call = '', args = '', result = ''] = /^(\w+)\((.*)\) += (\d+)/.exec(line) ?? [];
    const change = call && changeOf(call, args, result, root);
    return change ? [change] : [];
  });
}

interface Inode {
  readonly type: 'directory' | 'fifo' | 'file';
  content: Buffer;
  /** Bytes that a sync has brought to the disk. */
  synced: number;
}

/** What may lie on the disk: content by path; a directory has the path "PATH/", a fifo "PATH|". */
export type Tree = ReadonlyMap<string, Buffer>;

/** How blocks that nobody has synced may look when the name is there. */
type Loss = (inode: Inode) => Buffer;

const page = 4096;
const kept: Loss = ({ content }) => content;
const losses: readonly Loss[] = [
  ({ content, synced }) => content.subarray(0, synced),
  ({ content, synced }) => content.subarray(0, synced + Math.floor((content.length - synced) / 2)),
  ({ content, synced }) => Buffer.concat([content.subarray(0, synced), Buffer.alloc(content.length - synced)]),
];

/** A page that has not been written, while those around it have. */
const withoutPage =
  (number: number): Loss =>
  ({ content, synced }) => {
    const copy = Buffer.from(content);
    copy.fill(0, Math.max(synced, number * page), Math.max(synced, Math.min(copy.length, (number + 1) * page)));
    return copy;
  };

/** Carries the changes out; one whose object is not there, because what made it is lost, is lost too. */
function disk(changes: readonly Change[]): Map<string, Inode> {
  const entries = new Map<string, Inode>([['', { type: 'directory', content: Buffer.alloc(0), synced: 0 }]]);
  const parentIsThere = (path: string): boolean => entries.get(dirname(`/${path}`).slice(1))?.type === 'directory';
  for (const change of changes) {
    const { kind, path } = change;
    const there = entries.get(path);
    if (kind === 'write') {
      if (there) there.content = Buffer.concat([there.content, change.content]);
    } else if (kind === 'sync') {
      if (there) there.synced = there.content.length;
    } else if (kind === 'rename') {
      if (there && parentIsThere(change.to)) {
        entries.delete(path);
        entries.set(change.to, there);
      }
    } else if (kind === 'unlink' || kind === 'rmdir') {
      if (kind === 'unlink' || ![...entries.keys()].some((name) => name.startsWith(`${path}/`))) entries.delete(path);
    } else if (parentIsThere(path)) {
      if (kind === 'truncate' && there) Object.assign(there, { content: Buffer.alloc(0), synced: 0 });
      else {
        const type = kind === 'mkdir' ? 'directory' : kind === 'mknod' ? 'fifo' : 'file';
        entries.set(path, { type, content: Buffer.alloc(0), synced: 0 });
      }
    }
  }
  return entries;
}

function treeOf(entries: ReadonlyMap<string, Inode>, lossOf: (path: string) => Loss): Tree {
  const marks = { directory: '/', fifo: '|', file: '' };
  const named = [...entries].filter(([path]) => path !== '');
  return new Map(named.map(([path, inode]) => [path + marks[inode.type], inode.type === 'file' ? lossOf(path)(inode) : inode.content]));
}

/** Changes of names that no sync has followed: of the folder, or of what was made there. */
function volatile(changes: readonly Change[]): number[] {
  const folderOf = (path: string): string => dirname(`/${path}`).slice(1);
  return changes.flatMap((change, index) => {
    if (change.kind === 'write' || change.kind === 'sync') return [];
    const later = changes.slice(index + 1).filter(({ kind }) => kind === 'sync');
    return later.some(({ path }) => path === folderOf(change.path) || path === change.path) ? [] : [index];
  });
}

/**
 * What may be on the disk after a cut of the power behind these changes: all of it; all but one change of a name that was not synced, with those
 * that need it; a file without what was not synced, with NULs in its place, or torn. An operating system may write in any order what nobody has synced.
 */
export function afterCut(changes: readonly Change[]): Tree[] {
  const whole = disk(changes);
  const trees = [treeOf(whole, () => kept)];
  for (const lost of volatile(changes)) trees.push(treeOf(disk(changes.filter((_, index) => index !== lost)), () => kept));
  for (const loss of losses) trees.push(treeOf(whole, () => loss));
  for (const [path, { type, content, synced }] of whole) {
    if (type !== 'file' || synced === content.length) continue;
    const pages = Array.from({ length: content.length > page ? Math.ceil(content.length / page) : 0 }, (_, number) => withoutPage(number));
    for (const loss of [...losses, ...pages]) trees.push(treeOf(whole, (other) => (other === path ? loss : kept)));
  }
  return trees;
}

const textOf = (tree: Tree): string =>
  [...tree]
    .map(([path, content]) => `${path} ${content.toString('base64')}`)
    .sort()
    .join('\n');

/** Every state after a cut at any moment, each once. */
export function afterEveryCut(changes: readonly Change[]): Tree[] {
  const all = Array.from({ length: changes.length + 1 }, (_, count) => afterCut(changes.slice(0, count))).flat();
  return [...new Map(all.map((tree) => [textOf(tree), tree])).values()];
}

/** For people. */
export const describeTree = (tree: Tree): string =>
  [...tree].map(([path, content]) => (/[/|]$/.test(path) ? path : `${path} (${content.length}: ${content.subarray(0, 40)})`)).join(', ');

/** Makes the directory be so. */
export function restore(tree: Tree, directory: string): void {
  for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true });
  for (const [path, content] of [...tree].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const place = join(directory, path.replace(/[/|]$/, ''));
    if (path.endsWith('/')) mkdirSync(place, { mode: 0o700 });
    else if (path.endsWith('|')) execFileSync('mkfifo', ['-m', '622', place]);
    else writeFileSync(place, content, { mode: 0o600 });
  }
}
