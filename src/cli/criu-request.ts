import { RuntimeError } from '../errors.ts';
import type { CriuRequest } from '../plan/criu/dump.ts';
import type { CommandValues } from './commands.ts';
import { fromHere } from './paths.ts';

type Values = Pick<
  CommandValues<'checkpoint'>,
  | 'image-path'
  | 'tcp-established'
  | 'ext-unix-sk'
  | 'shell-job'
  | 'lazy-pages'
  | 'file-locks'
  | 'manage-cgroups-mode'
  | 'empty-ns'
  | 'auto-dedup'
>;

/** runc's, in the working directory. */
const defaultImagePath = 'checkpoint';

/** The only namespace whose content CRIU can leave out; it always is (runc, and engines that rely on it). */
const emptyable = 'network';

/**
 * What checkpoint and restore are both asked for.
 * @throws RuntimeError INVALID_VALUE
 */
export function criuRequest(flags: Values): CriuRequest & { readonly imagePath: string } {
  const other = flags['empty-ns'].find((namespace) => namespace !== emptyable);
  if (other !== undefined) {
    throw new RuntimeError('INVALID_VALUE', `namespace ${JSON.stringify(other)} is not supported`, {
      hint: `--empty-ns takes ${emptyable}`,
    });
  }
  return {
    imagePath: fromHere(flags['image-path'] || defaultImagePath),
    tcpEstablished: flags['tcp-established'],
    extUnixSk: flags['ext-unix-sk'],
    shellJob: flags['shell-job'],
    lazyPages: flags['lazy-pages'],
    fileLocks: flags['file-locks'],
    autoDedup: flags['auto-dedup'],
    cgroupMode: flags['manage-cgroups-mode'] as CriuRequest['cgroupMode'],
  };
}
