import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { RuntimeError } from '../../src/errors.ts';
import { parseJson } from '../../src/spec/json.ts';
import { compileSeccomp, type SeccompFilter } from '../../src/spec/seccomp/seccomp.ts';
import type { LinuxSeccomp } from '../../src/spec/types.ts';
import { validateSpec } from '../../src/spec/validate.ts';
import { overlappingProfiles, plainProfiles, wildProfiles } from './profile-arbitrary.ts';

const factor = Number(process.env['SECCOMP_ORACLE_FACTOR'] ?? 1);
/** How long all takes where it is emulated; no container is needed here, and nothing of the harness. */
const slowness = Number(process.env['SPEC_SLOWNESS'] ?? 1);
const seed = Number(process.env['SECCOMP_ORACLE_SEED'] ?? 20);
const directory = mkdtempSync(join(tmpdir(), 'seccomp-load-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A configuration with this profile, as it is read from a file: bare numbers, however large. */
function read(seccomp: LinuxSeccomp): unknown {
  const config = { ociVersion: '1.3.0', root: { path: 'rootfs' }, process: { args: ['sh'], cwd: '/' }, linux: { seccomp } };
  const text = JSON.stringify(config, (_key, part) => (typeof part === 'bigint' ? `#${part}#` : part));
  return parseJson(text.replace(/"#(-?\d+)#"/g, '$1'));
}

/** @returns the filter, or the code of what is wrong with the profile, which is compiled only when validate accepts it */
function compile(seccomp: LinuxSeccomp, machine: string): SeccompFilter | string {
  const { spec, problems } = validateSpec(read(seccomp));
  const [problem] = problems;
  if (problem) {
    expect(problem.pointer).toMatch(/^\/linux\/seccomp/);
    return problem.code;
  }
  try {
    return compileSeccomp(spec.linux?.seccomp as LinuxSeccomp, machine);
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    expect(error.code).toMatch(/^SECCOMP_/);
    expect(error.pointer).toMatch(/^\/linux\/seccomp/);
    return error.code;
  }
}

/** What seccomp(2) says of each filter: 0 or errno. */
function loadAll(filters: readonly SeccompFilter[]): number[] {
  const loader = join(directory, 'load');
  execFileSync('gcc', ['-O2', '-Wall', '-Werror', '-o', loader, join(import.meta.dirname, '../probe/seccomp-load.c')]);
  const input = filters.map(({ flags, program }) => {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(Number(flags), 0);
    head.writeUInt32LE(program.length, 4);
    return Buffer.concat([head, program]);
  });
  const { status, stdout } = spawnSync(loader, [], { input: Buffer.concat(input), encoding: 'utf8' });
  expect(status).toBe(0);
  return stdout.trimEnd().split('\n').map(Number);
}

const filterOf = (some: SeccompFilter | string): SeccompFilter[] => (typeof some === 'string' ? [] : [some]);

describe('no profile makes the compiler fall, or a program that the kernel refuses', () => {
  test('generated profiles, well-formed and wild', { timeout: 120_000 * factor * slowness }, () => {
    const runs = { numRuns: 1000 * factor, seed };
    const cases = [plainProfiles, overlappingProfiles, wildProfiles].flatMap((arbitrary) => fc.sample(arbitrary, runs));
    const results = cases.map(({ seccomp, machine }) => ({ machine, result: compile(seccomp, machine) }));
    const codes = new Map<string, number>();
    for (const { result } of results) {
      const code = typeof result === 'string' ? result : 'compiled';
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    console.log([...codes].map(([code, count]) => `${code} ${count}`).join(', '));
    // Programs of the other byte order are not for this kernel.
    const loadable = results.filter(({ machine }) => !machine.startsWith('s390')).flatMap(({ result }) => filterOf(result));
    expect(loadable.length).toBeGreaterThan(1500 * factor);
    expect(loadAll(loadable).filter((errno) => errno !== 0)).toEqual([]);
  });

  test('the largest profiles: up to the limit they load, above it they are refused by name', () => {
    const rules = (count: number): LinuxSeccomp => ({
      defaultAction: 'SCMP_ACT_ALLOW',
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
      syscalls: Array.from({ length: count }, (_, value) => ({
        names: ['read', 'write', 'ioctl'].slice(0, 1 + (value % 3)),
        action: 'SCMP_ACT_ERRNO',
        errnoRet: value % 4096,
        args: [
          { index: value % 6, op: 'SCMP_CMP_EQ', value },
          { index: (value + 1) % 6, op: 'SCMP_CMP_GT', value: 2n ** 40n + BigInt(value) },
        ],
      })),
    });
    const sizes = Array.from({ length: 60 }, (_, index) => compile(rules(1 + index * 4), 'x86_64'));
    const compiled = sizes.flatMap(filterOf);
    expect(sizes.filter((some) => typeof some === 'string').every((code) => code === 'SECCOMP_TOO_LARGE')).toBe(true);
    expect(compiled.length).toBeLessThan(sizes.length);
    expect(Math.max(...compiled.map(({ program }) => program.length / 8))).toBeGreaterThan(3800);
    expect(loadAll(compiled).filter((errno) => errno !== 0)).toEqual([]);
  });
});
