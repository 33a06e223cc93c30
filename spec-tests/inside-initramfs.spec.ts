import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import type { Result } from './harness/command.ts';
import { findRuntime } from './harness/suite.ts';

// A host that stays in its initramfs: its root is no mount on another one, so that no other root can take its place.

/** Calls the runtime there, with the paths as they are there. */
async function call(box: Box, ...words: string[]): Promise<Result> {
  const there = [...findRuntime().command, '--root', box.stateRoot, ...words].map((word) => (word.startsWith('/') ? `/mnt${word}` : word));
  return box.host(['/usr/bin/python3', join(import.meta.dirname, 'harness/initramfs.py'), ...there]);
}

const needs = ['runts', 'a static executable', '/usr/bin/python3', 'Linux before 7.0'] as const;

describe('on an initramfs', () => {
  clause(
    'ENG-030 CLI-018 RUN-013 with --no-pivot a container has its own root, and nothing of the host below it',
    async (box) => {
      const { directory, id } = box.bundle((config, made) => {
        made.put('/mark', 'inside');
        config.process.args = [
          'sh',
          '-c',
          "cat /mark; ls /mnt /process_api 2>/dev/null; cat ../../mark; awk '{ print $5 }' /proc/self/mountinfo",
        ];
      });
      const { stdout } = (await call(box, 'run', '--no-pivot', '--bundle', directory, id)).ok();
      expect(stdout).toMatch(/^insideinside\//);
      expect(stdout).not.toContain('/mnt');
    },
    ...needs,
  );

  clause(
    'ENG-030 RUN-013 without --no-pivot the error names it',
    async (box) => {
      const { directory, id } = box.bundle();
      const result = await call(box, 'run', '--bundle', directory, id);
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(/pivot_root: invalid argument.*hint .*use --no-pivot/s);
      expect(box.leftovers()).toEqual([]);
    },
    ...needs,
  );
});
