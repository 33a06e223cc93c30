import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { type Config, withUserNamespace } from './harness/config.ts';
import { enterContainer, type Outer, without } from './harness/outer.ts';
import { readRecording } from './harness/recordings.ts';

// A runtime whose caller is in a container: a CI job, a dockerd or a Podman inside. The containers around it are those that engines make
// (spec-tests/recordings), the images are the programs of this machine.

/** What an engine inside asks for: limits, a filter, protected paths. */
function asEngine(config: Config): void {
  const { linux } = readRecording('bookworm-docker-run.json');
  Object.assign(config.linux, { seccomp: linux.seccomp, maskedPaths: linux.maskedPaths, readonlyPaths: linux.readonlyPaths });
  config.linux.resources = { pids: { limit: 30 }, devices: linux.resources.devices };
}

async function wholeLife(box: Box): Promise<void> {
  const bundle = box.bundle((config) => {
    asEngine(config);
    config.hooks = { createRuntime: [{ path: '/bin/sh', args: ['sh', '-c', `cat > ${box.directory}/hooked`] }] };
    config.process.args = ['sh', '-c', 'trap "exit 9" TERM; echo ready; while :; do sleep 0.05; done'];
  });
  const container = await box.create(bundle);
  await container.start();
  await container.prints(/ready/);
  expect(await container.output('cat', '/proc/1/comm')).toBe('sh');
  expect((await box.inside(['cat', `${container.cgroup('pids')}/pids.max`])).ok().stdout).toBe('30\n');
  const hooked = await box.inside(['cat', `${box.directory}/hooked`]);
  expect(hooked.ok().json()).toMatchObject({ id: container.id, pid: container.pid });
  for (const verb of ['pause', 'resume']) (await box.runtime([verb, container.id])).ok();
  (await container.kill('TERM')).ok();
  await container.reaches('stopped');
  (await container.delete()).ok();
  expect(box.leftovers()).toEqual([]);
}

const privileged = ['Docker, --privileged', 'Podman, --privileged'] as const;

describe('in a privileged container', () => {
  for (const outer of privileged) {
    clause(`RUN-013 of ${outer}, a container has its whole life, with limits and hooks`, async (box) => {
      await enterContainer(box, outer);
      await wholeLife(box);
    });

    clause(`RUN-013 of ${outer}, a container has a user namespace`, async (box) => {
      await enterContainer(box, outer);
      const map = await box.output(['cat', '/proc/self/uid_map'], withUserNamespace);
      expect(map.trim().split(/\s+/)).toEqual(['0', '100000', '65536']);
    });
  }
});

/** What a pod gets that may make containers, but no place for their cgroups. */
function administrates({ process }: Config): void {
  for (const set of ['bounding', 'effective', 'permitted'] as const) process.capabilities?.[set]?.push('CAP_SYS_ADMIN', 'CAP_NET_ADMIN');
}

const noCgroup = { global: ['--cgroup-manager', 'disabled'] };

/** Where namespaces may be made, and cgroups not. */
async function enterPod(box: Box, outer: Outer, change: (config: Config) => void = () => {}): Promise<void> {
  await enterContainer(box, outer, (config) => {
    administrates(config);
    delete config.linux.seccomp;
    change(config);
  });
}

describe('in a pod with CAP_SYS_ADMIN, masked /proc and read-only cgroups', () => {
  clause(
    'RUN-013 a container has its life in the cgroup of the pod',
    async (box) => {
      await enterPod(box, 'Kubernetes');
      const container = await box.started(box.bundle(), noCgroup);
      expect(await container.output('cat', '/proc/1/comm')).toBe('sleep');
      (await container.delete('--force')).ok();
      expect(box.leftovers()).toEqual([]);
    },
    'not runc',
  );

  for (const [title, errno, ...needs] of [
    ['RUN-013 a filter that answers ENOSYS to clone3 is in the way of nothing', 38],
    // The C library makes threads by clone3, too, and gives up for any answer but ENOSYS.
    ['RUN-013 a filter that answers EPERM to clone3 is in the way of nothing', 1, 'a static executable'],
  ] as const) {
    clause(
      title,
      async (box) => {
        await enterPod(box, 'Docker, --privileged', (config) => {
          config.linux.seccomp = without(['clone3'], errno);
        });
        await wholeLife(box);
      },
      ...needs,
    );
  }
});
