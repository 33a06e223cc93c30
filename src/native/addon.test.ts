import { spawn } from 'node:child_process';
import {
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodePlan, type WireStep } from '../plan/wire/encode.ts';
import { eventKinds } from '../plan/wire/messages.ts';
import { syncPoints } from '../plan/wire/places.ts';
import { addon, type SystemError } from './addon.ts';
import { O_PATH } from './constants.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'runts-addon-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);

function thrown(call: () => unknown): SystemError {
  try {
    call();
  } catch (error) {
    return error as SystemError;
  }
  throw new Error('nothing was thrown');
}

const descriptorCount = (): number => readdirSync('/proc/self/fd').length;

/** Repeats `call` and fails when descriptors pile up. Other tests of this process may open some of theirs meanwhile. */
function withoutLeak<T>(call: () => T): T {
  let result = call();
  const before = descriptorCount();
  for (let i = 0; i < 40; i++) result = call();
  expect(descriptorCount() - before).toBeLessThan(20);
  return result;
}

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

describe('errors', () => {
  test('carry code, errno, syscall and path', () => {
    const error = thrown(() => addon.readFile(at('none')));
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: 'ENOENT', errno: 2, syscall: 'open', path: at('none') });
    expect(error.message).toBe(`ENOENT: no such file or directory, open '${at('none')}'`);
  });

  test('a NUL inside a path is refused, not cut', () => {
    expect(thrown(() => addon.unlink(`${at('a')}\0b`)).code).toBe('EINVAL');
  });

  test.each([Number.NaN, 1.5, 2 ** 31, '1', undefined])('%s is no process id', (pid) => {
    expect(() => addon.kill(pid as number, 0)).toThrow(TypeError);
  });

  test.each([0, -1])('kill(%i) would reach others', (pid) => {
    expect(thrown(() => addon.kill(pid, 0)).code).toBe('EINVAL');
  });
});

describe('files', () => {
  test('a pipe that does not block takes everything all the same', async () => {
    addon.mkfifo(at('full'), 0o600);
    const reader = addon.open(at('full'), constants.O_RDONLY | constants.O_NONBLOCK, 0);
    const writer = addon.open(at('full'), constants.O_WRONLY | constants.O_NONBLOCK, 0);
    const counter = spawn('sh', ['-c', 'exec <"$0"; echo open; sleep 0.2; wc -c', at('full')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface(counter.stdout)[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe('open');
    addon.writeFd(writer, 'x'.repeat(300_000));
    for (const fd of [reader, writer]) addon.close(fd);
    expect((await lines.next()).value).toBe('300000');
  });

  test('are written, appended to and read as UTF-8', () => {
    withoutLeak(() => {
      addon.writeFile(at('text'), 'häuser', 0o600);
      addon.writeFile(at('text'), new TextEncoder().encode('€'), 0o600, true);
      expect(addon.readFile(at('text'))).toBe('häuser€');
      addon.writeFile(at('text'), 'short', 0o600);
      expect(addon.readFile(at('text'))).toBe('short');
    });
  });

  test('longer than one read', () => {
    const long = 'x'.repeat(100_000);
    addon.writeFile(at('long'), long, 0o600);
    expect(addon.readFile(at('long'))).toBe(long);
    expect(addon.readBytes(at('long'), 100_000)).toHaveLength(100_000);
    expect(withoutLeak(() => thrown(() => addon.readBytes(at('long'), 99_999))).code).toBe('EFBIG');
  });

  test('of proc, whose size is 0', () => {
    expect(addon.readFile('/proc/self/status')).toContain('Pid:');
  });

  test('writeControl neither creates nor truncates', () => {
    expect(thrown(() => addon.writeControl(at('control'), '1')).code).toBe('ENOENT');
    writeFileSync(at('control'), 'abc');
    addon.writeControl(at('control'), 'X');
    expect(readFileSync(at('control'), 'utf8')).toBe('Xbc');
  });

  test('replaceFile replaces, also over a stale temporary file', () => {
    writeFileSync(at('.state'), 'stale');
    addon.replaceFile(at('state'), 'one', 0o600);
    addon.replaceFile(at('state'), 'two', 0o600);
    expect(readFileSync(at('state'), 'utf8')).toBe('two');
    expect(statSync(at('state')).mode & 0o777).toBe(0o600);
    expect(existsSync(at('.state'))).toBe(false);
  });

  test('replaceFile leaves nothing behind when it fails', () => {
    mkdirSync(at('occupied'));
    expect(thrown(() => addon.replaceFile(at('occupied'), 'x', 0o600)).code).toBe('EISDIR');
    expect(existsSync(at('.occupied'))).toBe(false);
  });
});

describe('paths', () => {
  test('stat tells types, and null for what is not there', () => {
    addon.mkdir(at('directory'), 0o700);
    addon.mkfifo(at('fifo'), 0o600);
    expect(() => addon.unmount(at('fifo'), 0)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^E(INVAL|PERM)$/), syscall: 'umount2' }),
    );
    symlinkSync('directory', at('link'));
    expect(addon.stat(at('directory'), true)).toMatchObject({ type: 'directory', mode: 0o700 });
    expect(addon.stat(at('fifo'), true)?.type).toBe('fifo');
    expect(addon.stat(at('link'), false)?.type).toBe('link');
    expect(addon.stat(at('link'), true)?.type).toBe('directory');
    expect(addon.stat('/dev/null', true)).toMatchObject({ type: 'device', rdev: 259 });
    expect(addon.stat(at('none'), true)).toBeNull();
    expect(addon.stat(`${at('fifo')}/below`, true)).toBeNull();
    expect(addon.readLink(at('link'))).toBe('directory');
    expect(addon.realPath(at('link'))).toBe(at('directory'));
  });

  test('readDirectory lists without dot entries', () => {
    mkdirSync(at('list/sub'), { recursive: true });
    writeFileSync(at('list/file'), '');
    const entries = withoutLeak(() => addon.readDirectory(at('list')));
    expect(entries.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
      { name: 'file', directory: false },
      { name: 'sub', directory: true },
    ]);
  });

  test('filesystemMagic', () => {
    expect(addon.filesystemMagic('/proc')).toBe(0x9fa0);
  });
});

