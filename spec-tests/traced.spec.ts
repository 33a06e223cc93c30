import { readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { childrenOf } from './harness/children.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { withUserNamespace } from './harness/config.ts';

const seize = join(import.meta.dirname, 'harness/seize.py');

/** A tracer that will never ask how its process has ended. */
async function trace(box: Box, pid: number): Promise<void> {
  const tracer = box.background(['/usr/bin/python3', seize, String(pid)]);
  await until('the process is traced', () => tracer.output() === 'seized\n');
}

/** The init program that makes the namespaces, below the runtime that strace (without -f) has started. */
function intermediate(strace: number): { readonly runtime: number; readonly init: number } | undefined {
  // strace tries with processes of its own, which end, what the kernel can do.
  try {
    const [runtime = 0] = childrenOf(strace);
    const init = runtime === 0 ? undefined : childrenOf(runtime).find((pid) => readlinkSync(`/proc/${pid}/exe`).includes('runts-init'));
    return init === undefined ? undefined : { runtime, init };
  } catch {
    return undefined;
  }
}

const strace = (...options: string[]): string[] => ['/usr/bin/strace', '-qq', '-o', '/dev/null', ...options];
const isStopped = (pid: number): boolean => /^State:\t[Tt]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

describe('a process of ours that somebody else traces', () => {
  clause(
    'RT-037 create does not wait for the end of the process that made the namespaces',
    async (box) => {
      const bundle = box.bundle(withUserNamespace);
      // The runtime stops when it is about to listen; the process has to wait for its mappings.
      const through = strace('-e', 'trace=recvmsg', '-e', 'inject=recvmsg:signal=STOP:when=1');
      const running = box.launch(['create', '--bundle', bundle.directory, bundle.id], { through });
      const { runtime, init } = await until('the runtime is stopped', () => {
        const found = intermediate(running.pid);
        return found && isStopped(found.runtime) ? found : undefined;
      });
      await trace(box, init);
      process.kill(runtime, 'SIGCONT');
      expect((await running.exited).status).toBe(0);
      expect((await box.runtime(['delete', '--force', bundle.id])).status).toBe(0);
    },
    'runts',
    '/usr/bin/strace',
    '/usr/bin/python3',
  );

  clause(
    'RT-037 create gives up a process that stays stopped, says so and leaves nothing',
    async (box) => {
      const bundle = box.bundle(withUserNamespace);
      const through = strace('-f', '-e', 'trace=unshare', '-e', 'inject=unshare:signal=STOP');
      const result = await box.runtime(['create', '--bundle', bundle.directory, bundle.id], { through });
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(/waited in vain for init, process \d+: process \d+ traces it/);
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
    '/usr/bin/strace',
  );

  clause(
    'CLI-030 run ends with the status of its program',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.args = ['sh', '-c', 'read line < /data/go; exit 5'];
      });
      const go = join(bundle.rootfs, 'data/go');
      (await box.host(['mkfifo', go])).ok();
      const running = box.launch(['run', '--bundle', bundle.directory, bundle.id]);
      const pid = await until('the container runs', async () => {
        const state = await box.runtime(['state', bundle.id]);
        return state.status === 0 && state.json<{ status: string }>().status === 'running' ? state.json<{ pid: number }>().pid : undefined;
      });
      await trace(box, pid);
      writeFileSync(go, '\n');
      expect((await running.exited).status).toBe(5);
    },
    'runts',
    '/usr/bin/python3',
  );

  for (const kind of ['createRuntime', 'createContainer'] as const) {
    clause(
      `CFG-074 a ${kind} hook ${kind === 'createRuntime' ? 'has its status' : 'whose status nobody tells is an error'}`,
      async (box) => {
        const fifo = join(box.directory, 'fifo');
        const tracer = join(box.directory, 'tracer');
        (await box.host(['mkfifo', fifo])).ok();
        // No signal may reach the shell, not even that of a child's end: it would stop for its tracer.
        const script = `/usr/bin/python3 ${seize} $$ > ${fifo} & echo $! > ${tracer}; read line < ${fifo}; exit 3`;
        const bundle = box.bundle((config) => {
          config.hooks = { [kind]: [{ path: '/bin/sh', args: ['sh', '-c', script], env: ['PATH=/usr/bin:/bin', ...box.marks] }] };
        });
        const result = await box.tryCreate(bundle);
        // That of the container has ended with its pid namespace.
        if (kind === 'createRuntime') process.kill(Number(readFileSync(tracer, 'utf8')), 'SIGKILL');
        expect(result.status).toBe(1);
        expect(result.stderr).toMatch(kind === 'createRuntime' ? /exit status 3/ : /the process that traces it does not say how/);
      },
      'runts',
      '/usr/bin/python3',
    );
  }
});
