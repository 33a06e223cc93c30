import { describe, expect, test } from 'vitest';
import { readRecording } from '../../../spec-tests/harness/recordings.ts';
import { interpret } from './interpreter.ts';
import { compileSeccomp } from './seccomp.ts';

const X86_64 = 0xc000003e;
const ALLOW = 0x7fff0000;
/** read, write, mmap, execve, exit_group, openat */
const everyday = [0, 1, 9, 59, 231, 257];

describe('profiles that engines write', () => {
  for (const sample of ['docker-run', 'docker-seccomp-profile', 'podman-run', 'rootless-podman-run']) {
    test(sample, () => {
      const { program, flags, warnings } = compileSeccomp(readRecording(`bookworm-${sample}.json`).linux.seccomp, 'x86_64');
      expect(warnings).toEqual([]);
      expect(flags).toBe(4n);
      expect(program.length / 8).toBeLessThan(500);
      for (const number of everyday) {
        const { action, loads, steps } = interpret(program, { number, audit: X86_64, args: [] });
        expect({ number, action, loads }).toEqual({ number, action: ALLOW, loads: [4, 0] });
        expect(steps).toBeLessThan(15);
      }
    });
  }
});
