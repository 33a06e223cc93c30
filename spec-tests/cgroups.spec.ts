import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { setNamespace } from './harness/config.ts';
import { cgroupDirectory } from './harness/container.ts';
import { cgroupMounts } from './harness/suite.ts';

describe('cgroup path', () => {
  clause('LNX-059 an absolute cgroupsPath counts from the mount point, and init is in it', async (box) => {
    const container = await box.create(box.bundle());
    expect(container.control('pids', 'cgroup.procs').split('\n')).toContain(String(container.pid));
    const text = readFileSync(`/proc/${container.pid}/cgroup`, 'utf8');
    expect(text).toContain(`:/${container.id}`);
  });

  clause(
    'LNX-066 on cgroup v1 init is in the container’s group of every controller',
    async (box) => {
      const container = await box.create(box.bundle());
      for (const controller of ['cpu', 'memory', 'pids', 'devices', 'freezer', 'cpuset', 'blkio']) {
        expect(container.control(controller, 'cgroup.procs'), controller).toContain(String(container.pid));
      }
    },
    'cgroup v1',
  );

  clause('LNX-064 missing parents are made', async (box) => {
    const bundle = box.bundle((config) => {
      config.linux.cgroupsPath += '/deep/group';
    });
    const container = await box.create(bundle);
    expect(container.control('pids', 'cgroup.procs')).toContain(String(container.pid));
    (await container.delete('--force')).ok();
    expect(existsSync(container.cgroup('pids'))).toBe(false);
    for (const mount of cgroupMounts()) for (const path of ['deep', '']) removeEmpty(join(mount, bundle.id, path));
  });

  clause('RT-060 a group that was there before with another group in it survives', async (box) => {
    const bundle = box.bundle((config) => {
      config.linux.cgroupsPath += '/container';
    });
    const parent = cgroupDirectory('pids', `/${bundle.id}`);
    mkdirSync(join(parent, 'neighbour'), { recursive: true });
    try {
      const container = await box.create(bundle);
      (await container.delete('--force')).ok();
      expect(existsSync(join(parent, 'neighbour'))).toBe(true);
    } finally {
      removeEmpty(join(parent, 'neighbour'));
      for (const mount of cgroupMounts()) removeEmpty(join(mount, bundle.id));
    }
  });

  clause('LNX-065 without resources the limits of an existing group stay', async (box) => {
    const bundle = box.bundle();
    const group = cgroupDirectory('pids', `/${bundle.id}`);
    mkdirSync(group);
    writeFileSync(join(group, 'pids.max'), '77');
    const container = await box.create(bundle);
    expect(container.control('pids', 'pids.max')).toBe('77');
    (await container.delete('--force')).ok();
    removeEmpty(group);
  });

  clause(
    'LNX-062 without cgroupsPath two containers have groups of their own',
    async (box) => {
      const paths: string[] = [];
      for (let count = 0; count < 2; count++) {
        const container = await box.create(
          box.bundle((config) => {
            delete config.linux.cgroupsPath;
          }),
        );
        paths.push(readFileSync(`/proc/${container.pid}/cgroup`, 'utf8'));
      }
      expect(paths[0]).not.toBe(paths[1]);
    },
    'a user in the root cgroup',
  );

  clause('CLI-042 exec puts its process into the container’s cgroup', async (box) => {
    const container = await box.started(box.bundle());
    const text = await container.output('cat', '/proc/self/cgroup');
    expect(text).toBe(readFileSync(`/proc/${container.pid}/cgroup`, 'utf8').trim());
  });

  clause('LNX-011 a container with a cgroup namespace sees its group as the root', async (box) => {
    const container = await box.started(box.bundle((config) => setNamespace(config, 'cgroup')));
    const inside = await container.output('cat', '/proc/self/cgroup');
    expect(inside).toMatch(/:\/$/m);
    expect(inside).not.toContain(container.id);
  });

  clause('RT-059 delete removes the groups of every hierarchy', async (box) => {
    const container = await box.started(box.bundle());
    const holders = () => cgroupMounts().filter((mount) => readdirSync(mount).includes(container.id));
    expect(holders().length).toBeGreaterThan(0);
    (await container.delete('--force')).ok();
    expect(holders()).toEqual([]);
  });
});

function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Not there, or the runtime's own to remove.
  }
}
