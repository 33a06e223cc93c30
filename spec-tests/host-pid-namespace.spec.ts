import { readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { childrenOf } from './harness/children.ts';
import { clause } from './harness/clause.ts';
import { type Running, until } from './harness/command.ts';
import { dropNamespace, withUserNamespace } from './harness/config.ts';
import type { Container } from './harness/container.ts';

/** Root with the default capabilities and the host's pid namespace: it owns every user namespace that the host's root has made. */
const onlooker = (box: Box): Promise<Container> => box.started(box.bundle((config) => dropNamespace(config, 'pid')));

/** What leads to the host through a process: its root, its working directory and its descriptors. */
const waysIn = (pid: number): string[] => ['root', 'cwd', 'fd/0'].map((name) => `/proc/${pid}/${name}`);

async function expectClosed(container: Container, pid: number): Promise<void> {
  // That the process is there and seen.
  expect(await container.output('cat', `/proc/${pid}/stat`)).toContain(`${pid} (`);
  for (const path of waysIn(pid)) {
    const { stdout, stderr } = await container.exec(['stat', '-L', path]);
    expect({ path, stdout, stderr }).toEqual({ path, stdout: '', stderr: expect.stringContaining('Permission denied') });
  }
}

const ownUserNamespace = readlinkSync('/proc/self/ns/user');

/** What is read of a process that may end meanwhile. */
function unlessGone<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return otherwise;
    throw error;
  }
}

const commandLine = (pid: number): string => unlessGone(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'), '');

const userNamespace = (pid: number): string => unlessGone(() => readlinkSync(`/proc/${pid}/ns/user`), ownUserNamespace);

const descendants = (pid: number): number[] => unlessGone(() => childrenOf(pid), []).flatMap((child) => [child, ...descendants(child)]);

const isStopped = (pid: number): boolean => unlessGone(() => /^State:\t[Tt]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')), false);

/** Has every process stop that has just made a namespace for itself. */
function launchStopping(box: Box, bundle: Bundle): Running {
  const strace = ['/usr/bin/strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=unshare', '-e', 'inject=unshare:signal=STOP'];
  return box.launch(['create', '--bundle', bundle.directory, bundle.id], { through: strace });
}

/** Waits for one that is stopped in a user namespace of its own; the others go on. */
function heldInUserNamespace({ pid }: Running): Promise<number> {
  return until('a process in a user namespace', () => {
    const stopped = descendants(pid).filter(isStopped);
    const found = stopped.find((each) => userNamespace(each) !== ownUserNamespace);
    if (found === undefined) for (const each of stopped) unlessGone(() => process.kill(each, 'SIGCONT'), false);
    return found;
  });
}

// Neither runc nor crun hides what makes the namespace.
describe('a container with the host’s pid namespace and root', () => {
  clause(
    'GEN-001 cannot reach the host through the process that makes another container’s user namespace',
    async (box) => {
      const container = await onlooker(box);
      const bundle = box.bundle(withUserNamespace);
      const running = launchStopping(box, bundle);
      const held = await heldInUserNamespace(running);
      await expectClosed(container, held);
      // Somebody may do that at any time, too.
      process.kill(held, 'SIGKILL');
      expect((await running.exited).status).toBe(1);
      expect(box.leftovers().filter((line) => line.includes(bundle.id))).toEqual([]);
    },
    'runts',
    'Linux 5.14',
    '/usr/bin/strace',
  );

  clause(
    'GEN-001 cannot reach the host through the holder of the user namespace of an id-mapped mount',
    async (box) => {
      const container = await onlooker(box);
      const mapping = [{ containerID: 0, hostID: 1000, size: 10 }];
      const bundle = box.bundle((config) => {
        const mount = { destination: '/data', source: box.directory, options: ['bind'] };
        config.mounts.push({ ...mount, uidMappings: mapping, gidMappings: mapping });
      });
      const running = launchStopping(box, bundle);
      const held = await heldInUserNamespace(running);
      await expectClosed(container, held);
      // Somebody may do that at any time, too.
      process.kill(held, 'SIGKILL');
      expect((await running.exited).status).toBe(1);
      expect(box.leftovers().filter((line) => line.includes(bundle.id))).toEqual([]);
    },
    'runts',
    'Linux 5.14',
    '/usr/bin/strace',
  );

  clause(
    'GEN-001 cannot reach the host through a createContainer hook in another container’s user namespace',
    async (box) => {
      const container = await onlooker(box);
      const go = join(box.directory, 'go');
      (await box.host(['mkfifo', '-m', '666', go])).ok();
      const bundle = box.bundle((config) => {
        withUserNamespace(config);
        config.hooks = { createContainer: [{ path: '/bin/sh', args: ['sh', '-c', `read line < ${go}`] }] };
      });
      const running = box.launch(['create', '--bundle', bundle.directory, bundle.id]);
      const hook = await until('the hook runs', () => descendants(running.pid).find((pid) => commandLine(pid).includes(go)));
      await expectClosed(container, hook);
      writeFileSync(go, '\n');
      expect((await running.exited).status).toBe(0);
    },
    'runts',
  );

  clause(
    'GEN-001 finds the process that waits for start hidden, also where fs.suid_dumpable is 1',
    async (box) => {
      const setting = '/proc/sys/fs/suid_dumpable';
      const before = readFileSync(setting, 'utf8');
      writeFileSync(setting, '1');
      try {
        const bundle = box.bundle((config) => {
          config.process.user = { uid: 1000, gid: 1000 };
        });
        const { pid } = await box.create(bundle);
        expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^Uid:\t1000\t/m);
        // A hidden process has files of root (proc(5)).
        expect(statSync(`/proc/${pid}/stat`).uid).toBe(0);
      } finally {
        writeFileSync(setting, before);
      }
    },
    'runts',
    'a virtual machine',
  );
});
