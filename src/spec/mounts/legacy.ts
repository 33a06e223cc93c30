import { exceeds } from '../rules/format.ts';
import type { MountOptions } from './options.ts';

/** Longest option in bytes that fsconfig(2) takes as a string, without its NUL. */
const FSCONFIG_STRING_MAX = 255;

/** overlay parses lowerdir differently through fsconfig; iversion and silent exist only as mount(2) flags. */
export function needsLegacyMount(type: string, options: MountOptions): boolean {
  return (
    type === 'overlay' ||
    options.superblock.some((flag) => flag === 'iversion' || flag === 'silent') ||
    options.filesystem.some((option) => exceeds(option, FSCONFIG_STRING_MAX))
  );
}
