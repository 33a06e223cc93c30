import { RuntimeError } from '../errors.ts';
import { normalize, resolveFrom } from '../spec/path.ts';
import { intact } from './utf8.ts';

/** The engines say it in two ways, neither of which is for people. */
function workingDirectory(): string {
  let cwd: string;
  try {
    cwd = process.cwd();
  } catch (error) {
    throw new RuntimeError('DIRECTORY_MISSING', 'getwd: the working directory is gone: no such file or directory', {
      hint: 'give absolute paths, or call from another directory',
      cause: error,
    });
  }
  return intact('working directory', cwd);
}

/**
 * A path as the caller sees it. The working directory is asked for only by what is relative to it: it may be gone, as when a shim outlives
 * the bundle that it runs in, and its containers still have to be stopped.
 * @throws RuntimeError DIRECTORY_MISSING, USAGE
 */
export const fromHere = (path: string): string => (path.startsWith('/') ? normalize(path) : resolveFrom(workingDirectory(), path));

/** A path of the command line, made absolute. An empty one counts as not given. */
export function absolute(path: string | undefined): string | undefined {
  return path === undefined || path === '' ? undefined : fromHere(path);
}

/** The bundle directory: the working directory unless named. */
export function bundleOf(option: string | undefined): string {
  return fromHere(option ?? '');
}

/** The object without its undefined members, for optional properties that must be absent. */
export function present<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never;
}
