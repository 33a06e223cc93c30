import { addon } from '../../native/addon.ts';
import { firstEntry, type ImageEntry, type ImageName, securityModules } from '../../plan/criu/image.ts';
import type { SavedLabels } from '../../plan/criu/labels.ts';
import { invalidImages } from './images.ts';

/** Bytes. The image of a thread has its registers and what it has waiting: some ten thousand. */
const MOST = 1 << 22;

const read = <N extends ImageName>(imagePath: string, name: N, file: string): ImageEntry<N> =>
  firstEntry(name, addon.readBytes(`${imagePath}/${file}`, MOST));

/**
 * The labels of the saved processes.
 * @throws RuntimeError CHECKPOINT_INVALID
 */
export function savedLabels(imagePath: string): SavedLabels {
  try {
    const module = securityModules[read(imagePath, 'inventory', 'inventory.img').lsmtype ?? 0];
    if (module === undefined) return { all: [] };
    const labelIn = (file: string): string | undefined => {
      const name = read(imagePath, 'core', file).thread_core?.creds?.lsm_profile;
      return name === undefined ? undefined : `${module}:${name}`;
    };
    const files = addon.readDirectory(imagePath).filter(({ name }) => /^core-\d+\.img$/.test(name));
    const init = labelIn(`core-${read(imagePath, 'pstree', 'pstree.img').pid}.img`);
    const all = files.flatMap(({ name }) => labelIn(name) ?? []);
    return { ...(init === undefined ? {} : { init }), all: [...new Set(all)] };
  } catch (error) {
    throw invalidImages(imagePath, error);
  }
}
