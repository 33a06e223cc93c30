// Where native code hands the kernel a path. In init the tree belongs to the image, and others may change it meanwhile: paths of the rootfs are
// resolved in path.cc alone, everything else gets descriptors. Prints findings, exits 1 when there are any.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesBelow } from './file-sizes.ts';
import { pathExceptions, runtimePaths } from './path-exceptions.ts';

/** The one file that may. */
const RESOLVER = 'native/init/path.cc';

/** Which arguments are paths; `never`: the last component is not followed, whatever the flags. */
interface PathCall {
  readonly paths: readonly number[];
  readonly never?: true;
}

const calls: Readonly<Record<string, PathCall>> = {
  openat: { paths: [1] },
  openat2: { paths: [1] },
  statx: { paths: [1] },
  newfstatat: { paths: [1] },
  statfs: { paths: [0] },
  faccessat: { paths: [1] },
  faccessat2: { paths: [1] },
  mkdirat: { paths: [1], never: true },
  mknodat: { paths: [1], never: true },
  linkat: { paths: [1, 3] },
  symlinkat: { paths: [2], never: true },
  readlinkat: { paths: [1], never: true },
  unlinkat: { paths: [1], never: true },
  fchmodat: { paths: [1] },
  fchmodat2: { paths: [1] },
  fchownat: { paths: [1] },
  utimensat: { paths: [1] },
  chdir: { paths: [0] },
  chroot: { paths: [0] },
  mount: { paths: [0, 1] },
  umount2: { paths: [0] },
  pivot_root: { paths: [0, 1] },
  open_tree: { paths: [1] },
  move_mount: { paths: [1, 3] },
  fspick: { paths: [1] },
  mount_setattr: { paths: [1] },
  execve: { paths: [0] },
};

/** Of these init needs none: each takes a path from the working directory, or follows links that nobody can forbid. */
const banned =
  /^(?:open|creat|stat|lstat|access|mkdir|mknod|rmdir|unlink|rename|renameat|renameat2|link|symlink|readlink|chmod|chown|lchown|truncate|utime|utimes|futimesat|l?(?:set|get|list|remove)xattr|umount|swapon|swapoff|acct|execveat|name_to_handle_at|inotify_add_watch|fanotify_mark|quotactl|uselib)$/;

interface Call {
  readonly name: string;
  readonly args: readonly string[];
  readonly line: number;
}

/** Text between the parenthesis at `from` and its partner, split at the commas that are not in another pair. */
function argumentsAt(text: string, from: number): string[] {
  const args: string[] = [];
  let depth = 0;
  let begin = from + 1;
  for (let at = from; at < text.length; at++) {
    const letter = text[at] as string;
    if ('([{'.includes(letter)) depth++;
    else if (')]}'.includes(letter)) depth--;
    if (depth === 0 || (depth === 1 && letter === ',')) {
      args.push(text.slice(begin, at).replaceAll(/\s+/g, ' ').trim());
      begin = at + 1;
    }
    if (depth === 0) break;
  }
  return args;
}

/** Comments become blanks, so that lines keep their numbers. */
const withoutComments = (text: string): string =>
  text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, (comment) => comment.replaceAll(/[^\n]/g, ' '));

