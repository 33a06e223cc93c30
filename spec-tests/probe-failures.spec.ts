import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause as anyRuntime } from './harness/clause.ts';
import { cgroupDirectory } from './harness/container.ts';
import type { CallOptions } from './harness/runtime-call.ts';
import { cgroupMode } from './harness/suite.ts';

const clause = (title: string, body: (box: Box) => Promise<void>): void => anyRuntime(title, body, 'runts', '/usr/bin/strace');

/** What says nothing about a file, and what is said of it. */
const failures = { EIO: 'input/output error', EMFILE: 'too many open files', ENOMEM: 'cannot allocate memory' };

/** Has these system calls of the runtime fail, where they are about `path`; with `follow` those of init as well. */
function failing(calls: string, error: string, path?: string, follow = false): CallOptions {
  const about = path === undefined ? [] : ['-P', path];
  const options = ['-qq', '-o', '/dev/null', ...(follow ? ['-f'] : []), ...about];
  return { through: ['/usr/bin/strace', ...options, '-e', `trace=${calls}`, '-e', `inject=${calls}:error=${error}`] };
}

const opening = 'open,openat';
const unified = cgroupMode === 'v1' ? '/sys/fs/cgroup/unified/cgroup.controllers' : '/sys/fs/cgroup/cgroup.controllers';

describe('a file that cannot be read is not taken for one that is not there', () => {
  for (const path of ['/proc/self/mountinfo', '/proc/self/cgroup', '/proc/self/ns/user', unified]) {
    clause(`LNX-058 LNX-074 create without ${path} makes no container that lacks its cgroup or its rules`, async (box) => {
      // strace knows a descriptor of /proc/self by another name.
      const about = path.startsWith('/proc/self') ? [opening] : [opening, 'read'];
      for (const calls of path === '/proc/self/ns/user' ? ['readlink'] : about) {
        for (const [error, words] of Object.entries(failures)) {
          const bundle = box.bundle();
          const result = await box.tryCreate(bundle, failing(calls, error, path));
          expect(result.status, `${calls} ${error}`).toBe(1);
          expect(result.stderr).toContain(path);
          expect(result.stderr).toContain(words);
          expect(box.leftovers()).toEqual([]);
        }
      }
    });
  }

  clause('LNX-058 create where nobody knows whether the cgroup is frozen', async (box) => {
    const bundle = box.bundle((config) => {
      config.linux.cgroupsPath += '/below';
    });
    const above = cgroupDirectory('freezer', `/${bundle.id}`);
    const file = join(above, cgroupMode === 'v1' ? 'freezer.state' : 'cgroup.events');
    mkdirSync(above);
    try {
      const result = await box.tryCreate(bundle, failing(opening, 'EIO', file));
      expect(result.status).toBe(1);
      expect(result.stderr).toContain(`${file}: input/output error`);
    } finally {
      rmdirSync(above);
    }
  });

  clause('BND-001 a bundle that cannot be looked at exists', async (box) => {
    const bundle = box.bundle();
    const result = await box.tryCreate(bundle, failing('readlink', 'EIO', bundle.directory));
    expect(result.status).toBe(1);
    expect(result.stderr).toContain(`chdir ${bundle.directory}: input/output error`);
  });

  clause('CLI-070 statistics that cannot be read are not left out', async (box) => {
    const container = await box.started(box.bundle());
    const file = join(container.cgroup('pids'), 'pids.current');
    const result = await box.runtime(['events', '--stats', container.id], failing(opening, 'EMFILE', file));
    expect(result.status).toBe(1);
    expect(result.stderr).toContain(`${file}: too many open files`);
  });

  for (const [what, call, path, words] of [
    ['whether a destination lies on procfs', 'fstatfs', undefined, 'fstatfs: input/output error'],
    ['the private procfs', 'fsopen', undefined, 'fsopen: input/output error'],
    ['the accounts of the image', 'openat2', '/etc/passwd', 'openat2: input/output error'],
  ] as const) {
    clause(`MNT-012 CFG-029 init: ${what}`, async (box) => {
      const bundle = box.bundle((config) => {
        config.mounts.push({ destination: '/data', source: '/srv', options: ['bind'] });
      });
      const result = await box.run(bundle, failing(call, 'EIO', path, true));
      expect(result.status).toBe(1);
      expect(result.stderr).toContain(words);
      expect(box.leftovers()).toEqual([]);
    });
  }
});
