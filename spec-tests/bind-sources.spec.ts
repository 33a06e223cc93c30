import { chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';
import { type Config, type Mount, setNamespace, withUserNamespace } from './harness/config.ts';

/** Id-mapped mounts, which older ones do not know. */
const idMapped = ['runc 1.2 or later', 'Linux 5.14'] as const;

// Bind mounts whose source lies in the rootfs: they show what earlier entries of `mounts` have put there.

const base = 100_000;

function inUserNamespace(config: Config, bundle: Bundle): void {
  withUserNamespace(config);
  chownSync(bundle.rootfs, base, base);
  chownSync(join(bundle.rootfs, 'data'), base, base);
}

const tmpfs = (destination: string, ...options: string[]): Mount => ({ destination, type: 'tmpfs', source: 'tmpfs', options });

const mapped = (hostID: number): Pick<Mount, 'uidMappings' | 'gidMappings'> => {
  const ids = [{ containerID: 0, hostID, size: 65_536 }];
  return { uidMappings: ids, gidMappings: ids };
};

/** A directory of the host with a file of its own and one of user 7. */
function volume(box: Box): string {
  const path = join(box.directory, 'volume');
  mkdirSync(path);
  writeFileSync(join(path, 'file'), 'of the volume');
  chownSync(join(path, 'file'), 7, 7);
  return path;
}

for (const [where, namespaces] of [
  ['', () => {}],
  [' in a user namespace', inUserNamespace],
] as const) {
  describe(`a source in the rootfs${where}`, () => {
    clause(`CFG-012 a file system mounted by an earlier entry is what a bind of it shows${where}`, async (box) => {
      const text = await box.output(['sh', '-c', 'echo x > /data/new && cat /again/new && stat -f -c %T /again'], (config, bundle) => {
        namespaces(config, bundle);
        config.mounts.push(tmpfs('/data'), { destination: '/again', source: join(bundle.rootfs, 'data'), options: ['bind'] });
      });
      expect(text).toBe('x\ntmpfs\n');
    });

    clause(`CFG-012 a volume bound by an earlier entry is seen, by a relative source${where}`, async (box) => {
      const text = await box.output(['cat', '/again/file', '/one'], (config, bundle) => {
        namespaces(config, bundle);
        config.mounts.push(
          { destination: '/data', source: volume(box), options: ['rbind'] },
          { destination: '/again', source: 'rootfs/data', options: ['rbind', 'ro'] },
          { destination: '/one', source: 'rootfs/again/file', options: ['bind'] },
        );
      });
      expect(text).toBe('of the volumeof the volume');
    });

    clause(`CFG-012 a later entry is not seen by an earlier one${where}`, async (box) => {
      const text = await box.output(['ls', '/again', '/data'], (config, bundle) => {
        namespaces(config, bundle);
        bundle.put('/data/image', '');
        config.mounts.push({ destination: '/again', source: join(bundle.rootfs, 'data'), options: ['rbind'] }, tmpfs('/data'));
      });
      expect(text).toBe('/again:\nimage\n\n/data:\n');
    });

    clause(`CFG-012 rbind shows the mounts below, bind does not${where}`, async (box) => {
      const text = await box.output(['sh', '-c', 'touch /data/low/x; ls /all/low /one/low'], (config, bundle) => {
        namespaces(config, bundle);
        config.mounts.push(
          tmpfs('/data'),
          tmpfs('/data/low'),
          { destination: '/all', source: join(bundle.rootfs, 'data'), options: ['rbind'] },
          { destination: '/one', source: join(bundle.rootfs, 'data'), options: ['bind'] },
        );
      });
      expect(text).toBe('/all/low:\nx\n\n/one/low:\n');
    });

    clause(`CFG-012 what is nowhere is missing, and its place is named${where}`, async (box) => {
      const bundle = box.bundle((config, made) => {
        namespaces(config, made);
        made.put('/data/image', '');
        config.mounts.push(tmpfs('/data'), { destination: '/again', source: join(made.rootfs, 'data/image'), options: ['bind'] });
      });
      const result = await box.tryCreate(bundle);
      expect(result.status).toBe(1);
      expect(result.stderr.toLowerCase()).toContain('no such file or directory');
      if (box.kind === 'runts') expect(result.stderr).toContain('/mounts/7/source');
      expect(box.leftovers()).toEqual([]);
    });

    for (const [what, target] of [
      ['an absolute symlink', () => '/secret'],
      ['a relative symlink', (bundle: Bundle, secret: string) => relative(join(bundle.rootfs, 'data'), secret)],
      ['a symlink in the middle', (bundle: Bundle, secret: string) => join('..', relative(bundle.rootfs, secret))],
    ] as const) {
      clause(`CFG-012 ${what} does not lead out of the rootfs${where}`, async (box) => {
        writeFileSync(join(box.directory, 'secret'), 'of the host');
        const bundle = box.bundle((config, made) => {
          namespaces(config, made);
          symlinkSync(target(made, join(box.directory, 'secret')), join(made.rootfs, 'data/link'));
          made.put('/secret', 'of the image');
          config.mounts.push({ destination: '/again', source: join(made.rootfs, 'data/link'), options: ['bind'] });
          config.process.args = ['cat', '/again'];
        });
        expect((await box.run(bundle)).ok().stdout).toBe('of the image');
      });
    }

    clause(
      `CFG-012 MNT-060 with an id mapping of its own${where}`,
      async (box) => {
        const text = await box.output(['stat', '-c', '%u', '/again/file'], (config, bundle) => {
          namespaces(config, bundle);
          config.mounts.push(
            { destination: '/data', source: volume(box), options: ['bind'] },
            { destination: '/again', source: 'rootfs/data', options: ['bind', 'idmap'], ...mapped(base) },
          );
        });
        expect(text).toBe(where === '' ? `${base + 7}\n` : '7\n');
      },
      ...idMapped,
    );

    clause(
      `CFG-012 MNT-060 a filesystem without id mappings is an error that names it${where}`,
      async (box) => {
        const bundle = box.bundle((config, made) => {
          namespaces(config, made);
          config.mounts.push({ destination: '/again', source: 'rootfs/proc', options: ['bind', 'idmap'], ...mapped(base) });
        });
        const result = await box.tryCreate(bundle);
        expect(result.status).toBe(1);
        if (box.kind === 'runts') {
          expect(result.stderr).toContain('cannot map the ids of "rootfs/proc" on "/again": proc');
          expect(result.stderr).toContain('/mounts/6');
        }
        expect(box.leftovers()).toEqual([]);
      },
      ...idMapped,
    );

    clause(`CFG-012 the flags of an earlier entry are those of the source${where}`, async (box) => {
      const text = await box.output(['grep', ' /again ', '/proc/self/mountinfo'], (config, bundle) => {
        namespaces(config, bundle);
        config.mounts.push(tmpfs('/data', 'nosuid', 'nodev', 'noexec'), {
          destination: '/again',
          source: join(bundle.rootfs, 'data'),
          options: ['bind'],
        });
      });
      expect(text).toMatch(/ rw,nosuid,nodev,noexec,/);
    });
  });
}

describe('other sources', () => {
  clause('CFG-012 the rootfs itself may be the source', async (box) => {
    const text = await box.output(['cat', '/again/mark'], (config, bundle) => {
      bundle.put('/mark', 'of the image');
      config.mounts.push({ destination: '/again', source: 'rootfs', options: ['bind'] });
    });
    expect(text).toBe('of the image');
  });

  clause('CFG-012 a directory whose name only begins like the rootfs is one of the host', async (box) => {
    const text = await box.output(['cat', '/again/mark'], (config, bundle) => {
      mkdirSync(join(bundle.directory, 'rootfs-volume'));
      writeFileSync(join(bundle.directory, 'rootfs-volume/mark'), 'of the host');
      config.mounts.push({ destination: '/again', source: 'rootfs-volume', options: ['bind'] });
    });
    expect(text).toBe('of the host');
  });

  clause('CFG-012 with shared propagation of the root', async (box) => {
    const text = await box.output(['stat', '-f', '-c', '%T', '/again'], (config, bundle) => {
      config.linux.rootfsPropagation = 'shared';
      config.mounts.push(tmpfs('/data'), { destination: '/again', source: join(bundle.rootfs, 'data'), options: ['bind'] });
    });
    expect(text).toBe('tmpfs\n');
  });

  clause(
    'CFG-012 without a mount namespace',
    async (box) => {
      const bundle = box.bundle((config, made) => {
        config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'mount');
        config.mounts = [
          { destination: '/proc', type: 'proc', source: 'proc' },
          tmpfs('/data'),
          { destination: '/again', source: join(made.rootfs, 'data'), options: ['bind'] },
        ];
        config.process.args = ['stat', '-f', '-c', '%T', '/again'];
      });
      expect((await box.run(bundle)).ok().stdout).toBe('tmpfs\n');
    },
    'runts',
  );

  clause('CFG-012 with a user namespace that is joined', async (box) => {
    const first = await box.started(box.bundle(inUserNamespace));
    const text = await box.output(['stat', '-f', '-c', '%T', '/again'], (config, bundle) => {
      chownSync(bundle.rootfs, base, base);
      setNamespace(config, 'user', `/proc/${first.pid}/ns/user`);
      config.mounts = config.mounts.filter(({ destination }) => destination !== '/sys' && destination !== '/dev/mqueue');
      config.mounts.push(tmpfs('/data'), { destination: '/again', source: join(bundle.rootfs, 'data'), options: ['bind'] });
    });
    expect(text).toBe('tmpfs\n');
    await first.kill('KILL');
  });
});
