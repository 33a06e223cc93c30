import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause as anyRuntime } from './harness/clause.ts';
import { set } from './harness/config.ts';

// runc has the command since 1.1, but not all of the document.
const clause = (title: string, body: (box: Box) => Promise<void>): void => anyRuntime(title, body, 'runts');

interface Features {
  readonly ociVersionMin: string;
  readonly ociVersionMax: string;
  readonly mountOptions: readonly string[];
  readonly linux: { readonly seccomp: { readonly supportedFlags: readonly string[]; readonly actions: readonly string[] } };
}

const features = async (box: Box): Promise<Features> => (await box.runtime(['features'])).ok().json<Features>();

describe('features', () => {
  clause('FEAT-005 FEAT-006 a config of either version runs', async (box) => {
    const { ociVersionMin, ociVersionMax } = await features(box);
    for (const version of [ociVersionMin, ociVersionMax]) {
      await box.output(['true'], (config) => {
        config.ociVersion = version;
      });
    }
  });

  clause('FEAT-009 every mount option is recognised: a filesystem that knows none of them is mounted', async (box) => {
    const { mountOptions } = await features(box);
    // Mappings and earlier mounts are needed by these; the kernel has dropped mandatory locking.
    const others = new Set(['idmap', 'ridmap', 'remount', 'mand', 'nomand', 'bind', 'rbind']);
    const options = mountOptions.filter((option) => !others.has(option));
    const text = await box.output(['grep', '-c', ' /all/', '/proc/self/mountinfo'], (config) => {
      for (const option of options)
        config.mounts.push({ destination: `/all/${option}`, type: 'tmpfs', source: 'tmpfs', options: [option] });
    });
    expect(Number(text)).toBe(options.length);
  });

  clause('FEAT-026 every supported seccomp flag works with this kernel', async (box) => {
    const { supportedFlags } = (await features(box)).linux.seccomp;
    // WAIT_KILLABLE_RECV is about an agent that is asked.
    for (const flag of supportedFlags.filter((name) => !name.endsWith('WAIT_KILLABLE_RECV'))) {
      await box.output(['true'], (config) => {
        set(config, '/linux/seccomp', {
          defaultAction: 'SCMP_ACT_ALLOW',
          flags: [flag],
          syscalls: [{ names: ['swapon'], action: 'SCMP_ACT_ERRNO' }],
        });
      });
    }
  });

  clause('FEAT-002 the document is the same in a container of its own', async (box) => {
    const here = (await box.runtime(['features'])).ok().stdout;
    const there = await box.runtime(['features'], { through: ['unshare', '--mount', '--net', '--ipc', '--uts'] });
    expect(there.ok().stdout).toBe(here);
  });
});
