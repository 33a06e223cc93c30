import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileSeccomp } from '../src/spec/seccomp/seccomp.ts';
import type { LinuxSeccomp } from '../src/spec/types.ts';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { readRecording, recordedConfigs } from './harness/recordings.ts';
import { adopt } from './harness/samples.ts';
import { findRuntime, projectRoot } from './harness/suite.ts';
import { machine } from './harness/syscalls.ts';
import { overlappingProfiles, plainProfiles } from './seccomp-oracle/profile-arbitrary.ts';

const [executable, script] = findRuntime().command;

/** The executable has a JavaScript engine of its own: whatever it says, Node says too. */
async function expectSame(box: Box, args: readonly string[]): Promise<string> {
  const own = await box.runtime(args);
  const node = await box.host([process.execPath, join(projectRoot, 'bin/runts.js'), '--root', box.stateRoot, ...args]);
  // What one of two builds says of its commit is no difference of the engines.
  const text = (output: string) => output.replace(/^ *commit: .*\n/m, '').replaceAll(/"[^"]*commit": ?"[^"]*"/g, '""');
  expect({ status: own.status, stdout: text(own.stdout), stderr: own.stderr }).toEqual({
    status: node.status,
    stdout: text(node.stdout),
    stderr: node.stderr,
  });
  return own.stdout;
}

/** JSON with the digits of 64-bit numbers. */
const exactJson = (value: unknown): string =>
  JSON.stringify(value, (_, member) => (typeof member === 'bigint' ? `#${member}#` : member)).replaceAll(/"#(\d+)#"/g, '$1');

function programOf(plan: string): string | undefined {
  const { steps } = JSON.parse(plan) as { steps: { action: { op: string; program?: string } }[] };
  return steps.find(({ action }) => action.op === 'seccomp.load')?.action.program;
}

describe('the executable and Node agree', () => {
  if (script !== undefined) {
    test.skip('on anything [skipped: Node itself is under test]');
    return;
  }

  clause(
    'on the plans of what engines wrote',
    async (box) => {
      for (const name of recordedConfigs()) {
        const bundle = box.bundle();
        adopt(readRecording(name), bundle, ['true']);
        bundle.write();
        await expectSame(box, ['plan', '--format', 'json', bundle.directory]);
      }
    },
    'runts',
  );

  clause(
    'on what is printed',
    async (box) => {
      const bundle = box.bundle();
      for (const args of [
        ['--help'],
        ['create', '--help'],
        ['features'],
        ['--version'],
        ['list', '--format', 'json'],
        ['krate'],
        ['state', 'none'],
      ]) {
        await expectSame(box, args);
      }
      await expectSame(box, ['plan', bundle.directory]);
      await expectSame(box, ['seccomp', 'explain', bundle.directory]);
    },
    'runts',
  );

  clause(
    'on everything that is wrong with a configuration',
    async (box) => {
      const bundle = box.bundle();
      const wrong = {
        ociVersion: '1.2',
        hostnam: 'ü\ud83d\ude00',
        process: { args: [], cwd: 'x', rlimits: [{ type: 'RLIMIT_NOFILES', soft: 2n ** 64n, hard: 2n ** 64n - 1n }], oomScoreAdj: 1.5 },
        linux: { resources: { memory: { limit: 2n ** 63n - 1n, swap: -(2n ** 63n) - 1n } }, namespaces: [{ type: 'net' }] },
      };
      writeFileSync(join(bundle.directory, 'config.json'), exactJson(wrong));
      for (const format of ['text', 'json', 'sarif']) await expectSame(box, ['validate', '--format', format, bundle.directory]);
      await expectSame(box, ['create', '--bundle', bundle.directory, bundle.id]);
    },
    'runts',
  );

  clause(
    'on text that is not well-formed',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.annotations = { 'lone \ud800': 'x\udc00y', pair: '\ud83d\ude00' };
        config.process.env = [...(config.process.env ?? []), 'LONE=\ud800'];
      });
      await expectSame(box, ['plan', '--format', 'json', bundle.directory]);
      const invalid = join(bundle.directory, 'invalid.json');
      for (const bytes of ['"\x80"', '"\xc3"', '"\xed\xa0\x80"', '"\xf4\x90\x80\x80"', '\xef\xbb\xbf{}']) {
        writeFileSync(invalid, Buffer.from(bytes, 'latin1'));
        await expectSame(box, ['validate', '--config', invalid, bundle.directory]);
      }
      for (const bytes of ['a\\377b', '\\303\\050', '\\360\\237\\230']) {
        const call = (command: string) => box.host(['/bin/sh', '-c', `${command} state "$(printf '${bytes}')"`]);
        const node = `'${process.execPath}' '${join(projectRoot, 'bin/runts.js')}'`;
        expect((await call(`'${executable}'`)).stderr).toBe((await call(node)).stderr);
      }
    },
    'runts',
  );

  clause(
    'on the bytes of 200 generated seccomp filters',
    async (box) => {
      const bundle = box.bundle();
      const cases = [plainProfiles, overlappingProfiles].flatMap((profiles) => fc.sample(profiles, { numRuns: 100, seed: 20 }));
      for (const { seccomp } of cases) {
        const config = { ...bundle.config, linux: { ...bundle.config.linux, seccomp } };
        writeFileSync(join(bundle.directory, 'config.json'), exactJson(config));
        const own = await box.runtime(['plan', '--format', 'json', bundle.directory]);
        const expected = compiled(seccomp);
        if (expected instanceof Error) expect(own.stderr).toContain(expected.message);
        else expect(programOf(own.ok().stdout)).toBe(expected);
      }
    },
    'runts',
  );
});

/** Base64 of the program that Node compiles, or the error with which it refuses the profile. */
function compiled(seccomp: LinuxSeccomp): string | Error {
  try {
    return Buffer.from(compileSeccomp(seccomp, machine).program).toString('base64');
  } catch (error) {
    return error as Error;
  }
}