/** System calls by wrapper (`sys::openat(…)`) and by number (`sys::call(__NR_openat, …)`). */
function systemCalls(text: string): Call[] {
  const source = withoutComments(text);
  return [...source.matchAll(/\bsys::(\w+)\(/g)].map((match) => {
    const args = argumentsAt(source, match.index + match[0].length - 1);
    const line = source.slice(0, match.index).split('\n').length;
    const number = match[1] === 'call' ? /^__NR_(\w+)$/.exec(args[0] ?? '')?.[1] : undefined;
    return number === undefined ? { name: match[1] as string, args, line } : { name: number, args: args.slice(1), line };
  });
}

const isLiteral = (argument: string | undefined): boolean => argument === undefined || /^(?:"[^"]*"|nullptr)$/.test(argument);

/** One name in a directory that is open, and what a symlink of that name leads to is not touched. */
function isUnfollowedName({ name, args }: Call): boolean {
  if (args[0] === undefined || args[0] === 'AT_FDCWD' || calls[name]?.paths[0] !== (name === 'symlinkat' ? 2 : 1)) return false;
  return calls[name]?.never === true || args.some((argument) => /\b(?:O_NOFOLLOW|AT_SYMLINK_NOFOLLOW)\b/.test(argument));
}

/** As the table of exceptions names it. */
const written = ({ name, args }: Call): string => `${name}(${args.join(', ')})`;

/** @returns `path:line: what is wrong` for a file of init; uses of exceptions are noted in `used` */
export function pathFindings(path: string, text: string, used: Set<string> = new Set()): string[] {
  if (path === RESOLVER) return [];
  return systemCalls(text).flatMap((call) => {
    const place = `${path}:${call.line}`;
    if (banned.test(call.name)) return [`${place}: ${call.name}(2) is not for init: use what takes a descriptor`];
    const known = Object.hasOwn(calls, call.name) ? calls[call.name] : undefined;
    if (known === undefined || known.paths.every((index) => isLiteral(call.args[index])) || isUnfollowedName(call)) return [];
    const exception = `${path} ${written(call)}`;
    if (Object.hasOwn(pathExceptions, exception)) {
      used.add(exception);
      return [];
    }
    return [`${place}: ${written(call)} resolves a path: paths of the rootfs are for ${RESOLVER}, others for scripts/path-exceptions.ts`];
  });
}

const ofLibrary = [...Object.keys(calls), 'open', 'stat', 'lstat', 'fstatat', 'access', 'mkdir', 'mknod', 'rmdir', 'unlink', 'rename'];
const more = ['symlink', 'readlink', 'chmod', 'chown', 'lchown', 'truncate', 'umount', 'opendir', 'realpath', 'fopen', 'execv', 'execvp'];
/** `link` is a word that others use, too: that of the library has colons before it. */
const libraryCall = new RegExp(`(?<![\\w.>~])(?:(?:::)?(${[...ofLibrary, ...more].join('|')})|::(link))\\(`, 'g');

/** The runtime itself resolves paths of the host alone: which files do that, and which functions they call. */
export function runtimeFindings(path: string, text: string): string[] {
  const allowed = Object.hasOwn(runtimePaths, path) ? (runtimePaths[path]?.calls ?? []) : [];
  const source = withoutComments(text);
  return [...source.matchAll(libraryCall)].flatMap((match) => {
    const name = (match[1] ?? match[2]) as string;
    const args = argumentsAt(source, match.index + match[0].length - 1);
    const index = calls[name]?.paths[0] ?? (name === 'fstatat' ? 1 : 0);
    if (allowed.includes(name) || isLiteral(args[index]) || /^(?:const |int |long |Str |char )/.test(args[0] ?? '')) return [];
    const line = source.slice(0, match.index).split('\n').length;
    return [`${path}:${line}: ${name}(${args.join(', ')}) takes a path: not in scripts/path-exceptions.ts`];
  });
}

function check(root: string): string[] {
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  const files = (folder: string): string[] =>
    filesBelow(root, folder).filter((path) => /\.(?:cc|h)$/.test(path) && !path.includes('.gen.'));
  const used = new Set<string>();
  const init = files('native/init').flatMap((path) => pathFindings(path, read(path), used));
  const addon = files('native/addon').flatMap((path) => runtimeFindings(path, read(path)));
  const stale = Object.keys(pathExceptions).filter((exception) => !used.has(exception));
  return [...init, ...addon, ...stale.map((exception) => `scripts/path-exceptions.ts: nobody calls ${exception}`)];
}

if (process.argv[1] === import.meta.filename) {
  const findings = check(dirname(import.meta.dirname));
  for (const finding of findings) console.error(finding);
  console.log(`${findings.length} findings`);
  process.exitCode = findings.length > 0 ? 1 : 0;
}
