import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause as anyRuntime } from './harness/clause.ts';
import { type Config, type IdMapping, type Mount, setNamespace } from './harness/config.ts';
import type { Need } from './harness/needs.ts';

// runc 1.1.5 knows no id-mapped mounts, crun 1.8.1 only with words of its own (idmap=…).
const clause = (title: string, body: (box: Box) => Promise<void>, ...needs: Need[]): void => anyRuntime(title, body, 'runts', ...needs);

/** Since when runts takes mounts with ids of their own, and since when a tmpfs can be one. */
const [mapsIds, tmpfsHasIds] = ['Linux 5.14', 'Linux 6.3'] as const;

const base = 100_000;
const ids = (hostID = base): IdMapping[] => [{ containerID: 0, hostID, size: 65_536 }];
const mapped = (hostID = base): Pick<Mount, 'uidMappings' | 'gidMappings'> => ({ uidMappings: ids(hostID), gidMappings: ids(hostID) });

function userNamespace(config: Config, bundle: Bundle): void {
  chownSync(bundle.rootfs, base, base);
  chmodSync(bundle.directory, 0o755);
  setNamespace(config, 'user');
  config.linux.uidMappings = ids();
  config.linux.gidMappings = ids();
}

/** A directory of the host with a file of user 7 and one of root. */
function source(box: Box): string {
  const directory = join(box.directory, 'source');
  mkdirSync(directory);
  writeFileSync(join(directory, 'seven'), '');
  chownSync(join(directory, 'seven'), 7, 8);
  writeFileSync(join(directory, 'root'), '');
  return directory;
}

const owners = (path: string, ...names: string[]): string[] => ['stat', '-c', '%u:%g', ...names.map((name) => `${path}/${name}`)];

