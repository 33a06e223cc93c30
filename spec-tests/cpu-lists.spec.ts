import { readFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { type Config, set } from './harness/config.ts';
import { cgroupMode } from './harness/suite.ts';

/** Ways to write the list "0". */
const lists: Readonly<Record<string, string>> = {
  'with a stride': '0-0:1/1',
  'with a comma at its end': '0,',
  'with commas and blanks': ' ,0,, 0 ',
};

/** What is no list. */
const wrong: Readonly<Record<string, string>> = {
  'with its ends exchanged': '1-0',
  'with a stride of none': '0-1:1/0',
  'with more used than there are': '0-1:3/2',
  'with words': '0-one',
  'of commas alone': ',,',
};

/** Where lists stand. */
const places: Readonly<Record<string, string>> = {
  'LNX-098 cpus': '/linux/resources/cpu/cpus',
  'LNX-099 memory nodes': '/linux/resources/cpu/mems',
  'CFG-061 cpus of exec': '/process/execCPUAffinity/final',
  'CFG-061 cpus before exec': '/process/execCPUAffinity/initial',
  'LNX-143 nodes of the memory policy': '/linux/memoryPolicy/nodes',
};

function put(config: Config, pointer: string, list: string): void {
  set(config, '/linux/memoryPolicy', pointer.includes('memoryPolicy') ? { mode: 'MPOL_BIND' } : undefined);
  set(config, pointer, list);
}

describe('lists of cpus and memory nodes', () => {
  for (const [how, list] of Object.entries(lists)) {
    clause(
      `LNX-098 LNX-099 a list ${how} limits the cgroup`,
      async (box) => {
        const container = await box.create(
          box.bundle((config) => {
            put(config, '/linux/resources/cpu/cpus', list);
            put(config, '/linux/resources/cpu/mems', list);
          }),
        );
        expect(readFileSync(`/proc/${container.pid}/status`, 'utf8')).toMatch(/^Cpus_allowed_list:\t0$/m);
      },
      cgroupMode === 'v1' ? '/sys/fs/cgroup/cpuset/cpuset.cpus' : 'cgroup v2',
    );

    clause(`CFG-061 CFG-062 a list ${how} is where exec runs`, async (box) => {
      const container = await box.started(box.bundle((config) => put(config, '/process/execCPUAffinity/final', list)));
      expect(await container.output('grep', 'Cpus_allowed_list', '/proc/self/status')).toMatch(/:\t0$/);
    });
  }

  clause(
    'LNX-143 the memory policy takes what the cgroup takes',
    async (box) => {
      for (const list of Object.values(lists)) {
        expect(await box.output(['cat', '/proc/self/numa_maps'], (config) => put(config, '/linux/memoryPolicy/nodes', list))).toMatch(
          / bind:0 /,
        );
      }
    },
    '/proc/self/numa_maps',
    'runts',
  );

  for (const [how, list] of Object.entries(wrong)) {
    clause(
      `CFG-096 a list ${how} is none, wherever it stands`,
      async (box) => {
        for (const pointer of Object.values(places)) await isRefused(box, pointer, list);
      },
      'runts',
    );
  }
});

async function isRefused(box: Box, pointer: string, list: string): Promise<void> {
  const result = await box.tryCreate(box.bundle((config) => put(config, pointer, list)));
  expect({ pointer, status: result.status }).toEqual({ pointer, status: 1 });
  expect(result.stderr).toContain(`at   ${pointer}\n  hint expected a list like "0-3,7"`);
}
