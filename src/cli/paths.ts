import { resolveFrom } from '../plan/path.ts';

/** A path of the command line, made absolute against the caller's working directory. An empty one counts as not given. */
export function absolute(path: string | undefined): string | undefined {
  return path === undefined || path === '' ? undefined : resolveFrom(process.cwd(), path);
}

/** The bundle directory: the working directory unless named. */
export function bundleOf(option: string | undefined): string {
  return resolveFrom(process.cwd(), option ?? '');
}

/** The object without its undefined members, for optional properties that must be absent. */
export function present<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never;
}