describe('id-mapped mounts', () => {
  for (const option of ['idmap', 'ridmap', undefined]) {
    clause(
      `CFG-021 CFG-022 MNT-06${option === 'ridmap' ? 1 : 0} a bind with mappings of its own, option ${option}`,
      async (box) => {
        const directory = source(box);
        const text = await box.output(owners('/data', 'seven', 'root'), (config) => {
          config.mounts.push({ destination: '/data', source: directory, options: ['bind', ...(option ? [option] : [])], ...mapped(1000) });
        });
        expect(text).toBe('1007:1008\n1000:1000\n');
        expect(statSync(join(directory, 'seven')).uid).toBe(7);
      },
      mapsIds,
    );
  }

  clause(
    'MNT-060 without mappings of its own the container’s are taken',
    async (box) => {
      const directory = source(box);
      const text = await box.output(['sh', '-c', 'stat -c %u:%g /data/seven; touch /data/new'], (config, bundle) => {
        userNamespace(config, bundle);
        chmodSync(directory, 0o777);
        config.mounts.push({ destination: '/data', source: directory, options: ['rbind', 'idmap'] });
      });
      expect(text).toBe('7:8\n');
      // What the container's root makes belongs to the host's root: nothing had to be chowned.
      expect(statSync(join(directory, 'new')).uid).toBe(0);
    },
    mapsIds,
  );

  clause(
    'MNT-060 the mount’s own mappings win over those of the container',
    async (box) => {
      const directory = source(box);
      const text = await box.output(owners('/data', 'seven', 'root'), (config, bundle) => {
        userNamespace(config, bundle);
        config.mounts.push({ destination: '/data', source: directory, options: ['bind', 'idmap'], ...mapped(base + 10) });
      });
      expect(text).toBe('17:18\n10:10\n');
    },
    mapsIds,
  );

  clause(
    'MNT-060 with a user namespace that is joined',
    async (box) => {
      const directory = source(box);
      const first = await box.started(
        box.bundle((config, bundle) => {
          userNamespace(config, bundle);
          config.process.args = ['sleep', '100'];
        }),
      );
      const text = await box.output(owners('/data', 'seven'), (config, bundle) => {
        chownSync(bundle.rootfs, base, base);
        setNamespace(config, 'user', `/proc/${first.pid}/ns/user`);
        config.mounts.push({ destination: '/data', source: directory, options: ['bind', 'idmap'] });
      });
      expect(text).toBe('7:8\n');
      await first.kill('KILL');
    },
    mapsIds,
  );

  clause('MNT-060 option without any mapping is an error', async (box) => {
    const directory = source(box);
    const result = await box.tryCreate(
      box.bundle((config) => {
        config.mounts.push({ destination: '/data', source: directory, options: ['bind', 'idmap'] });
      }),
    );
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/idmap.*mappings/);
    expect(box.leftovers()).toEqual([]);
  });

  for (const [id, option, below] of [
    ['MNT-060', 'idmap', '9'],
    ['MNT-061', 'ridmap', '1009'],
  ] as const) {
    clause(
      `${id} ${option} ${option === 'idmap' ? 'leaves' : 'reaches'} the mounts below`,
      async (box) => {
        const directory = source(box);
        mkdirSync(join(directory, 'below'));
        // Mounted in a mount namespace of the runtime's own: the host is left alone.
        const bundle = box.bundle((config) => {
          config.mounts.push({ destination: '/data', source: directory, options: ['rbind', option], ...mapped(1000) });
          config.process.args = ['stat', '-c', '%u', '/data/seven', '/data/below'];
        });
        const script = `mount -t tmpfs -o uid=9,mode=755 mark ${directory}/below && exec "$@"`;
        const result = await box.run(bundle, { through: ['unshare', '--mount', '--propagation', 'slave', 'sh', '-c', script, 'sh'] });
        expect(result.ok().stdout).toBe(`1007\n${below}\n`);
      },
      tmpfsHasIds,
    );
  }

  clause(
    'MNT-060 a new tmpfs is mapped, after tmpcopyup',
    async (box) => {
      const text = await box.output(['stat', '-c', '%u:%g', '/data', '/data/seven'], (config, bundle) => {
        chownSync(bundle.put('/data/seven', ''), 7, 8);
        config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs', options: ['tmpcopyup', 'idmap'], ...mapped(1000) });
      });
      expect(text).toBe('1000:1000\n1007:1008\n');
    },
    tmpfsHasIds,
  );

  clause(
    'MNT-060 a new tmpfs in a user namespace, mapped by the mount’s own mappings',
    async (box) => {
      const text = await box.output(['sh', '-c', 'stat -c %u:%g /data; touch /data/new; stat -c %u /data/new'], (config, bundle) => {
        userNamespace(config, bundle);
        config.mounts.push({
          destination: '/data',
          type: 'tmpfs',
          source: 'tmpfs',
          options: ['mode=777', 'idmap'],
          uidMappings: [
            { containerID: 0, hostID: base + 5, size: 1 },
            { containerID: 1, hostID: base, size: 1 },
          ],
          gidMappings: ids(),
        });
      });
      expect(text).toBe('5:0\n0\n');
    },
    tmpfsHasIds,
  );

  clause(
    'CFG-021 CFG-096 a tmpfs is refused with the release that it takes',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs', options: ['idmap'], ...mapped() });
      });
      const result = await box.tryCreate(bundle);
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(/tmpfs with id mappings needs Linux 6\.3 or later, and this is \d+\.\d+[\s\S]*\/mounts\/\d/);
      expect(box.leftovers()).toEqual([]);
    },
    mapsIds,
    'Linux before 6.3',
  );

  clause(
    'CFG-021 a filesystem that cannot is an error with mount, filesystem and reason',
    async (box) => {
      const result = await box.tryCreate(
        box.bundle((config) => {
          config.mounts.push({ destination: '/data', source: '/sys', options: ['bind', 'idmap'], ...mapped() });
        }),
      );
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(/"\/sys" on "\/data".*sysfs.*does not support id-mapped mounts.*invalid argument/i);
      expect(box.leftovers()).toEqual([]);
    },
    mapsIds,
  );

  clause('CFG-021 a cgroup mount and a remount are refused', async (box) => {
    for (const mount of [
      { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['idmap'] },
      { destination: '/dev', options: ['remount', 'idmap'] },
    ]) {
      const bundle = box.bundle((config) => {
        config.mounts.push({ ...mount, ...mapped() });
      });
      const result = await box.tryCreate(bundle);
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(/cannot be mapped/);
    }
    expect(box.leftovers()).toEqual([]);
  });

  clause(
    'CFG-021 attributes and mapping go together',
    async (box) => {
      const directory = source(box);
      const text = await box.output(['grep', ' /data ', '/proc/self/mountinfo'], (config) => {
        config.mounts.push({ destination: '/data', source: directory, options: ['bind', 'idmap', 'ro', 'nosuid', 'noatime'], ...mapped() });
      });
      expect(text).toMatch(/ ro,nosuid,noatime.*idmapped/);
    },
    mapsIds,
  );

  clause(
    'LNX-024 two mounts with the same mapping and one with another',
    async (box) => {
      const directory = source(box);
      const text = await box.output(owners('', 'a/seven', 'b/seven', 'c/seven'), (config) => {
        for (const [name, host] of [
          ['a', 1000],
          ['b', 1000],
          ['c', 2000],
        ] as const) {
          config.mounts.push({ destination: `/${name}`, source: directory, options: ['bind'], ...mapped(host) });
        }
      });
      expect(text).toBe('1007:1008\n1007:1008\n2007:2008\n');
    },
    mapsIds,
  );
});
