import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { type Config, setNamespace, withUserNamespace } from './harness/config.ts';
import { self } from './harness/probe.ts';
import { findRuntime } from './harness/suite.ts';

describe('rlimits', () => {
  clause(
    'CFG-034 CFG-035 soft and hard limits',
    async (box) => {
      const seen = await self(box, (config) => {
        config.process.rlimits = [
          { type: 'RLIMIT_NOFILE', soft: 100, hard: 200 },
          { type: 'RLIMIT_CORE', soft: 0, hard: 0 },
          { type: 'RLIMIT_STACK', soft: 4_194_304, hard: 8_388_608 },
          { type: 'RLIMIT_FSIZE', soft: 1_099_511_627_776, hard: 1_099_511_627_777 },
        ];
      });
      expect(seen.rlimits).toMatchObject({
        RLIMIT_NOFILE: ['100', '200'],
        RLIMIT_CORE: ['0', '0'],
        RLIMIT_STACK: ['4194304', '8388608'],
        RLIMIT_FSIZE: ['1099511627776', '1099511627777'],
      });
    },
    'probe',
  );

  const lowered = async (box: Box): Promise<unknown> => {
    const bundle = box.bundle((config) => {
      config.process.args = ['probe', 'self'];
      config.process.rlimits = [];
    });
    const through = ['/bin/sh', '-c', 'ulimit -Sn 777; ulimit -Hn 888; exec "$0" "$@"'];
    const result = await box.runtime(['run', '--bundle', bundle.directory, bundle.id], { through });
    return result.ok().json<{ rlimits: Record<string, unknown> }>().rlimits['RLIMIT_NOFILE'];
  };

  // Node and Bun raise their own limit, so that under them the caller's soft one can only be guessed from the parent.
  if (findRuntime().command.length === 1) {
    clause(
      'RT-037 without rlimits the container has those of the caller',
      async (box) => expect(await lowered(box)).toEqual(['777', '888']),
      'probe',
      // runc is a Go program, which raises the limit as Node does.
      'runts',
      'another engine than Bun',
    );
  }

  clause(
    'RT-037 a caller whose hard limit is below that of its parent has it kept',
    async (box) => expect(await lowered(box)).toEqual([expect.stringMatching('777|888'), '888']),
    'probe',
  );

  const low = ['/bin/sh', '-c', 'ulimit -c 0; ulimit -n 500; ulimit -l 64; exec "$0" "$@"'];
  const high = [
    { type: 'RLIMIT_NOFILE', soft: 600, hard: 700 },
    { type: 'RLIMIT_MEMLOCK', soft: 32_768, hard: 1_048_576 },
    { type: 'RLIMIT_CORE', soft: 0, hard: 4096 },
  ];
  const reached = { RLIMIT_NOFILE: ['600', '700'], RLIMIT_MEMLOCK: ['32768', '1048576'], RLIMIT_CORE: ['0', '4096'] };

  clause(
    'CFG-034 CFG-035 limits above those of the caller, in a user namespace that is new or joined',
    async (box) => {
      const first = await box.started(box.bundle(withUserNamespace));
      for (const change of [withUserNamespace, (config: Config) => setNamespace(config, 'user', `/proc/${first.pid}/ns/user`)]) {
        const bundle = box.bundle((config) => {
          change(config);
          config.process.args = ['probe', 'self'];
          config.process.rlimits = high;
        });
        expect((await box.run(bundle, { through: low })).ok().json()).toMatchObject({ rlimits: reached });
      }
    },
    'CAP_SYS_RESOURCE',
    'probe',
  );

  clause(
    'CFG-034 CLI-043 exec with limits above those of the caller, in a user namespace',
    async (box) => {
      const container = await box.started(box.bundle(withUserNamespace));
      const file = join(box.directory, 'process.json');
      writeFileSync(file, JSON.stringify({ ...container.bundle.config.process, args: ['probe', 'self'], rlimits: high }));
      const result = await box.runtime(['exec', '--process', file, container.id], { through: low });
      expect(result.ok().json()).toMatchObject({ rlimits: reached });
    },
    'CAP_SYS_RESOURCE',
    'probe',
  );

  clause(
    'CFG-035 2^64-1 is infinity',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.args = ['probe', 'self'];
      });
      // The number does not fit a double: it is written as text.
      const text = JSON.stringify(bundle.config).replace(
        '"cwd"',
        '"rlimits":[{"type":"RLIMIT_CPU","soft":4000,"hard":18446744073709551615}],"cwd"',
      );
      bundle.writeText(text);
      expect((await box.run(bundle)).ok().json()).toMatchObject({ rlimits: { RLIMIT_CPU: ['4000', '18446744073709551615'] } });
    },
    'probe',
  );

  clause(
    'CFG-036 every type can be named',
    async (box) => {
      const types = 'AS CORE CPU DATA FSIZE LOCKS MEMLOCK MSGQUEUE NICE NOFILE NPROC RSS RTPRIO RTTIME SIGPENDING STACK'.split(' ');
      const own = JSON.parse((await box.host([box.suite.probe, 'self'])).ok().stdout) as { rlimits: Record<string, [string, string]> };
      const bundle = box.bundle((config) => {
        config.process.args = ['probe', 'self'];
      });
      // The limits the runtime has itself: lowering nothing needs no capability.
      const list = types.map((type) => {
        const [soft, hard] = own.rlimits[`RLIMIT_${type}`] ?? ['0', '0'];
        return `{"type":"RLIMIT_${type}","soft":${soft},"hard":${hard}}`;
      });
      bundle.writeText(JSON.stringify(bundle.config).replace('"cwd"', `"rlimits":[${list}],"cwd"`));
      expect((await box.run(bundle)).ok().json<{ rlimits: unknown }>().rlimits).toEqual(own.rlimits);
    },
    'probe',
  );

  clause('CFG-033 an unknown type is refused', async (box) => {
    const result = await box.tryCreate(
      box.bundle((config) => {
        config.process.rlimits = [{ type: 'RLIMIT_TEST', soft: 1, hard: 1 }];
      }),
    );
    expect(result.status).toBe(1);
    expect(box.leftovers()).toEqual([]);
  });
});
