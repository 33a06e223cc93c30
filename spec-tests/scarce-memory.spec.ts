import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import type { Result } from './harness/command.ts';

const log = (box: Box): string => join(box.directory, 'log');

/** validate of a large bundle with so many KiB of addresses (RLIMIT_AS). */
function validate(box: Box, bundle: string, kilobytes: number): Promise<Result> {
  rmSync(log(box), { force: true });
  const through = ['/bin/sh', '-c', `ulimit -v ${kilobytes}; exec "$0" "$@"`];
  return box.runtime(['validate', '--bundle', bundle], { through, global: ['--log', log(box), '--log-format', 'json'] });
}

describe('too little memory', () => {
  clause(
    'CLI-004 is told as ENOMEM, wherever it ends',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.annotations = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`key.${index}`, 'x'.repeat(300)]));
      });
      const codes: (string | undefined)[] = [];
      // Where the executable itself has no room, the kernel does not start it.
      for (let kilobytes = 6000; ; kilobytes += 200) {
        const result = await validate(box, bundle.directory, kilobytes);
        if (result.status === 0) break;
        expect(kilobytes).toBeLessThan(50_000);
        expect([result.status, result.stderr], String(kilobytes)).toEqual([1, expect.stringMatching(/(mmap: )?cannot allocate memory/)]);
        codes.push(JSON.parse(readFileSync(log(box), 'utf8')).code);
      }
      expect(new Set(codes)).toEqual(new Set(['ENOMEM']));
    },
    'runts',
    'a static executable',
  );
});
