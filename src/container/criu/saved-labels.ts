import { securityModules } from '../../plan/criu/image.ts';
import type { SavedLabels } from '../../plan/criu/labels.ts';
import { reading, savedEntry, savedFiles } from './saved-image.ts';

/**
 * The labels of the saved processes.
 * @throws RuntimeError CHECKPOINT_INVALID
 */
export const savedLabels = (imagePath: string): SavedLabels =>
  reading(imagePath, () => {
    const module = securityModules[savedEntry(imagePath, 'inventory', 'inventory.img').lsmtype ?? 0];
    if (module === undefined) return { all: [] };
    const labelIn = (file: string): string | undefined => {
      const name = savedEntry(imagePath, 'core', file).thread_core?.creds?.lsm_profile;
      return name === undefined ? undefined : `${module}:${name}`;
    };
    const init = labelIn(`core-${savedEntry(imagePath, 'pstree', 'pstree.img').pid}.img`);
    const all = savedFiles(imagePath, 'core').flatMap((file) => labelIn(file) ?? []);
    return { ...(init === undefined ? {} : { init }), all: [...new Set(all)] };
  });
