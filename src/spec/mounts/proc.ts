import { isWithin, normalize } from '../path.ts';
import { replaceableProcFiles } from '../replaceable-proc-files.ts';
import type { Mount } from '../types.gen.ts';

/**
 * Whether a mount would hide something of /proc, so that the image could fake what the runtime later writes to (CVE-2019-16884).
 * @param bind whether it shows its source
 */
export function isInsideProc(mount: Mount, bind: boolean): boolean {
  // Whatever way it is written, the name is in it.
  if (!mount.destination.includes('proc')) return false;
  const destination = normalize(`/${mount.destination}`);
  const isProc = bind ? normalize(mount.source ?? '') === '/proc' : mount.type === 'proc';
  return !(destination === '/proc' && isProc) && isWithin('/proc', destination) && !replaceableProcFiles.has(destination);
}
