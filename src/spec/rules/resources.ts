import { isForEverything } from '../device-rules.ts';
import { each, type Report } from '../findings.ts';
import { escapePointer } from '../pointer.ts';
import type {
  LinuxBlockIO,
  LinuxCPU,
  LinuxDeviceCgroup,
  LinuxMemory,
  LinuxResources,
  LinuxThrottleDevice,
  LinuxWeightDevice,
} from '../types.gen.ts';
import { isFileName, isList } from './format.ts';

/** Other letters have no meaning. Of every device (type "a") a rule always means every access. */
function mendAccess(rule: LinuxDeviceCgroup, access: string, place: string, message: string, report: Report): void {
  const known = access.replace(/[^rwm]/g, '');
  if (known !== '' || isForEverything(rule))
    report.mend(`${place}/access`, 'BAD_FORMAT', message, known || 'rwm', 'other letters are ignored');
  else {
    report.tolerate(`${place}/access`, 'BAD_FORMAT', message, 'the rule is ignored');
    report.drop(place);
  }
}

function checkDeviceRules(rules: LinuxResources['devices'], at: string, report: Report): void {
  for (const [rule, place] of each(rules, at)) {
    const { access = '' } = rule;
    if (!/^[rwm]+$/.test(access)) {
      const message = `device access ${JSON.stringify(access)} must hold letters of "rwm"`;
      if (access === '') report.error(`${place}/access`, 'EMPTY', message);
      else mendAccess(rule, access, place, message, report);
    }
    for (const key of ['major', 'minor'] as const) {
      const value = rule[key] ?? -1;
      if (value < -1 || value > 0xffffffff) report.error(`${place}/${key}`, 'OUT_OF_RANGE', `${key} number ${value} is out of range`);
    }
  }
}

function checkMemory(memory: LinuxMemory | undefined, at: string, complete: boolean, report: Report): void {
  if (memory === undefined) return;
  for (const key of ['limit', 'reservation', 'swap', 'kernel', 'kernelTCP'] as const) {
    const value = memory[key];
    if (value !== undefined && value < -1)
      report.error(`${at}/${key}`, 'OUT_OF_RANGE', `invalid memory.${key} ${value}: -1 means unlimited`);
  }
  const { limit = 0, swap = 0, swappiness = 0 } = memory;
  if (swap > 0 && limit > 0 && swap < limit) {
    report.error(
      `${at}/swap`,
      'OUT_OF_RANGE',
      `memory+swap limit should be >= memory limit: ${swap} is below ${limit}`,
      'swap counts memory plus swap',
    );
  } else if (complete && swap > 0 && limit <= 0) {
    report.error(`${at}/swap`, 'NEEDS_PROPERTY', 'unable to set swap limit without memory limit');
  }
  if (swappiness > 100) report.error(`${at}/swappiness`, 'OUT_OF_RANGE', `invalid memory.swappiness ${swappiness}: expected 0 to 100`);
}

function checkCpu(cpu: LinuxCPU | undefined, at: string, report: Report): void {
  if (cpu === undefined) return;
  const { quota = 0, burst = 0, idle = 0 } = cpu;
  if (quota > 0 && burst > quota) report.error(`${at}/burst`, 'OUT_OF_RANGE', `cpu.burst ${burst} is above cpu.quota ${quota}`);
  if (idle < 0 || idle > 1) report.error(`${at}/idle`, 'OUT_OF_RANGE', `invalid cpu.idle ${idle}: expected 0 or 1`);
  for (const key of ['cpus', 'mems'] as const) {
    const list = cpu[key] ?? '';
    if (list !== '' && !isList(list)) {
      report.error(`${at}/${key}`, 'BAD_FORMAT', `invalid cpu.${key} ${JSON.stringify(list)}`, 'expected a list like "0-3,7"');
    }
  }
}

function checkWeight(value: number | undefined, place: string, report: Report): void {
  if (value === undefined || value === 0 || (value >= 10 && value <= 1000)) return;
  const message = `invalid blockIO weight ${value}: expected 10 to 1000`;
  if (value > 1000) report.error(place, 'OUT_OF_RANGE', message);
  else report.mend(place, 'OUT_OF_RANGE', message, 10, 'it is taken for 10');
}

