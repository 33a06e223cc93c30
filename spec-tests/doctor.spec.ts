import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause as anyRuntime } from './harness/clause.ts';
import { type Config, set } from './harness/config.ts';
import type { Need } from './harness/needs.ts';
import { enterContainer } from './harness/outer.ts';
import { byUser, needs as userNeeds } from './harness/plain-user.ts';
import type { RunOptions } from './harness/runtime-call.ts';

const clause = (title: string, body: (box: Box) => Promise<void>, ...needs: Need[]): void => anyRuntime(title, body, 'runts', ...needs);

interface Check {
  readonly topic: string;
  readonly subject: string;
  readonly state: 'ok' | 'limited' | 'missing' | 'note';
  readonly found: string;
  readonly why: string;
  readonly mend?: string;
}
interface Finding {
  readonly severity: string;
  readonly code: string;
  readonly pointer: string;
  readonly message: string;
}
interface Diagnosis {
  readonly fine: boolean;
  readonly checks: readonly Check[];
  readonly findings?: readonly Finding[];
}

/** The answer, whose exit status has to agree with it. */
async function diagnosis(box: Box, args: readonly string[] = [], options: RunOptions = {}): Promise<Diagnosis> {
  const result = await box.runtime(['doctor', '--format', 'json', ...args], options);
  const answer = result.json<Diagnosis>();
  expect({ status: result.status, stderr: result.stderr }).toEqual({ status: answer.fine ? 0 : 1, stderr: '' });
  return answer;
}

const missing = ({ checks }: Diagnosis): string[] => checks.filter(({ state }) => state === 'missing').map(({ subject }) => subject);
const found = ({ checks }: Diagnosis, subject: string) => checks.find((check) => check.subject === subject);

describe('doctor', () => {
  clause('CLI-010 where containers can be made nothing is missing, and each lack has its cure', async (box) => {
    const answer = await diagnosis(box);
    expect(missing(answer)).toEqual([]);
    for (const { subject, state, why, mend } of answer.checks) {
      expect(why, subject).toBeTruthy();
      if (state === 'limited') expect(mend, subject).toBeTruthy();
    }
    expect([...new Set(answer.checks.map(({ topic }) => topic))]).toEqual([
      'Kernel',
      'Namespaces',
      'Cgroups',
      'Security',
      'Ids and programs',
      'Nesting',
    ]);
  });

  clause('CLI-010 nothing is left of it', async (box) => {
    const mounts = (await box.host(['cat', '/proc/self/mountinfo'])).stdout;
    await diagnosis(box, [box.bundle().directory]);
    expect(box.leftovers()).toEqual([]);
    expect((await box.host(['cat', '/proc/self/mountinfo'])).stdout).toBe(mounts);
  });

  clause('CLI-008 for people: lines for a terminal of any width, colours only where they are wanted', async (box) => {
    const { stdout } = (await box.runtime(['doctor'])).ok();
    expect(stdout).toMatch(/^ {2}ok {7}release: Linux \d+\.\d+/m);
    expect(stdout).toMatch(/\ncontainers can be made here\n$/);
    expect(stdout).not.toContain('\u001b');
    const forced = (await box.runtime(['doctor'], { env: { CLICOLOR_FORCE: '1' } })).ok().stdout;
    expect(forced).toContain('\u001b[32mok');
    expect((await box.runtime(['doctor'], { env: { CLICOLOR_FORCE: '1', NO_COLOR: '1' } })).ok().stdout).toBe(stdout);
  });

  clause(
    'CLI-007 a user without privileges is told what he can do',
    async (box) => {
      const answer = await diagnosis(box, [], byUser(box, { ranges: false }));
      expect(missing(answer)).toEqual([]);
      expect(found(answer, 'privileges')).toMatchObject({ state: 'note', found: expect.stringContaining('user 4242') });
      expect(found(answer, 'subordinate ids')).toMatchObject({ state: 'limited', mend: expect.stringContaining('usermod') });
      expect(found(await diagnosis(box, [], byUser(box)), 'subordinate ids')).toMatchObject({
        found: expect.stringMatching(/^65536 uids/),
      });
    },
    ...userNeeds,
  );

  clause('LNX-013 where no user namespaces may be made they are missing, with the sysctl', async (box) => {
    const forbid = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"';
    const answer = await diagnosis(box, [], { through: ['unshare', '--user', '--map-root-user', '/bin/sh', '-c', forbid, 'sh'] });
    expect(found(answer, 'user namespaces')).toMatchObject({ state: 'limited', mend: expect.stringContaining('user.max_user_namespaces') });
  });

  clause('RUN-013 in a container of Docker without privileges it says what is missing, and create fails', async (box) => {
    await enterContainer(box, 'Docker');
    const answer = await diagnosis(box);
    expect(missing(answer)).toContain('privileges');
    expect(found(answer, 'filter around runts')).toMatchObject({ state: 'limited' });
    expect((await box.tryCreate(box.bundle())).status).toBe(1);
  });

  clause('RUN-013 in a container of Podman without privileges a covered /proc is missing', async (box) => {
    await enterContainer(box, 'Podman');
    expect(missing(await diagnosis(box))).toEqual(['procfs']);
  });

  clause('RUN-013 in a container of Podman with unmask=ALL nothing is missing', async (box) => {
    await enterContainer(box, 'Podman', ({ linux }) => {
      delete linux.maskedPaths;
      delete linux.readonlyPaths;
    });
    expect(missing(await diagnosis(box))).toEqual([]);
  });

  for (const outer of ['Docker, --privileged', 'Podman, --privileged'] as const) {
    clause(`RUN-013 in a container of ${outer}, nothing is missing, and a container runs`, async (box) => {
      await enterContainer(box, outer);
      expect(missing(await diagnosis(box))).toEqual([]);
      expect(await box.output(['echo', 'here'])).toBe('here\n');
    });
  }
});

