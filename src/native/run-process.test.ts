import { describe, expect, test } from 'vitest';
import { addon } from './addon.ts';
import { thrown, withoutLeak } from './testing.ts';

const shell = (script: string, more: { stdin?: string; env?: string[]; cwd?: string; timeoutMs?: number } = {}) =>
  addon.runProcess({
    path: '/bin/sh',
    args: ['sh', '-c', script],
    env: [],
    inherits: false,
    cwd: '/',
    stdin: '',
    timeoutMs: 10_000,
    keepsEnd: false,
    ...more,
  });

describe('runProcess', () => {
  test('gives status, both outputs, environment and folder', () => {
    const result = withoutLeak(() => shell('echo out; echo err >&2; echo $A; pwd; exit 3', { env: ['A=1'], cwd: '/usr' }));
    expect(result).toEqual({ status: 3, signal: 0, timedOut: false, output: 'out\nerr\n1\n/usr\n' });
  });

  test('feeds stdin, also more than a pipe holds', () => {
    expect(shell('wc -c', { stdin: 'x'.repeat(300_000), env: ['PATH=/usr/bin:/bin'] }).output.trim()).toBe('300000');
  });

  test('a program need not read its stdin', () => {
    expect(withoutLeak(() => shell('exit 0', { stdin: 'x'.repeat(1_000_000) })).status).toBe(0);
  });

  test('keeps 64 KiB of output and reads on', () => {
    const result = shell('head -c 300000 /dev/zero', { env: ['PATH=/usr/bin:/bin'] });
    expect(result.status).toBe(0);
    expect(result.output).toHaveLength(65_536);
  });

  test('kills the whole process group when the time is up', async () => {
    const start = performance.now();
    const result = shell('sleep 20 & echo $!; sleep 20', { timeoutMs: 200, env: ['PATH=/usr/bin:/bin'] });
    expect(result).toMatchObject({ status: -1, signal: 9, timedOut: true });
    expect(performance.now() - start).toBeLessThan(5_000);
    const state = () => addon.processStat(Number(result.output))?.state ?? 'gone';
    await expect.poll(state, { timeout: 5_000 }).toMatch(/^(gone|Z|X)$/);
  });

  test('does not wait for what the program leaves running', () => {
    const start = performance.now();
    expect(shell('sleep 3 & echo started', { env: ['PATH=/usr/bin:/bin'] }).output).toBe('started\n');
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  test('gives signals their default back and no descriptors', () => {
    const { output } = shell('grep -E "Sig(Ign|Blk)" /proc/self/status; ls /proc/$$/fd', { env: ['PATH=/usr/bin:/bin'] });
    expect(output).toMatch(/^SigBlk:\t0+\nSigIgn:\t0+\n0\n1\n2\n$/);
  });

  test('names what failed before the program ran', () => {
    expect(
      withoutLeak(() =>
        thrown(() =>
          addon.runProcess({ path: '/none', args: ['none'], env: [], inherits: false, cwd: '/', stdin: '', timeoutMs: 0, keepsEnd: false }),
        ),
      ),
    ).toMatchObject({
      code: 'ENOENT',
      syscall: 'execve',
      path: '/none',
    });
    expect(thrown(() => shell('', { cwd: '/none' }))).toMatchObject({ code: 'ENOENT', syscall: 'chdir', path: '/none' });
  });
});
