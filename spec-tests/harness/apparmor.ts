import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from './box.ts';

/** What a test needs that has profiles loaded: a kernel with the module in use, and the compiler (VM_OPTIONS=--apparmor of spec-tests/vm). */
export const appArmor = ['/sys/kernel/security/apparmor/profiles', '/usr/sbin/apparmor_parser'] as const;

/** Loads a profile that allows everything but writing below /tmp. @returns its name */
export async function loadProfile(box: Box, word = 'confined'): Promise<string> {
  const name = `${box.suite.tag}-${word}`;
  const rules = 'file, deny /tmp/** w, capability, network, signal, ptrace, unix, mount, umount, dbus,';
  const file = join(box.directory, 'profile');
  writeFileSync(file, `profile ${name} flags=(attach_disconnected,mediate_deleted) { ${rules} }\n`);
  (await box.host([appArmor[1], '--replace', '--skip-cache', file])).ok();
  return name;
}

/** Of the profile that was loaded last. */
export const unloadProfile = async (box: Box): Promise<unknown> =>
  (await box.host([appArmor[1], '--remove', join(box.directory, 'profile')])).ok();
