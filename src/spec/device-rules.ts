import type { LinuxDeviceCgroup } from './types.gen.ts';

/** Whether a rule is for all devices: then it says every access too, whatever its other members say (LNX-077). */
export const isForEverything = ({ type }: Pick<LinuxDeviceCgroup, 'type'>): boolean => type === undefined || type === '' || type === 'a';
