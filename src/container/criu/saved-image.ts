import { addon } from '../../native/addon.ts';
import { entries, firstEntry, type ImageEntry, type ImageName } from '../../plan/criu/image.ts';
import { invalidImages } from './images.ts';

/** Bytes. The image of a thread has its registers and what it has waiting: some ten thousand. That of mounts has two paths for each. */
const MOST = 1 << 22;

/**
 * What is read of images.
 * @throws RuntimeError CHECKPOINT_INVALID
 */
export function reading<T>(imagePath: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw invalidImages(imagePath, error);
  }
}

const bytesOf = (imagePath: string, file: string): Uint8Array => addon.readBytes(`${imagePath}/${file}`, MOST);

/** The only entry of an image that has one. */
export const savedEntry = <N extends ImageName>(imagePath: string, name: N, file: string): ImageEntry<N> =>
  firstEntry(name, bytesOf(imagePath, file));

export const savedEntries = <N extends ImageName>(imagePath: string, name: N, file: string): ImageEntry<N>[] =>
  entries(name, bytesOf(imagePath, file));

/** Images of which there are several, each with the number of what it is of. */
export const savedFiles = (imagePath: string, kind: string): string[] =>
  addon.readDirectory(imagePath).flatMap(({ name }) => (/^([a-z]+)-\d+\.img$/.exec(name)?.[1] === kind ? [name] : []));
