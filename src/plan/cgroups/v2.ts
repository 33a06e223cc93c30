import { RuntimeError } from '../../errors.ts';
import { escapePointer } from '../../spec/pointer.ts';
import type { LinuxBlockIO, LinuxCPU, LinuxMemory, LinuxResources } from '../../spec/types.ts';
import { unvalidated } from '../../spec/unvalidated.ts';
import { simpleSettings } from './both-versions.ts';
import { blkioToIoWeight, limitOrMax, sharesToWeight } from './conversions.ts';
import { inexpressible, type Setting } from './setting.ts';

/** memory.swap.max of a limit of memory plus swap, which comes with the memory limit to subtract; undefined when none is asked for. */
export function swapMax({ limit = 0, swap = 0 }: LinuxMemory): string | undefined {
  if (limit < 0 && !swap) return 'max';
  if (swap < 0) return 'max';
  if (!swap) return undefined;
  if (limit <= 0 || swap < limit) throw unvalidated(`memory and swap ${swap} with the memory limit ${limit}`);
  return String(BigInt(swap) - BigInt(limit));
}

function memorySettings(memory: LinuxMemory): Setting[] {
  const settings: Setting[] = [];
  const set = (member: string, file: string, value: string, optional = false): void => {
    settings.push({ controller: 'memory', file: `memory.${file}`, value, pointer: `/memory/${member}`, optional });
  };
  if (memory.swappiness) throw inexpressible('/memory/swappiness', 'memory.swappiness has no counterpart in cgroup v2');
  if (memory.disableOOMKiller === true) throw inexpressible('/memory/disableOOMKiller', 'the OOM killer cannot be disabled in cgroup v2');
  const swap = swapMax(memory);
  // Without swap in the kernel there is nothing to forbid and nothing to set free.
  if (swap !== undefined) set('swap', 'swap.max', swap, swap === 'max' || swap === '0');
  if (memory.limit) set('limit', 'max', limitOrMax(memory.limit));
  if (memory.reservation) set('reservation', 'low', limitOrMax(memory.reservation));
  return settings;
}

function bandwidth({ quota, period }: LinuxCPU): Setting[] {
  if (!quota && !period) return [];
  const value = `${quota && quota > 0 ? quota : 'max'}${period ? ` ${period}` : ''}`;
  return [{ controller: 'cpu', file: 'cpu.max', value, pointer: quota ? '/cpu/quota' : '/cpu/period' }];
}

function cpuSettings(cpu: LinuxCPU): Setting[] {
  const settings: Setting[] = [];
  const set = (controller: string, member: string, file: string, value: unknown, optional = false): void => {
    settings.push({ controller, file, value: String(value), pointer: `/cpu/${member}`, optional });
  };
  for (const member of ['realtimeRuntime', 'realtimePeriod'] as const) {
    if (cpu[member]) throw inexpressible(`/cpu/${member}`, `cpu.${member} has no counterpart in cgroup v2`);
  }
  // An idle cgroup refuses a weight, so the weight comes first when it is to become one.
  const idle = cpu.idle === undefined ? undefined : Number(cpu.idle);
  if (idle === 0) set('cpu', 'idle', 'cpu.idle', 0, true);
  if (cpu.shares) set('cpu', 'shares', 'cpu.weight', sharesToWeight(cpu.shares));
  if (idle === 1) set('cpu', 'idle', 'cpu.idle', 1);
  settings.push(...bandwidth(cpu));
  if (cpu.burst !== undefined) set('cpu', 'burst', 'cpu.max.burst', cpu.burst, !cpu.burst);
  if (cpu.cpus) set('cpuset', 'cpus', 'cpuset.cpus', cpu.cpus);
  if (cpu.mems) set('cpuset', 'mems', 'cpuset.mems', cpu.mems);
  return settings;
}

const throttles = [
  ['throttleReadBpsDevice', 'rbps'],
  ['throttleWriteBpsDevice', 'wbps'],
  ['throttleReadIOPSDevice', 'riops'],
  ['throttleWriteIOPSDevice', 'wiops'],
] as const;

function ioSettings(blockIO: LinuxBlockIO): Setting[] {
  const settings: Setting[] = [];
  // BFQ takes the weight as it is; the io.cost model has a scale of its own.
  const setWeight = (pointer: string, weight: number, device: string): void => {
    const fallback = { file: 'io.weight', value: `${device}${blkioToIoWeight(weight)}` };
    settings.push({ controller: 'io', file: 'io.bfq.weight', value: `${device}${weight}`, pointer, fallback });
  };
  if (blockIO.leafWeight) throw inexpressible('/blockIO/leafWeight', 'blockIO.leafWeight has no counterpart in cgroup v2');
  if (blockIO.weight) setWeight('/blockIO/weight', blockIO.weight, '');
  for (const [index, { major, minor, weight, leafWeight }] of (blockIO.weightDevice ?? []).entries()) {
    const pointer = `/blockIO/weightDevice/${index}`;
    if (leafWeight) throw inexpressible(`${pointer}/leafWeight`, 'blockIO.leafWeight has no counterpart in cgroup v2');
    if (weight) setWeight(pointer, weight, `${major}:${minor} `);
  }
  for (const [member, key] of throttles) {
    for (const [index, { major, minor, rate }] of (blockIO[member] ?? []).entries()) {
      const value = `${major}:${minor} ${key}=${rate ? rate : 'max'}`;
      settings.push({ controller: 'io', file: 'io.max', value, pointer: `/blockIO/${member}/${index}` });
    }
  }
  return settings;
}

function refuseNetwork({ network }: LinuxResources): void {
  if (network?.classID) throw inexpressible('/network/classID', 'network.classID has no counterpart in cgroup v2');
  if (network?.priorities?.length) throw inexpressible('/network/priorities', 'network.priorities has no counterpart in cgroup v2');
}

/**
 * The files of `resources.unified`, line by line where a value has several (LNX-117 to LNX-120).
 * @param before what comes before the words for a controller that is missing
 * @throws RuntimeError CGROUP_CONTROLLER_MISSING
 */
export function unifiedSettings(resources: LinuxResources, controllers: readonly string[], before = ''): Setting[] {
  return Object.entries(resources.unified ?? {}).flatMap(([file, text]) => {
    const prefix = file.slice(0, Math.max(file.indexOf('.'), 0));
    const pointer = `/unified/${escapePointer(file)}`;
    if (prefix !== 'cgroup' && !controllers.includes(prefix)) {
      const message = `${before}unified resource "${file}" can't be set: controller "${prefix}" not available`;
      throw new RuntimeError('CGROUP_CONTROLLER_MISSING', message, { pointer: `/linux/resources${pointer}` });
    }
    const controller = prefix === 'cgroup' ? '' : prefix;
    const lines = text === '' ? [''] : text.split('\n').filter((line) => line !== '');
    return lines.map((value) => ({ controller, file, value, pointer }));
  });
}

/**
 * Limits as files of cgroup v2, without devices and `unified`, in the order they have to be written.
 * @throws RuntimeError CGROUP_UNSUPPORTED for what cannot be converted (LNX-122, AMB-009)
 */
export function settingsV2(resources: LinuxResources): Setting[] {
  refuseNetwork(resources);
  return [
    ...(resources.memory === undefined ? [] : memorySettings(resources.memory)),
    ...(resources.cpu === undefined ? [] : cpuSettings(resources.cpu)),
    ...simpleSettings(resources, 'max'),
    ...(resources.blockIO === undefined ? [] : ioSettings(resources.blockIO)),
  ];
}
