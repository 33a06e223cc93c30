// The numbers of src/kernel.gen.ts come from the headers of the machine that generated them: those of aarch64 have to say the same.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crossCompiler } from '../../scripts/aarch64/compiler.js';
import { groups } from '../../scripts/kernel-names.ts';
import { kernelNumbers } from '../../scripts/kernel-numbers.ts';
import { projectRoot } from '../harness/suite.ts';

/** Of another processor than ours, and what the C library has functions for. */
const foreign = ['__X32_SYSCALL_BIT', 'SIGRTMIN', 'SIGRTMAX'];

const numbers = kernelNumbers(readFileSync(join(projectRoot, 'src/kernel.gen.ts'), 'utf8'));

/** @param leftOut what the headers, older than the names, do not have */
function compile(header: string, file: string, leftOut: readonly string[]): string {
  const lines = groups
    .filter((group) => group.header === header)
    .flatMap(({ names, expressions }) => names.map((name) => [name, expressions?.[name] ?? name] as const))
    .filter(([name, expression]) => !foreign.includes(name) && !leftOut.includes(expression))
    .map(([name, expression]) => `static_assert(static_cast<unsigned long long>(${expression}) == ${numbers.get(name)}ULL, "${name}");`);
  writeFileSync(file, ['#define _GNU_SOURCE 1', '#include <stddef.h>', `#include <${header}>`, ...lines, ''].join('\n'));
  const [gxx = '', ...args] = crossCompiler(join(projectRoot, 'build/engine/aarch64')).gxx;
  const env = { ...process.env, LC_ALL: 'C' };
  return spawnSync(gxx, [...args, '-std=c++20', '-fsyntax-only', '-w', file], { encoding: 'utf8', env }).stderr;
}

/** @returns what the compiler says of numbers that are others there; empty when all are the same */
export function compareNumbers(folder: string): string {
  const file = join(folder, 'numbers.cc');
  const headers = [...new Set(groups.map(({ header }) => header))];
  return headers
    .map((header) => {
      const said = compile(header, file, []);
      const unknown = [...said.matchAll(/error: '(\w+)' was not declared/g)].map(([, name = '']) => name);
      return unknown.length === 0 ? said : compile(header, file, unknown);
    })
    .join('');
}
