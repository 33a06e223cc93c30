import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRacy, reasonFor } from './known.ts';
import type { Suite } from './source.ts';
import { type Assertion, parseTap } from './tap.ts';

export interface Runtime {
  readonly name: string;
  readonly path: string;
}

/** What came of one program with one runtime. */
export interface Outcome {
  readonly assertions: readonly Assertion[];
  /** Last words of a program that ended with an error. */
  readonly failure?: string;
}

/** Seconds until a program that hangs is killed. */
const TIMEOUT = 90;
/** Cgroups the suite makes below every hierarchy. */
const suiteCgroups = ['cgrouptest', 'testdir'];

// crun refuses a cgroup2 mount that has controllers beside those of cgroup v1.
const withoutUnified = 'mountpoint -q /sys/fs/cgroup/unified && umount /sys/fs/cgroup/unified';

function removeCgroups(): void {
  const remove = (path: string): void => {
    if (!existsSync(path)) return;
    for (const entry of readdirSync(path, { withFileTypes: true })) if (entry.isDirectory()) remove(join(path, entry.name));
    rmdirSync(path);
  };
  const top = '/sys/fs/cgroup';
  for (const hierarchy of ['.', ...readdirSync(top)]) for (const name of suiteCgroups) remove(join(top, hierarchy, name));
}

/** Everything of one run: bundles and containers; `close` removes it. */
class Workshop {
  readonly directory = mkdtempSync(join(tmpdir(), 'runts-oci-'));
  readonly stateRoot = join(this.directory, 'state');
  readonly bundles = join(this.directory, 'bundles');
  readonly wrapper = join(this.directory, 'runtime');
  private readonly runtime: Runtime;

  constructor(runtime: Runtime) {
    this.runtime = runtime;
    // Users of the containers have to reach their rootfs.
    chmodSync(this.directory, 0o755);
    for (const path of [this.stateRoot, this.bundles]) mkdirSync(path);
    // The programs know no options before the verb.
    writeFileSync(this.wrapper, `#!/bin/sh\nexec ${runtime.path} --root ${this.stateRoot} "$@"\n`);
    chmodSync(this.wrapper, 0o755);
  }

  close(): void {
    for (const id of readdirSync(this.stateRoot)) spawnSync(this.runtime.path, ['--root', this.stateRoot, 'delete', '--force', id]);
    try {
      removeCgroups();
    } catch (error) {
      console.error(`# left behind: ${String(error)}`);
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Attempts of a program whose result depends on who is faster. */
const ATTEMPTS = 3;

/** Whether another attempt could end otherwise. */
function mayChange(program: string, outcome: Outcome): boolean {
  const failed = outcome.failure !== undefined || outcome.assertions.some(({ ok }) => !ok);
  return failed && (isRacy(program) || unexplained(program, outcome).length > 0);
}

/** Runs one program, again when it fails for no lasting reason. */
export function execute(suite: Suite, program: string, runtime: Runtime): Outcome {
  let outcome = attempt(suite, program, runtime);
  for (let count = 1; count < ATTEMPTS && mayChange(program, outcome); count++) outcome = attempt(suite, program, runtime);
  return outcome;
}

/** Mounts that a runtime makes on the host stay in a mount namespace of the program's own. */
function attempt(suite: Suite, program: string, runtime: Runtime): Outcome {
  const workshop = new Workshop(runtime);
  const prepare = runtime.name === 'crun' ? `${withoutUnified};` : '';
  const command = ['--mount', '--propagation', 'slave', 'sh', '-c', `${prepare} exec "$@"`, 'sh'];
  try {
    const { status, stdout, stderr } = spawnSync(
      'unshare',
      [...command, 'timeout', '-k', '5', String(TIMEOUT), join(suite.binaries, program)],
      { cwd: suite.directory, encoding: 'utf8', env: { ...process.env, RUNTIME: workshop.wrapper, TMPDIR: workshop.bundles } },
    );
    const lines = stderr.trim().split('\n');
    return { assertions: parseTap(stdout), ...(status === 0 ? {} : { failure: lines.slice(-4).join(' ') || `status ${status}` }) };
  } finally {
    workshop.close();
  }
}

/** Failures that no known reason explains. */
export function unexplained(program: string, { assertions, failure }: Outcome): readonly string[] {
  const titles = assertions.filter(({ ok, title }) => !ok && reasonFor(program, title) === undefined).map(({ title }) => title);
  return failure !== undefined && reasonFor(program, undefined) === undefined ? [...titles, failure] : titles;
}
