import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { machine, release } from 'node:os';
import { relative } from 'node:path';
import type { TestModule } from 'vitest/node';
import type { FileResult, Place, Run } from '../../scripts/platforms/record.ts';
import { summarize } from '../../scripts/summary.ts';
import { cgroupMode, findRuntime, projectRoot } from './suite.ts';

/** Longest part of a failure's words that is kept. */
const wordsKept = 2000;

/** Notes file by file what came of a run, and writes it at once: a machine may be switched off in the middle. */
export class RunRecorder {
  private readonly path: string;
  private readonly files: Record<string, FileResult> = {};
  private readonly failures: Record<string, string> = {};

  constructor(path: string) {
    this.path = path;
  }

  add(module: TestModule): void {
    const tests = [...module.children.allTests()];
    const { passed, failed, skipped, reasons = {} } = summarize(tests);
    const unloaded = failed === 0 && module.state() === 'failed';
    const file = relative(projectRoot, module.moduleId);
    this.files[file] = { passed, failed: unloaded ? 1 : failed, skipped, reasons };
    if (unloaded) this.failures[file] = kept(module.errors());
    for (const test of tests) {
      const { state, errors } = test.result();
      if (state === 'failed') this.failures[`${file} ${test.fullName}`] = kept(errors);
    }
    this.write(false);
  }

  end(): void {
    this.write(true);
  }

  private write(complete: boolean): void {
    const run: Run = { place: place(), complete, files: this.files, failures: this.failures };
    // A machine has it in a cache of its own for a while.
    writeFileSync(`${this.path}.new`, JSON.stringify(run), { flush: true });
    renameSync(`${this.path}.new`, this.path);
  }
}

const kept = (errors: readonly { readonly message: string }[] = []): string => (errors[0]?.message ?? '').slice(0, wordsKept);

const read = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');

function place(): Place {
  const modules = {
    AppArmor: read('/sys/module/apparmor/parameters/enabled').startsWith('Y'),
    SELinux: existsSync('/sys/fs/selinux/enforce'),
  };
  return {
    // What follows the numbers tells who has built it.
    kernel: /^[\d.]+(-\d+)?/.exec(release())?.[0] ?? release(),
    architecture: machine(),
    cgroups: cgroups(),
    systemd: existsSync('/run/systemd/system'),
    security: Object.entries(modules)
      .flatMap(([name, inForce]) => (inForce ? [name] : []))
      .join(', '),
    user: user(),
    executable: relative(projectRoot, findRuntime().command.at(-1) ?? ''),
  };
}

function cgroups(): Place['cgroups'] {
  if (cgroupMode === 'unified') return 'v2';
  const mounted = read('/proc/self/mountinfo');
  if (!mounted.includes(' - cgroup ')) return 'none';
  return mounted.includes(' - cgroup2 ') ? 'hybrid' : 'v1';
}

function user(): Place['user'] {
  if (process.geteuid?.() !== 0) return 'a user';
  const everyone = /^\s*0\s+0\s+4294967295$/m.test(read('/proc/self/uid_map'));
  return everyone ? 'root' : 'root of a user namespace';
}
