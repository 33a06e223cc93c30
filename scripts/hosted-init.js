// The program init for the executable under sanitizers: the same sources as an ordinary program with a C library, since AddressSanitizer needs one.
import { mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cppSources } from './cpp-sources.js';
import { initFlags } from './init-flags.js';
import { run } from './run.js';

const root = dirname(import.meta.dirname);

/** Where init reports what sanitizers have found, wherever it is: the length, then the text. */
export const initReports = { file: join(root, 'build/sanitizer-reports/init'), size: 1 << 20 };

/** Undefined behaviour traps: what would report it wants the memory and the files that a container does not have. */
const sanitizers = ['-fsanitize=address,undefined', '-fno-sanitize=vptr', '-fsanitize-undefined-trap-on-error', '-static-libasan'];
const code = ['-O1', '-g', '-fno-omit-frame-pointer', '-static-libgcc', '-static-libstdc++'];
const places = [`-DINIT_REPORTS="${initReports.file}"`, `-DINIT_REPORTS_SIZE=${initReports.size}`];

/** What makes it small, and a program without a C library; but headers of the kernel and of the C library disagree, so that it sees none of these. */
const isOfTheOther = (flag) => /^(-O|-s$|-static$|-no(stdlib|-pie)$|-f(no-pic|no-asynchronous.*)$|-Wl,)/.test(flag);

const changed = (file) => statSync(join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** What watches it, and hands over what it has found. */
const watcher = 'native/tests/hosted_init.cc';

function compile(sources, file) {
  mkdirSync(join(root, dirname(file)), { recursive: true });
  run('g++', [...initFlags().filter((flag) => !isOfTheOther(flag)), ...code, ...sanitizers, ...places, ...sources, watcher, '-o', file]);
  return join(root, file);
}

/** Makes it unless it is newer than its sources. @returns its path */
export function hostedInit() {
  const file = 'build/engine/sanitized/init';
  // The functions of memory are the C library's, which the sanitizer watches.
  const sources = cppSources('init').filter((source) => source !== 'native/core/string.cc');
  const older = [...sources, watcher, ...cppSources('init-headers'), 'binding.gyp', 'scripts/hosted-init.js'].every(
    (source) => changed(source) < changed(file),
  );
  return older ? join(root, file) : compile(sources, file);
}

/** A program made as init is, with a mistake. @returns its path */
export const hostedFault = () => compile(['native/tests/hosted_fault.cc'], 'build/engine/sanitized/fault');
