import { describe, expect, test } from 'vitest';
import { listenFds, notifySocket } from './activation.ts';

describe('CLI-021 LISTEN_FDS', () => {
  test.each([
    [{ LISTEN_FDS: '2', LISTEN_PID: '7' }, 2],
    [{ LISTEN_FDS: '2', LISTEN_PID: '8' }, 0],
    [{ LISTEN_FDS: '2' }, 0],
    [{ LISTEN_PID: '7' }, 0],
    [{ LISTEN_FDS: '-1', LISTEN_PID: '7' }, 0],
    [{ LISTEN_FDS: '1e3', LISTEN_PID: '7' }, 0],
    [{ LISTEN_FDS: '0', LISTEN_PID: '7' }, 0],
  ])('%o for process 7 means %d', (environment, count) => {
    expect(listenFds(environment, 7)).toBe(count);
  });
});

describe('CLI-022 NOTIFY_SOCKET', () => {
  test.each([
    ['/run/systemd/notify', '/run/systemd/notify'],
    ['@/org/abstract', '@/org/abstract'],
    ['', undefined],
    ['/', undefined],
    ['vsock:2:1234', undefined],
    [undefined, undefined],
  ])('%s', (value, expected) => {
    expect(notifySocket({ NOTIFY_SOCKET: value })).toBe(expected);
  });
});
