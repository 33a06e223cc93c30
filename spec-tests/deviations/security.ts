import type { Deviation } from './deviation.ts';

/** Attacks that a runtime does not withstand, each looked at by hand: spec-tests/security/. */
export const security: readonly Deviation[] = [
  {
    runtimes: ['runc', 'crun'],
    reason: 'sets every property of systemd that an annotation names; their documents leave it to the engine to take them out',
    why: 'an annotation that comes from a user could start services of the host, or reboot it',
    titles: { 'CVE-2024-3154 no property of the scope': 'to deeply equal' },
  },
  {
    runtimes: ['crun'],
    reason: 'exec has the limits of the caller, not those of the configuration',
    titles: { 'SEC-003 CFG-034 the configuration’s limits': 'to match object' },
  },
  {
    runtimes: ['runc'],
    reason: 'takes 4294967296 of exec --user for 0, which is root',
    why: 'who names another user must not get root',
    titles: { 'CVE-2026-30892': "expected [ '4294967296' ] to deeply equal []" },
  },
  {
    runtimes: ['crun'],
    since: '1.27',
    reason: 'takes -1 of exec --user for "leave it", which is root',
    titles: { 'CVE-2026-30892': "expected [ '-1' ] to deeply equal []" },
  },
  {
    runtimes: ['crun'],
    before: '1.27',
    reason: 'takes -1, 4294967295 and 4294967296 of exec --user for root',
    titles: { 'CVE-2026-30892': "expected [ '-1', '4294967295', '4294967296' ] to deeply equal []" },
  },
  {
    runtimes: ['crun'],
    reason: 'takes the user and group 4294967295 of the configuration for "leave it", which is root',
    titles: { 'CVE-2024-40635': "expected [ 'uid 4294967295', 'gid 4294967295' ] to deeply equal []" },
  },
  {
    runtimes: ['crun'],
    reason: 'exec --cgroup .. leads out of the cgroup of the container',
    titles: { 'crun@1.28 neither cgroupsPath': "expected { path: '..', ok: true } to deeply equal" },
  },
  {
    runtimes: ['crun'],
    before: '1.28',
    reason: 'delete --force removes the directory that a path for an id leads to',
    titles: { 'crun@1.28 no command': 'no such file or directory, scandir' },
  },
  {
    runtimes: ['crun'],
    before: '1.28',
    reason: 'takes ids with a line break',
    titles: { 'crun@1.28 create refuses': "expected [ 'a\\nb' ] to deeply equal []" },
  },
  {
    runtimes: ['crun'],
    before: '1.14.1',
    reason: 'starts in a directory of the host that the caller has left open',
    titles: { 'CVE-2024-21626 nor in one that the caller': "not to contain 'secret of" },
  },
  {
    runtimes: ['crun'],
    before: '1.28',
    reason: 'makes devices on the host where the image has a link for /dev',
    titles: {
      'CVE-2026-41579 CVE-2026-47766 a link to the host, which nothing': ' to deeply equal []',
      'CVE-2026-41579 CVE-2026-47766 a link with .. to the host, which nothing': ' to deeply equal []',
    },
  },
  {
    runtimes: ['runc'],
    before: '1.2',
    reason: 'removes ptmx and makes devices on the host where the image has a link for /dev',
    titles: {
      'CVE-2026-41579 CVE-2026-47766 a link to the host': ' to deeply equal []',
      'CVE-2026-41579 CVE-2026-47766 a link with ..': ' to deeply equal []',
    },
  },
  {
    runtimes: ['runc'],
    before: '1.2',
    reason: 'masks with whatever the image has at /dev/null',
    titles: {
      'CVE-2025-31133 CVE-2025-62161 /dev/null is a link': "expected '0:0\\n0:0\\n' to be '1:3\\n1:3\\n'",
      'CVE-2025-31133 CVE-2025-62161 /dev/null is another device': "expected '1:5\\n1:5\\n' to be '1:3\\n1:3\\n'",
      'CVE-2025-31133 CVE-2025-62161 /dev/null is a file': "to be '1:3\\n1:3\\n'",
    },
  },
  {
    runtimes: ['runc'],
    before: '1.2',
    reason: 'gives createContainer hooks the environment of the image',
    titles: { 'CVE-2025-23266': "expected { name: 'createContainer', …(1) } to not match object" },
  },
  {
    runtimes: ['runc'],
    before: '1.2',
    reason: 'empties the file that /dev/console of the image is a link to',
    titles: { 'CVE-2025-52565': "expected '' to be 'decoy'" },
  },
];
