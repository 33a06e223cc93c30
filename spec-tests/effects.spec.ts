import { cpSync, existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { type Config, set } from './harness/config.ts';

describe('what create applies', () => {
  clause(
    'RT-042 RT-019 every property but the program is applied when create returns',
    async (box) => {
      const container = await box.create(
        box.bundle((config) => {
          config.hostname = 'applied';
          config.root.readonly = true;
          config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs', options: ['size=64k'] });
          config.linux.devices = [{ type: 'c', path: '/dev/extra', major: 1, minor: 3, fileMode: 0o640 }];
          config.linux.sysctl = { 'net.ipv4.ip_forward': '1' };
          config.linux.resources = { pids: { limit: 21 } };
          config.linux.readonlyPaths = ['/proc/sys'];
          config.process.args = ['touch', '/data/ran'];
        }),
      );
      const entered = async (...words: string[]) => (await box.host(['nsenter', '-t', String(container.pid), ...words])).ok().stdout.trim();
      expect(await entered('--uts', 'hostname')).toBe('applied');
      expect(await entered('--net', 'cat', '/proc/sys/net/ipv4/ip_forward')).toBe('1');
      const mounts = readFileSync(`/proc/${container.pid}/mountinfo`, 'utf8');
      expect(mounts).toMatch(/ \/ ro,/);
      expect(mounts).toMatch(/ \/data rw,.*size=64k/);
      expect(mounts).toMatch(/ \/proc\/sys ro,/);
      expect(statSync(container.inside('/dev/extra')).mode & 0o777).toBe(0o640);
      expect(container.control('pids', 'pids.max')).toBe('21');
      expect(existsSync(container.inside('/data/ran'))).toBe(false);
    },
    '/usr/bin/nsenter',
  );

  const impossible: Readonly<Record<string, (config: Config) => void>> = {
    'a filesystem the kernel does not have': (config) => config.mounts.push({ destination: '/data', type: 'nosuchfs', source: 'x' }),
    'an option the filesystem does not know': (config) =>
      config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'x', options: ['nosuch=1'] }),
    'a sysctl the kernel does not have': (config) => set(config, '/linux/sysctl', { 'net.ipv4.nosuch': '1' }),
    'a namespace that is not there': (config) => config.linux.namespaces.push({ type: 'cgroup', path: '/proc/self/ns/nosuch' }),
    'a huge page size the kernel does not have': (config) =>
      set(config, '/linux/resources/hugepageLimits', [{ pageSize: '3MB', limit: 1_048_576 }]),
    'memory nodes that are not there': (config) => set(config, '/linux/resources/cpu', { mems: '999' }),
    'an RDMA device that is not there': (config) => set(config, '/linux/resources/rdma', { nosuch0: { hcaHandles: 1 } }),
    'a device that is not there to throttle': (config) =>
      set(config, '/linux/resources/blockIO', { throttleReadBpsDevice: [{ major: 4000, minor: 7, rate: 1000 }] }),
  };
  for (const [what, change] of Object.entries(impossible)) {
    clause(`RT-045 RT-018 RT-033 ${what}: no container, and nothing is left`, async (box) => {
      const bundle = box.bundle(change);
      expect((await box.tryCreate(bundle)).status).toBe(1);
      expect((await box.runtime(['state', bundle.id])).status).toBe(1);
      expect(box.leftovers()).toEqual([]);
    });
  }

  clause('RT-050 start without an id is an error', async (box) => {
    expect((await box.runtime(['start'])).status).not.toBe(0);
  });

  clause('LNX-060 LNX-061 the same cgroupsPath is the same place, absolute or relative, whoever asks from wherever', async (box) => {
    for (const slash of ['/', '']) {
      const bundle = box.bundle((config) => {
        config.linux.cgroupsPath = `${slash}${box.id()}`;
      });
      const seen = new Set<string>();
      for (const cwd of ['/', box.directory]) {
        const container = await box.create(bundle, { cwd });
        seen.add(readFileSync(`/proc/${container.pid}/cgroup`, 'utf8'));
        (await container.delete('--force')).ok();
      }
      expect(seen.size).toBe(1);
    }
  });
});

/** Every object with its members in reverse order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, one]) => [key, reversed(one)])
      .reverse(),
  );
}

describe('bundle', () => {
  clause('BND-003 config.json and rootfs are all: a copy elsewhere runs without the original', async (box) => {
    const bundle = box.bundle((config) => {
      config.process.args = ['cat', '/etc/motd'];
    });
    bundle.put('/etc/motd', 'copied\n');
    const copy = join(box.directory, 'copy');
    cpSync(bundle.directory, copy, { recursive: true, verbatimSymlinks: true });
    rmSync(bundle.directory, { recursive: true });
    const result = await box.runtime(['run', '--bundle', copy, bundle.id], { cwd: '/', env: { PATH: '' } });
    expect(result.ok().stdout).toBe('copied\n');
  });

  clause('BND-003 the bundle may be moved: state and delete need nothing of it', async (box) => {
    const container = await box.started(box.bundle());
    renameSync(join(container.bundle.directory, 'config.json'), join(box.directory, 'moved.json'));
    expect(await container.status()).toBe('running');
    (await container.kill('KILL')).ok();
    await container.reaches('stopped');
    (await container.delete()).ok();
  });

  clause('GLO-003 the order of members has no meaning', async (box) => {
    const seen = [];
    for (const order of [(value: unknown) => value, reversed]) {
      const bundle = box.bundle((config) => {
        config.process.args = ['sh', '-c', 'hostname; id; pwd; cut -d" " -f5,6 /proc/self/mountinfo'];
        config.process.user = { uid: 1000, gid: 1000, additionalGids: [5, 6] };
        config.process.cwd = '/tmp';
      });
      bundle.writeText(JSON.stringify(order(bundle.config)));
      seen.push((await box.run(bundle)).ok().stdout.replaceAll(bundle.directory, 'bundle').replaceAll(bundle.id, 'id'));
    }
    expect(seen[1]).toBe(seen[0]);
    expect(seen[0]).toMatch(/^spec\nuid=1000/);
  });
});

describe('annotations and names', () => {
  clause('CFG-092 to CFG-094 reserved and unknown annotations reach the state and change nothing else', async (box) => {
    const annotations = {
      'org.opencontainers.image.os': 'linux',
      'org.opencontainers.image.os.version': '',
      'org.opencontainers.image.architecture': 'no such thing',
      'org.opencontainers.image.author': 'ä <a@example.org>',
      'org.opencontainers.image.created': 'not a time',
      'org.opencontainers.image.stopSignal': 'SIGKILL',
      'org.opencontainers.nosuch': 'x',
      'org.x.y': 'z',
    };
    const container = await box.started(
      box.bundle((config) => {
        config.annotations = annotations;
        config.process.args = ['probe', 'signals'];
      }),
    );
    expect((await container.state()).annotations).toMatchObject(annotations);
    await container.prints(/ready/);
    // A stop signal is advice to the caller: the default of kill stays TERM.
    (await container.kill()).ok();
    await container.prints(/signal 15/);
  });

  clause('CFG-069 users are numbers: no account is looked up', async (box) => {
    const text = await box.output(['sh', '-c', 'id -u; id -g'], (config, bundle) => {
      rmSync(join(bundle.rootfs, 'etc/passwd'));
      rmSync(join(bundle.rootfs, 'etc/group'));
      config.process.user = { uid: 4321, gid: 1234 };
      set(config, '/process/user/username', 'root');
    });
    expect(text).toBe('4321\n1234\n');
  });
});
