// What a program that nobody trusts can and cannot do in a sandbox, and what comes of it.
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Reason, SandboxOptions } from '../../src/index.ts';
import type { Box } from '../harness/box.ts';
import { clause } from '../harness/clause.ts';
import { inCgroup, library, type Runtime, withRuntime } from './library.ts';

const { hostPrograms, sandbox } = library;

interface Attempt extends Partial<SandboxOptions> {
  readonly timeout?: number;
  readonly maxOutput?: number;
}

/** Runs a script with the programs of the host. */
function attempt(box: Box, runtime: Runtime, script: string, { timeout = 20_000, maxOutput = 1 << 20, ...options }: Attempt = {}) {
  const id = box.id();
  const marks = Object.fromEntries(box.marks.map((mark) => mark.split('=') as [string, string]));
  const spec = sandbox({ ...hostPrograms(join(box.directory, 'host')), args: ['/bin/sh', '-c', script], env: marks, ...options });
  return runtime.run({ id, spec: inCgroup(spec, id), timeout, maxOutput });
}

describe('sandbox', () => {
  clause(
    'LIB-050 it has nothing of the host but its programs, and no privilege',
    async (box) => {
      await withRuntime(box, async (runtime) => {
        const { stdout } = await attempt(
          box,
          runtime,
          'id -u; id -g; pwd; grep -E "^(Cap|NoNewPrivs|Seccomp:)" /proc/self/status; ls /etc /dev',
        );
        const lines = stdout.split('\n');
        expect(lines.slice(0, 3)).toEqual(['1000', '1000', '/tmp']);
        expect(lines.filter((line) => line.startsWith('Cap')).map((line) => /\t(\w+)$/.exec(line)?.[1])).toEqual(
          Array(5).fill('0'.repeat(16)),
        );
        expect(stdout).toMatch(/^NoNewPrivs:\t1$/m);
        expect(stdout).toMatch(/^Seccomp:\t2$/m);
        expect(stdout).not.toMatch(/shadow|hosts|mem$/m);
        const refused = [
          'unshare --user true',
          'unshare --pid --fork true',
          'mount -t tmpfs none /tmp',
          'touch /file',
          'touch /usr/file',
          'cat /etc/shadow',
          'head -c 1 /proc/kcore | grep -q .',
          'grep -q . /proc/keys',
          'echo 1 > /proc/sys/vm/drop_caches',
          'echo b > /proc/sysrq-trigger',
          'mknod /tmp/disk b 8 0',
          'chroot / true',
          'dmesg',
          'date -s 2001-01-01',
          'kill -0 2',
          'test "$(cat /proc/net/route | wc -l)" -gt 1',
        ];
        const script = refused.map((command, index) => `(${command}) >/dev/null 2>&1 && echo ${index} did`).join('\n');
        expect((await attempt(box, runtime, script)).stdout).toBe('');
      });
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );

  clause(
    'LIB-051 each death has its reason',
    async (box) => {
      const deaths: [string, Attempt, Reason][] = [
        ['exit 3', {}, 'exit'],
        ['kill -SEGV $$', {}, 'exit'],
        ['sleep 1000', { timeout: 300 }, 'timeout'],
        ["trap '' TERM INT HUP; while :; do sleep 1000; done", { timeout: 300 }, 'timeout'],
        ['exec tail /dev/zero', { memory: 32 << 20 }, 'memory'],
        ['exec yes', { maxOutput: 10_000 }, 'output'],
        ['for i in $(seq 20); do sleep 1000 & done', { pids: 8 }, 'pids'],
        ['b() { b | b & b; }; b', { pids: 16, timeout: 3000 }, 'timeout'],
      ];
      await withRuntime(box, async (runtime) => {
        for (const [script, options, reason] of deaths) {
          const result = await attempt(box, runtime, script, options);
          // A fork bomb may give up.
          if (script.startsWith('b()')) expect(['timeout', 'pids', 'exit'], script).toContain(result.reason);
          else expect({ script, reason: result.reason }).toEqual({ script, reason });
        }
      });
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );

  clause(
    'LIB-052 /tmp is as large as it was said, a folder is what it was given as, and nothing of it stays',
    async (box) => {
      await withRuntime(box, async (runtime) => {
        const full = await attempt(box, runtime, 'head -c 2000000 /dev/zero > /tmp/file; wc -c < /tmp/file', { tmp: 1 << 20 });
        expect(Number(full.stdout)).toBe(1 << 20);
        expect(full.stderr).toContain('No space left on device');
        const folder = { source: box.directory, destination: '/mnt' };
        const host = hostPrograms(join(box.directory, 'other'));
        mkdirSync(join(host.root, 'mnt'), { recursive: true });
        const mounts = [...host.mounts, folder];
        const read = await attempt(box, runtime, 'ls /mnt; touch /mnt/made', { root: host.root, mounts });
        expect(read.stdout).toContain('state');
        expect(existsSync(join(box.directory, 'made'))).toBe(false);
      });
      expect(readdirSync(box.stateRoot)).toEqual([]);
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );
});
