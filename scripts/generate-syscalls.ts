/**
 * Writes src/spec/seccomp/syscalls/*.gen.ts from the system call tables of a kernel's source tree (its path in KERNEL_SOURCE, for
 * example an unpacked Debian `linux-source` package). Numbers never change once a kernel is released, so the files need this
 * only to learn new calls.
 *
 * Without KERNEL_SOURCE, and always with `--check`, nothing is written: the files are held against their own format and
 * against the kernel headers installed here; what is missing on the machine is named.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeSyscalls } from '../src/spec/seccomp/syscalls/table.ts';

/** Calls newer than the source tree the tables were last made from; since Linux 5.1 a new call has one number everywhere. */
const laterCalls: readonly (readonly [number: number, name: string])[] = [
  [463, 'setxattrat'],
  [464, 'getxattrat'],
  [465, 'listxattrat'],
  [466, 'removexattrat'],
  [467, 'open_tree_attr'],
  [468, 'file_getattr'],
  [469, 'file_setattr'],
  [470, 'listns'],
  [471, 'rseq_slice_yield'],
];

interface Source {
  /** Path in the kernel's tree. */
  readonly path: string;
  /** Values of the column "abi" that belong to the architecture. */
  readonly abis: readonly string[];
  /** Added to every number. */
  readonly base?: number;
  /** Numbers the table does not hold. */
  readonly more?: readonly (readonly [number: number, name: string])[];
}

const generic = 'scripts/syscall.tbl';
const x86 = 'arch/x86/entry/syscalls/';
const mips = 'arch/mips/kernel/syscalls/';
const powerpc = 'arch/powerpc/kernel/syscalls/syscall.tbl';
const s390 = 'arch/s390/kernel/syscalls/syscall.tbl';
const parisc = 'arch/parisc/kernel/syscalls/syscall.tbl';
/** asm/unistd.h: calls private to 32-bit Arm, and the older name of sync_file_range2. */
const armPrivate = [
  [341, 'arm_sync_file_range'],
  [0xf0001, 'breakpoint'],
  [0xf0002, 'cacheflush'],
  [0xf0003, 'usr26'],
  [0xf0004, 'usr32'],
  [0xf0005, 'set_tls'],
  [0xf0006, 'get_tls'],
] as const;
const x86Later = [[336, 'uprobe']] as const;

const families: Readonly<Record<string, Readonly<Record<string, Source>>>> = {
  x86: {
    x86_64: { path: `${x86}syscall_64.tbl`, abis: ['common', '64'], more: x86Later },
    x86: { path: `${x86}syscall_32.tbl`, abis: ['i386'] },
    x32: { path: `${x86}syscall_64.tbl`, abis: ['common', 'x32'], more: x86Later },
  },
  arm: {
    aarch64: { path: generic, abis: ['common', '64', 'renameat', 'rlimit', 'memfd_secret'] },
    arm: { path: 'arch/arm/tools/syscall.tbl', abis: ['common'], more: armPrivate },
  },
  generic: {
    riscv64: { path: generic, abis: ['common', '64', 'riscv', 'rlimit', 'memfd_secret'] },
    loongarch64: { path: generic, abis: ['common', '64'] },
  },
  mips: {
    mips: { path: `${mips}syscall_o32.tbl`, abis: ['o32'], base: 4000 },
    mips64: { path: `${mips}syscall_n64.tbl`, abis: ['common', 'n64'], base: 5000 },
    mips64n32: { path: `${mips}syscall_n32.tbl`, abis: ['n32'], base: 6000 },
  },
  powerpc: {
    ppc: { path: powerpc, abis: ['common', '32', 'nospu'] },
    ppc64: { path: powerpc, abis: ['common', '64', 'nospu'] },
  },
  s390: { s390: { path: s390, abis: ['common', '32'] }, s390x: { path: s390, abis: ['common', '64'] } },
  parisc: { parisc: { path: parisc, abis: ['common', '32'] }, parisc64: { path: parisc, abis: ['common', '64'] } },
  m68k: { m68k: { path: 'arch/m68k/kernel/syscalls/syscall.tbl', abis: ['common'] } },
  sh: { sh: { path: 'arch/sh/kernel/syscalls/syscall.tbl', abis: ['common'] } },
};

type Calls = readonly (readonly [number: number, name: string])[];

function readTable(tree: string, { path, abis, base = 0, more = [] }: Source): Calls {
  const calls: (readonly [number, string])[] = [];
  for (const line of readFileSync(join(tree, path), 'utf8').split('\n')) {
    const [, number, abi = '', name = ''] = /^(\d+)\s+(\S+)\s+(\S+)/.exec(line) ?? [];
    // Holes of a table are called reserved or unused; they are no calls.
    if (number === undefined || !abis.includes(abi) || /^(reserved|unused)\d*$/.test(name)) continue;
    calls.push([Number(number) + base, name]);
  }
  const known = new Set(calls.map(([, name]) => name));
  const later = [...laterCalls.map(([number, name]) => [number + base, name] as const), ...more].filter(([, name]) => !known.has(name));
  return [...calls, ...later].sort(([a], [b]) => a - b);
}

