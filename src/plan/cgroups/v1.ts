import type { LinuxBlockIO, LinuxCPU, LinuxMemory, LinuxResources } from '../../spec/types.ts';
import { simpleSettings } from './both-versions.ts';
import { inexpressible, type Setting } from './setting.ts';

/** 0 means "not set" for all members tested by truth here, as engines write it. */

function memorySettings(memory: LinuxMemory): Setting[] {
  const settings: Setting[] = [];
  const set = (member: string, file: string, value: unknown, optional = false): void => {
    settings.push({ controller: 'memory', file: `memory.${file}`, value: String(value), pointer: `/memory/${member}`, optional });
  };
  const { limit, reservation, swappiness } = memory;
  // "limit: -1" alone lifts both limits: the kernel refuses a memory limit above memory plus swap.
  const swap = limit !== undefined && limit < 0 && !memory.swap ? -1 : memory.swap;
  if (limit && swap) {
    // The limit must never be above memory plus swap in between, whatever an existing cgroup has: first out of the way, then exact.
    set('swap', 'memsw.limit_in_bytes', -1, swap < 0);
  }
  if (limit) set('limit', 'limit_in_bytes', limit);
  if (swap && !(limit && swap < 0)) set('swap', 'memsw.limit_in_bytes', swap, swap < 0);
  if (reservation) set('reservation', 'soft_limit_in_bytes', reservation);
  if (swappiness !== undefined) set('swappiness', 'swappiness', swappiness);
  if (memory.disableOOMKiller === true) set('disableOOMKiller', 'oom_control', 1);
  if (memory.useHierarchy === true) set('useHierarchy', 'use_hierarchy', 1, true);
  return settings;
}

function cpuSettings(cpu: LinuxCPU): Setting[] {
  const settings: Setting[] = [];
  const set = (controller: string, member: string, file: string, value: unknown, optional = false): void => {
    settings.push({ controller, file, value: String(value), pointer: `/cpu/${member}`, optional });
  };
  if (cpu.realtimePeriod) set('cpu', 'realtimePeriod', 'cpu.rt_period_us', cpu.realtimePeriod);
  if (cpu.realtimeRuntime) set('cpu', 'realtimeRuntime', 'cpu.rt_runtime_us', cpu.realtimeRuntime);
  // An idle cgroup refuses shares, so shares come first when it is to become one.
  const idle = cpu.idle === undefined ? undefined : Number(cpu.idle);
  if (idle === 0) set('cpu', 'idle', 'cpu.idle', 0, true);
  if (cpu.shares) set('cpu', 'shares', 'cpu.shares', cpu.shares);
  if (idle === 1) set('cpu', 'idle', 'cpu.idle', 1);
  if (cpu.period) set('cpu', 'period', 'cpu.cfs_period_us', cpu.period);
  if (cpu.quota) set('cpu', 'quota', 'cpu.cfs_quota_us', cpu.quota < 0 ? -1 : cpu.quota);
  if (cpu.burst !== undefined) set('cpu', 'burst', 'cpu.cfs_burst_us', cpu.burst, !cpu.burst);
  if (cpu.cpus) set('cpuset', 'cpus', 'cpuset.cpus', cpu.cpus);
  if (cpu.mems) set('cpuset', 'mems', 'cpuset.mems', cpu.mems);
  return settings;
}

const throttles = [
  ['throttleReadBpsDevice', 'read_bps_device'],
  ['throttleWriteBpsDevice', 'write_bps_device'],
  ['throttleReadIOPSDevice', 'read_iops_device'],
  ['throttleWriteIOPSDevice', 'write_iops_device'],
] as const;

function blkioSettings(blockIO: LinuxBlockIO, kernel: readonly [number, number]): Setting[] {
  const settings: Setting[] = [];
  const controller = 'blkio';
  // CFQ and its files went with Linux 5.0; BFQ has files of its own.
  const setWeight = (pointer: string, file: string, value: string): void => {
    settings.push({ controller, file: `blkio.bfq.${file}`, value, pointer, fallback: { file: `blkio.${file}`, value } });
  };
  const setLeaf = (pointer: string, file: string, value: string): void => {
    if (kernel[0] >= 5) throw inexpressible(pointer, 'blockIO.leafWeight needs the CFQ scheduler, which left the kernel with 5.0');
    settings.push({ controller, file: `blkio.${file}`, value, pointer });
  };
  if (blockIO.weight) setWeight('/blockIO/weight', 'weight', String(blockIO.weight));
  if (blockIO.leafWeight) setLeaf('/blockIO/leafWeight', 'leaf_weight', String(blockIO.leafWeight));
  for (const [index, { major, minor, weight, leafWeight }] of (blockIO.weightDevice ?? []).entries()) {
    const pointer = `/blockIO/weightDevice/${index}`;
    if (weight) setWeight(pointer, 'weight_device', `${major}:${minor} ${weight}`);
    if (leafWeight) setLeaf(pointer, 'leaf_weight_device', `${major}:${minor} ${leafWeight}`);
  }
  for (const [member, file] of throttles) {
    for (const [index, { major, minor, rate }] of (blockIO[member] ?? []).entries()) {
      const pointer = `/blockIO/${member}/${index}`;
      settings.push({ controller, file: `blkio.throttle.${file}`, value: `${major}:${minor} ${rate}`, pointer });
    }
  }
  return settings;
}

function networkSettings({ network }: LinuxResources): Setting[] {
  const settings: Setting[] = [];
  if (network?.classID) {
    settings.push({ controller: 'net_cls', file: 'net_cls.classid', value: String(network.classID), pointer: '/network/classID' });
  }
  for (const [index, { name, priority }] of (network?.priorities ?? []).entries()) {
    const pointer = `/network/priorities/${index}`;
    settings.push({ controller: 'net_prio', file: 'net_prio.ifpriomap', value: `${name} ${priority}`, pointer });
  }
  return settings;
}

/**
 * Limits as files of cgroup v1, without devices, in the order they have to be written.
 * @throws RuntimeError CGROUP_UNSUPPORTED
 */
export function settingsV1(resources: LinuxResources, kernel: readonly [number, number]): Setting[] {
  return [
    ...(resources.memory === undefined ? [] : memorySettings(resources.memory)),
    ...(resources.cpu === undefined ? [] : cpuSettings(resources.cpu)),
    ...simpleSettings(resources, 'limit_in_bytes'),
    ...(resources.blockIO === undefined ? [] : blkioSettings(resources.blockIO, kernel)),
    ...networkSettings(resources),
  ];
}
