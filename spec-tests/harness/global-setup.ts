import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { programDirectory } from './bundle.ts';
import { additions, cgroups, type HostState, hostState, mountsBelow, openTestFiles, processesWith, sweep } from './leftovers.ts';
import { findRuntime, probeSources, projectRoot } from './suite.ts';

const compiler = ['gcc', '-static', '-Os', '-Wall', '-Werror'] as const;

const busybox = ['/bin/busybox', '/usr/bin/busybox'];

/** Builds the programs of the rootfs, notes the state of the host; the function returned compares with it. */
export default function setup(project: TestProject): (() => void) | undefined {
  if (process.getuid?.() !== 0) return empty(project, 'the integration suite needs root: every test of it is skipped');
  const directory = mkdtempSync(join(tmpdir(), 'runts-spec-'));
  chmodSync(directory, 0o755);
  const programs = programDirectory(directory);
  mkdirSync(programs);
  if (!copyBusybox(programs)) {
    rmSync(directory, { recursive: true });
    return empty(project, 'the integration suite needs a static busybox: apt-get install busybox-static');
  }
  const probe = join(programs, 'probe');
  const tag = `runtspec-${process.pid}`;
  console.log(`spec-tests: ${findRuntime().command.join(' ')}, containers ${tag}-*, in ${directory}`);
  project.provide('suite', { tag, directory, probe: compileProbe(probe) ? probe : '' });
  const before = hostState();
  return () => teardown(before, directory, tag);
}

function empty(project: TestProject, why: string): undefined {
  console.warn(`spec-tests: ${why}`);
  project.provide('suite', { tag: '', directory: '', probe: '' });
}

function copyBusybox(programs: string): boolean {
  return busybox.some((path) => {
    try {
      copyFileSync(path, join(programs, 'busybox'));
      // A dynamic busybox would not start in a rootfs without libraries.
      execFileSync('chroot', [programs, '/busybox', 'true'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}

/** Kept in build/, which emulated machines share: there the compiler takes half a minute. */
function compiledProbe(): string {
  const folder = join(projectRoot, 'spec-tests/probe');
  const hash = createHash('sha256').update(compiler.join(' '));
  for (const name of readdirSync(folder).sort()) hash.update(readFileSync(join(folder, name)));
  const kept = join(projectRoot, 'build/probes', `${process.arch}-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(kept)) return kept;
  mkdirSync(dirname(kept), { recursive: true });
  // Several runs may do so at once.
  const made = `${kept}.${process.pid}`;
  execFileSync(compiler[0], [...compiler.slice(1), '-o', made, ...probeSources]);
  renameSync(made, kept);
  return kept;
}

function compileProbe(probe: string): boolean {
  try {
    copyFileSync(compiledProbe(), probe);
    return true;
  } catch (error) {
    // Not a compiler that is missing, or its static library: it would be skipped on a whole distribution.
    if (/\.[ch]:\d+:\d+: error:/.test(String((error as { stderr?: unknown }).stderr))) throw error;
    console.warn(`spec-tests: no probe, what needs it is skipped: ${error instanceof Error ? error.message : error}`);
    copyFileSync(join(probe, '../busybox'), probe);
    return false;
  }
}

/** @throws Error naming everything of ours that is still there. With SPEC_STRICT=1 and runts also what others may have made meanwhile: runc and crun
 * change the options of the host's cgroup2 mount. */
function teardown(before: HostState, directory: string, tag: string): void {
  const found = {
    processes: processesWith(`SPEC_SUITE=${tag}`),
    mounts: mountsBelow(directory),
    cgroups: cgroups((path) => path.split('/').some((part) => part.startsWith(tag))),
  };
  const ours = [
    ...found.processes.map((pid) => `process ${pid}`),
    ...found.mounts.map((mount) => `mount ${mount}`),
    ...found.cgroups.map((path) => `cgroup ${path}`),
    ...openTestFiles(directory),
  ];
  sweep(found, { tag, directory, probe: '' });
  const others = additions(before, hostState()).filter((line) => !line.includes(tag) && !line.includes(directory));
  if (mountsBelow(directory).length === 0) rmSync(directory, { recursive: true, force: true });
  if (others.length > 0) console.warn(`spec-tests: new on this host since the start, maybe of others:\n  ${others.join('\n  ')}`);
  const bad = process.env['SPEC_STRICT'] === '1' && findRuntime().kind === 'runts' ? [...ours, ...others] : ours;
  if (bad.length > 0) throw new Error(`spec-tests: left behind after the suite:\n  ${bad.join('\n  ')}`);
}
