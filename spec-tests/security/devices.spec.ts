import { mkdirSync, readFileSync, rmdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from '../harness/box.ts';
import type { Bundle } from '../harness/bundle.ts';
import type { Canary } from '../harness/canary.ts';
import { until } from '../harness/command.ts';
import type { Config } from '../harness/config.ts';
import { attack } from '../harness/confinement.ts';

/** Links from the image to a directory of the host, as it has to be made of one that is there. */
const links: Readonly<Record<string, (made: Bundle, canary: Canary) => void>> = {
  'a link to the host': (made, canary) => symlinkSync(canary.path('dev'), join(made.rootfs, 'dev')),
  'a link with .. to the host': (made, canary) => symlinkSync(`../../../../../../../..${canary.path('dev')}`, join(made.rootfs, 'dev')),
  'a chain of links to the host': (made, canary) => {
    symlinkSync(canary.path('dev'), join(made.rootfs, 'data/second'));
    symlinkSync('data/../data/second', join(made.rootfs, 'first'));
    symlinkSync('/first', join(made.rootfs, 'dev'));
  },
};

const withoutDev = (config: Config): void => {
  config.mounts = config.mounts.filter(({ destination }) => !destination.startsWith('/dev'));
};

describe('an image whose /dev is a link', () => {
  for (const [what, link] of Object.entries(links)) {
    for (const [how, change] of [
      ['a tmpfs is mounted on', () => {}],
      ['nothing is mounted on', withoutDev],
    ] as const) {
      attack(
        `CVE-2026-41579 CVE-2026-47766 ${what}, which ${how}: no device, link or ptmx of the host is made or removed`,
        async (box, canary) => {
          const bundle = box.bundle((config, made) => {
            rmdirSync(join(made.rootfs, 'dev'));
            link(made, canary);
            change(config);
            config.process.args = ['true'];
          });
          await box.run(bundle);
          expect(canary.changes()).toEqual([]);
        },
      );
    }
  }
});

describe('an image that brings a device of its own', () => {
  /** What lies at /dev/null, in a volume that is mounted at /dev. */
  const nulls: Readonly<Record<string, (box: Box, path: string) => unknown>> = {
    'a link to another file': (_, path) => symlinkSync('/data/decoy', path),
    'another device': (box, path) => box.host(['mknod', '-m', '666', path, 'c', '1', '5']),
    'a file': (box, path) => box.host(['touch', path]),
  };

  for (const [what, make] of Object.entries(nulls)) {
    attack(`CVE-2025-31133 CVE-2025-62161 /dev/null is ${what}: what is masked is masked, or the container is refused`, async (box) => {
      const volume = join(box.directory, 'volume');
      mkdirSync(volume);
      await make(box, join(volume, 'null'));
      const bundle = box.bundle((config, made) => {
        withoutDev(config);
        made.put('/data/decoy', 'decoy', 0o666);
        made.put('/etc/masked', 'masked', 0o666);
        config.mounts.push({ destination: '/dev', type: 'bind', source: volume, options: ['rbind'] });
        config.linux.maskedPaths = ['/proc/timer_list', '/etc/masked'];
        config.process.args = ['sh', '-c', 'stat -c %t:%T /proc/timer_list /etc/masked > /data/seen'];
      });
      const result = await box.run(bundle);
      // crun gives the program what lies at /dev/null for its output.
      if (result.status === 0) expect(read(join(bundle.rootfs, 'data/seen'))).toBe('1:3\n1:3\n');
    });
  }

  attack(
    'CVE-2025-52565 CVE-2025-62596 /dev/console is a link: it is the terminal, or refused, and where it leads to stays as it is',
    async (box, canary) => {
      const volume = join(box.directory, 'volume');
      for (const target of ['/data/decoy', canary.path('console'), `../../../../../../../..${canary.path('console')}`]) {
        await box.host(['rm', '-rf', volume]);
        mkdirSync(volume);
        for (const [name, numbers] of Object.entries({ null: '1 3', tty: '5 0', zero: '1 5', full: '1 7', random: '1 8', urandom: '1 9' }))
          await box.host(['sh', '-c', `mknod -m 666 ${volume}/${name} c ${numbers}; mkdir -p ${volume}/pts`]);
        symlinkSync(target, join(volume, 'console'));
        symlinkSync('pts/ptmx', join(volume, 'ptmx'));
        const socket = join(box.directory, 'console.sock');
        await box.host(['rm', '-f', socket]);
        const receiver = box.background([box.suite.probe, 'console', socket]);
        await until('the socket listens', async () => (await box.host(['test', '-S', socket])).status === 0);
        const bundle = box.bundle((config, made) => {
          made.put('/data/decoy', 'decoy', 0o666);
          config.process.terminal = true;
          config.mounts = config.mounts.flatMap((mount) => {
            if (mount.destination === '/dev') return [{ destination: '/dev', type: 'bind', source: volume, options: ['rbind'] }];
            return mount.destination === '/dev/pts' || !mount.destination.startsWith('/dev') ? [mount] : [];
          });
          config.process.args = ['sh', '-c', 'echo "console $(stat -L -c %t /dev/console)" > /data/seen; sleep 1000'];
        });
        const created = await box.tryCreate(bundle, { options: ['--console-socket', socket] });
        if (created.status === 0 && (await box.runtime(['start', bundle.id])).status === 0) {
          const seen = await until('the program has looked', () => read(join(bundle.rootfs, 'data/seen')));
          // The slave of a pseudo-terminal, in hexadecimal; or a link that leads nowhere.
          expect(seen).toMatch(/^console (88)?\n$/);
        }
        expect(read(join(bundle.rootfs, 'data/decoy'))).toBe('decoy');
        expect(canary.changes()).toEqual([]);
        await box.runtime(['delete', '--force', bundle.id]);
        receiver.stop();
      }
    },
  );
});

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
