import { mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { dropNamespace } from './harness/config.ts';
import { alive, type Container, cgroupDirectory } from './harness/container.ts';
import { cgroupMode } from './harness/suite.ts';

const counting = 'i=0; while :; do i=$((i+1)); echo $i; usleep 20000; done';

function counter(box: Box): Promise<Container> {
  return box.started(
    box.bundle((config) => {
      config.process.args = ['sh', '-c', counting];
    }),
  );
}

const lines = ({ stdout }: Container): number => stdout.split('\n').length;

const freezeFile = cgroupMode === 'v1' ? 'freezer.state' : 'cgroup.freeze';
const freezing = cgroupMode === 'v1' ? 'FROZEN' : '1';

/** Freezes a directory below the container's cgroup, as the container itself could. */
function freezeBelow(container: Container, pid: number): void {
  const below = join(container.cgroup('freezer'), 'below');
  mkdirSync(below);
  writeFileSync(join(below, 'cgroup.procs'), String(pid));
  writeFileSync(join(below, freezeFile), freezing);
}

describe('pause and resume', () => {
  clause('CLI-066 CLI-067 RT-010 pause stops every process, resume lets them go on', async (box) => {
    const container = await counter(box);
    await container.prints(/^3$/m);
    (await box.runtime(['pause', container.id])).ok();
    expect(container.isFrozen()).toBe(true);
    const before = lines(container);
    expect(await container.status()).toBe('paused');
    expect(lines(container)).toBe(before);
    (await box.runtime(['resume', container.id])).ok();
    expect(await container.status()).toBe('running');
    await until('it counts on', () => lines(container) > before);
  });

  clause('CLI-066 a created container can be paused, and starts once it is resumed', async (box) => {
    const container = await box.create(box.bundle());
    (await box.runtime(['pause', container.id])).ok();
    expect(await container.status()).toBe('paused');
    (await box.runtime(['resume', container.id])).ok();
    await container.start();
    expect(await container.status()).toBe('running');
  });

  clause('CLI-066 pause holds processes that keep forking', async (box) => {
    const container = await box.started(
      box.bundle((config) => {
        config.process.args = ['sh', '-c', 'for i in 1 2 3 4; do (while :; do true | true; done) & done; echo forking; wait'];
      }),
    );
    await container.prints(/forking/);
    for (let round = 0; round < 3; round++) {
      (await box.runtime(['pause', container.id])).ok();
      expect(container.isFrozen()).toBe(true);
      (await box.runtime(['resume', container.id])).ok();
    }
  });

  clause('CLI-066 a paused or stopped container cannot be paused', async (box) => {
    const container = await box.started(box.bundle());
    (await box.runtime(['pause', container.id])).ok();
    const again = await box.runtime(['pause', container.id]);
    expect(again.status).toBe(1);
    expect(again.stderr).toContain('container not running');
    (await container.kill('KILL')).ok();
    await container.reaches('stopped');
    expect((await box.runtime(['pause', container.id])).stderr).toContain('container not running');
  });

  clause('CLI-067 a container that is not paused cannot be resumed', async (box) => {
    const container = await box.started(box.bundle());
    const result = await box.runtime(['resume', container.id]);
    expect(result.status).toBe(1);
    expect(result.stderr).toContain('container not paused');
  });

  clause('CLI-025 KILL takes effect on a paused container, CLI-029 delete --force too', async (box) => {
    const killed = await box.started(box.bundle());
    (await box.runtime(['pause', killed.id])).ok();
    (await killed.kill('KILL')).ok();
    await killed.reaches('stopped');
    (await killed.delete()).ok();
    const deleted = await box.started(box.bundle());
    (await box.runtime(['pause', deleted.id])).ok();
    (await deleted.delete('--force')).ok();
    expect(box.leftovers()).toEqual([]);
  });

  clause('CLI-028 a delete that is refused leaves a paused container paused', async (box) => {
    const container = await box.started(box.bundle());
    (await box.runtime(['pause', container.id])).ok();
    const result = await container.delete();
    expect(result.stderr).toContain('that is not stopped: paused');
    expect(await container.status()).toBe('paused');
  });

  clause('CLI-027 CLI-030 what froze itself in a cgroup of its own dies with the container', async (box) => {
    const container = await box.started(
      box.bundle((config) => {
        dropNamespace(config, 'pid');
        config.process.args = ['sh', '-c', 'sleep 1000 & echo child $!; wait'];
      }),
    );
    const child = Number((await container.prints(/child \d+/)).slice(6));
    freezeBelow(container, child);
    (await container.kill('KILL')).ok();
    await until('the child is gone', () => !alive(child));
    (await container.delete()).ok();
  });

  clause('CLI-027 KILL without a pid namespace ends processes that keep forking', async (box) => {
    const container = await box.started(
      box.bundle((config) => {
        dropNamespace(config, 'pid');
        config.process.args = ['sh', '-c', 'for i in 1 2 3 4; do (while :; do sh -c "sh -c true &"; done) & done; echo forking; wait'];
      }),
    );
    await container.prints(/forking/);
    (await container.delete('--force')).ok();
    expect(box.leftovers()).toEqual([]);
  });

  for (const [what, below] of Object.entries({ 'the container’s cgroup': '', 'one above it': '/below' })) {
    clause(
      `LNX-058 create where ${what} is frozen is an error, and leaves the cgroup as it was`,
      async (box) => {
        const bundle = box.bundle((config) => {
          config.linux.cgroupsPath += below;
        });
        const frozen = cgroupDirectory('freezer', `/${bundle.id}`);
        mkdirSync(frozen);
        writeFileSync(join(frozen, freezeFile), freezing);
        try {
          const result = await box.tryCreate(bundle);
          expect(result.status).toBe(1);
          expect(result.stderr).toContain('frozen');
          expect(readdirSync(frozen, { withFileTypes: true }).filter((entry) => entry.isDirectory())).toEqual([]);
          expect((await box.runtime(['state', bundle.id])).status).toBe(1);
        } finally {
          rmdirSync(frozen);
        }
      },
      'not runc',
      'not crun',
    );
  }
});
