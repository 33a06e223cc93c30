import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { set } from './harness/config.ts';

describe('what the container then is', () => {
  clause('LNX-181 an empty masked path hides nothing, from exec neither', async (box) => {
    const bundle = box.bundle((config) => set(config, '/linux/maskedPaths', ['']));
    const container = await box.started(bundle);
    expect(await container.output('cat', '/etc/group')).toContain('root');
    expect(await container.output('ls', '/')).toContain('data');
  });

  clause('CFG-034 exec has what was mended', async (box) => {
    const bundle = box.bundle((config) => {
      set(config, '/process/rlimits', [{ type: 'RLIMIT_CORE', hard: 1024 }]);
      set(config, '/process/user/umask', 0o1027);
    });
    const container = await box.started(bundle);
    expect(await container.output('sh', '-c', 'ulimit -Sc; umask')).toBe('0\n0027');
    expect(readFileSync(join(bundle.directory, 'config.json'), 'utf8')).toContain(String(0o1027));
  });

  clause('LNX-059 a cgroupsPath with .. is the path that it leads to, and no other', async (box) => {
    const bundle = box.bundle((config, { id }) => set(config, '/linux/cgroupsPath', `/../${id}/../${id}`));
    const container = await box.started(bundle);
    const cgroups = readFileSync(`/proc/${container.pid}/cgroup`, 'utf8');
    for (const line of cgroups
      .trim()
      .split('\n')
      .filter((entry) => /:(pids|):/.test(entry)))
      expect(line).toMatch(new RegExp(`/${bundle.id}$`));
    await container.delete('--force');
  });
});
