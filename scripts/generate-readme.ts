/**
 * Writes the paragraph of the README that says what runts can do, from what `runts features` prints and the command table.
 * `--check` writes nothing and exits 1 when it is stale.
 */
import { readFileSync } from 'node:fs';
import { commands } from '../src/cli/commands.ts';
import type { Command } from '../src/cli/flag.ts';
import { features } from '../src/plan/features.ts';
import { version } from '../src/version.ts';
import { writeGenerated } from './generated.ts';

const BEGIN = '<!-- status: written by npm run generate from the command table and `runts features` -->\n';
const END = '<!-- end of status -->\n';

const listed = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ');

/** The words that are true of this machine-independent answer; a property that goes takes its words with it. */
function parts({ linux }: ReturnType<typeof features>): string[] {
  const { cgroup, seccomp, apparmor, selinux, intelRdt, mountExtensions, netDevices } = linux;
  const has = (words: string, ...conditions: boolean[]): string[] => (conditions.every(Boolean) ? [words] : []);
  return [
    `namespaces (${linux.namespaces.join(', ')})`,
    ...has('cgroups v1, hybrid and v2', cgroup.v1, cgroup.v2),
    ...has('by itself or through systemd, the system’s and a user’s', cgroup.systemd, cgroup.systemdUser),
    ...has(`seccomp with ${seccomp.actions.length} actions on ${seccomp.archs.length} architectures`, seccomp.enabled),
    ...has('AppArmor', apparmor.enabled),
    ...has('SELinux', selinux.enabled),
    ...has('Intel RDT', intelRdt.enabled),
    ...has('id-mapped mounts', mountExtensions.idmap.enabled),
    ...has('network devices', netDevices.enabled),
    ...has('memory policies', linux.memoryPolicy.modes.length > 0),
    'terminals',
  ];
}

function status(): string {
  const known = features();
  const rows = Object.entries(commands as Readonly<Record<string, Command>>).filter(([, { hidden }]) => !hidden);
  return `
**Status:** version ${version}, not for production.

- Commands: ${listed(rows.map(([name]) => name))}.
- Of the OCI runtime specification ${known.ociVersionMin} to ${known.ociVersionMax}: ${parts(known).join(', ')}; hooks ${known.hooks.join(', ')};
  ${known.mountOptions.length} mount options.

`;
}

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const [before, rest] = readme.split(BEGIN);
const after = rest?.split(END)[1];
if (before === undefined || after === undefined) throw new Error(`README.md has no part between ${BEGIN.trim()} and ${END.trim()}`);
writeGenerated('README.md', before + BEGIN + status() + END + after);
