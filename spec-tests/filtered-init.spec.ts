import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';

// A filter may kill init as well as the program. Who waits for it then hears so.

function killing(box: Box, call: string, noNewPrivileges: boolean): Bundle {
  return box.bundle((config) => {
    config.process.args = ['true'];
    config.process.noNewPrivileges = noNewPrivileges;
    config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: [call], action: 'SCMP_ACT_KILL_PROCESS' }] };
  });
}

const words = /killed by its own seccomp filter \(signal 31\)/;

/** Executes `create`, and then `start` as well, and leaves the dead as they are. */
const createAndStart = [
  '/usr/bin/python3',
  '-c',
  `import ctypes, os, subprocess, sys
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
def execute(words):
    _, status = os.waitpid(subprocess.Popen(words).pid, 0)
    return os.waitstatus_to_exitcode(status)
words = sys.argv[1:]
if execute(words) != 0:
    sys.exit(90)
sys.exit(execute(words[:words.index("create")] + ["start", words[-1]]))`,
];

describe('an init that its own filter kills', () => {
  clause(
    'RT-051 is told by create, when it comes before the end of that',
    async (box) => {
      const result = await box.tryCreate(killing(box, 'setresuid', false));
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(words);
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );

  for (const [what, call, noNewPrivileges] of [
    ['while it waits', 'openat', false],
    ['at execve', 'execve', false],
    ['at execve, under no_new_privs', 'execve', true],
  ] as const) {
    clause(
      `RT-051 is told by start and run, ${what}`,
      async (box) => {
        const bundle = killing(box, call, noNewPrivileges);
        const started = await box.tryCreate(bundle, { through: createAndStart });
        expect(started.status).toBe(1);
        expect(started.stderr).toMatch(words);
        (await box.runtime(['delete', '--force', bundle.id])).ok();
        const run = await box.run(bundle);
        expect(run.status).toBe(1);
        expect(run.stderr).toMatch(words);
        expect(box.leftovers()).toEqual([]);
      },
      'runts',
    );
  }

  clause(
    'RT-051 a program that its filter kills has been started',
    async (box) => {
      const bundle = killing(box, 'sethostname', true);
      bundle.config.process.args = ['hostname', 'other'];
      bundle.config.process.capabilities = Object.fromEntries(
        ['bounding', 'effective', 'permitted'].map((set) => [set, ['CAP_SYS_ADMIN']]),
      );
      expect((await box.run(bundle.write())).status).toBe(159);
    },
    'not crun',
  );
});
