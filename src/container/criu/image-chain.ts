import { addon } from '../../native/addon.ts';
import { failedWith } from '../../native/system-error.ts';
import type { CriuPlaces } from '../../plan/criu/directories.ts';
import { isWithin } from '../../spec/path.ts';

/** As CRIU calls the symbolic link to the images before. */
const parentLink = 'parent';

/** Real path of the images that those in `images` build on. */
function parentOf(images: string): string | undefined {
  try {
    addon.readLink(`${images}/${parentLink}`);
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return undefined;
    throw error;
  }
  return addon.realPath(`${images}/${parentLink}`);
}

/** The directory closest to `path` that `other` lies in as well. */
function sharedWith(path: string, other: string): string {
  let shared = path;
  while (!isWithin(shared, other)) shared = shared.slice(0, shared.lastIndexOf('/')) || '/';
  return shared;
}

/**
 * Where images lie, with all that they refer to.
 * @param images real path
 */
export function imageTree(images: string): CriuPlaces['images'] {
  let tree = images;
  const seen = new Set<string>();
  for (let at = parentOf(images); at !== undefined && !seen.has(at); at = parentOf(at)) {
    seen.add(at);
    tree = sharedWith(tree, at);
  }
  return { tree, below: tree === '/' ? images : images.slice(tree.length) };
}
