import { each, type Report } from '../findings.ts';
import type { LinuxIDMapping } from '../types.gen.ts';

/** One past the highest id that can be mapped; (uid_t)-1 is no id. */
const ID_END = 4294967295;

/** Entries of an id mapping: not empty, and inside the range of ids. */
export function checkMappings(mappings: readonly LinuxIDMapping[] | undefined, at: string, report: Report): void {
  for (const [{ containerID, hostID, size }, place] of each(mappings, at)) {
    if (size === 0) report.error(`${place}/size`, 'OUT_OF_RANGE', 'size of an id mapping must be greater than zero');
    if (containerID + size > ID_END || hostID + size > ID_END) {
      report.error(place, 'OUT_OF_RANGE', `id mapping ${containerID} ${hostID} ${size} goes beyond the highest id`);
    }
  }
}
