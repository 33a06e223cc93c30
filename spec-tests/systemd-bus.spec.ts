import { chownSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';
import { type Running, until } from './harness/command.ts';
import type { Config } from './harness/config.ts';
import { uid } from './harness/plain-user.ts';
import type { RunOptions } from './harness/runtime-call.ts';
import { projectRoot } from './harness/suite.ts';

const global = ['--systemd-cgroup'];
/** A host on which systemd runs, as far as its files go, and nothing listens. */
const host = 'mount -t tmpfs none /run && mkdir -p /run/systemd/system && exec "$@"';
const through = ['unshare', '--mount', 'sh', '-c', host, 'sh'];

function bundleOf(box: Box, change: (config: Config) => void = () => {}): Bundle {
  return box.bundle((config) => {
    config.linux.cgroupsPath = 'system.slice:spec:bus';
    change(config);
  });
}

/** The runtime of such a host, with a bus that behaves like this (harness/bus.py). */
async function withBus(box: Box, behaviour: string): Promise<{ readonly bus: Running; readonly options: RunOptions }> {
  const socket = `@${box.suite.tag}-bus-${behaviour}`;
  const bus = box.background(['/usr/bin/python3', join(import.meta.dirname, 'harness/bus.py'), socket, behaviour]);
  await until('the bus listens', () => bus.output().includes('listening'));
  return { bus, options: { global, through, env: { DBUS_SYSTEM_BUS_ADDRESS: `unix:abstract=${socket.slice(1)},guid=00` } } };
}

async function expectRefused(box: Box, options: RunOptions, ...words: readonly string[]): Promise<void> {
  const result = await box.tryCreate(bundleOf(box), options);
  expect(result.status).toBe(1);
  for (const word of words) expect(result.stderr).toContain(word);
  expect(box.leftovers().filter((line) => !line.includes('bus.py'))).toEqual([]);
}

const start = 'unable to start unit "spec-bus.scope": ';

describe('the way to systemd', () => {
  clause(
    'CLI-006 without a bus the error names the sockets, and nothing is left',
    async (box) => {
      const usual = "ENOENT: no such file or directory, connect: '/run/dbus/system_bus_socket' (ENOENT), '/run/systemd/private' (ENOENT)";
      await expectRefused(box, { global, through }, start + usual);
      const env = { DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/run/n%6fne' };
      await expectRefused(box, { global, through, env }, `${start}ENOENT: no such file or directory, connect '/run/none'`);
      const wrong = { DBUS_SYSTEM_BUS_ADDRESS: 'tcp:host=localhost' };
      await expectRefused(box, { global, through, env: wrong }, `${start}EADDRNOTAVAIL`, 'tcp:host=localhost');
    },
    'runts',
  );

  for (const [behaviour, ...words] of [
    ['refuse', 'EPERM: operation not permitted, D-Bus authentication: "REJECTED EXTERNAL"'],
    ['error', 'EACCES: permission denied, StartTransientUnit: org.freedesktop.DBus.Error.AccessDenied: No.'],
    ['garbage', 'EBADMSG: bad message, D-Bus message: a byte order of 72'],
    ['long', 'EBADMSG: bad message, D-Bus message: it is longer than 134217728 bytes'],
    ['half', 'ECONNRESET: connection reset by peer, StartTransientUnit: the connection was closed'],
    ['failed', 'the job is failed'],
  ] as const) {
    clause(
      `CLI-006 nothing is left of a create when the bus does this: ${behaviour}`,
      async (box) => {
        const { options } = await withBus(box, behaviour);
        await expectRefused(box, options, ...words.map((word) => start + word));
      },
      'runts',
    );
  }

  clause(
    'CLI-006 root of a user namespace in which systemd was booted asks the manager of that system, whatever his session says',
    async (box) => {
      const { bus, options } = await withBus(box, 'error');
      const inNamespace = ['unshare', '--user', '--map-root-user', ...through.slice(1)];
      for (const env of [{}, { XDG_RUNTIME_DIR: '/run/user/0' }]) {
        const result = await box.tryCreate(bundleOf(box), { ...options, through: inNamespace, env: { ...options.env, ...env } });
        expect(result.status).toBe(1);
        expect(result.stderr).toContain(`${start}EACCES: permission denied, StartTransientUnit`);
      }
      expect(bus.output()).toContain('"member": "StartTransientUnit"');
    },
    'runts',
  );

  clause(
    'CLI-006 root of a user namespace of a user asks the manager of that user, not of the system that another booted',
    async (box) => {
      const { bus, options } = await withBus(box, 'error');
      const bundle = bundleOf(box);
      for (const path of [box.stateRoot, bundle.directory]) chownSync(path, uid, uid);
      const ofUser = [...through, '/usr/bin/python3', join(import.meta.dirname, 'harness/session.py'), String(uid)];
      const result = await box.tryCreate(bundle, { ...options, through: ofUser });
      expect(result.status).toBe(1);
      expect(result.stderr).toContain('the systemd manager of the user does not answer: ENOMEDIUM');
      expect(bus.output()).not.toContain('StartTransientUnit');
    },
    'runts',
  );

  clause(
    'CLI-006 a unit of the name that has failed is reset',
    async (box) => {
      const { bus, options } = await withBus(box, 'exists');
      await expectRefused(box, options, `${start}the job is failed`);
      const members = bus
        .output()
        .split('\n')
        .flatMap((line) => /"member": "(\w+)"/.exec(line)?.[1] ?? [])
        .filter((member) => /Unit/.test(member));
      expect(members).toEqual(['StartTransientUnit', 'ResetFailedUnit', 'StartTransientUnit', 'ResetFailedUnit']);
    },
    'runts',
  );

  clause(
    'CLI-117 an older systemd that knows no OOMPolicy of scopes is not told',
    async (box) => {
      const { bus, options } = await withBus(box, 'old-memory');
      const bundle = bundleOf(box, (config) => {
        config.linux.resources = { unified: { 'memory.oom.group': '1' } };
      });
      const result = await box.tryCreate(bundle, options);
      expect(result.stderr).toContain(`${start}the job is failed`);
      const bodies = [...bus.output().matchAll(/"member": "StartTransientUnit".*"body": "(\w+)"/g)].map(([, body = '']) =>
        Buffer.from(body, 'hex').toString('latin1'),
      );
      expect(bodies.map((body) => body.includes('OOMPolicy'))).toEqual([true, false]);
    },
    'runts',
    'cgroup v2',
  );

  clause(
    'CLI-118 the executable and Node send the same bytes, whatever the size of the numbers',
    async (box) => {
      const { bus, options } = await withBus(box, 'error');
      const numbers = {
        LowSec: 'int64 9223372036854',
        High: `uint64 ${2n ** 64n - 1n}`,
        Half: `uint64 ${2n ** 63n}`,
        Least: `int64 -${2n ** 63n}`,
      };
      const others = { Byte: 'byte 255', Words: "['a', 'ü\u{1f600}']", Bytes: '[byte 1, 2]', Long: `'${'x'.repeat(5000)}'` };
      const annotations = Object.entries({ ...numbers, ...others }).map(([name, value]) => [`org.systemd.property.${name}`, value]);
      const bundle = bundleOf(box, (config) => {
        config.annotations = Object.fromEntries(annotations);
        config.linux.resources = { memory: { limit: -1 }, pids: { limit: 30 } };
      });
      const names = [...global, ...annotations.flatMap(([name = '']) => ['--allow-annotation', name])];
      const words = ['--root', box.stateRoot, ...names, 'create', '--bundle', bundle.directory, bundle.id];
      expect((await box.tryCreate(bundle, { ...options, global: names })).stderr).toContain('AccessDenied');
      const node = [...through, process.execPath, join(projectRoot, 'bin/runts.js'), ...words];
      expect((await box.host(node, options)).stderr).toContain('AccessDenied');
      const bodies = bus
        .output()
        .split('\n')
        .filter((line) => line.includes('"StartTransientUnit"'))
        .map((line) => String((JSON.parse(line) as { body: unknown }).body))
        // The process differs.
        .map((body) => body.replace(/(50494473000261750000*04000000).{8}/, '$1'));
      expect(bodies).toHaveLength(2);
      expect(bodies[0]).toBe(bodies[1]);
      expect(bodies[0]).toContain('ff'.repeat(8));
    },
    'runts',
  );
});
