import { constants } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { O_PATH } from '../kernel.gen.ts';
import { encodePlan, type WireStep } from '../plan/wire/encode.ts';
import { eventKinds } from '../plan/wire/messages.ts';
import { syncPoints } from '../plan/wire/places.ts';
import { addon } from './addon.ts';
import { temporaryFolder, thrown, withoutLeak } from './testing.ts';

const at = temporaryFolder();
const isRoot = process.getuid?.() === 0;

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

describe.skipIf(!isRoot)(`makeUserNamespace${isRoot ? '' : ' [skipped: needs root]'}`, () => {
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
