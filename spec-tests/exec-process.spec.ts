import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import type { Process } from './harness/config.ts';
import type { Container } from './harness/container.ts';
import { mask, type Self, self } from './harness/probe.ts';

const nothing = { bounding: '0', permitted: '0', effective: '0', inheritable: '0', ambient: '0' };

/** A container whose process is restricted in every way that `probe self` can show. */
function confined(box: Box): Promise<Container> {
  const capabilities = ['CAP_CHOWN', 'CAP_KILL'];
  return box.started(
    box.bundle(({ process }) => {
      process.user = { uid: 1000, gid: 1001, additionalGids: [44], umask: 0o27 };
      process.capabilities = { bounding: capabilities, permitted: capabilities, effective: capabilities };
      process.rlimits = [{ type: 'RLIMIT_FSIZE', soft: 6_400_000, hard: 12_800_000 }];
      process.noNewPrivileges = true;
      process.oomScoreAdj = 321;
      process.scheduler = { policy: 'SCHED_BATCH', nice: 3 };
      process.env.push('FROM=config');
    }),
  );
}

async function execFile(box: Box, container: Container, process: Partial<Process>): Promise<Self> {
  const file = join(box.directory, 'process.json');
  writeFileSync(file, JSON.stringify({ args: ['/bin/probe', 'self'], cwd: '/', env: box.marks, ...process }));
  return (await box.runtime(['exec', '--process', file, container.id])).ok().json<Self>();
}

describe('what the file of exec --process leaves out', () => {
  clause(
    'CLI-043 credentials, limits and priorities are those of the container',
    async (box) => {
      const container = await confined(box);
      const seen = await execFile(box, container, {});
      expect(seen).toMatchObject({ uids: [1000, 1000, 1000], gids: [1001, 1001, 1001], noNewPrivileges: 1, oomScoreAdj: '321' });
      expect(seen.groups).toEqual([44]);
      expect(seen.capabilities).toEqual({ ...nothing, bounding: mask('CAP_CHOWN', 'CAP_KILL') });
      expect(seen.rlimits['RLIMIT_FSIZE']).toEqual(['6400000', '12800000']);
    },
    'probe',
  );

  clause(
    'CLI-043 capabilities alone are those of the container',
    async (box) => {
      const container = await box.started(box.bundle());
      const template = (await container.exec(['probe', 'self'])).ok().json<Self>();
      const seen = await execFile(box, container, { user: { uid: 0, gid: 0 } });
      expect(seen.capabilities).toEqual(template.capabilities);
      expect(seen.capabilities.bounding).not.toBe('0');
    },
    'probe',
  );
});

describe('a process without a capabilities object', () => {
  clause(
    'ENG-018 has none in the container',
    async (box) => {
      const seen = await self(box, ({ process }) => {
        delete process.capabilities;
      });
      expect(seen.capabilities).toEqual(nothing);
    },
    'probe',
  );

  clause(
    'ENG-018 has none in exec, and what --cap adds',
    async (box) => {
      const container = await box.started(
        box.bundle(({ process }) => {
          delete process.capabilities;
        }),
      );
      const seen = async (...options: string[]) => (await container.exec(['probe', 'self'], options)).ok().json<Self>().capabilities;
      expect(await seen()).toEqual(nothing);
      expect((await execFile(box, container, { user: { uid: 0, gid: 0 } })).capabilities).toEqual(nothing);
      const kill = mask('CAP_KILL');
      expect(await seen('--cap', 'CAP_KILL')).toEqual({ ...nothing, bounding: kill, permitted: kill, effective: kill });
    },
    'probe',
  );
});
