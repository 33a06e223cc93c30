import { readFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { type Config, setNamespace } from './harness/config.ts';

const where = { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup' };

/** What the whole machine's cgroup filesystem has, such as nsdelegate: a new mount and a remount change it (cgroups(7)). */
const hostOptions = (): string | undefined =>
  / \/sys\/fs\/cgroup [^\n]* - cgroup2 \S+ (\S+)/.exec(readFileSync('/proc/self/mountinfo', 'utf8'))?.[1];

interface Way {
  readonly title: string;
  readonly change?: (config: Config) => void;
  readonly global?: readonly string[];
  /** Whether a peer is left out: one takes no such option, and makes all cgroups of the machine read-only. */
  readonly alone?: true;
}

const ways: readonly Way[] = [
  { title: 'without a cgroup namespace' },
  { title: 'in a cgroup namespace', change: (config) => setNamespace(config, 'cgroup') },
  { title: 'without a cgroup of its own', global: ['--cgroup-manager', 'disabled'], alone: true },
  {
    title: 'that is remounted',
    change: ({ mounts }) => void mounts.push({ ...where, options: ['remount', 'sync', 'nosuid', 'ro'] }),
    alone: true,
  },
];

describe('options of the cgroup filesystem of the host', () => {
  for (const { title, change, global = [], alone } of ways) {
    clause(
      `ENG-024 on cgroup v2 a cgroup mount ${title} takes none from the host`,
      async (box) => {
        const before = hostOptions();
        const bundle = box.bundle((config) => {
          config.process.args = ['sh', '-c', 'mkdir /sys/fs/cgroup/made || cat /proc/self/mountinfo'];
          config.mounts.push({ ...where, options: ['nosuid', 'noexec', 'nodev', 'ro'] });
          change?.(config);
        });
        try {
          const { stdout } = (await box.run(bundle, { global })).ok();
          // CRIU, which other tests call meanwhile, takes them away for a moment.
          await until('the options of the host are as before', () => hostOptions() === before);
          expect(stdout).toMatch(/ \/sys\/fs\/cgroup ro,nosuid,\S+ - cgroup2 /);
        } finally {
          if (hostOptions() !== before) (await box.host(['mount', '-o', `remount,${before}`, '/sys/fs/cgroup'])).ok();
        }
      },
      'cgroup v2',
      ...(alone ? (['runts'] as const) : []),
    );
  }
});