const throttles = ['throttleReadBpsDevice', 'throttleWriteBpsDevice', 'throttleReadIOPSDevice', 'throttleWriteIOPSDevice'] as const;

function checkBlockIo(blockIO: LinuxBlockIO | undefined, at: string, report: Report): void {
  if (blockIO === undefined) return;
  checkWeight(blockIO.weight, `${at}/weight`, report);
  checkWeight(blockIO.leafWeight, `${at}/leafWeight`, report);
  for (const [device, place] of each(blockIO.weightDevice, `${at}/weightDevice`)) {
    if (device.weight === undefined && device.leafWeight === undefined) {
      report.mend(place, 'NEEDS_PROPERTY', 'an entry of weightDevice needs weight or leafWeight', undefined, 'it is ignored');
    }
    checkWeight(device.weight, `${place}/weight`, report);
    checkWeight(device.leafWeight, `${place}/leafWeight`, report);
  }
  for (const key of ['weightDevice', ...throttles] as const) {
    for (const [{ major, minor }, place] of each<LinuxWeightDevice | LinuxThrottleDevice>(blockIO[key], `${at}/${key}`)) {
      if (major < 0 || minor < 0) report.error(place, 'OUT_OF_RANGE', `device number ${major}:${minor} must not be negative`);
    }
  }
}

function checkNames(resources: LinuxResources, at: string, report: Report): void {
  for (const [{ pageSize }, place] of each(resources.hugepageLimits, `${at}/hugepageLimits`)) {
    if (!/^[1-9]\d*[KMG]B$/.test(pageSize)) {
      report.error(
        `${place}/pageSize`,
        'BAD_FORMAT',
        `invalid hugepage size ${JSON.stringify(pageSize)}`,
        'expected a size like "2MB" or "1GB"',
      );
    }
  }
  for (const [{ name }, place] of each(resources.network?.priorities, `${at}/network/priorities`)) {
    if (!isFileName(name) || /\s/.test(name)) report.error(`${place}/name`, 'BAD_FORMAT', `invalid interface name ${JSON.stringify(name)}`);
  }
  for (const [device, entry] of Object.entries(resources.rdma ?? {})) {
    const place = `${at}/rdma/${escapePointer(device)}`;
    if (!isFileName(device) || /\s/.test(device)) report.error(place, 'BAD_FORMAT', `invalid rdma device ${JSON.stringify(device)}`);
    if (entry.hcaHandles === undefined && entry.hcaObjects === undefined) {
      report.error(place, 'NEEDS_PROPERTY', `rdma device "${device}" needs hcaHandles or hcaObjects`);
    }
  }
  for (const [key, text] of Object.entries(resources.unified ?? {})) {
    // Systemd is told the list; without it the kernel is, and refuses what is none.
    if ((key === 'cpuset.cpus' || key === 'cpuset.mems') && text.trim() !== '' && !isList(text.trim())) {
      const message = `unified.${key}: invalid list ${JSON.stringify(text.trim())}`;
      report.foretell(`${at}/unified/${key}`, 'CPU_LIST_INVALID', message, 'expected a list like "0-3,7"');
    }
    if (!isFileName(key)) {
      report.error(
        `${at}/unified/${escapePointer(key)}`,
        'BAD_FORMAT',
        `unified resource ${JSON.stringify(key)} must be a file name (no slashes)`,
      );
    }
  }
}

/**
 * Limits. `at` is the pointer of the resources object; `complete` says that nothing else sets limits (create, not update).
 */
export function checkResources(resources: LinuxResources | undefined, at: string, complete: boolean, report: Report): void {
  if (resources === undefined) return;
  checkDeviceRules(resources.devices, `${at}/devices`, report);
  checkMemory(resources.memory, `${at}/memory`, complete, report);
  checkCpu(resources.cpu, `${at}/cpu`, report);
  checkBlockIo(resources.blockIO, `${at}/blockIO`, report);
  checkNames(resources, at, report);
}
