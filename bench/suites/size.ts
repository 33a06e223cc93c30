// What has to be on the disk.
import { spawnSync } from 'node:child_process';
import { realpathSync, statSync } from 'node:fs';
import type { Lab } from '../lab.ts';

export interface Size {
  readonly runtime: string;
  /** Bytes of the executable. */
  readonly executable: number;
  /** Bytes of the shared libraries that it loads, without the C library's own. */
  readonly libraries: number;
}

const ofTheCLibrary = /\/(libc|libm|libdl|libpthread|librt|ld-linux[^/]*)\.so/;

export function sizes(lab: Lab): Size[] {
  return lab.runtimes.map(({ name, path }) => {
    const lines = spawnSync('ldd', [path], { encoding: 'utf8' }).stdout?.split('\n') ?? [];
    const libraries = lines.flatMap((line) => /(\/\S+) \(0x/.exec(line)?.[1] ?? []).filter((library) => !ofTheCLibrary.test(library));
    const size = (file: string) => statSync(realpathSync(file)).size;
    return { runtime: name, executable: size(path), libraries: libraries.reduce((sum, library) => sum + size(library), 0) };
  });
}
