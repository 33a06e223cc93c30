import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from './box.ts';
import type { Result } from './command.ts';
import type { Resources } from './config.ts';
import type { Container } from './container.ts';
import { cgroupMode } from './suite.ts';

export const v1 = cgroupMode === 'v1';
export const megabyte = 1 << 20;

export function limited(box: Box, resources: Resources = {}, args = ['sleep', '1000']): Promise<Container> {
  return box.started(
    box.bundle((config) => {
      config.linux.resources = resources;
      config.process.args = args;
    }),
  );
}

export const update = (box: Box, { id }: Container, ...flags: string[]): Promise<Result> => box.runtime(['update', ...flags, id]);

/** update --resources - with this on stdin. */
export const updateWith = (box: Box, { id }: Container, resources: unknown): Promise<Result> =>
  box.runtime(['update', '--resources', '-', id], { input: JSON.stringify(resources) });

/** Every control file of the container that can be read, but for counters. */
export function limits(container: Container): Record<string, string> {
  const controllers = v1 ? ['cpu', 'cpuset', 'memory', 'pids', 'blkio', 'devices'] : [''];
  const found: Record<string, string> = {};
  for (const controller of controllers) {
    const directory = container.cgroup(controller);
    for (const name of readdirSync(directory)) {
      if (!/(max|low|high|min|weight|limit_in_bytes|shares|quota_us|period_us|burst_us|cpus|mems|idle|list|_device|swappiness)$/.test(name))
        continue;
      const content = readable(join(directory, name));
      // The order of device rules means nothing.
      found[name] = name === 'devices.list' ? content.split('\n').sort().join('\n') : content;
    }
  }
  return found;
}

/** Some files of limits that are gone can only be written. */
function readable(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

export const someLimits = {
  memory: { limit: 64 * megabyte, swap: 96 * megabyte, reservation: 32 * megabyte },
  cpu: { shares: 512, quota: 20_000, period: 50_000, cpus: '0', mems: '0' },
  pids: { limit: 20 },
};
