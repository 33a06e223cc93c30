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

const overlap = (first: number, second: number, size: number, otherSize: number): boolean =>
  first < second + otherSize && second < first + size;

/** Mappings that the kernel gets: no id, inside or outside, may be in two of them (user_namespaces(7)). */
export function checkOverlaps(mappings: readonly LinuxIDMapping[] | undefined, at: string, report: Report): void {
  const before: LinuxIDMapping[] = [];
  for (const [mapping, place] of each(mappings, at)) {
    const { containerID, hostID, size } = mapping;
    const other = before.find(
      (each) => overlap(containerID, each.containerID, size, each.size) || overlap(hostID, each.hostID, size, each.size),
    );
    if (other !== undefined) {
      const words = [mapping, other].map((each) => `${each.containerID} ${each.hostID} ${each.size}`);
      report.error(place, 'CONFLICT', `id mapping ${words[0]} overlaps ${words[1]}`);
    }
    before.push(mapping);
  }
}