describe('descriptors', () => {
  test('pollIn names the ready ones', () => {
    addon.mkfifo(at('poll'), 0o600);
    const reader = addon.open(at('poll'), constants.O_RDONLY | constants.O_NONBLOCK, 0);
    const writer = addon.open(at('poll'), constants.O_WRONLY, 0);
    expect(addon.pollIn([reader], 10)).toEqual([]);
    addon.writeFd(writer, '0');
    expect(addon.pollIn([writer, reader], 1000)).toEqual([1]);
    addon.close(writer);
    expect(addon.readFd(reader, 10)).toBe('0');
    expect(addon.pollIn([reader], 1000)).toEqual([0]);
    addon.close(reader);
    expect(thrown(() => addon.pollIn([1_000_000], 0)).code).toBe('EBADF');
  });

  test('a lock that others hold is waited for, but not for ever', () => {
    const mine = addon.open(at('lock'), constants.O_RDWR | constants.O_CREAT, 0o600);
    const other = addon.open(at('lock'), constants.O_RDWR, 0);
    addon.lock(mine, true, 0);
    const start = performance.now();
    expect(thrown(() => addon.lock(other, false, 150)).code).toBe('ETIMEDOUT');
    expect(performance.now() - start).toBeGreaterThan(100);
    addon.close(mine);
    addon.lock(other, true, 0);
    addon.close(other);
  });

  test('locks that two threads wait for run out in both, and end neither', async () => {
    const mine = addon.open(at('contended'), constants.O_RDWR | constants.O_CREAT, 0o600);
    addon.lock(mine, true, 0);
    const wait = `const { workerData: [library, path], parentPort } = require('node:worker_threads');
      const module = { exports: {} };
      process.dlopen(module, library);
      const fd = module.exports.open(path, 2, 0);
      for (let round = 0; round < 8; round++) {
        try { module.exports.lock(fd, true, 20 + Math.floor(10 * Math.random())); } catch (error) { parentPort.postMessage(error.code); }
      }`;
    const script = `const { Worker } = require('node:worker_threads');
      const codes = [];
      let running = 2;
      for (let thread = 0; thread < 2; thread++) {
        const worker = new Worker(${JSON.stringify(wait)}, { eval: true, workerData: process.argv.slice(1) });
        worker.on('message', (code) => codes.push(code));
        worker.on('exit', () => --running === 0 && console.log(codes.join(' ')));
      }`;
    const library = new URL('../../build/Release/runts.node', import.meta.url).pathname;
    const child = spawn(process.execPath, ['-e', script, library, at('contended')], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    const ending = await new Promise((resolve) => child.on('close', (status, signal) => resolve(signal ?? status)));
    expect({ ending, output }).toEqual({ ending: 0, output: `${Array(16).fill('ETIMEDOUT').join(' ')}\n` });
    addon.close(mine);
  });

  test('leadsTo tells a file from another of its name', () => {
    addon.mkdir(at('place'), 0o700);
    const fd = addon.open(at('place'), constants.O_DIRECTORY, 0);
    expect(addon.leadsTo(at('place'), fd)).toBe(true);
    addon.rmdir(at('place'));
    expect(addon.leadsTo(at('place'), fd)).toBe(false);
    addon.mkdir(at('place'), 0o700);
    expect(addon.leadsTo(at('place'), fd)).toBe(false);
    addon.close(fd);
  });

  test('a lock is taken as soon as it is free', async () => {
    const holder = spawn('python3', [
      '-c',
      `import fcntl,sys,time;f=open(sys.argv[1],"w");fcntl.flock(f,2);print("held",flush=True);time.sleep(.3)`,
      at('held'),
    ]);
    await new Promise((resolve) => holder.stdout?.once('data', resolve));
    const fd = addon.open(at('held'), constants.O_RDWR, 0);
    addon.lock(fd, true, 10_000);
    addon.close(fd);
  });
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

describe('sendDescriptors', () => {
  const server = `import socket,sys,os
s=socket.socket(socket.AF_UNIX);os.chdir(sys.argv[1]);s.bind(sys.argv[2]);s.listen();print("ready",flush=True)
c,_=s.accept();text,fds,_,_=socket.recv_fds(c,100,9);print(text.decode(),[os.readlink("/proc/self/fd/%d"%f) for f in fds],flush=True)`;

  test.each([['short'], [`${'long/'.repeat(30)}`]])('to a socket in a folder with a %s name', async (name) => {
    const directory = at(`sockets/${name}`);
    mkdirSync(directory, { recursive: true });
    const child = spawn('python3', ['-c', server, directory, 'sock']);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe('ready');
    const fd = addon.open('/dev/null', constants.O_RDONLY, 0);
    addon.sendDescriptors(join(directory, 'sock'), 'console', [fd, fd]);
    addon.close(fd);
    expect((await lines.next()).value).toBe("console ['/dev/null', '/dev/null']");
  });

  test('nobody listens', () => {
    expect(withoutLeak(() => thrown(() => addon.sendDescriptors(at('no-socket'), 'x', []))).code).toBe('ENOENT');
  });
});

describe('streams', () => {
  const server = `import socket,sys
s=socket.socket(socket.AF_UNIX);s.bind(sys.argv[1].replace("@","\\0",1));s.listen();print("ready",flush=True)
c,_=s.accept();c.sendall(c.recv(9)[::-1]);print(c.recv(9).decode(),flush=True);c.close();print("closed",flush=True)`;

  test.each([
    ['a path', () => at('stream')],
    ['the abstract namespace', () => `@runts-addon-${process.pid}`],
  ])('to %s', async (_, name) => {
    const child = spawn('python3', ['-c', server, name()]);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    await lines.next();
    const fd = addon.connectStream(name());
    expect(addon.receiveBytes(fd, 10)).toBeNull();
    addon.sendBytes(fd, Uint8Array.of(1, 2, 0));
    expect(addon.pollIn([fd], 5_000)).toEqual([0]);
    expect([addon.receiveBytes(fd, 2), addon.receiveBytes(fd, 2)]).toEqual([Uint8Array.of(0, 2), Uint8Array.of(1)]);
    addon.sendBytes(fd, new TextEncoder().encode('bye'));
    expect((await lines.next()).value).toBe('bye');
    await lines.next();
    expect(addon.receiveBytes(fd, 2)).toEqual(new Uint8Array());
    expect(thrown(() => addon.sendBytes(fd, Uint8Array.of(1)))).toMatchObject({ code: 'EPIPE', syscall: 'sendmsg' });
    addon.close(fd);
  });

  test('nobody listens', () => {
    expect(withoutLeak(() => thrown(() => addon.connectStream(at('no-stream'))))).toMatchObject({ code: 'ENOENT', path: at('no-stream') });
    expect(thrown(() => addon.connectStream('')).code).toBe('ENOENT');
  });
});

test('the monotonic clock goes on', () => {
  const before = addon.monotonic();
  addon.pollIn([], 20);
  const passed = addon.monotonic() - before;
  expect(passed).toBeGreaterThanOrEqual(19);
  expect(passed).toBeLessThan(5_000);
});

describe('spawnInit', () => {
  const sh = (script: string): Uint8Array =>
    encodePlan([
      { index: 0, stage: 'intermediate', action: { op: 'ns.clone', flags: 0 } },
      { index: 1, stage: 'init', action: { op: 'sync', point: syncPoints.cgroup } },
      { index: 2, stage: 'init', action: { op: 'exec.find', name: '/bin/sh', path: '/bin' } },
      { index: 3, stage: 'init', action: { op: 'report.ready' } },
      { index: 4, stage: 'init', action: { op: 'exec', args: ['sh', '-c', script], env: ['PATH=/bin:/usr/bin'] } },
    ] satisfies WireStep[]);

  function run(script: string): { output: string; status: number | undefined } {
    addon.mkfifo(at('output'), 0o600);
    const reader = addon.open(at('output'), constants.O_RDONLY | constants.O_NONBLOCK, 0);
    const writer = addon.open(at('output'), constants.O_WRONLY, 0);
    addon.unlink(at('output'));
    const { pid, socket } = addon.spawnInit({
      plan: sh(script),
      stdio: [writer, writer, writer],
      marked: true,
      piped: false,
      preserve: 0,
      nofile: [77n, 88n],
    });
    addon.close(writer);
    let child = 0;
    const kinds: number[] = [];
    for (let event = addon.receiveEvent(socket, 5_000); event !== null; event = addon.receiveEvent(socket, 5_000)) {
      kinds.push(event.kind);
      if (event.kind === eventKinds.cloned) child = event.value;
      if (event.kind === eventKinds.sync) addon.answer(socket, [], []);
    }
    expect(kinds).toEqual([eventKinds.cloned, eventKinds.sync, eventKinds.ready]);
    addon.close(socket);
    expect(addon.waitPid(pid, false)).toEqual({ status: 0, signal: 0 });
    const status = addon.waitPid(child, false)?.status;
    const output = addon.readFd(reader, 10_000);
    addon.close(reader);
    return { output, status };
  }

  test('runs a plan to its program, with clean signals and limits', () => {
    const script = 'grep -E "Sig(Ign|Blk)" /proc/self/status; ulimit -Sn; ulimit -Hn; ls /proc/$$/fd; exit 5';
    const { output, status } = withoutLeak(() => run(script));
    expect(status).toBe(5);
    expect(output).toMatch(/^SigBlk:\t0+\nSigIgn:\t0+\n77\n88\n0\n1\n2\n$/);
  });

  test('a descriptor to pass through must be open', () => {
    const request = { plan: sh('true'), stdio: [0, 1, 2], marked: true, piped: false, preserve: 1000 } as const;
    const error = withoutLeak(() => thrown(() => addon.spawnInit(request)));
    expect(error).toMatchObject({ code: 'EBADF' });
    expect(error.message).toMatch(/: \d+$/);
  });

  test('a standard stream is not one of our own descriptors', () => {
    const directory = addon.open('/', O_PATH, 0);
    const file = addon.open('/dev/null', constants.O_RDONLY, 0);
    const request = { plan: sh('true'), preserve: 0 } as const;
    const refused = (stdio: [number, number, number], marked: boolean) =>
      expect(withoutLeak(() => thrown(() => addon.spawnInit({ ...request, stdio, marked, piped: false })))).toMatchObject({
        code: 'EBADF',
      });
    refused([directory, 1, 2], true);
    refused([0, 1, 1000], true);
    refused([0, file, 2], false);
    addon.close(directory);
    addon.close(file);
  });

  test('what is done to the image of one container does not reach the next, and its bytes stay', () => {
    const { pid, socket } = addon.spawnInit({ plan: sh('true'), stdio: [0, 1, 2], preserve: 0, marked: true, piped: false });
    const init = addon.receiveEvent(socket, 5_000)?.value ?? 0;
    addon.receiveEvent(socket, 5_000);
    const image = addon.open(`/proc/${init}/exe`, constants.O_RDONLY, 0);
    addon.chmod(`/proc/${init}/exe`, 0);
    addon.close(socket);
    for (const child of [pid, init]) addon.waitPid(child, false);
    // While it is open for writing nobody can execute it.
    const writer = addon.open(`/proc/self/fd/${image}`, constants.O_WRONLY, 0);
    expect(thrown(() => addon.writeFd(writer, 'x')).code).toBe('EPERM');
    expect(run('exit 7').status).toBe(7);
    for (const fd of [image, writer]) addon.close(fd);
  });

  test('a plan that is none is refused by init', () => {
    const { pid, socket } = addon.spawnInit({ plan: new Uint8Array(10), stdio: [0, 1, 2], marked: true, piped: false, preserve: 0 });
    expect(addon.receiveEvent(socket, 5_000)?.kind).toBe(eventKinds.failed);
    expect(addon.receiveEvent(socket, 5_000)).toBeNull();
    addon.close(socket);
    expect(addon.waitPid(pid, false)?.status).toBe(1);
  });
});

describe.runIf(process.getuid?.() === 0)('makeUserNamespace', () => {
  test('gives a namespace with the mappings, and leaves no process', () => {
    const make = (): number => addon.makeUserNamespace('0 100000 10\n', '0 200000 10\n');
    withoutLeak(() => addon.close(make()));
    const fd = make();
    expect(addon.readLink(`/proc/self/fd/${fd}`)).toMatch(/^user:\[\d+\]$/);
    expect(addon.readLink(`/proc/self/fd/${fd}`)).not.toBe(addon.readLink('/proc/self/ns/user'));
    addon.close(fd);
  });

  test('mappings the kernel refuses are an error', () => {
    expect(thrown(() => addon.makeUserNamespace('nonsense', '0 0 1\n'))).toMatchObject({ code: 'EINVAL', syscall: 'write' });
  });
});
