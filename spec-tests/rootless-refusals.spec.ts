import { chmodSync, chownSync, copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { asUser, bundleOfUser, needs, several, single, uid } from './harness/plain-user.ts';
import { ownRoot, type Refusal, refuses, rootOfNamespace } from './harness/refusal.ts';
import { findRuntime } from './harness/suite.ts';

// Every refusal that a user without privileges meets tells its cause and its cure: those of the machine and of whoever called.

/** What root does to the machine, in a mount namespace of its own, before the user comes. */
const after = (box: Box, script: string): string[] => [
  'unshare',
  '--mount',
  'sh',
  '-c',
  `set -e; ${script}; exec "$@"`,
  'sh',
  ...asUser(box),
];

const newuidmap = '/usr/bin/newuidmap';

/** A copy of newuidmap with this mode over the program. */
function insteadOfMapper(box: Box, mode: number): string[] {
  const copy = join(box.directory, 'newuidmap');
  copyFileSync(newuidmap, copy);
  chmodSync(copy, mode);
  return after(box, `mount --bind ${copy} ${newuidmap}`);
}

const nested = (levels: number): string[] => Array.from({ length: levels }, () => ['unshare', '--map-root-user', '--mount']).flat();

/** unshare(2) on x86-64, aarch64 and riscv. */
const unshareNumber = process.arch === 'x64' ? 272 : 97;

const ofTheMachine: readonly Refusal[] = [
  {
    title: 'no ranges in /etc/subuid',
    mappings: several,
    through: (box) => asUser(box, { ranges: false }),
    cause: /unable to map the ids 4242, 100000-165535: newuidmap: .*not allowed/,
    cure: /\/etc\/subuid has to give you these ids.*usermod --add-subuids/,
  },
  {
    title: 'no ranges in /etc/subgid',
    mappings: several,
    change: ({ linux }) => {
      linux.uidMappings = [...single];
    },
    through: (box) => asUser(box, { ranges: false }),
    cause: /unable to map the ids 4242, 100000-165535: newgidmap: .*not allowed/,
    cure: /\/etc\/subgid has to give you these ids.*usermod --add-subgids/,
  },
  {
    title: 'capabilities over ids that do not reach as far as the configuration',
    mappings: [{ containerID: 0, hostID: 0, size: 1 }],
    through: (box) => asUser(box, { keeps: 'setuid,setgid' }),
    cause: /unable to write the id mappings of the user namespace: .*operation not permitted/,
    cure: /id 0 of the host takes CAP_SETFCAP/,
  },
  {
    title: 'newuidmap without its setuid bit',
    mappings: several,
    through: (box) => insteadOfMapper(box, 0o755),
    cause: /newuidmap: .*not permitted/,
    cure: /has lost its setuid bit.*chmod u\+s \/usr\/bin\/newuidmap/,
  },
  {
    title: 'newuidmap on a filesystem that is mounted with nosuid',
    mappings: several,
    through: (box) => after(box, `mount --bind ${newuidmap} ${newuidmap}; mount -o remount,bind,nosuid ${newuidmap}`),
    cause: /newuidmap: .*not permitted/,
    cure: /mounted with nosuid \(findmnt -T \/usr\/bin\/newuidmap\)/,
  },
  {
    title: 'newuidmap that cannot be executed',
    mappings: several,
    through: (box) => insteadOfMapper(box, 0o644),
    cause: /unable to map the ids .*: newuidmap is not there, or cannot be executed/,
    cure: /Debian's package uidmap/,
  },
  {
    title: 'a caller with no_new_privs',
    mappings: several,
    through: (box) => [...asUser(box), 'setpriv', '--no-new-privs'],
    cause: /newuidmap: .*not permitted/,
    cure: /no rights from a caller with no_new_privs/,
  },
  {
    title: 'user namespaces that are switched off',
    mappings: ownRoot,
    through: (box) => rootOfNamespace(box, 'echo 0 > /proc/sys/user/max_user_namespaces'),
    cause: /unable to create a user namespace: unshare: no space left on device/,
    cure: /switched off here: `sysctl user\.max_user_namespaces=/,
  },
  {
    title: 'a limit of user namespaces that is reached',
    mappings: ownRoot,
    through: (box) => [...rootOfNamespace(box, 'echo 1 > /proc/sys/user/max_user_namespaces'), ...nested(1)],
    cause: /unable to create a user namespace: unshare: no space left on device/,
    cure: /limit user\.max_user_namespaces \(\d+\) is reached/,
  },
  {
    title: 'user namespaces that are nested too deep',
    mappings: ownRoot,
    through: (box) => [...asUser(box), ...nested(33)],
    cause: /unable to create a user namespace: unshare: no space left on device/,
    cure: /nested 32 deep/,
  },
  {
    title: 'a chroot',
    through: (box) => {
      const root = join(box.directory, 'root');
      return [
        'unshare',
        '--mount',
        'sh',
        '-c',
        `set -e; mkdir ${root}; mount --rbind / ${root}; exec chroot ${root} "$@"`,
        'sh',
        ...asUser(box),
      ];
    },
    cause: /unable to create a user namespace: unshare: operation not permitted/,
    cure: /in a chroot nobody may make a user namespace/,
  },
  {
    title: 'a seccomp filter of the caller',
    through: (box) => [...asUser(box), 'setpriv', '--no-new-privs', box.suite.probe, 'launch', `eperm=${unshareNumber}`, '--'],
    cause: /unable to create a user namespace: unshare: operation not permitted/,
    cure: /a seccomp filter of the caller may forbid it/,
  },
  {
    title: 'programs in memory that nobody may execute',
    through: (box) => [
      'unshare',
      '--pid',
      '--fork',
      '--kill-child',
      '--mount-proc',
      'sh',
      '-c',
      'echo 2 > /proc/sys/vm/memfd_noexec && exec "$@"',
      'sh',
      ...asUser(box),
    ],
    needs: ['/proc/sys/vm/memfd_noexec'],
    cause: /unable to execute the init program: memfd_create: permission denied/,
    cure: /vm\.memfd_noexec is 2 here.*sysctl vm\.memfd_noexec=1/,
  },
  {
    title: 'ids that the user namespace of the runtime has not',
    mappings: [{ containerID: 0, hostID: 100_000, size: 10 }],
    through: (box) => rootOfNamespace(box),
    cause: /setresuid: invalid argument: the user namespace of the runtime has no uid 100009/,
    cure: /see \/proc\/self\/uid_map/,
  },
];

describe('a user without privileges is told what the machine lacks', () => {
  for (const refusal of ofTheMachine) refuses(refusal);

  clause(
    'CLI-002 RUN-012 no directory for his state',
    async (box) => {
      const { id, directory } = await bundleOfUser(box, single);
      const call = [...findRuntime().command, 'run', '--bundle', directory, id];
      const result = await box.host([...asUser(box), 'env', '-u', 'XDG_RUNTIME_DIR', ...call]);
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(
        /unable to make the directory \/run\/runts\S* for the state of a container: permission denied.*set XDG_RUNTIME_DIR/s,
      );
    },
    'runts',
    ...needs,
  );
});

describe('a user without privileges is told that another user may be behind the state of containers', () => {
  for (const [what, prepare, cause] of [
    ['XDG_RUNTIME_DIR of another user', (directory: string) => chmodSync(directory, 0o700), /permission denied/],
    [
      'a state root that another user has made',
      (directory: string) => {
        chmodSync(directory, 0o1777);
        for (const name of ['runts', 'runts/planted']) mkdirSync(join(directory, name), 0o755);
        chownSync(join(directory, 'runts'), 1, 1);
      },
      /unable to trust the directory \S+\/runts for the state of containers: it belongs to user 1/,
    ],
    [
      'a state root that others may write to',
      (directory: string) => {
        chmodSync(directory, 0o1777);
        mkdirSync(join(directory, 'runts'));
        chmodSync(join(directory, 'runts'), 0o777);
        chownSync(join(directory, 'runts'), uid, uid);
      },
      /unable to trust the directory \S+\/runts for the state of containers: others may write to it/,
    ],
  ] as const) {
    clause(
      `CLI-002 RUN-012 ${what}`,
      async (box) => {
        const { id, directory } = await bundleOfUser(box, single);
        const runtimeDirectory = join(box.directory, 'foreign');
        mkdirSync(runtimeDirectory);
        prepare(runtimeDirectory);
        const call = [...asUser(box), 'env', `XDG_RUNTIME_DIR=${runtimeDirectory}`, ...findRuntime().command];
        const result = await box.host([...call, 'run', '--bundle', directory, id]);
        expect(result.status).toBe(1);
        expect(result.stderr).toMatch(cause);
        expect(result.stderr).toMatch(/hint .*XDG_RUNTIME_DIR to a directory of your own/);
      },
      'runts',
      ...needs,
    );
  }
});

describe('root who has the variables of a user, as after su(1) or sudo(8)', () => {
  clause(
    'CLI-002 takes no state from the XDG_RUNTIME_DIR of that user',
    async (box) => {
      const { command, kind } = findRuntime();
      const runtimeDirectory = join(box.directory, 'runtime-of-user');
      const planted = join(runtimeDirectory, kind, 'planted');
      mkdirSync(planted, { recursive: true });
      chownSync(runtimeDirectory, uid, uid);
      const result = await box.host([...command, 'list', '--quiet'], { env: { XDG_RUNTIME_DIR: runtimeDirectory } });
      expect(result.ok().stdout).not.toContain('planted');
      expect((await box.host(['ls', join(runtimeDirectory, kind)])).stdout).toBe('planted\n');
    },
    'not crun',
  );
});
