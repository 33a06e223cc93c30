import { RuntimeError } from '../errors.ts';
import { fromHere } from './paths.ts';

/** What decides the default state root; asked only when it matters. */
export interface RootFacts {
  /** XDG_RUNTIME_DIR; podman sets it to the empty string, which is the same as unset. */
  readonly runtimeDirectory: string | undefined;
  readonly euid: () => number;
  readonly initialUserNamespace: () => boolean;
  /** Whether uid 0 may write to /run. */
  readonly runWritable: () => boolean;
}

/** The state root without --root. Rootless Podman runs us as uid 0 of a user namespace in which /run belongs to nobody. */
export function defaultRoot({ runtimeDirectory, euid, initialUserNamespace, runWritable }: RootFacts): string {
  if (runtimeDirectory === undefined || runtimeDirectory === '') return '/run/runts';
  const realRoot = euid() === 0 && (initialUserNamespace() || runWritable());
  return realRoot ? '/run/runts' : `${runtimeDirectory}/runts`;
}

/** Where compiled seccomp filters are kept, whatever --root is: beside the default state root. */
export function filterCache(facts: RootFacts): string {
  return `${defaultRoot(facts)}~seccomp`;
}

/**
 * The state root, absolute.
 * @param option value of --root
 * @throws RuntimeError INVALID_ROOT
 */
export function stateRoot(option: string | undefined, facts: RootFacts): { readonly root: string; readonly rootIsDefault: boolean } {
  if (option === undefined) return { root: defaultRoot(facts), rootIsDefault: true };
  const root = fromHere(option);
  if (root === '/') throw new RuntimeError('INVALID_ROOT', 'Option --root argument should not be set to /');
  return { root, rootIsDefault: false };
}
