import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { type Seccomp, set } from './harness/config.ts';
import { self, systemCall } from './harness/probe.ts';
import { callNumber, makeDirectory } from './harness/syscalls.ts';

const getpriority = callNumber('getpriority');

type Rule = NonNullable<Seccomp['syscalls']>[number];

/** Allows everything but what the rules say. */
function allowing(...syscalls: Rule[]): Seccomp {
  return { defaultAction: 'SCMP_ACT_ALLOW', architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'], syscalls };
}

describe('seccomp', () => {
  clause(
    'LNX-146 a filter is loaded',
    async (box) => {
      const seen = await self(box, (config) => {
        config.linux.seccomp = allowing({ names: ['mkdirat'], action: 'SCMP_ACT_ERRNO' });
      });
      expect(seen.seccomp).toBe(2);
      expect((await self(box)).seccomp).toBe(0);
    },
    'probe',
  );

  clause(
    'LNX-146 a caller with the personality of 32 bits gets the filter of this processor',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.linux.seccomp = allowing({ names: ['mkdirat'], action: 'SCMP_ACT_ERRNO' });
        config.process.args = ['uname', '-m'];
      });
      expect((await box.run(bundle, { through: ['setarch', 'i686'] })).ok().stdout).toBe('i686\n');
    },
    'x86-64',
    '/usr/bin/setarch',
  );

  clause(
    'LNX-146 also with noNewPrivileges, and for a user',
    async (box) => {
      const seen = await self(box, (config) => {
        config.process.noNewPrivileges = true;
        config.process.user = { uid: 1000, gid: 1000 };
        config.linux.seccomp = allowing({ names: ['mkdirat'], action: 'SCMP_ACT_ERRNO' });
      });
      expect(seen).toMatchObject({ seccomp: 2, noNewPrivileges: 1 });
    },
    'probe',
  );

  clause(
    'LNX-157 ERRNO returns EPERM by default',
    async (box) => {
      expect(await systemCall(box, allowing({ names: ['mkdirat'], action: 'SCMP_ACT_ERRNO' }), ...makeDirectory)).toBe(1);
    },
    'probe',
  );

  clause(
    'LNX-162 ERRNO returns errnoRet',
    async (box) => {
      expect(await systemCall(box, allowing({ names: ['mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 100 }), ...makeDirectory)).toBe(100);
    },
    'probe',
  );

  clause(
    'LNX-159 other calls are allowed',
    async (box) => {
      expect(await systemCall(box, allowing({ names: ['sync'], action: 'SCMP_ACT_ERRNO' }), ...makeDirectory)).toBe(0);
    },
    'probe',
  );

  for (const action of ['SCMP_ACT_KILL', 'SCMP_ACT_KILL_PROCESS', 'SCMP_ACT_KILL_THREAD']) {
    clause(
      `LNX-153 ${action} ends the program with SIGSYS`,
      async (box) => {
        const bundle = box.bundle((config) => {
          config.process.args = ['probe', 'syscall', ...makeDirectory.map(String)];
          config.linux.seccomp = allowing({ names: ['mkdirat'], action });
        });
        expect((await box.run(bundle)).status).toBe(128 + 31);
      },
      'probe',
    );
  }

  clause(
    'LNX-156 TRAP sends SIGSYS',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.args = ['probe', 'syscall', ...makeDirectory.map(String)];
        config.linux.seccomp = allowing({ names: ['mkdirat'], action: 'SCMP_ACT_TRAP' });
      });
      expect((await box.run(bundle)).status).toBe(128 + 31);
    },
    'probe',
  );

  clause(
    'LNX-160 LOG allows',
    async (box) => {
      expect(await systemCall(box, allowing({ names: ['mkdirat'], action: 'SCMP_ACT_LOG' }), ...makeDirectory)).toBe(0);
    },
    'probe',
  );

  clause(
    'LNX-158 TRACE without a tracer returns ENOSYS',
    async (box) => {
      expect(await systemCall(box, allowing({ names: ['mkdirat'], action: 'SCMP_ACT_TRACE' }), ...makeDirectory)).toBe(38);
    },
    'probe',
  );

  const comparisons = [
    ['SCMP_CMP_EQ', 2, 0, 2, 3],
    ['SCMP_CMP_NE', 2, 0, 3, 2],
    ['SCMP_CMP_LT', 5, 0, 4, 5],
    ['SCMP_CMP_LE', 5, 0, 5, 6],
    ['SCMP_CMP_GT', 5, 0, 6, 5],
    ['SCMP_CMP_GE', 5, 0, 5, 4],
    ['SCMP_CMP_MASKED_EQ', 0xf0, 0x20, 0x2f, 0x3f],
    ['SCMP_CMP_EQ', 2 ** 40, 0, 2 ** 40, 2 ** 41],
    ['SCMP_CMP_GT', 2 ** 40, 0, 2 ** 40 + 1, 2 ** 39],
  ] as const;
  for (const [op, value, valueTwo, matches, differs] of comparisons) {
    clause(
      `LNX-164 LNX-165 LNX-166 ${op} with ${value}`,
      async (box) => {
        // getpriority's second argument is not looked at when the first is wrong: any number will do.
        const filter = allowing({
          names: ['getpriority'],
          action: 'SCMP_ACT_ERRNO',
          errnoRet: 99,
          args: [{ index: 1, op, value, valueTwo }],
        });
        expect(await systemCall(box, filter, getpriority, 77, matches)).toBe(99);
        expect(await systemCall(box, filter, getpriority, 77, differs)).toBe(22);
      },
      'probe',
    );
  }

  clause(
    'LNX-166 two conditions of one rule must both hold',
    async (box) => {
      const args = [
        { index: 0, op: 'SCMP_CMP_EQ', value: 77 },
        { index: 1, op: 'SCMP_CMP_EQ', value: 5 },
      ];
      const filter = allowing({ names: ['getpriority'], action: 'SCMP_ACT_ERRNO', errnoRet: 99, args });
      expect(await systemCall(box, filter, getpriority, 77, 5)).toBe(99);
      expect(await systemCall(box, filter, getpriority, 77, 6)).toBe(22);
    },
    'probe',
  );

  clause(
    'ENG-019 an unknown name is skipped',
    async (box) => {
      expect(await systemCall(box, allowing({ names: ['no_such_call', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }), ...makeDirectory)).toBe(1);
    },
    'probe',
  );

  clause(
    'LNX-146 exec is filtered too',
    async (box) => {
      const container = await box.started(
        box.bundle((config) => {
          config.linux.seccomp = allowing({ names: ['mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 100 });
        }),
      );
      expect((await container.exec(['probe', 'syscall', ...makeDirectory.map(String)])).stdout.trim()).toBe('100');
    },
    'probe',
  );

  for (const flags of [['SECCOMP_FILTER_FLAG_LOG'], ['SECCOMP_FILTER_FLAG_TSYNC'], ['SECCOMP_FILTER_FLAG_SPEC_ALLOW'], []]) {
    clause(`LNX-150 the flags ${JSON.stringify(flags)} are accepted`, async (box) => {
      await box.output(['true'], (config) => {
        config.linux.seccomp = { ...allowing({ names: ['mkdirat'], action: 'SCMP_ACT_ERRNO' }), flags };
      });
    });
  }
});

describe('seccomp: refused', () => {
  const rule = (change: object) => ({ names: ['mkdirat'], action: 'SCMP_ACT_ERRNO', ...change });
  const wrong: Record<string, [pointer: string, value: unknown]> = {
    'LNX-147 an unknown default action': ['/defaultAction', 'SCMP_ACT_X'],
    'LNX-147 a missing default action': ['/defaultAction', undefined],
    'LNX-149 an unknown architecture': ['/architectures', ['SCMP_ARCH_X']],
    'LNX-150 an unknown flag': ['/flags', ['SECCOMP_FILTER_FLAG_X']],
    'LNX-152 an unknown action': ['/syscalls', [rule({ action: 'SCMP_ACT_X' })]],
    'LNX-163 an argument index above 5': ['/syscalls', [rule({ args: [{ index: 6, op: 'SCMP_CMP_EQ', value: 1 }] })]],
    'LNX-166 an unknown operator': ['/syscalls', [rule({ args: [{ index: 0, op: 'SCMP_CMP_X', value: 1 }] })]],
  };
  for (const [title, [pointer, value]] of Object.entries(wrong)) {
    clause(`${title} is refused`, async (box) => {
      const bundle = box.bundle((config) => {
        config.linux.seccomp = allowing(rule({}));
        set(config, `/linux/seccomp${pointer}`, value);
      });
      expect((await box.tryCreate(bundle)).status).toBe(1);
      expect(box.leftovers()).toEqual([]);
    });
  }
});