/** Names in the order of their numbers; a number stands where the next name is not the last number plus one. */
function encode(calls: Calls): string {
  let next = -1;
  return calls
    .map(([number, name]) => {
      const token = number === next ? name : `${number} ${name}`;
      next = number + 1;
      return token;
    })
    .join(' ');
}

const constantName = (architecture: string): string => `${architecture}Syscalls`.replace(/_(\d)/, 'x$1');

function render(kernel: string, tables: Readonly<Record<string, Calls>>): string {
  const later = laterCalls.map(([number]) => number);
  const head = `// Generated by scripts/generate-syscalls.ts. Do not edit.
// Kernel: ${kernel}, and calls up to number ${Math.max(...later)}.
`;
  const constants = Object.entries(tables).map(([architecture, calls]) => {
    const lines = encode(calls)
      .replace(/(.{1,130})( |$)/g, "  '$1$2' +\n")
      .replace(/ \+\n$/, '');
    return `\nexport const ${constantName(architecture)} =\n${lines};\n`;
  });
  return head + constants.join('');
}

const fileOf = (family: string): string => join(import.meta.dirname, `../src/spec/seccomp/syscalls/${family}.gen.ts`);

function kernelVersion(tree: string): string {
  const makefile = readFileSync(join(tree, 'Makefile'), 'utf8');
  const part = (name: string): string => new RegExp(`^${name} = (\\S+)`, 'm').exec(makefile)?.[1] ?? '0';
  return `Linux ${part('VERSION')}.${part('PATCHLEVEL')}.${part('SUBLEVEL')}`;
}

function write(tree: string): void {
  const kernel = kernelVersion(tree);
  for (const [family, sources] of Object.entries(families)) {
    const tables = Object.fromEntries(Object.entries(sources).map(([name, source]) => [name, readTable(tree, source)]));
    writeFileSync(fileOf(family), render(kernel, tables));
  }
}

async function readWritten(
  family: string,
): Promise<{ readonly text: string; readonly kernel: string; readonly tables: Record<string, Calls> }> {
  const text = readFileSync(fileOf(family), 'utf8');
  const constants: Readonly<Record<string, string>> = await import(fileOf(family));
  const tables: Record<string, Calls> = {};
  for (const architecture of Object.keys(families[family] ?? {})) {
    const calls: (readonly [number, string])[] = [];
    decodeSyscalls(constants[constantName(architecture)] ?? '', (name, number) => calls.push([number, name]));
    tables[architecture] = calls;
  }
  return { text, kernel: /^\/\/ Kernel: (.*), and/m.exec(text)?.[1] ?? '', tables };
}

/** Installed headers that state numbers of an architecture; `bit` is taken off (the x32 bit). */
const headers = [
  { architecture: 'x86_64', path: '/usr/include/x86_64-linux-gnu/asm/unistd_64.h' },
  { architecture: 'x86', path: '/usr/include/x86_64-linux-gnu/asm/unistd_32.h' },
  { architecture: 'x32', path: '/usr/include/x86_64-linux-gnu/asm/unistd_x32.h' },
];

function compareHeader(calls: Calls, path: string): string[] {
  const numbers = new Map(calls.map(([number, name]) => [name, number]));
  const lines = readFileSync(path, 'utf8').matchAll(/^#define __NR_(\w+)\s+(?:\(__X32_SYSCALL_BIT \+ )?(\d+)\)?$/gm);
  return [...lines]
    .filter(([, name = '', number]) => numbers.get(name) !== Number(number))
    .map(([, name = '', number]) => `${path}: ${name} is ${number}, not ${numbers.get(name)}`);
}

async function check(): Promise<string[]> {
  const findings: string[] = [];
  const all: Record<string, Calls> = {};
  for (const family of Object.keys(families)) {
    const { text, kernel, tables } = await readWritten(family);
    if (render(kernel, tables) !== text) findings.push(`${fileOf(family)} is not what this generator writes`);
    Object.assign(all, tables);
  }
  for (const { architecture, path } of headers) {
    if (existsSync(path)) findings.push(...compareHeader(all[architecture] ?? [], path));
    else console.log(`not compared: ${path} is not installed here`);
  }
  return findings;
}

const tree = process.env['KERNEL_SOURCE'];
if (tree && !process.argv.includes('--check')) write(tree);
else if (!process.argv.includes('--check')) console.log('system call tables left as they are: KERNEL_SOURCE names no kernel source tree');
const findings = await check();
for (const finding of findings) console.error(finding);
process.exitCode = findings.length > 0 ? 1 : 0;
