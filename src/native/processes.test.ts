import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { addon } from './addon.ts';
import { temporaryFolder, thrown } from './testing.ts';

const _at = temporaryFolder();

describe('processes', () => {
  test('processStat', () => {
    const own = addon.processStat(addon.getpid());
    const fields = readFileSync(`/proc/${addon.getpid()}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    expect(own?.startTime).toBe(BigInt(fields[19] ?? ''));
    expect(own?.state).toMatch(/^[RSD]$/);
    expect(addon.processStat(4_194_303)).toBeNull();
  });

  test('pidfd becomes readable at the end', async () => {
    const child = spawn('sleep', ['20']);
    const pidfd = addon.pidfdOpen(child.pid ?? 0);
    expect(addon.pollIn([pidfd], 0)).toEqual([]);
    addon.pidfdSendSignal(pidfd, 15);
    expect(addon.pollIn([pidfd], 5_000)).toEqual([0]);
    addon.close(pidfd);
  });

  test('endOf tells how a process has ended once it is reaped, if the kernel does', async () => {
    const child = spawn('sh', ['-c', 'read line; exit 7']);
    const pidfd = addon.pidfdOpen(child.pid ?? 0);
    expect(addon.endOf(pidfd)).toBeNull();
    const ended = new Promise((resolve) => child.on('exit', resolve));
    child.stdin.end();
    await ended;
    expect([null, { status: 7, signal: 0 }]).toContainEqual(addon.endOf(pidfd));
    addon.close(pidfd);
    expect(addon.endOf(pidfd)).toBeNull();
  });

  test('pidfdOpen tells what is gone from what is no number of a process', async () => {
    const leader = spawn('sh', ['-c', 'sleep 20 >/dev/null & echo $!'], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    const lines = createInterface({ input: leader.stdout });
    const survivor = Number(await new Promise((resolve) => lines.once('line', resolve)));
    await new Promise((resolve) => leader.once('close', resolve));
    try {
      const [, , , , session] = readFileSync(`/proc/${survivor}/stat`, 'utf8')
        .replace(/^.*\) /, '0 0 ')
        .split(' ');
      expect(Number(session)).toBe(leader.pid);
      expect(thrown(() => addon.pidfdOpen(leader.pid ?? 0)).code).toBe('ESRCH');
    } finally {
      process.kill(survivor, 'SIGKILL');
    }
    const thread = readdirSync('/proc/self/task').find((id) => Number(id) !== process.pid);
    expect(thrown(() => addon.pidfdOpen(Number(thread))).code).toBe('ESRCH');
    expect(thrown(() => addon.pidfdOpen(-1)).code).toBe('EINVAL');
  });

  test('nofileOf and waitPid', () => {
    const [soft, hard] = addon.nofileOf(addon.getpid());
    expect(soft <= hard).toBe(true);
    expect(thrown(() => addon.waitPid(addon.getpid(), true)).code).toBe('ECHILD');
  });
});
