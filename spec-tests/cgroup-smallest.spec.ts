import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import type { Resources } from './harness/config.ts';

const kibibyte = 1024;

/** The goal of the project, on both versions of cgroups: init enters a small memory cgroup last. */
const least = 128 * kibibyte;

/** A program that ends at once, without a C library: what is measured is the runtime. */
const nothing = `
void _start(void) {
#ifdef __aarch64__
  __asm__ volatile("mov x8, #93; mov x0, #0; svc #0");
#else
  __asm__ volatile("mov $60, %eax; xor %edi, %edi; syscall");
#endif
}
`;

/** Room for a program with the GNU C library, which on a busy machine, where memory comes back late, may not have enough with `least`. */
const withLibrary = 160 * kibibyte;

/** As small as such a program can be. */
const ordinary = 'int main(void) { return 0; }';

async function runProgram(box: Box, resources: Resources, program: string, ...flags: string[]): Promise<void> {
  const source = join(box.directory, 'program.c');
  writeFileSync(source, program);
  const bundle = box.bundle((config) => {
    config.linux.resources = resources;
    config.process.args = ['/bin/program'];
  });
  (await box.host(['gcc', '-static', '-Os', ...flags, '-o', join(bundle.rootfs, 'bin/program'), source])).ok();
  for (let round = 0; round < 3; round++) {
    const result = await box.run(bundle);
    expect(result.status, result.stderr).toBe(0);
  }
}

const runNothing = (box: Box, resources: Resources): Promise<void> => runProgram(box, resources, nothing, '-nostdlib');

/** An older kernel counts more memory for the same program, and not always the same. */
const needs = ['not runc', 'not crun', 'Linux 6.1', '/usr/bin/gcc'] as const;

describe('the smallest limits', () => {
  clause('LNX-082 a program runs within 128 KiB of memory', (box) => runNothing(box, { memory: { limit: least } }), ...needs);
  clause(
    'LNX-082 true, with the C library in it, runs within 160 KiB of memory',
    (box) => runProgram(box, { memory: { limit: withLibrary } }, ordinary),
    ...needs,
  );
  clause('LNX-112 a program runs within one process', (box) => runNothing(box, { pids: { limit: 1 } }), '/usr/bin/gcc');
  clause('LNX-112 within both', (box) => runNothing(box, { memory: { limit: least }, pids: { limit: 1 } }), ...needs);
});
