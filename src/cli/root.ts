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
  /** Owner and mode of a directory; undefined when it is not there, or not to be looked at. */
  readonly directory: (path: string) => { readonly uid: number; readonly mode: number } | undefined;
}

const WRITABLE_BY_OTHERS = 0o022;

const SYSTEM_ROOT = '/run/runts';

/**
 * XDG_RUNTIME_DIR is kept by su(1), and some set it to /tmp: a state root there may be somebody else's, whose hooks would be executed.
 * @throws RuntimeError INVALID_ROOT
 */
function refuseForeign(root: string, { euid, directory }: RootFacts): void {
  const found = directory(root);
  if (found === undefined) return;
  const isForeign = found.uid !== 0 && found.uid !== euid();
  if (!isForeign && (found.mode & WRITABLE_BY_OTHERS) === 0) return;
  const why = isForeign ? `it belongs to user ${found.uid}` : 'others may write to it';
  throw new RuntimeError('INVALID_ROOT', `unable to trust the directory ${root} for the state of containers: ${why}`, {
    hint: 'set XDG_RUNTIME_DIR to a directory of your own with mode 0700, as a login session has it, or give one with --root',
  });
}

/** The state root without --root. Rootless Podman runs us as uid 0 of a user namespace in which /run belongs to nobody. */
export function defaultRoot({ runtimeDirectory, euid, initialUserNamespace, runWritable }: RootFacts): string {
  if (runtimeDirectory === undefined || runtimeDirectory === '') return SYSTEM_ROOT;
  const realRoot = euid() === 0 && (initialUserNamespace() || runWritable());
  return realRoot ? SYSTEM_ROOT : `${runtimeDirectory}/runts`;
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
  if (option === undefined) {
    const root = defaultRoot(facts);
    if (root !== SYSTEM_ROOT) refuseForeign(root, facts);
    return { root, rootIsDefault: true };
  }
  const root = fromHere(option);
  if (root === '/') throw new RuntimeError('INVALID_ROOT', 'Option --root argument should not be set to /');
  return { root, rootIsDefault: false };
}
