import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from '../harness/box.ts';
import type { Bundle } from '../harness/bundle.ts';
import type { Canary } from '../harness/canary.ts';
import type { Config } from '../harness/config.ts';
import { attack } from '../harness/confinement.ts';
import { findRuntime } from '../harness/suite.ts';

// Links of an image in the way of what a runtime opens, makes or writes there.

/** Of chains; the kernel follows 40. Node takes a hundred times as long to start as a command takes. */
const lengths = findRuntime().command.length > 1 ? [41] : [1, 2, 39, 40, 41, 100];

/** Puts a link into the image, whatever was at its path. */
function link(made: Bundle, path: string, target: string): void {
  const file = join(made.rootfs, path);
  rmSync(file, { recursive: true, force: true });
  mkdirSync(dirname(file), { recursive: true });
  symlinkSync(target, file);
}

/** Ways to say a path of the host from within the root filesystem. */
const ways: Readonly<Record<string, (path: string) => string>> = {
  absolute: (path) => path,
  climbing: (path) => `${'../'.repeat(30)}${path.slice(1)}`,
  magic: (path) => `/proc/self/root/proc/1/root${path}`,
};

/** A file of the engine's, bound as engines bind /etc/hosts. */
function bind(box: Box, destination: string): { destination: string; type: string; source: string; options: string[] } {
  return { destination, type: 'bind', source: join(box.directory, 'engine'), options: ['rbind', 'ro'] };
}

async function engineFile(box: Box): Promise<void> {
  await box.host(['sh', '-c', 'echo engine > engine']);
}

/** Runs it; whether it is refused or not, nothing of the host is changed or shown. */
async function expectHarmless(box: Box, canary: Canary, change: (config: Config, made: Bundle) => void): Promise<void> {
  const bundle = box.bundle((config, made) => {
    config.process.args = ['sh', '-c', 'cat /etc/* /etc/*/* /dev/null 2>/dev/null; echo end'];
    change(config, made);
  });
  const { stdout, stderr } = await box.run(bundle);
  expect(`${stdout}${stderr}`).not.toContain(canary.secret);
  expect(canary.changes()).toEqual([]);
}

describe('links of an image', () => {
  for (const [way, target] of Object.entries(ways)) {
    attack(
      `CVE-2015-3627 CVE-2015-3629 to the host in the place of what is mounted over, of streams and of devices: ${way}`,
      async (box, canary) => {
        await engineFile(box);
        for (const paths of [
          ['/etc'],
          ['/etc/hosts', '/etc/resolv.conf', '/etc/hostname'],
          ['/dev/stdin', '/dev/stdout', '/dev/fd'],
          ['/sys', '/tmp'],
        ])
          await expectHarmless(box, canary, (config, made) => {
            config.mounts.push(...['/etc/hosts', '/etc/resolv.conf', '/etc/hostname'].map((path) => bind(box, path)));
            config.mounts.push({ destination: '/tmp/new/directory', type: 'tmpfs', source: 'tmpfs' });
            // Without a new /dev, that of the image is what the runtime finds.
            if (paths[0]?.startsWith('/dev')) config.mounts = config.mounts.filter(({ destination }) => !destination.startsWith('/dev'));
            for (const path of paths) link(made, path, target(path.split('/').length > 2 ? canary.path('full/file') : canary.path('full')));
          });
      },
    );
  }

  attack('CVE-2015-3629 that a container has left for the next one of the same image', async (box, canary) => {
    await engineFile(box);
    const bundle = box.bundle((config) => {
      config.mounts.push(bind(box, '/etc/hosts'), { destination: '/data/volume', type: 'tmpfs', source: 'tmpfs' });
      const last = `rm -rf /data/* /etc/group; ln -s ${canary.path('full')} /data/volume; ln -s ${canary.path('secret')} /etc/group; cat /etc/group`;
      config.process.args = ['sh', '-c', `${last}; touch /data/volume/touched 2>/dev/null; ls /data/volume/`];
    });
    for (let round = 0; round < 3; round++) {
      const { stdout } = await box.run(bundle);
      expect(stdout).not.toContain(canary.secret);
      expect(canary.changes()).toEqual([]);
    }
  });

  attack('CVE-2019-18837 one after another, up and down, as long as the kernel follows them and longer', async (box, canary) => {
    await engineFile(box);
    for (const length of lengths) {
      for (const way of [ways['absolute'], ways['climbing']])
        await expectHarmless(box, canary, (config, made) => {
          for (let index = 0; index < length; index++) {
            const last = index === length - 1;
            link(
              made,
              `/chain/${index}`,
              last ? (way?.(canary.path('full')) ?? '') : index % 2 ? `../chain/./${index + 1}` : `/chain/../chain/${index + 1}`,
            );
          }
          config.mounts.push({ destination: '/chain/0/below', type: 'tmpfs', source: 'tmpfs' }, bind(box, '/chain/0/file'));
          config.process.cwd = '/chain/0/work';
        });
    }
  });

  attack('CVE-2025-24965 to the host in the place of what the runtime or one of its handlers writes', async (box, canary) => {
    for (const [name, target] of Object.entries({
      '/.krun_config.json': 'secret',
      '/run/notify': 'full',
      '/run/.containerenv': 'secret',
      '/work': 'full',
    }))
      await expectHarmless(box, canary, (config, made) => {
        config.annotations = { 'run.oci.handler': 'krun' };
        config.process.cwd = '/work/made';
        link(made, name, canary.path(target));
      });
    expect(existsSync(canary.path('full/made'))).toBe(false);
  });
});
