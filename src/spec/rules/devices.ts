import { S_IFMT } from '../../kernel.gen.ts';
import { each, type Report } from '../findings.ts';
import { missingText } from '../missing.ts';
import type { Linux, LinuxDevice } from '../types.gen.ts';

const numbers = [
  ['major', 0xfff],
  ['minor', 0xfffff],
] as const;

function checkNumbers(device: LinuxDevice, place: string, report: Report): void {
  for (const [key, highest] of numbers) {
    const value = device[key];
    if (value === undefined) {
      report.mend(`${place}/${key}`, 'MISSING_PROPERTY', missingText(key, `device "${device.path}"`), 0, 'it is taken for 0');
    } else if (value < 0 || value > highest) {
      report.error(`${place}/${key}`, 'OUT_OF_RANGE', `${key} number ${value} of device "${device.path}" must be 0 to ${highest}`);
    }
  }
}

/** Device nodes (LNX-029 to LNX-037). */
export function checkDevices(linux: Linux, report: Report): void {
  for (const [device, place] of each(linux.devices, '/linux/devices')) {
    if (!device.path.startsWith('/')) {
      const message = `device path ${JSON.stringify(device.path)} must be absolute`;
      if (device.path === '') report.error(`${place}/path`, 'NOT_ABSOLUTE', message);
      else report.mend(`${place}/path`, 'NOT_ABSOLUTE', message, `/${device.path}`, 'it is taken from "/"');
    }
    if (device.type !== 'p') checkNumbers(device, place, report);
    // Engines copy the file type from the host's node into fileMode.
    if (((device.fileMode ?? 0) & ~S_IFMT) > 0o777) {
      const hint = 'JSON numbers are decimal: 0666 is written 438';
      const message = `fileMode ${device.fileMode} of device "${device.path}" is above 511`;
      // Of the special bits a node has the sticky one alone: it belongs to nobody whose rights it could lend when its owner is set.
      report.mend(`${place}/fileMode`, 'OUT_OF_RANGE', message, (device.fileMode ?? 0) & 0o1777, hint);
    }
  }
}
