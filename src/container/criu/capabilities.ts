import { RuntimeError } from '../../errors.ts';
import { type CriuFeatures, requestTypes } from '../../plan/criu/rpc.ts';
import type { CriuChannel } from './channel.ts';

/** CRIU 3.0 is the first that answers the question for its version; external pid namespaces and the freezer of cgroup v2 are of 3.15. */
const OLDEST = 31500;

/** As CRIU counts: 4.1.1 is 40101. @throws RuntimeError CRIU_UNSUPPORTED for one that is too old */
export function requireVersion(channel: CriuChannel): number {
  const { version } = channel.request({ type: requestTypes.VERSION, keep_open: true });
  const { major_number: major = 0, minor_number: minor = 0, sublevel = 0 } = version ?? {};
  const number = major * 10000 + minor * 100 + sublevel;
  if (number >= OLDEST) return number;
  throw new RuntimeError('CRIU_UNSUPPORTED', `CRIU version ${number} must be ${OLDEST} or higher`, {
    hint: 'install a later CRIU (criu.org)',
  });
}

/** CRIU 3.17 is the first that can be told that no second request follows; others complain when none does. */
const SINGLE_PRE_DUMP_SINCE = 31700;

export const preDumpType = (version: number): number =>
  version >= SINGLE_PRE_DUMP_SINCE ? requestTypes.SINGLE_PRE_DUMP : requestTypes.PRE_DUMP;

/** What users know the features by. */
const words: Readonly<Record<keyof CriuFeatures, string>> = { mem_track: 'MemTrack', lazy_pages: 'LazyPages' };

/**
 * Whether this CRIU on this kernel can track memory, or restore it late.
 * @throws RuntimeError CRIU_UNSUPPORTED
 */
export function requireFeatures(channel: CriuChannel, wanted: readonly (keyof CriuFeatures)[]): void {
  if (wanted.length === 0) return;
  const features = Object.fromEntries(wanted.map((name) => [name, true]));
  const { features: present } = channel.request({ type: requestTypes.FEATURE_CHECK, features, keep_open: true });
  const missing = wanted.filter((name) => present?.[name] !== true);
  if (missing.length === 0) return;
  throw new RuntimeError('CRIU_UNSUPPORTED', `criu is missing features: [${missing.map((name) => words[name]).join(' ')}]`, {
    hint: '"criu check --feature mem_dirty_track" and "criu check --feature uffd-noncoop" say what this kernel lacks',
  });
}
