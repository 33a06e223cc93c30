import { O_PATH } from '../../kernel.gen.ts';
import { addon } from '../../native/addon.ts';

/** What is asked of the host about the directories of an overlay. */
export interface Directories {
  /** Type of the file a path leads to; undefined when there is none, "unknown" when that cannot be seen. */
  readonly typeOf: (path: string) => string | undefined;
  /** Number of the mount that holds a path; undefined when that cannot be seen. */
  readonly mountOf: (path: string) => string | undefined;
}

type Option = 'lowerdir' | 'upperdir' | 'workdir';

interface Layer {
  readonly option: Option;
  readonly path: string;
}

/** Pieces between a separator that no backslash takes its meaning, as the kernel's overlayfs reads them. */
const pieces = (text: string, separator: RegExp): string[] => text.match(separator) ?? [];
const options = /(?:\\.|"[^"]*"|[^\\",])+/gs;
const lowerDirectories = /(?:\\.|[^\\:])+/gs;
const unescaped = (text: string): string => text.replace(/\\(.)/gs, '$1');

function layers(data: string): Layer[] {
  return pieces(data, options).flatMap((text): Layer[] => {
    const [, option = '', value = ''] = /^(lowerdir|upperdir|workdir)=(.*)$/s.exec(text) ?? [];
    if (option === 'lowerdir') return pieces(value, lowerDirectories).map((path) => ({ option, path: unescaped(path) }));
    return option === '' ? [] : [{ option: option as Option, path: unescaped(value) }];
  });
}

/**
 * What an overlay lacks, as far as its options and the host tell: mount(2) has one errno for all of it, and tells the rest to the kernel log.
 * @param data options as mount(2) takes them
 */
export function overlayRefusal(data: string, { typeOf, mountOf }: Directories): string | undefined {
  const all = layers(data);
  const of = (option: Option): string[] => all.filter((layer) => layer.option === option).map(({ path }) => path);
  const [upper] = of('upperdir');
  const [work] = of('workdir');
  if (of('lowerdir').length === 0) return 'it has no lowerdir=';
  if (upper !== undefined && work === undefined) return 'it has upperdir= without workdir=';
  if (upper === undefined && of('lowerdir').length === 1) return 'one lowerdir= alone needs upperdir= and workdir=';
  for (const { option, path } of all) {
    const type = typeOf(path);
    if (type === undefined) return `${option} ${JSON.stringify(path)} does not exist`;
    if (type !== 'directory' && type !== 'unknown') return `${option} ${JSON.stringify(path)} is not a directory`;
  }
  if (upper === undefined || work === undefined) return undefined;
  if (mountOf(upper) !== mountOf(work)) return 'upperdir and workdir are on different mounts';
  const within = (a: string, b: string): boolean => `${a}/`.startsWith(`${b}/`);
  return within(upper, work) || within(work, upper) ? 'upperdir and workdir lie one in the other' : undefined;
}

function typeOf(path: string): string | undefined {
  try {
    return addon.stat(path, true)?.type;
  } catch {
    return 'unknown';
  }
}

function mountOf(path: string): string | undefined {
  try {
    const fd = addon.open(path, O_PATH, 0);
    try {
      return /^mnt_id:\s*(\d+)$/m.exec(addon.readFile(`/proc/self/fdinfo/${fd}`))?.[1];
    } finally {
      addon.close(fd);
    }
  } catch {
    return undefined;
  }
}

/** The directories as the runtime sees them. */
export const hostDirectories: Directories = { typeOf, mountOf };