/** What this machine cannot have, or what is not there: each is one finding, with the code that create gives. */
const wrongs: readonly (readonly [title: string, code: string, pointer: RegExp, change: (config: Config) => void, ...needs: Need[]])[] = [
  [
    'a source that is not there',
    'MOUNT_FAILED',
    /^\/mounts\/\d+/,
    (config) => config.mounts.push({ destination: '/mnt', type: 'bind', source: '/nowhere', options: ['bind'] }),
  ],
  [
    'a type of filesystem that nobody knows',
    'MOUNT_TYPE_UNKNOWN',
    /^\/mounts\/\d+/,
    (config) => config.mounts.push({ destination: '/mnt', type: 'tmpsf', source: 'none' }),
  ],
  [
    'an AppArmor profile without AppArmor',
    'APPARMOR_MISSING',
    /^\/process\/apparmorProfile/,
    (config) => set(config, '/process/apparmorProfile', 'nobody'),
    'a kernel without AppArmor',
  ],
  [
    'a hook that is not there',
    'HOOK_FAILED',
    /^\/hooks\/createRuntime\/0/,
    (config) => set(config, '/hooks', { createRuntime: [{ path: '/nowhere' }] }),
  ],
  [
    'a parameter that the kernel has not',
    'SYSCTL_FAILED',
    /^\/linux\/sysctl/,
    (config) => set(config, '/linux/sysctl', { 'net.ipv4.nothing': '1' }),
  ],
];

describe('doctor BUNDLE', () => {
  clause('CFG-096 a bundle that works has no errors', async (box) => {
    const answer = await diagnosis(box, [box.bundle().directory]);
    expect(answer).toMatchObject({ fine: true });
    expect(answer.findings?.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  clause('CFG-096 ENG-024 what create itself makes is not missing: cgroups that are mounted without a cgroup namespace', async (box) => {
    const bundle = box.bundle((config) => {
      config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'cgroup');
      config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro'] });
    });
    expect(await diagnosis(box, [bundle.directory])).toMatchObject({ fine: true });
    await box.create(bundle);
  });

  for (const [title, code, pointer, change, ...needs] of wrongs) {
    clause(
      `CFG-096 ${title} is told as create does`,
      async (box) => {
        const bundle = box.bundle(change);
        const errors = (await diagnosis(box, [bundle.directory])).findings?.filter(({ severity }) => severity === 'error');
        expect(errors).toEqual([expect.objectContaining({ code, pointer: expect.stringMatching(pointer) })]);
        const log = join(box.directory, 'log');
        expect((await box.tryCreate(bundle, { global: ['--log', log, '--log-format', 'json'] })).status).toBe(1);
        const { stdout } = (await box.host(['tail', '-n', '1', log])).ok();
        expect(JSON.parse(stdout)).toMatchObject({ code, pointer: expect.stringMatching(pointer) });
      },
      ...needs,
    );
  }

  clause('CFG-096 all of them are told at once, with the pointers of config.json', async (box) => {
    const bundle = box.bundle((config) => {
      for (const [, , , change] of wrongs) change(config);
    });
    const codes = (await diagnosis(box, [bundle.directory])).findings?.map(({ code }) => code);
    expect(codes).toEqual(expect.arrayContaining(['MOUNT_FAILED', 'MOUNT_TYPE_UNKNOWN', 'HOOK_FAILED', 'SYSCTL_FAILED']));
  });

  clause('CFG-096 what is wrong with config.json is told with the codes of validate; without one CONFIG_MISSING', async (box) => {
    const bundle = box.bundle((config) => set(config, '/process/cwd', 'relative'));
    expect((await diagnosis(box, [bundle.directory])).findings).toMatchObject([{ code: 'NOT_ABSOLUTE', pointer: '/process/cwd' }]);
    expect((await diagnosis(box, ['/nowhere'])).findings).toMatchObject([{ code: 'BUNDLE_MISSING' }]);
    writeFileSync(join(bundle.directory, 'config.json'), '{');
    expect((await diagnosis(box, [bundle.directory])).findings).toMatchObject([{ code: 'INVALID_JSON' }]);
  });
});
