import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import type { Need } from './harness/needs.ts';
import { readRecording, recordedConfigs } from './harness/recordings.ts';
import { adopt } from './harness/samples.ts';

const names = recordedConfigs();

/** A hierarchy of cgroup v1 that the engine binds over its directory in a cgroup mount: cgroup v2 has no such directory. */
const needsOf = (name: string): Need[] => {
  const mounts: { destination: string }[] = readRecording(name).mounts ?? [];
  return mounts.some(({ destination }) => destination.startsWith('/sys/fs/cgroup/')) ? ['cgroup v1'] : [];
};

describe('configurations that real engines wrote', () => {
  for (const name of names) {
    const run = async (box: Box): Promise<void> => {
      const sample = readRecording(name);
      const bundle = box.bundle((_config, made) => adopt(sample, made, ['/bin/sh', '-c', 'echo started; cat /proc/self/status']));
      const { stdout } = (await box.run(bundle)).ok();
      expect(stdout).toMatch(/^started\n/);
      expect(stdout).toMatch(new RegExp(`NoNewPrivs:\\s*${sample.process.noNewPrivileges ? 1 : 0}`));
      const filtered = (sample.linux.seccomp?.syscalls ?? []).length > 0;
      expect(stdout).toMatch(new RegExp(`Seccomp:\\s*${filtered ? 2 : 0}`));
    };
    clause(`RT-037 ${name} runs`, run, ...needsOf(name));
  }
});
