import { cgroups } from './deviations/cgroups.ts';
import { checkpoint } from './deviations/checkpoint.ts';
import { commandLine } from './deviations/command-line.ts';
import { config } from './deviations/config.ts';
import { debian12 } from './deviations/debian-12.ts';
import { appliesTo, type Deviation, expectedFor } from './deviations/deviation.ts';
import { devices } from './deviations/devices.ts';
import { hooks } from './deviations/hooks.ts';
import { lifecycle } from './deviations/lifecycle.ts';
import { mounts } from './deviations/mounts.ts';
import { namespaces } from './deviations/namespaces.ts';
import { processes } from './deviations/processes.ts';
import { rootless } from './deviations/rootless.ts';
import { seccomp } from './deviations/seccomp.ts';
import { security } from './deviations/security.ts';
import { surroundings } from './deviations/surroundings.ts';
import { terminals } from './deviations/terminals.ts';
import { update } from './deviations/update.ts';
import { words } from './deviations/words.ts';
import type { RuntimeKind } from './harness/suite.ts';

/** The known differences by the headings that they have in docs/compatibility.md. */
export const chapters: Readonly<Record<string, readonly Deviation[]>> = {
  'Versions of Debian 12': debian12,
  'Life cycle': lifecycle,
  'Command line': commandLine,
  'Limits of a running container': update,
  'Terminals in the foreground': terminals,
  Words: words,
  'Values of the configuration': config,
  Process: processes,
  Hooks: hooks,
  Namespaces: namespaces,
  'Around the runtime': surroundings,
  'Without root': rootless,
  Mounts: mounts,
  'Devices and paths': devices,
  Cgroups: cgroups,
  Seccomp: seccomp,
  Security: security,
  'Checkpoint and restore': checkpoint,
};

const deviations = Object.values(chapters).flat();

/** The deviation that applies to a test of this title, if any; `version` is that of the runtime, as `1.3.6`. */
export function findDeviation(runtime: RuntimeKind, version: string, title: string, cgroup: 'v1' | 'unified'): Deviation | undefined {
  return deviations.find(
    (deviation) =>
      deviation.runtimes.includes(runtime) &&
      (deviation.cgroup === undefined || deviation.cgroup === cgroup) &&
      appliesTo(deviation, version) &&
      expectedFor(deviation, title) !== undefined,
  );
}
