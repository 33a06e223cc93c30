import { messageOf, RuntimeError } from '../../errors.ts';
import { O_PATH } from '../../kernel.gen.ts';
import { addon } from '../../native/addon.ts';
import { failedWith, isSystemError } from '../../native/system-error.ts';
import type { SeenDirectories } from '../../plan/criu/directories.ts';

/** Where the files of a checkpoint and the logs of CRIU lie; open, as CRIU finds them by number. */
export interface CriuDirectories {
  readonly images: number;
  /** Absent: CRIU works in `images`. */
  readonly work?: number;
}

/** What the standard streams were, by fd, for those who attach them again. */
const descriptorsFile = (imagePath: string): string => `${imagePath}/descriptors.json`;

/** For a directory that lacks something, or where something is damaged. */
export function invalidImages(imagePath: string, error: unknown): RuntimeError {
  return new RuntimeError('CHECKPOINT_INVALID', `${imagePath} holds no checkpoint: ${messageOf(error)}`, {
    hint: 'give --image-path the directory that "runts checkpoint" has written to',
    cause: error,
  });
}

/** mkdir -p of what only root may look into: it holds the memory of processes. */
export function makeDirectories(path: string): void {
  try {
    addon.mkdir(path, 0o700);
  } catch (error) {
    if (failedWith(error, 'EEXIST')) return;
    if (!failedWith(error, 'ENOENT')) throw error;
    makeDirectories(path.slice(0, path.lastIndexOf('/')));
    addon.mkdir(path, 0o700);
  }
}

/** Where both directories are, absolute; without `workPath` CRIU works among the images. */
export interface CriuPaths {
  readonly imagePath: string;
  readonly workPath?: string;
}

export const logPath = ({ imagePath, workPath = imagePath }: CriuPaths, logFile: string): string => `${workPath}/${logFile}`;

/** Also of what is not there, or still to be made. */
export function realPath(path: string): string {
  try {
    return addon.realPath(path);
  } catch (error) {
    if (!failedWith(error, 'ENOENT')) throw error;
    const end = path.lastIndexOf('/');
    return realPath(path.slice(0, end) || '/') + path.slice(end);
  }
}

/** Both without symbolic links: absolute ones lead out of another's root directory, and into our own mount namespace. */
export const realDirectories = ({ imagePath, workPath }: CriuPaths): SeenDirectories => ({
  images: realPath(imagePath),
  ...(workPath === undefined ? {} : { work: realPath(workPath) }),
});

/**
 * Opens both as CRIU sees them: it mounts things in its working directory, which is only possible where that is of its own mount namespace.
 * @param pid of CRIU
 */
export function openDirectories(seen: SeenDirectories, pid: number): CriuDirectories {
  const root = `/proc/${pid}/root`;
  const images = addon.openDirectory(root + seen.images);
  try {
    return seen.work === undefined ? { images } : { images, work: addon.openDirectory(root + seen.work) };
  } catch (error) {
    addon.close(images);
    throw error;
  }
}

export function closeDirectories({ images, work }: CriuDirectories): void {
  for (const fd of [images, work]) if (fd !== undefined) addon.close(fd);
}

/** The options that lead CRIU to both. */
export const directoryOptions = ({ images, work }: CriuDirectories): { readonly images_dir_fd: number; readonly work_dir_fd?: number } => ({
  images_dir_fd: images,
  ...(work === undefined ? {} : { work_dir_fd: work }),
});

/** An open file as CRIU calls it: by its mount and its inode, in hexadecimal digits. Linux before 5.14 does not tell the latter. */
function fileKey(pid: number, fd: number): { readonly mount: string; readonly key: string } | undefined {
  const about = addon.readFile(`/proc/${pid}/fdinfo/${fd}`);
  const [, mount = ''] = /^mnt_id:\s*(\d+)$/m.exec(about) ?? [];
  const [, inode] = /^ino:\s*(\d+)$/m.exec(about) ?? [];
  return inode === undefined ? undefined : { mount, key: `file[${Number(mount).toString(16)}:${BigInt(inode).toString(16)}]` };
}

/**
 * What fds 0 to 2 of a process are, for CRIU and for those who attach them again: "pipe:[4711]", a path, or the key of a file of
 * the host, which CRIU does not look for.
 * @param mounts ids of the mounts of the process
 */
export function standardStreams(pid: number, mounts: ReadonlySet<string>): string[] {
  return [0, 1, 2].map((fd) => {
    try {
      const target = addon.readLink(`/proc/${pid}/fd/${fd}`);
      const file = target.startsWith('/') && !target.startsWith('/dev/') ? fileKey(pid, fd) : undefined;
      return file === undefined || mounts.has(file.mount) ? target : file.key;
    } catch (error) {
      if (failedWith(error, 'ENOENT')) return '';
      throw error;
    }
  });
}

export const isHostFile = (stream: string): boolean => stream.startsWith('file[');

/** Whether CRIU can be given another in its place. */
export const isInheritable = (stream: string): boolean => stream.startsWith('pipe:') || isHostFile(stream);

export const saveDescriptors = (imagePath: string, streams: readonly string[]): void =>
  addon.writeFile(descriptorsFile(imagePath), JSON.stringify(streams), 0o600);

/**
 * What the standard streams of a saved process were.
 * @throws RuntimeError CHECKPOINT_INVALID
 */
export function readDescriptors(imagePath: string): string[] {
  try {
    addon.close(addon.open(`${imagePath}/inventory.img`, O_PATH, 0));
    const read: unknown = JSON.parse(addon.readFile(descriptorsFile(imagePath)));
    if (!Array.isArray(read) || read.length > 3 || !read.every((target) => typeof target === 'string')) {
      throw new Error('descriptors.json is no list of at most three names');
    }
    return read;
  } catch (error) {
    if (isSystemError(error) && !failedWith(error, 'ENOENT', 'ENOTDIR')) throw error;
    throw invalidImages(imagePath, error);
  }
}
