import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import type { Container } from './harness/container.ts';
import { cgroupMode } from './harness/suite.ts';

const controllers = cgroupMode === 'v1' ? readdirSync('/sys/fs/cgroup') : [''];

/** Makes a cgroup below that of a container, in every hierarchy where it has one. */
function makeBelow(container: Container, name: string): void {
  for (const controller of controllers) {
    const directory = container.cgroup(controller);
    if (!existsSync(directory) || existsSync(join(directory, name))) continue;
    mkdirSync(join(directory, name));
    // cgroup v1: nobody may enter a cpuset without cpus.
    if (controller === 'cpuset' && cgroupMode === 'v1')
      for (const file of ['cpuset.cpus', 'cpuset.mems'])
        writeFileSync(join(directory, name, file), readFileSync(join(directory, file), 'utf8'));
  }
}

/** Path of a process of the host in a hierarchy. */
function membership(pid: number | string, controller: string): string {
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n');
  const line = lines.find((each) => (cgroupMode === 'v1' ? each.split(':')[1]?.split(',').includes(controller) : each.startsWith('0::')));
  return line?.split(':')[2] ?? '';
}

/** Starts an idle program with exec. @returns its process id */
async function detached(container: Container, directory: string, ...options: string[]): Promise<string> {
  const file = join(directory, 'exec.pid');
  (await container.exec(['sleep', '1000'], ['--detach', '--pid-file', file, ...options])).ok();
  return readFileSync(file, 'utf8');
}

describe('where exec puts its process', () => {
  clause(
    'CLI-059 --cgroup PATH enters a cgroup below the container’s',
    async (box) => {
      const container = await box.started(box.bundle());
      makeBelow(container, 'sub');
      const pid = await detached(container, box.directory, '--cgroup', '/sub');
      for (const controller of ['memory', 'pids']) expect(membership(pid, controller)).toBe(`/${container.id}/sub`);
    },
    'not crun',
  );

  clause(
    'CLI-059 --cgroup CONTROLLER:PATH enters it in these hierarchies alone',
    async (box) => {
      const container = await box.started(box.bundle());
      makeBelow(container, 'sub');
      const pid = await detached(container, box.directory, '--cgroup', 'pids,memory:sub');
      expect(membership(pid, 'pids')).toBe(`/${container.id}/sub`);
      expect(membership(pid, 'memory')).toBe(`/${container.id}/sub`);
      expect(membership(pid, 'freezer')).toBe(`/${container.id}`);
    },
    'cgroup v1',
    'not crun',
  );

  clause('CLI-059 a missing cgroup, one outside and an unknown controller are errors', async (box) => {
    const container = await box.started(box.bundle());
    for (const value of ['/missing', '../other', '/sub/../../..', 'nothing:/sub']) {
      const result = await container.exec(['true'], ['--cgroup', value]);
      expect(result.status, value).not.toBe(0);
    }
  });

  clause(
    'CLI-059 where the container’s cgroup hands controllers on, the process joins init in its own',
    async (box) => {
      const container = await box.started(box.bundle());
      const directory = container.cgroup('');
      mkdirSync(join(directory, 'init'));
      writeFileSync(join(directory, 'init/cgroup.procs'), String(container.pid));
      writeFileSync(join(directory, 'cgroup.subtree_control'), '+pids');
      const pid = await detached(container, box.directory);
      expect(membership(pid, '')).toBe(`/${container.id}/init`);
      expect((await container.exec(['true'], ['--cgroup', '/'])).status).toBe(255);
      expect((await container.exec(['true'], ['--cgroup', '/init'])).status).toBe(0);
    },
    'cgroup v2',
    'runts',
  );

  clause(
    'CLI-058 --ignore-paused starts a process that runs once the container is resumed',
    async (box) => {
      const container = await box.started(box.bundle());
      (await box.runtime(['pause', container.id])).ok();
      const refused = await container.exec(['true']);
      expect(refused.status).not.toBe(0);
      expect(refused.stderr).toMatch(/cannot exec in a paused container/);
      const running = box.launch(['exec', '--ignore-paused', container.id, 'echo', 'resumed']);
      const processes = () => container.control('freezer', 'cgroup.procs').trim().split('\n').length;
      await until('the process is in the frozen cgroup', () => processes() > 1 && container.isFrozen());
      expect(running.output()).toBe('');
      (await box.runtime(['resume', container.id])).ok();
      expect((await running.exited).ok().stdout).toBe('resumed\n');
    },
    'not crun',
  );

  clause(
    'CLI-053 CLI-054 labels are refused where the host has no such module, never ignored',
    async (box) => {
      const container = await box.started(box.bundle());
      if (!existsSync('/sys/kernel/security/apparmor')) {
        const result = await container.exec(['true'], ['--apparmor', 'profile']);
        expect(result.status).toBe(255);
        expect(result.stderr).toMatch(/apparmor/i);
      }
      if (!existsSync('/sys/fs/selinux/enforce')) {
        const result = await container.exec(['true'], ['--process-label', 'system_u:system_r:container_t:s0']);
        expect(result.status).toBe(255);
        expect(result.stderr).toMatch(/selinux/i);
      }
    },
    'runts',
  );

  clause('CLI-052 no pid file is left of an exec that fails', async (box) => {
    const container = await box.started(box.bundle());
    const file = join(box.directory, 'failed.pid');
    expect((await container.exec(['nothing'], ['--detach', '--pid-file', file])).status).not.toBe(0);
    expect(existsSync(file)).toBe(false);
  });
});
