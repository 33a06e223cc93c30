import { spawn } from 'node:child_process';
import { constants, readSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { addon } from './addon.ts';
import { temporaryFolder, thrown } from './testing.ts';

const at = temporaryFolder();

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

  test('a terminal has a size, and a character that ends what is typed', () => {
    const master = addon.open('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY, 0);
    addon.setNonBlocking(master);
    expect(thrown(() => readSync(master, Buffer.alloc(1))).code).toBe('EAGAIN');
    addon.setWindowSize(master, 80, 25);
    expect(addon.endOfInput(master, false)).toBe('\u0004');
    expect(addon.endOfInput(master, true)).toBe('\u0004\u0004');
    expect(addon.pollChange([master], [], 0, [master])).toEqual([1]);
    addon.close(master);
    const [reader, writer] = addon.pipe();
    expect(addon.endOfInput(writer, true)).toBe('');
    expect(thrown(() => addon.setWindowSize(writer, 80, 25)).code).toBe('ENOTTY');
    expect(thrown(() => addon.setNonBlocking(1_000_000)).code).toBe('EBADF');
    addon.close(reader);
    addon.close(writer);
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
    addon.mkfifo(at('release'), 0o600);
    const holder = spawn('python3', [
      '-c',
      `import fcntl,sys;f=open(sys.argv[1],"w");fcntl.flock(f,2);print("held",flush=True);open(sys.argv[2]).read()`,
      at('held'),
      at('release'),
    ]);
    await new Promise((resolve) => holder.stdout?.once('data', resolve));
    const fd = addon.open(at('held'), constants.O_RDWR, 0);
    expect(() => addon.lock(fd, true, 0)).toThrow();
    addon.writeFile(at('release'), '', 0o600);
    addon.lock(fd, true, 10_000);
    addon.close(fd);
  });
});
