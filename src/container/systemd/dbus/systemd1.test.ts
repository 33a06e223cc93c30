import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { addon } from '../../../native/addon.ts';
import { callManager, type ManagerCall, managerProperty } from './systemd1.ts';

const fake = join(import.meta.dirname, '../../../../spec-tests/harness/bus.py');
const names = ['DBUS_SYSTEM_BUS_ADDRESS', 'DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR'] as const;

let folder: string;
let before: (string | undefined)[];
let running: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runts-bus-'));
  before = names.map((name) => process.env[name]);
  for (const name of names) delete process.env[name];
});

afterEach(() => {
  for (const process of running) process.kill('SIGKILL');
  running = [];
  names.forEach((name, index) => {
    if (before[index] === undefined) delete process.env[name];
    else process.env[name] = before[index];
  });
  rmSync(folder, { recursive: true, force: true });
});

type Line = Readonly<Record<string, unknown>>;

/** A fake bus in a process of its own, as calls do not return to the event loop. @returns reads its next line */
async function bus(socket: string, behaviour: string): Promise<() => Promise<Line>> {
  const server = spawn('python3', [fake, socket, behaviour], { stdio: ['ignore', 'pipe', 'inherit'] });
  running.push(server);
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Line> => JSON.parse((await lines.next()).value ?? '{}');
  expect(await next()).toEqual({ listening: socket });
  return next;
}

/** The same as the system's message bus. */
function systemBus(behaviour = ''): Promise<() => Promise<Line>> {
  process.env['DBUS_SYSTEM_BUS_ADDRESS'] = `unix:path=${folder}/none;unix:path=${folder}/bus,guid=1`;
  return bus(`${folder}/bus`, behaviour);
}

const request: ManagerCall = {
  user: false,
  method: 'StartTransientUnit',
  signature: 'ssa(sv)a(sa(sv))',
  arguments: ['a.scope', 'replace', [['PIDs', ['au', [1]]]], []],
  job: true,
  timeoutMs: 5_000,
};

function thrown(call: () => unknown): { readonly code: string; readonly message: string } {
  const descriptors = readdirSync('/proc/self/fd').length;
  try {
    call();
  } catch (error) {
    expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(descriptors);
    return error as Error & { code: string };
  }
  throw new Error('nothing was thrown');
}

describe('a job', () => {
  test('is what a bus is asked for, in this order', async () => {
    const next = await systemBus();
    expect(callManager(request)).toBe('done');
    expect(await next()).toEqual({ zero: 0, said: ['AUTH EXTERNAL', 'DATA', 'BEGIN'] });
    expect(await next()).toMatchObject({ member: 'Hello', destination: 'org.freedesktop.DBus' });
    const match = await next();
    expect(match).toMatchObject({ member: 'AddMatch', signature: 's' });
    expect(Buffer.from(String(match['body']), 'hex').toString()).toContain("member='JobRemoved'");
    expect(await next()).toMatchObject({ member: 'Subscribe', destination: 'org.freedesktop.systemd1' });
    expect(await next()).toMatchObject({ member: 'StartTransientUnit', path: '/org/freedesktop/systemd1', signature: 'ssa(sv)a(sa(sv))' });
    expect(await next()).toEqual({ closed: true });
  });

  test.each(['big', 'pieces', 'old'])('of a bus that is %s', async (behaviour) => {
    await systemBus(behaviour);
    expect(callManager(request)).toBe('done');
    expect(callManager({ ...request, method: 'StopUnit', signature: 'ss', arguments: ['a.scope', 'replace'] })).toBe('done');
  });

  test('of systemd itself, which knows no Hello', async () => {
    process.env['XDG_RUNTIME_DIR'] = folder;
    mkdirSync(`${folder}/systemd`);
    const next = await bus(`${folder}/systemd/private`, 'private');
    expect(callManager({ ...request, user: true })).toBe('done');
    await next();
    expect(await next()).toMatchObject({ member: 'Subscribe' });
  });

  test.each(['broken', 'hang', 'refuse'])('of systemd itself where the bus is there and does this: %s', async (behaviour) => {
    process.env['XDG_RUNTIME_DIR'] = folder;
    mkdirSync(`${folder}/systemd`);
    await bus(`${folder}/bus`, behaviour);
    await bus(`${folder}/systemd/private`, 'private');
    expect(callManager({ ...request, user: true, timeoutMs: 1_000 })).toBe('done');
  });

  test('that failed', async () => {
    await systemBus('failed');
    expect(callManager(request)).toBe('failed');
  });
});

