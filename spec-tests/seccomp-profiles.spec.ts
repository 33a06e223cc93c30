import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import type { Seccomp } from './harness/config.ts';
import { systemCall } from './harness/probe.ts';
import { readMarked, recordings } from './harness/recordings.ts';
import { callNumber, makeDirectory } from './harness/syscalls.ts';

/** The filter of a config that an engine wrote; undefined when there is none or the sample is shortened. */
function profileOf(name: string): Seccomp | undefined {
  const filter: Seccomp | undefined = readMarked(name).linux?.seccomp;
  const whole = filter?.syscalls?.every((rule) => rule.action !== undefined && rule.names.every((call) => /^\w+$/.test(call)));
  return whole && filter?.defaultAction === 'SCMP_ACT_ERRNO' ? filter : undefined;
}

describe('seccomp: profiles that engines wrote', () => {
  for (const name of recordings.filter((candidate) => profileOf(candidate) !== undefined)) {
    clause(
      `LNX-146 ${name}: programs run, dangerous calls do not`,
      async (box) => {
        const filter = profileOf(name) as Seccomp;
        expect(await systemCall(box, filter, ...makeDirectory)).toBe(0);
        expect(await systemCall(box, filter, callNumber('kexec_load'), 0, 0, 0, 0)).toBe(1);
      },
      'probe',
    );

    clause(
      `ENG-019 ${name}: calls newer than the profile do not exist`,
      async (box) => {
        // A number far above every system call there is.
        expect(await systemCall(box, profileOf(name) as Seccomp, 5000)).toBe(38);
      },
      'probe',
    );
  }
});
