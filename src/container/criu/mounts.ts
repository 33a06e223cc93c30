import { type MountLine, mountsWith } from '../../host/mount-table.ts';
import { addon } from '../../native/addon.ts';

/** Every mount that a process sees. */
export const mountsOf = (pid: number | 'self'): MountLine[] => mountsWith(addon.readFile(`/proc/${pid}/mountinfo`), ' - ');
