import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { LinuxSeccomp, LinuxSyscall } from '../spec/types.ts';
import { compileSeccomp } from './seccomp.ts';
import { interpret } from './seccomp-interpreter.ts';

const folder = new URL('../../../shared/engines/samples/', import.meta.url);
const X86_64 = 0xc000003e;
const ALLOW = 0x7fff0000;
/** read, write, mmap, execve, exit_group, openat */
const everyday = [0, 1, 9, 59, 231, 257];

/** The profile of a config.json that an engine wrote. Some samples hold a note instead of their last rules. */
function profileOf(sample: string): LinuxSeccomp | undefined {
  const file = new URL(`bookworm-${sample}.json`, folder);
  if (!existsSync(file)) return undefined;
  const profile: LinuxSeccomp | undefined = JSON.parse(readFileSync(file, 'utf8')).linux?.seccomp;
  if (!profile) return undefined;
  return { ...profile, syscalls: (profile.syscalls ?? []).filter((rule: Partial<LinuxSyscall>) => rule.names !== undefined) };
}

describe('profiles that engines write', () => {
  for (const sample of ['docker-run', 'docker-seccomp-profile', 'podman-run', 'containerd-cri-container']) {
    const profile = profileOf(sample);
    test.skipIf(!profile)(sample, () => {
      if (!profile) return;
      const { program, flags, warnings } = compileSeccomp(profile, 'x86_64');
      console.log(`${sample}: ${program.length / 8} instructions`);
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

  const docker = profileOf('docker-run');
  test.skipIf(!docker)('compile in less than 2 ms', () => {
    if (!docker) return;
    const times = Array.from({ length: 50 }, () => {
      const start = performance.now();
      compileSeccomp(docker, 'x86_64');
      return performance.now() - start;
    });
    expect(Math.min(...times)).toBeLessThan(2);
  });
});
