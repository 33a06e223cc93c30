import { describe, expect, test } from 'vitest';
import { clause } from './harness/clause.ts';
import { readRecording, recordedConfigs } from './harness/recordings.ts';
import { adopt } from './harness/samples.ts';

const names = recordedConfigs();

describe('configurations that real engines wrote', () => {
  if (names.length === 0) test.skip('they run [skipped: no recordings beside this project]');
  for (const name of names) {
    clause(`RT-037 ${name} runs`, async (box) => {
      const sample = readRecording(name);
      const bundle = box.bundle((_config, made) => adopt(sample, made, ['/bin/sh', '-c', 'echo started; cat /proc/self/status']));
      const { stdout } = (await box.run(bundle)).ok();
      expect(stdout).toMatch(/^started\n/);
      expect(stdout).toMatch(new RegExp(`NoNewPrivs:\\s*${sample.process.noNewPrivileges ? 1 : 0}`));
      const filtered = (sample.linux.seccomp?.syscalls ?? []).length > 0;
      expect(stdout).toMatch(new RegExp(`Seccomp:\\s*${filtered ? 2 : 0}`));
    });
  }
});
