import { lookup } from '../../../lookup.ts';
import type { LinuxCPU, LinuxMemory, LinuxResources } from '../../../spec/types.ts';
import type { UnitProperty } from '../../../spec/unit-properties.ts';
import { parseCpuList } from '../../cpu-list.ts';
import { blkioToIoWeight, sharesToWeight } from '../conversions.ts';
import { swapMax } from '../v2.ts';

/** "infinity" of every numeric property. */
const INFINITY = (1n << 64n) - 1n;

const number = (name: string, value: number | bigint): UnitProperty => [name, ['t', value < 0 ? INFINITY : BigInt(value)]];

function memoryProperties(memory: LinuxMemory, isUnified: boolean): UnitProperty[] {
  const properties: UnitProperty[] = [];
  if (memory.limit) properties.push(number(isUnified ? 'MemoryMax' : 'MemoryLimit', memory.limit));
  if (!isUnified) return properties;
  if (memory.reservation) properties.push(number('MemoryLow', memory.reservation));
  const swap = swapMax(memory);
  if (swap !== undefined) properties.push(number('MemorySwapMax', swap === 'max' ? -1 : BigInt(swap)));
  return properties;
}

/** Systemd keeps a share of a second, in steps of 10 ms per second, and a period. */
function quotaProperties({ quota = 0, period = 0 }: LinuxCPU): UnitProperty[] {
  const properties: UnitProperty[] = [];
  if (period) properties.push(number('CPUQuotaPeriodUSec', period));
  if (quota < 0) properties.push(number('CPUQuotaPerSecUSec', -1));
  else if (quota > 0) {
    const perSecond = (BigInt(quota) * 1_000_000n) / BigInt(period || 100_000);
    properties.push(number('CPUQuotaPerSecUSec', ((perSecond + 9_999n) / 10_000n) * 10_000n));
  }
  return properties;
}

/** The weight for which systemd (252 and newer) has the kernel idle a cgroup. */
const IDLE = number('CPUWeight', 0);
const isIdle = (idle: number | bigint | string | undefined): boolean => Number(idle ?? 0) === 1;

function cpuProperties(cpu: LinuxCPU, isUnified: boolean): UnitProperty[] {
  const properties: UnitProperty[] = [];
  // An idle cgroup has no weight.
  if (isUnified && isIdle(cpu.idle)) properties.push(IDLE);
  else if (cpu.shares) properties.push(isUnified ? number('CPUWeight', sharesToWeight(cpu.shares)) : number('CPUShares', cpu.shares));
  properties.push(...quotaProperties(cpu));
  if (isUnified && cpu.cpus) properties.push(['AllowedCPUs', ['ay', bitMask(cpu.cpus, '/linux/resources/cpu/cpus')]]);
  if (isUnified && cpu.mems) properties.push(['AllowedMemoryNodes', ['ay', bitMask(cpu.mems, '/linux/resources/cpu/mems')]]);
  return properties;
}

/** A list of cpus as a bit per cpu, the first in the lowest bit of the first byte. */
export function bitMask(list: string, pointer: string): Uint8Array {
  const words = parseCpuList(list, pointer);
  const bytes = words.flatMap((word) => Array.from({ length: 8 }, (_, index) => Number((word >> BigInt(8 * index)) & 0xffn)));
  return Uint8Array.from(bytes.slice(0, bytes.findLastIndex((byte) => byte !== 0) + 1));
}

/** Files of `resources.unified` that systemd has a property for. */
const unified: Readonly<Record<string, string>> = {
  'memory.min': 'MemoryMin',
  'memory.low': 'MemoryLow',
  'memory.high': 'MemoryHigh',
  'memory.max': 'MemoryMax',
  'memory.swap.max': 'MemorySwapMax',
  'pids.max': 'TasksMax',
  'cpu.weight': 'CPUWeight',
};

function unifiedProperties(files: Readonly<Record<string, string>>): UnitProperty[] {
  const idle = isIdle(files['cpu.idle']?.trim());
  return Object.entries(files).flatMap(([file, text]): UnitProperty[] => {
    const name = lookup(unified, file);
    const value = text.trim();
    if (idle && file === 'cpu.idle') return [IDLE];
    if (idle && file === 'cpu.weight') return [];
    if (name !== undefined && /^(?:max|\d+)$/.test(value)) return [number(name, value === 'max' ? -1 : BigInt(value))];
    const bandwidth = file === 'cpu.max' ? /^(max|\d+)(?: (\d+))?$/.exec(value) : null;
    if (bandwidth) {
      const quota = bandwidth[1] === 'max' ? -1 : Number(bandwidth[1]);
      return quotaProperties({ quota, ...(bandwidth[2] === undefined ? {} : { period: Number(bandwidth[2]) }) });
    }
    if (file === 'cpuset.cpus' && value !== '') return [['AllowedCPUs', ['ay', bitMask(value, '/linux/resources/unified/cpuset.cpus')]]];
    if (file === 'cpuset.mems' && value !== '')
      return [['AllowedMemoryNodes', ['ay', bitMask(value, '/linux/resources/unified/cpuset.mems')]]];
    return [];
  });
}

/** Limits as properties of a unit (systemd.resource-control(5)); what it has no property for is only written to the files. */
export function limitProperties(resources: LinuxResources, isUnified: boolean): UnitProperty[] {
  const { memory, cpu, pids, blockIO } = resources;
  const properties: UnitProperty[] = [
    ...(memory ? memoryProperties(memory, isUnified) : []),
    ...(cpu ? cpuProperties(cpu, isUnified) : []),
  ];
  if (pids?.limit) properties.push(number('TasksMax', pids.limit));
  if (blockIO?.weight) {
    properties.push(isUnified ? number('IOWeight', blkioToIoWeight(blockIO.weight)) : number('BlockIOWeight', blockIO.weight));
  }
  return isUnified ? [...properties, ...unifiedProperties(resources.unified ?? {})] : properties;
}

/** Whether systemd is to end the whole scope for want of memory, which only a new one can be told. */
export const oomPolicy = ({ unified: files }: LinuxResources): UnitProperty[] =>
  files?.['memory.oom.group']?.trim() === '1' ? [['OOMPolicy', ['s', 'kill']]] : [];

/**
 * The properties that say what control files of cgroup v2 said.
 * @param files content by name
 */
export function formerLimits(files: Readonly<Record<string, string>>): UnitProperty[] {
  const weight = /^default (\d+)$/m.exec(files['io.weight'] ?? '')?.[1];
  const unlisted = [
    ['cpuset.cpus', 'AllowedCPUs'],
    ['cpuset.mems', 'AllowedMemoryNodes'],
  ] as const;
  return [
    ...unifiedProperties(files),
    ...(weight === undefined ? [] : [number('IOWeight', BigInt(weight))]),
    ...unlisted.flatMap(([file, name]): UnitProperty[] => (lookup(files, file)?.trim() === '' ? [[name, ['ay', new Uint8Array()]]] : [])),
  ];
}
