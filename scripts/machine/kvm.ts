// /dev/kvm may be there and start no machine, as in a machine that is virtual itself. Whether it does is known only after a while, so it is remembered
// until this machine is booted again.
import { accessSync, constants, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');

/** @param note file that says since which boot no machine has started */
export function isKvmHopeful(note: string, device = '/dev/kvm'): boolean {
  try {
    accessSync(device, constants.R_OK | constants.W_OK);
  } catch {
    return false;
  }
  try {
    return readFileSync(note, 'utf8') !== bootId();
  } catch {
    return true;
  }
}

export function noteKvmFailed(note: string): void {
  mkdirSync(dirname(note), { recursive: true });
  writeFileSync(note, bootId());
}
