import { resolve } from 'node:path';
import type { CheckpointRequest } from '../container/checkpoint.ts';
import type { RestoreRequest } from '../container/restore.ts';
import { RuntimeError } from '../errors.ts';
import { cgroupModes } from '../plan/criu/rpc.ts';
import type { Abortable } from './calls.ts';
import { type CreateOptions, configOf } from './create-options.ts';
import type { StdioOptions } from './stdio.ts';

/** What CRIU is told when a container is saved, and when it is restored (criu(8)). */
interface ImageOptions extends Abortable {
  /** Directory of the images. They hold all memory of the container: root alone may look into the directory, when it is made. */
  readonly images: string;
  /** Where CRIU works and writes its log; `images` when absent. */
  readonly work?: string;
  /** Open connections are allowed. */
  readonly tcpEstablished?: boolean;
  /** So are sockets whose other end is outside. */
  readonly extUnixSk?: boolean;
  /** So are locks of files. */
  readonly fileLocks?: boolean;
  /** So is a terminal of others. */
  readonly shellJob?: boolean;
  /** Pages are moved only when they are needed, by `criu lazy-pages`. */
  readonly lazyPages?: boolean;
  readonly autoDedup?: boolean;
  /** 'soft' when absent. */
  readonly cgroupMode?: keyof typeof cgroupModes;
}

/** What `checkpoint` is asked for. */
export interface CheckpointOptions extends ImageOptions {
  /** The container goes on. */
  readonly leaveRunning?: boolean;
  /** Memory alone is saved, for a checkpoint that builds on it; the container goes on. */
  readonly preDump?: boolean;
  /** Images of an earlier `preDump`, relative to `images`. */
  readonly parent?: string;
  readonly tcpSkipInFlight?: boolean;
  readonly linkRemap?: boolean;
  readonly pageServer?: { readonly address: string; readonly port: number };
}

/** What `restore` is asked for. The streams of the saved process that were pipes, or files of the host, are what `stdio` says. */
export interface RestoreOptions extends ImageOptions, Pick<CreateOptions, 'id' | 'spec' | 'bundle'> {
  readonly stdio?: StdioOptions;
  /** Connections are closed. */
  readonly tcpClose?: boolean;
  readonly lsmProfile?: string;
  readonly lsmMountContext?: string;
}

function imageRequest(options: ImageOptions) {
  const { images, work, cgroupMode = 'soft' } = options;
  if (typeof images !== 'string' || images === '') throw new RuntimeError('INVALID_VALUE', 'a checkpoint needs a directory of images');
  if (!Object.hasOwn(cgroupModes, cgroupMode)) throw new RuntimeError('INVALID_VALUE', `invalid cgroupMode: ${JSON.stringify(cgroupMode)}`);
  const { tcpEstablished = false, extUnixSk = false, fileLocks = false, shellJob = false, lazyPages = false, autoDedup = false } = options;
  return {
    imagePath: resolve(images),
    ...(work === undefined ? {} : { workPath: resolve(work) }),
    ...{ tcpEstablished, extUnixSk, fileLocks, shellJob, lazyPages, autoDedup, cgroupMode },
  };
}

function checkPort({ port }: NonNullable<CheckpointOptions['pageServer']>): void {
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new RuntimeError('INVALID_VALUE', `invalid port of a page server: ${port}`);
}

/** @throws RuntimeError INVALID_VALUE */
export function checkpointRequest(id: string, options: CheckpointOptions): CheckpointRequest {
  const { leaveRunning = false, preDump = false, tcpSkipInFlight = false, linkRemap = false, parent, pageServer } = options;
  const common = imageRequest(options);
  if (pageServer !== undefined) checkPort(pageServer);
  return {
    ...common,
    ...{ id, leaveRunning, preDump, tcpSkipInFlight, linkRemap },
    ...(parent === undefined ? {} : { parentPath: parent }),
    ...(pageServer === undefined ? {} : { pageServer }),
  };
}

/** @throws RuntimeError INVALID_VALUE, CONFIG_MISSING */
export function restoreRequest(root: string, id: string, options: RestoreOptions): RestoreRequest {
  const { tcpClose = false, lsmProfile, lsmMountContext } = options;
  return {
    id,
    ...configOf(root, id, options),
    ...imageRequest(options),
    tcpClose,
    ...(lsmProfile === undefined ? {} : { lsmProfile }),
    ...(lsmMountContext === undefined ? {} : { lsmMountContext }),
    detach: false,
    noSubreaper: true,
  };
}
