import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import type { Result } from './harness/command.ts';
import type { Seccomp } from './harness/config.ts';
import { projectRoot } from './harness/suite.ts';
import { callNumber } from './harness/syscalls.ts';

type Rule = NonNullable<Seccomp['syscalls']>[number];
const SIGSYS = 31;
/** A call without arguments that nothing but the probe makes. */
const sync = { name: 'sync', number: callNumber('sync') };

/** Runs `seccomp-actions WHAT` in a container whose filter does this to sync(2). */
async function observe(box: Box, what: string, rule: Omit<Rule, 'names'>): Promise<Result> {
  const bundle = box.bundle((config, made) => {
    const source = join(projectRoot, 'spec-tests/probe/seccomp-actions.c');
    execFileSync('gcc', ['-static', '-Os', '-Wall', '-Werror', '-pthread', '-o', join(made.rootfs, 'bin/seccomp-actions'), source]);
    config.process.args = ['seccomp-actions', what, String(sync.number)];
    config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: [sync.name], ...rule }] };
  });
  return box.run(bundle);
}

describe('seccomp: what the kernel does', () => {
  for (const action of ['SCMP_ACT_KILL', 'SCMP_ACT_KILL_THREAD']) {
    clause(
      `LNX-155 ${action} kills the thread alone`,
      async (box) => {
        expect((await observe(box, 'thread', { action })).ok().stdout).toBe('alive\n');
      },
      'probe',
    );
  }

  clause(
    'LNX-154 KILL_PROCESS kills every thread',
    async (box) => {
      expect(await observe(box, 'thread', { action: 'SCMP_ACT_KILL_PROCESS' })).toMatchObject({ status: 128 + SIGSYS, stdout: '' });
    },
    'probe',
  );

  clause(
    'LNX-156 TRAP tells the handler the call',
    async (box) => {
      const SYS_SECCOMP = 1;
      expect((await observe(box, 'trap', { action: 'SCMP_ACT_TRAP' })).ok().stdout).toBe(
        `signal ${SIGSYS} code ${SYS_SECCOMP} number ${sync.number} errno 0\nalive\n`,
      );
    },
    'probe',
  );

  clause(
    'LNX-158 TRACE stops for a tracer with errnoRet as its message, and is ENOSYS without',
    async (box) => {
      const rule = { action: 'SCMP_ACT_TRACE', errnoRet: 77 };
      expect((await observe(box, 'traced', rule)).ok().stdout).toBe('event 77\nexit 0\n');
      expect((await observe(box, 'thread', rule)).ok().stdout).toBe('returned -1 38\nalive\n');
    },
    'probe',
  );

  for (const [action, errnoRet, seen] of [
    ['SCMP_ACT_ERRNO', undefined, 'returned -1 1'],
    ['SCMP_ACT_ERRNO', 95, 'returned -1 95'],
    ['SCMP_ACT_ERRNO', 0, 'returned 0 0'],
    ['SCMP_ACT_LOG', undefined, 'returned 0 0'],
    ['SCMP_ACT_ALLOW', undefined, 'returned 0 0'],
  ] as const) {
    clause(
      `LNX-157 ${action} with errnoRet ${errnoRet}: ${seen}`,
      async (box) => {
        const rule = { action, ...(errnoRet === undefined ? {} : { errnoRet }) };
        expect((await observe(box, 'thread', rule)).ok().stdout).toBe(`${seen}\nalive\n`);
      },
      'probe',
    );
  }

  for (const flags of [['SECCOMP_FILTER_FLAG_LOG'], ['SECCOMP_FILTER_FLAG_TSYNC'], ['SECCOMP_FILTER_FLAG_SPEC_ALLOW'], []]) {
    clause(
      `LNX-150 the flags ${JSON.stringify(flags)}: one filter is loaded, and it works`,
      async (box) => {
        const bundle = box.bundle((config) => {
          config.process.args = ['grep', '-E', '^(Seccomp|Seccomp_filters|Speculation_Store_Bypass):', '/proc/self/status'];
          config.linux.seccomp = {
            defaultAction: 'SCMP_ACT_ALLOW',
            flags,
            syscalls: [{ names: [sync.name], action: 'SCMP_ACT_ERRNO' }],
          };
        });
        expect((await box.run(bundle)).ok().stdout).toMatch(/^Seccomp:\t2\nSeccomp_filters:\t1\n/);
      },
      'probe',
    );
  }
});
