import { escapePointer } from '../../spec/pointer.ts';
import type { LinuxResources } from '../../spec/types.ts';
import type { Setting } from './setting.ts';

/** Hugepages, pids and rdma: the same in both versions of cgroups but for the names of files. */
export function simpleSettings(resources: LinuxResources, hugetlbSuffix: 'limit_in_bytes' | 'max'): Setting[] {
  const settings: Setting[] = [];
  for (const [index, { pageSize, limit }] of (resources.hugepageLimits ?? []).entries()) {
    const pointer = `/hugepageLimits/${index}/limit`;
    const value = String(limit);
    // Reservations have a counter of their own since Linux 5.7; without it the limit of faults is what can be had (LNX-109).
    settings.push({ controller: 'hugetlb', file: `hugetlb.${pageSize}.rsvd.${hugetlbSuffix}`, value, pointer, optional: true });
    settings.push({ controller: 'hugetlb', file: `hugetlb.${pageSize}.${hugetlbSuffix}`, value, pointer });
  }
  const pids = resources.pids?.limit;
  // runc and crun take 0 for "not set", and older engines write it so.
  if (pids) {
    settings.push({ controller: 'pids', file: 'pids.max', value: pids < 0 ? 'max' : String(pids), pointer: '/pids/limit' });
  }
  for (const [device, { hcaHandles, hcaObjects }] of Object.entries(resources.rdma ?? {})) {
    const handles = hcaHandles === undefined ? '' : ` hca_handle=${hcaHandles}`;
    const objects = hcaObjects === undefined ? '' : ` hca_object=${hcaObjects}`;
    settings.push({
      controller: 'rdma',
      file: 'rdma.max',
      value: `${device}${handles}${objects}`,
      pointer: `/rdma/${escapePointer(device)}`,
    });
  }
  return settings;
}
