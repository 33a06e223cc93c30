import { existsSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { type Config, dropNamespace, setNamespace, withUserNamespace } from './harness/config.ts';
import type { Container } from './harness/container.ts';
import { cgroupMode } from './harness/suite.ts';

/** User 7, and user 7 of a container with mapped ids. */
const owners = [7, 100_007];

/** A user namespace, a cgroup namespace of its own, and a writable mount of the cgroup: what ownership needs. */
function delegated(config: Config): void {
  withUserNamespace(config);
  setNamespace(config, 'cgroup');
  config.process.user = { uid: 7, gid: 7 };
  config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['nosuid', 'rw'] });
}

/** Names of what lies in the container's cgroup and belongs to the container's user; "." is the directory. */
function given(container: Container): string[] {
  const path = container.cgroup('pids');
  return ['.', ...readdirSync(path)].filter((name) => owners.includes(statSync(join(path, name)).uid)).sort();
}

const listed = (): string[] => readFileSync('/sys/kernel/cgroup/delegate', 'utf8').split('\n').filter(Boolean);

/** Creates with another /sys/kernel/cgroup than the kernel's; in a user namespace no sysfs could be mounted then. */
function createWith(box: Box, mount: string): Promise<Container> {
  const bundle = box.bundle((config) => {
    delegated(config);
    dropNamespace(config, 'user');
    delete config.linux.uidMappings;
    delete config.linux.gidMappings;
  });
  return box.create(bundle, { through: ['unshare', '--mount', 'sh', '-c', `${mount} && exec "$@"`, 'sh'] });
}

describe('ownership of the cgroup', () => {
  clause(
    'LNX-067 LNX-070 LNX-071 LNX-074 the directory and the files that the kernel lists go to the user, no others',
    async (box) => {
      const container = await box.create(box.bundle(delegated));
      const there = readdirSync(container.cgroup(''));
      expect(given(container)).toEqual(['.', ...listed().filter((name) => there.includes(name))].sort());
      expect(there).toContain('cgroup.freeze');
      expect(given(container)).not.toContain('cgroup.freeze');
    },
    'cgroup v2',
    '/sys/kernel/cgroup/delegate',
  );

  for (const [what, change] of Object.entries({
    'LNX-069 without a cgroup namespace': (config: Config) => dropNamespace(config, 'cgroup'),
    'LNX-070 with a read-only mount': (config: Config) => config.mounts.at(-1)?.options?.push('ro'),
    'LNX-070 without a mount': (config: Config) => config.mounts.pop(),
  })) {
    clause(
      `${what} nothing changes hands`,
      async (box) => {
        const container = await box.create(
          box.bundle((config) => {
            delegated(config);
            change(config);
          }),
        );
        expect(given(container)).toEqual([]);
      },
      'cgroup v2',
    );
  }

  clause(
    'LNX-068 on cgroup v1 nothing changes hands',
    async (box) => {
      const container = await box.create(box.bundle(delegated));
      expect(cgroupMode).toBe('v1');
      expect(given(container)).toEqual([]);
    },
    'cgroup v1',
  );

  clause(
    'LNX-072 a listed file that is not there is no failure, and the others change hands',
    async (box) => {
      const list = join(box.directory, 'delegate');
      writeFileSync(list, 'cgroup.procs\nnosuch.file\nmemory.nosuch\ncgroup.threads\n');
      const container = await createWith(box, `mount --bind ${list} /sys/kernel/cgroup/delegate`);
      expect(given(container)).toEqual(['.', 'cgroup.procs', 'cgroup.threads']);
    },
    'cgroup v2',
    '/sys/kernel/cgroup/delegate',
  );

  clause(
    'LNX-073 without the kernel’s list the three files of the specification change hands',
    async (box) => {
      const container = await createWith(box, 'mount -t tmpfs none /sys/kernel/cgroup');
      expect(given(container)).toEqual(['.', 'cgroup.procs', 'cgroup.subtree_control', 'cgroup.threads']);
    },
    'cgroup v2',
    '/sys/kernel/cgroup/delegate',
  );

  clause(
    'LNX-118 the controllers that unified needs are enabled in every parent',
    async (box) => {
      const container = await box.create(
        box.bundle((config) => {
          config.linux.cgroupsPath += '/deep/group';
          config.linux.resources = { unified: { 'memory.high': '50331648', 'pids.max': '33' } };
        }),
      );
      expect(container.control('', 'memory.high')).toBe('50331648');
      expect(container.control('', 'pids.max')).toBe('33');
      for (const parent of ['..', '../..', '../../..']) {
        const enabled = readFileSync(join(container.cgroup(''), parent, 'cgroup.subtree_control'), 'utf8');
        expect(enabled.split(/\s/), parent).toEqual(expect.arrayContaining(['memory', 'pids']));
      }
      const path = container.cgroup('');
      (await container.delete('--force')).ok();
      // Not every runtime removes parents.
      for (const parent of [join(path, '..'), join(path, '../..')]) if (existsSync(parent)) rmdirSync(parent);
    },
    'cgroup v2',
  );
});