describe('other calls', () => {
  test('give nothing', async () => {
    const next = await systemBus();
    expect(callManager({ ...request, method: 'ResetFailedUnit', signature: 's', arguments: ['a.scope'], job: false })).toBeUndefined();
    await next();
    await next();
    expect(await next()).toMatchObject({ member: 'ResetFailedUnit', body: '07000000612e73636f706500' });
  });

  test('a property, of a bus in the abstract namespace', async () => {
    const name = `runts-bus-${process.pid}`;
    process.env['DBUS_SESSION_BUS_ADDRESS'] = `unix:abstract=${name}`;
    await bus(`@${name}`, '');
    expect(managerProperty(true, 'ControlGroup', 5_000)).toBe('/user.slice');
  });
});

describe('a bus that does not answer as it should', () => {
  test.each([
    ['refuse', 'EPERM', 'D-Bus authentication: "REJECTED EXTERNAL"'],
    ['hang', 'ETIMEDOUT', 'D-Bus authentication'],
    ['error', 'EACCES', 'StartTransientUnit: org.freedesktop.DBus.Error.AccessDenied: No.'],
    ['exists', 'EEXIST', 'StartTransientUnit: org.freedesktop.systemd1.UnitExists: Unit a.scope already exists.'],
    ['silent', 'ETIMEDOUT', 'StartTransientUnit'],
    ['forged', 'ETIMEDOUT', 'end of the job /org/freedesktop/systemd1/job/7'],
    ['garbage', 'EBADMSG', 'a byte order of 72'],
    ['long', 'EBADMSG', 'longer than 134217728 bytes'],
    ['half', 'ECONNRESET', 'the connection was closed'],
    ['strange', 'EBADMSG', 'its signature is "u", not "o"'],
  ])('%s', async (behaviour, code, message) => {
    await systemBus(behaviour);
    const error = thrown(() => callManager({ ...request, timeoutMs: 500 }));
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test('flood', async () => {
    await systemBus('flood');
    // Every look at the clock is 100 ms later than the one before and finds something to receive, so that on any machine the flood, which has an end with
    // the answer behind it, is too long.
    const [start, step, timeoutMs] = [addon.monotonic(), 100, 6_000];
    let looks = 0;
    const { pollIn } = addon;
    vi.spyOn(addon, 'monotonic').mockImplementation(() => start + step * looks++);
    vi.spyOn(addon, 'pollIn').mockImplementation((fds) => pollIn(fds, 20_000));
    try {
      const error = thrown(() => callManager({ ...request, timeoutMs }));
      expect(error).toMatchObject({ code: 'ETIMEDOUT', message: expect.stringContaining('StartTransientUnit') });
      // Each of the four waits of a call has the whole of it.
      expect(looks).toBeLessThan((4 * timeoutMs) / step);
    } finally {
      vi.restoreAllMocks();
    }
  });

  test('arguments that cannot be sent leave no connection', async () => {
    const next = await systemBus();
    expect(thrown(() => callManager({ ...request, arguments: ['a\0', 'replace', [], []] })).code).toBe('EINVAL');
    for (let line = await next(); !line['closed']; line = await next());
  });

  test('a property of another type', async () => {
    await systemBus('strange');
    expect(thrown(() => managerProperty(false, 'ControlGroup', 500)).message).toContain('its signature is "u", not "v"');
  });
});

describe('no bus', () => {
  test('by address', () => {
    process.env['DBUS_SYSTEM_BUS_ADDRESS'] = `unix:path=${folder}/none`;
    expect(thrown(() => callManager(request)).message).toBe(`ENOENT: no such file or directory, connect '${folder}/none'`);
  });

  test('at none of the usual places', () => {
    process.env['XDG_RUNTIME_DIR'] = folder;
    expect(thrown(() => managerProperty(true, 'ControlGroup', 500))).toMatchObject({
      code: 'ENOENT',
      message: `ENOENT: no such file or directory, connect: '${folder}/bus' (ENOENT), '${folder}/systemd/private' (ENOENT)`,
    });
  });
});
