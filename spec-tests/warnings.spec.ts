import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';
import { type Config, set } from './harness/config.ts';

function withUnknownCapability(config: Config): void {
  config.process.args = ['true'];
  config.process.capabilities?.bounding?.push('CAP_NOSUCH');
}

const log = (box: Box): string => join(box.directory, 'log');

const ran = async (box: Box, bundle: Bundle, ...global: string[]) => (await box.run(bundle, { global })).ok();

describe('a warning', () => {
  clause('RT-035 CFG-046 is told on stderr', async (box) => {
    expect((await ran(box, box.bundle(withUnknownCapability))).stderr).toContain('CAP_NOSUCH');
  });

  clause('RT-035 CFG-046 is a line of the log for programs, and not on stderr then', async (box) => {
    const { stderr } = await ran(box, box.bundle(withUnknownCapability), '--log', log(box));
    expect(stderr).toBe('');
    expect(readFileSync(log(box), 'utf8')).toMatch(/CAP_NOSUCH/);
  });

  clause('RT-035 CFG-046 is an object of a JSON log, of level warning', async (box) => {
    await ran(box, box.bundle(withUnknownCapability), '--log', log(box), '--log-format', 'json');
    const [line = '', ...rest] = readFileSync(log(box), 'utf8').trim().split('\n');
    expect(rest).toEqual([]);
    const { level, msg, time } = JSON.parse(line);
    expect({ level, msg }).toEqual({ level: 'warning', msg: expect.stringContaining('CAP_NOSUCH') });
    expect(Date.parse(time)).not.toBeNaN();
  });

  clause(
    'RT-035 is a line of logrus where stderr is no terminal, and told once for all sets of capabilities',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.args = ['true'];
        for (const list of ['bounding', 'permitted', 'effective'] as const) config.process.capabilities?.[list]?.push('CAP_NOSUCH');
      });
      const told = (await ran(box, bundle)).stderr.split('\n').filter((line) => line.includes('CAP_NOSUCH'));
      expect(told).toEqual([expect.stringMatching(/^time="[^"]+" level=warning msg=".*CAP_NOSUCH.*"$/)]);
    },
    'not crun',
  );

  clause(
    'RT-035 is silenced by --log-level error',
    async (box) => {
      expect((await ran(box, box.bundle(withUnknownCapability), '--log-level', 'error')).stderr).toBe('');
      await ran(box, box.bundle(withUnknownCapability), '--log-level', 'error', '--log', log(box));
      expect(readFileSync(log(box), 'utf8')).toBe('');
    },
    'not runc',
  );

  clause(
    'RT-035 does not take the place of the error that follows it',
    async (box) => {
      const bundle = box.bundle((config) => {
        withUnknownCapability(config);
        config.process.args = ['/no/such/program'];
      });
      const failed = await box.run(bundle, { global: ['--log', log(box), '--log-format', 'json'] });
      expect(failed.status).toBe(1);
      const levels = readFileSync(log(box), 'utf8').trim().split('\n');
      expect(levels.map((line) => JSON.parse(line).level)).toEqual(['warning', 'error']);
      expect(failed.stderr).toContain('/no/such/program');
    },
    'not crun',
  );
});

describe('create warns of', () => {
  clause(
    'CFG-095 properties that the specification does not define, and suggests the one that was meant',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.args = ['true'];
        set(config, '/linux/rootPropagation', 'shared');
        set(config, '/mounts/0/optoins', ['ro']);
      });
      const { stderr } = await ran(box, bundle);
      expect(stderr).toMatch(
        /level=warning msg="unknown property \\"rootPropagation\\" is ignored \(at \/linux\/rootPropagation; did you mean/,
      );
      expect(stderr).toMatch(/level=warning msg="unknown property \\"optoins\\" is ignored.*\/mounts\/0\/optoins/);
      const again = box.bundle((config) => {
        config.process.args = ['true'];
        set(config, '/linux/rootPropagation', 'shared');
      });
      const { stderr: objects } = await ran(box, again, '--log-format', 'json');
      expect(JSON.parse(objects)).toMatchObject({
        level: 'warning',
        pointer: '/linux/rootPropagation',
        hint: 'did you mean "rootfsPropagation"?',
      });
    },
    'runts',
  );

  clause(
    'LNX-153 system calls that do not exist',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.args = ['true'];
        const syscalls = [{ names: ['nosuchcall'], action: 'SCMP_ACT_ERRNO' }];
        set(config, '/linux/seccomp', { defaultAction: 'SCMP_ACT_ALLOW', syscalls });
      });
      expect((await ran(box, bundle)).stderr).toMatch(/level=warning msg=".*nosuchcall/);
    },
    'runts',
  );

  clause(
    'CFG-095 at most a hundred unknown properties singly',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.args = ['true'];
        set(config, '/linux/resources', Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`odd${index}`, index])));
      });
      const lines = (await ran(box, bundle)).stderr.trim().split('\n');
      expect(lines).toHaveLength(101);
      expect(lines[100]).toMatch(/150 more warnings/);
    },
    'runts',
  );

  clause('RT-035 nothing where the config is in order', async (box) => {
    const bundle = box.bundle((config) => {
      config.process.args = ['true'];
    });
    expect((await ran(box, bundle)).stderr).toBe('');
  });
});

describe('exec and update warn of', () => {
  clause(
    'CLI-043 CLI-071 properties of their files that the specification does not define',
    async (box) => {
      const container = await box.started(box.bundle());
      const file = join(box.directory, 'file.json');
      writeFileSync(file, JSON.stringify({ args: ['true'], cwd: '/', rlimit: [] }));
      const executed = (await box.runtime(['exec', '--process', file, container.id])).ok();
      expect(executed.stderr).toMatch(/level=warning msg="unknown property \\"rlimit\\" is ignored \(at \/rlimit;/);
      writeFileSync(file, JSON.stringify({ memori: {} }));
      const updated = (await box.runtime(['update', '--resources', file, container.id])).ok();
      expect(updated.stderr).toMatch(/level=warning msg="unknown property \\"memori\\" is ignored \(at \/memori;/);
    },
    'runts',
  );
});
