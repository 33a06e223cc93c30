import { reading, savedEntries, savedFiles } from './saved-image.ts';

/**
 * Whether several of the saved mounts followed the same mount of the host. CRIU makes one of those by the way of another, in which it need not lie;
 * its older way ("compat mode") does without.
 * @throws RuntimeError CHECKPOINT_INVALID
 */
export const haveOneMaster = (imagePath: string): boolean =>
  reading(imagePath, () =>
    savedFiles(imagePath, 'mountpoints').some((file) => {
      const mounts = savedEntries(imagePath, 'mountpoints', file);
      const own = new Set(mounts.map(({ shared_id }) => shared_id));
      const masters = mounts.flatMap(({ master_id }) => (master_id === undefined || own.has(master_id) ? [] : [master_id]));
      return new Set(masters).size < masters.length;
    }),
  );
