import { chownSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { dropNamespace } from './harness/config.ts';
import type { RunOptions } from './harness/runtime-call.ts';

/** daemon, whom every Linux has and who owns nothing that runs. */
const uid = 1;
const megabyte = 1 << 20;
const needs = ['/usr/lib/systemd/user/dbus.socket', '/run/systemd/system', 'cgroup v2'] as const;
const global = ['--systemd-cgroup'];

/** The runtime as an engine of that user calls it: as root of a user namespace, with the user's session. */
const session: RunOptions = {
  through: ['/usr/bin/python3', join(import.meta.dirname, 'harness/session.py'), String(uid)],
  env: { XDG_RUNTIME_DIR: `/run/user/${uid}`, DBUS_SESSION_BUS_ADDRESS: `unix:path=/run/user/${uid}/bus` },
  global,
};

/** A bundle of that user; `directory` is where the user's systemd puts it. */
async function ofUser(box: Box, args: readonly string[]): Promise<{ bundle: Bundle; unit: string; directory: string }> {
  const bundle = box.bundle((config, { id }) => {
    dropNamespace(config, 'network');
    config.process.args = [...args];
    // Mounts that want ids which the namespace has not.
    config.mounts = config.mounts.filter(({ destination }) => !['/dev/pts', '/dev/mqueue', '/sys'].includes(destination));
    config.linux.cgroupsPath = `user.slice:spec:${id}`;
    config.linux.resources = { memory: { limit: 64 * megabyte }, pids: { limit: 30 } };
  });
  for (const path of [box.stateRoot, bundle.directory]) chownSync(path, uid, uid);
  await box.host(['find', bundle.rootfs, '-type', 'd', '-exec', 'chown', `${uid}:${uid}`, '{}', '+']);
  const unit = `spec-${bundle.id}.scope`;
  return { bundle, unit, directory: `/sys/fs/cgroup/user.slice/user-${uid}.slice/user@${uid}.service/user.slice/${unit}` };
}

/** Runs `body` while the user has a session, and stops what was started for it. */
async function withManager(box: Box, body: () => Promise<void>): Promise<void> {
  const isActive = async (unit: string): Promise<boolean> => (await box.host(['systemctl', 'is-active', unit])).status === 0;
  const units = [`user@${uid}.service`, 'user.slice', 'systemd-logind.service'];
  const started: string[] = [];
  for (const unit of units) if (!(await isActive(unit))) started.push(unit);
  (await box.host(['systemctl', 'start', `user@${uid}.service`])).ok();
  try {
    await body();
  } finally {
    (await box.host(['systemctl', 'stop', ...started])).ok();
    await until('the session is gone', () => !existsSync(`/run/user/${uid}`));
  }
}

/** The same user, without a user namespace around him. */
const alone = (box: Box): RunOptions => ({
  through: [
    '/usr/bin/python3',
    join(import.meta.dirname, 'harness/plain_user.py'),
    String(uid),
    '',
    box.directory,
    ...['env', `XDG_RUNTIME_DIR=/run/user/${uid}`, `DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/${uid}/bus`],
  ],
  global,
});

describe('the systemd driver with the manager of a user', () => {
  clause(
    'CLI-006 CLI-117 a user without privileges has a scope with limits; exec, update, pause and delete work on it',
    (box) =>
      withManager(box, async () => {
        const { bundle, directory } = await ofUser(box, ['sleep', '1000']);
        bundle.config.linux.namespaces.push({ type: 'user' });
        bundle.config.linux.uidMappings = [{ containerID: 0, hostID: uid, size: 1 }];
        bundle.config.linux.gidMappings = [{ containerID: 0, hostID: uid, size: 1 }];
        bundle.write();
        const call = alone(box);
        const words = (...args: string[]) => box.runtime(args, call);
        const container = await box.started(bundle, call);
        const control = (file: string): string => readFileSync(join(directory, file), 'utf8').trim();
        expect(control('cgroup.procs')).toBe(String(container.pid));
        expect([control('memory.max'), control('pids.max')]).toEqual([String(64 * megabyte), '30']);
        expect((await words('exec', bundle.id, 'cat', '/proc/self/cgroup')).ok().stdout).toContain(
          directory.slice('/sys/fs/cgroup'.length),
        );
        (await words('update', '--memory', '80m', bundle.id)).ok();
        expect(control('memory.max')).toBe(String(80 * megabyte));
        (await words('pause', bundle.id)).ok();
        (await words('resume', bundle.id)).ok();
        (await words('delete', '--force', bundle.id)).ok();
        expect(existsSync(directory)).toBe(false);
        expect(box.leftovers()).toEqual([]);
      }),
    'not crun',
    ...needs,
  );

  clause(
    'CLI-006 CLI-117 the scope is one of the user, with the limits; update and delete work on it',
    (box) =>
      withManager(box, async () => {
        const { bundle, directory } = await ofUser(box, ['sleep', '1000']);
        const pidFile = join(bundle.directory, 'pid');
        const words = ['--bundle', bundle.directory, '--pid-file', pidFile, bundle.id];
        (await box.runtime(['run', '--detach', ...words], session)).ok();
        const control = (file: string): string => readFileSync(join(directory, file), 'utf8').trim();
        expect(control('cgroup.procs')).toBe(readFileSync(pidFile, 'utf8'));
        expect([control('memory.max'), control('pids.max')]).toEqual([String(64 * megabyte), '30']);
        (await box.runtime(['update', '--memory', '80m', bundle.id], session)).ok();
        expect(control('memory.max')).toBe(String(80 * megabyte));
        (await box.runtime(['delete', '--force', bundle.id], session)).ok();
        expect(existsSync(directory)).toBe(false);
        expect(box.leftovers()).toEqual([]);
      }),
    'not crun',
    ...needs,
  );

  clause(
    'CLI-006 RUN-012 the file by which systemd hands more controllers on to users is named where one is missing',
    (box) =>
      withManager(box, async () => {
        const { bundle } = await ofUser(box, ['true']);
        bundle.config.linux.resources = { cpu: { cpus: '0' } };
        bundle.write();
        const result = await box.run(bundle, session);
        expect(result.status).toBe(1);
        expect(result.stderr).toMatch(/unable to set cpuset\.cpus to 0: .*\n.*\/linux\/resources\/cpu\/cpus/);
        expect(result.stderr).toMatch(/hint .*user@\.service\.d\/delegate\.conf says: \[Service\] Delegate=.*with cpuset among them/);
        expect(box.leftovers()).toEqual([]);
      }),
    'runts',
    ...needs,
  );

  clause(
    "CLI-006 RUN-001 plan asks the user's manager where its cgroup is, as create does",
    (box) =>
      withManager(box, async () => {
        const { bundle, directory } = await ofUser(box, ['sleep', '1000']);
        const planned = (await box.runtime(['plan', '--format', 'json', bundle.directory], session)).ok();
        const { cgroupPaths } = planned.json<{ cgroupPaths: Record<string, string> }>();
        // The unit has the name of the container, which a plan has not.
        const asCreated = directory.slice(0, directory.lastIndexOf('/'));
        for (const path of Object.values(cgroupPaths)) expect(path.slice(0, path.lastIndexOf('/'))).toBe(asCreated);
        expect(Object.keys(cgroupPaths)).toEqual(['']);
        // Without the manager neither knows.
        const mute = { ...session, env: { ...session.env, XDG_RUNTIME_DIR: '/nowhere', DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' } };
        const plan = await box.runtime(['plan', bundle.directory], mute);
        const create = await box.runtime(['create', '--bundle', bundle.directory, bundle.id], mute);
        expect([plan.status, create.status]).toEqual([1, 1]);
        for (const { stderr } of [plan, create]) expect(stderr).toContain('the systemd manager of the user does not answer');
      }),
    'runts',
    ...needs,
  );

  clause(
    'CLI-006 without a message bus the manager itself is asked',
    (box) =>
      withManager(box, async () => {
        const { bundle, directory } = await ofUser(box, ['sleep', '1000']);
        const runtimeDirectory = join(box.directory, 'runtime');
        mkdirSync(runtimeDirectory);
        symlinkSync(`/run/user/${uid}/systemd`, join(runtimeDirectory, 'systemd'));
        const alone = { ...session, env: { XDG_RUNTIME_DIR: runtimeDirectory } };
        (await box.runtime(['run', '--detach', '--bundle', bundle.directory, bundle.id], alone)).ok();
        expect(readFileSync(join(directory, 'memory.max'), 'utf8').trim()).toBe(String(64 * megabyte));
        (await box.runtime(['delete', '--force', bundle.id], alone)).ok();
        expect(existsSync(directory)).toBe(false);
      }),
    'runts',
    ...needs,
  );

  clause(
    'CLI-006 without such a manager the error says so',
    async (box) => {
      const { bundle } = await ofUser(box, ['true']);
      const result = await box.run(bundle, session);
      expect(result.status).toBe(1);
      expect(result.stderr).toContain('the systemd manager of the user does not answer');
      expect(result.stderr).toMatch(/hint .*loginctl enable-linger.*XDG_RUNTIME_DIR.*--cgroup-manager cgroupfs/);
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
    ...needs,
  );
});
