import { chownSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from './box.ts';
import type { Bundle } from './bundle.ts';
import type { Config, IdMapping } from './config.ts';
import type { RunOptions } from './runtime-call.ts';

/** A user without privileges; nobody on a machine of Debian's has this id by default. */
export const uid = 4242;
/** First of the subordinate ids, and how many. */
export const subordinate = { from: 100_000, size: 65_536 } as const;

/** What tests of such a user need: his ranges lie over these files. */
export const needs = ['/usr/bin/python3', '/etc/subuid', '/etc/subgid'] as const;
export const rangeNeeds = [...needs, '/usr/bin/newuidmap', '/usr/bin/newgidmap'] as const;

export interface UserOptions {
  /** Whether he has subordinate ids. */
  readonly ranges?: boolean;
  /** Capabilities that he has all the same, as "setuid,setgid". */
  readonly keeps?: string;
}

/** The words in front of a command that the user is to run. */
export function asUser(box: Box, { ranges = true, keeps }: UserOptions = {}): string[] {
  const given = ranges ? `${subordinate.from}:${subordinate.size}` : '';
  const kept = keeps === undefined ? [] : ['--keep', keeps];
  return ['/usr/bin/python3', join(import.meta.dirname, 'plain_user.py'), ...kept, String(uid), given, box.directory];
}

/** How the user calls the runtime. */
export const byUser = (box: Box, options: UserOptions = {}): RunOptions => ({ through: asUser(box, options) });

/** The user's own id for root of the container, and nothing else. */
export const single: readonly IdMapping[] = [{ containerID: 0, hostID: uid, size: 1 }];
/** That, and the subordinate ids for the others. */
export const several: readonly IdMapping[] = [...single, { containerID: 1, hostID: subordinate.from, size: subordinate.size }];

/** A configuration as the user would write it: no cgroup is prepared for him. */
function unprivileged(config: Config, mappings: readonly IdMapping[]): void {
  config.linux.namespaces.push({ type: 'user' });
  config.linux.uidMappings = [...mappings];
  config.linux.gidMappings = [...mappings];
  delete config.linux.cgroupsPath;
  if (mappings.length > 1) return;
  // Group 5 does not exist then.
  for (const mount of config.mounts) if (mount.options) mount.options = mount.options.filter((option) => option !== 'gid=5');
}

/** A bundle that belongs to the user, as does the state root. */
export async function bundleOfUser(
  box: Box,
  mappings: readonly IdMapping[],
  change: (config: Config, bundle: Bundle) => void = () => {},
): Promise<Bundle> {
  const bundle = box.bundle((config, made) => {
    unprivileged(config, mappings);
    change(config, made);
  });
  for (const path of [box.stateRoot, bundle.directory]) chownSync(path, uid, uid);
  // The programs are shared by all tests.
  (await box.host(['find', bundle.rootfs, '-type', 'd', '-exec', 'chown', `${uid}:${uid}`, '{}', '+'])).ok();
  return bundle;
}
