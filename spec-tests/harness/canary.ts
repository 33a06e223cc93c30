import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A tree beside the containers that stands for the host: no attack may change it, and no container may read its secret. */
export class Canary {
  readonly directory: string;
  /** Content of the file `secret`, which stands nowhere else. */
  readonly secret: string;
  private readonly before: readonly string[];

  /** Makes the tree, as `canary` in `parent`. */
  constructor(parent: string) {
    this.directory = join(parent, 'canary');
    this.secret = `secret of ${this.directory}`;
    mkdirSync(this.directory);
    for (const name of ['empty', 'full', 'dev']) mkdirSync(this.path(name));
    // Names that a runtime makes, removes or writes to in the /dev of a container are there as well.
    for (const name of ['secret', 'full/file', 'dev/ptmx', 'ptmx', 'null', 'console']) writeFileSync(this.path(name), this.secret);
    symlinkSync('full', this.path('link'));
    this.before = describe(this.directory);
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  /** @throws Error naming what has been made, removed or changed. */
  check(): void {
    const changes = this.changes();
    if (changes.length > 0) throw new Error(`the host was changed:\n${changes.join('\n')}`);
  }

  /** What differs from the tree that was made, a line for each entry: `+` as it is, `-` as it was. */
  changes(): string[] {
    const after = describe(this.directory);
    const lacking = (lines: readonly string[], from: readonly string[]) => lines.filter((line) => !from.includes(line));
    return [...lacking(this.before, after).map((line) => `- ${line}`), ...lacking(after, this.before).map((line) => `+ ${line}`)];
  }
}

/** Names of all entries, from the top; the tree may hold links to anywhere, which are not followed. */
function names(directory: string, prefix = ''): string[] {
  return readdirSync(join(directory, prefix), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const name = join(prefix, entry.name);
      return entry.isDirectory() ? [name, ...names(directory, name)] : [name];
    });
}

/** Name, type with mode, owner, device number, size, time of change of content, and a hash of the content of every entry. */
function describe(directory: string): string[] {
  return ['', ...names(directory)].map((name) => {
    const path = join(directory, name);
    const { mode, uid, gid, rdev, size, mtimeNs } = lstatSync(path, { bigint: true });
    return [name || '.', mode.toString(8), `${uid}:${gid}`, rdev, size, mtimeNs, content(path)].join(' ');
  });
}

function content(path: string): string {
  const stat = lstatSync(path);
  const text = stat.isSymbolicLink() ? readlinkSync(path) : stat.isFile() ? readFileSync(path) : '';
  return createHash('sha256').update(text).digest('hex');
}
