import { mkdirSync, readFileSync, rmdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { appArmor, loadProfile } from '../harness/apparmor.ts';
import type { Box } from '../harness/box.ts';
import type { Bundle } from '../harness/bundle.ts';
import { until } from '../harness/command.ts';
import { addCapabilities, type Config } from '../harness/config.ts';
import { attack } from '../harness/confinement.ts';

// A kernel with AppArmor: VM_OPTIONS=--apparmor of spec-tests/vm.

/** Files of a directory that looks like a procfs to who writes a profile there. */
const names = ['self', 'thread-self'].flatMap((self) => [`${self}/attr/exec`, `${self}/attr/apparmor/exec`]);

function putFakes(made: Bundle, directory: string): void {
  for (const name of names) made.put(`${directory}/${name}`, 'fake', 0o666);
}

const fakes = (box: Box, directory = '/fake') => ({
  destination: '/proc',
  type: 'bind',
  source: join(box.directory, directory),
  options: ['rbind', 'rw'],
});

/** Where the runtime could be led to write a profile instead of to the kernel. */
const ways: Readonly<Record<string, (config: Config, made: Bundle, box: Box) => void>> = {
  'a volume of fakes in the place of the procfs': (config, _, box) => {
    config.mounts = [fakes(box), ...config.mounts.slice(1)];
  },
  'a volume of fakes over the procfs': (config, _, box) => {
    config.mounts.push(fakes(box));
  },
  'a volume of fakes over the links of the procfs': (config, _, box) => {
    config.mounts.push(...['self', 'thread-self'].map((name) => ({ ...fakes(box, `fake/${name}`), destination: `/proc/${name}` })));
  },
  'a link to fakes at /proc': (_, made) => {
    rmdirSync(join(made.rootfs, 'proc'));
    symlinkSync('/data/fake', join(made.rootfs, 'proc'));
  },
  'fakes at /proc and no procfs': (config, made) => {
    config.mounts = config.mounts.slice(1);
    putFakes(made, '/proc');
  },
};

const file = (box: Box, path: string): Promise<string> => box.inside(['cat', path]).then(({ stdout }) => stdout.trim());

/** The profile that confines a process, as soon as it executes what it is made for. */
async function confinementOf(box: Box, pid: number): Promise<string> {
  await until('executed', async () => (await file(box, `/proc/${pid}/comm`)) === 'sleep');
  return file(box, `/proc/${pid}/attr/current`);
}

describe('a profile of AppArmor', () => {
  for (const [what, change] of Object.entries(ways)) {
    attack(
      `CVE-2019-16884 confines the program, which else does not run: ${what}`,
      async (box) => {
        const profile = await loadProfile(box);
        const bundle = box.bundle((config, made) => {
          for (const directory of ['../../fake', '/data/fake']) putFakes(made, directory);
          config.process.apparmorProfile = profile;
          change(config, made, box);
        });
        if ((await box.tryCreate(bundle, { options: ['--pid-file', join(bundle.directory, 'pid')] })).status !== 0) return;
        if ((await box.runtime(['start', bundle.id])).status !== 0) return;
        expect(await confinementOf(box, Number(readFileSync(join(bundle.directory, 'pid'), 'utf8')))).toBe(`${profile} (enforce)`);
      },
      ...appArmor,
    );
  }

  attack(
    'CVE-2019-16884 CVE-2025-52881 confines what exec runs where the container has put fakes over its procfs',
    async (box) => {
      const profile = await loadProfile(box);
      const container = await box.started(
        box.bundle((config, made) => {
          putFakes(made, '/data/fake');
          mkdirSync(join(made.rootfs, 'data/fake/sys'));
          config.process.apparmorProfile = profile;
          addCapabilities(config, 'CAP_SYS_ADMIN');
          config.process.args = ['sh', '-c', 'mount --bind /data/fake /proc && echo covered && exec sleep 1000'];
        }),
      );
      await container.prints(/covered/);
      const pidFile = join(box.directory, 'exec.pid');
      const result = await box.runtime(['exec', '--detach', '--pid-file', pidFile, container.id, 'sleep', '1000']);
      // Ours writes the profile by a procfs that no container sees, so that nothing stands in its way.
      if (box.kind === 'runts') result.ok();
      if (result.status !== 0) return;
      expect(await confinementOf(box, Number(readFileSync(pidFile, 'utf8')))).toBe(`${profile} (enforce)`);
    },
    ...appArmor,
  );
});
