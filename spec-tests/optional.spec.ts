import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { type Config, dropNamespace, type IdMapping, set, withUserNamespace } from './harness/config.ts';
import { cgroupMode } from './harness/suite.ts';

/** Severity and pointer of what `validate` finds in the default config with one change. */
async function findings(box: Box, change: (config: Config) => void): Promise<string[]> {
  const result = await box.runtime(['validate', '--format', 'json', '--bundle', box.bundle(change).directory]);
  return result.json<{ severity: string; pointer: string }[]>().map(({ severity, pointer }) => `${severity} ${pointer}`);
}

describe('what may or should be', () => {
  clause(
    'CFG-072 a config without linux is valid',
    async (box) => {
      const found = await findings(box, (config) => {
        set(config, '/linux', undefined);
        delete config.hostname;
      });
      expect(found).toEqual([]);
    },
    'runts',
  );

  clause('CFG-032 commandLine means nothing on Linux', async (box) => {
    const text = await box.output(['echo', 'args'], (config) => set(config, '/process/commandLine', 'echo commandLine'));
    expect(text).toBe('args\n');
  });

  clause(
    'LNX-141 enableCMT and enableMBM are unknown since 1.3: a warning',
    async (box) => {
      const found = await findings(box, (config) => set(config, '/linux/intelRdt', { enableCMT: true, enableMBM: true }));
      expect(found.sort()).toEqual(['warning /linux/intelRdt/enableCMT', 'warning /linux/intelRdt/enableMBM']);
    },
    'runts',
  );

  clause('MNT-012 MNT-019 mand and nomand are accepted', async (box) => {
    await box.output(['true'], (config) => {
      config.mounts.push({ destination: '/a', type: 'tmpfs', source: 'x', options: ['mand'] });
      config.mounts.push({ destination: '/b', type: 'tmpfs', source: 'x', options: ['mand', 'nomand'] });
    });
  });

  clause('LNX-037 two devices of the same number are both there', async (box) => {
    const text = await box.output(['stat', '-c', '%t:%T', '/dev/one', '/dev/two'], (config) => {
      config.linux.devices = ['/dev/one', '/dev/two'].map((path) => ({ type: 'c', path, major: 1, minor: 3, fileMode: 0o666 }));
    });
    expect(text).toBe('1:3\n1:3\n');
  });

  clause('LNX-008 a new IPC namespace holds nothing of the runtime’s; an inherited one does', async (box) => {
    const through = ['unshare', '--ipc', 'sh', '-c', 'ipcmk --shmem 4096 >&2 && exec "$@"', 'sh'];
    const segments = async (change: (config: Config) => void) => {
      const bundle = box.bundle((config) => {
        config.process.args = ['sh', '-c', 'tail -n +2 /proc/sysvipc/shm | wc -l'];
        change(config);
      });
      return (await box.run(bundle, { through })).ok().stdout.trim();
    };
    expect(await segments(() => {})).toBe('0');
    const inherited = (config: Config): void => {
      dropNamespace(config, 'ipc');
      config.mounts = config.mounts.filter(({ type }) => type !== 'mqueue');
    };
    expect(await segments(inherited)).toBe('1');
  });

  clause('LNX-025 as many mappings as the kernel takes, and an error that leaves nothing for more', async (box) => {
    // The kernel takes 340 lines, and less than a page of them in one write: the ids are short.
    const some = (count: number): IdMapping[] =>
      Array.from({ length: count }, (_, index) => ({ containerID: index, hostID: 1000 + 2 * index, size: 1 }));
    const mapped = (count: number) => (config: Config) => {
      withUserNamespace(config);
      config.linux.uidMappings = some(count);
      config.process.args = ['sh', '-c', 'wc -l < /proc/self/uid_map'];
    };
    expect((await box.output(['true'], mapped(340))).trim()).toBe('340');
    const result = await box.tryCreate(box.bundle(mapped(341)));
    expect(result.status).toBe(1);
    expect(box.leftovers()).toEqual([]);
  });

  clause(
    'LNX-085 LNX-086 limits of kernel memory are ignored with a warning',
    async (box) => {
      const log = join(box.directory, 'log');
      const bundle = box.bundle((config) => {
        set(config, '/linux/resources/memory', { kernel: 16_777_216, kernelTCP: 16_777_216 });
        config.process.args = ['true'];
      });
      (await box.run(bundle, { global: ['--log', log] })).ok();
      const text = existsSync(log) ? readFileSync(log, 'utf8') : '';
      expect(text, cgroupMode).toMatch(/level=warning.*kernel/);
    },
    'runts',
  );
});
