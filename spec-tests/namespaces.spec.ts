import { mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { dropNamespace, setNamespace } from './harness/config.ts';
import type { Container } from './harness/container.ts';
import { self } from './harness/probe.ts';

/** Type in config.json and name below /proc/PID/ns. */
const types = { pid: 'pid', network: 'net', ipc: 'ipc', uts: 'uts', mount: 'mnt', cgroup: 'cgroup', time: 'time' } as const;

function own(name: string): string {
  return readlinkSync(`/proc/self/ns/${name}`);
}

/** A running container whose namespaces others can join. */
function donor(box: Box): Promise<Container> {
  return box.started(box.bundle((config) => setNamespace(config, 'cgroup')));
}

describe('namespaces', () => {
  for (const [type, name] of Object.entries(types)) {
    clause(
      `LNX-017 a new ${type} namespace`,
      async (box) => {
        const seen = await self(box, (config) => setNamespace(config, type));
        expect(seen.namespaces[name]).toMatch(new RegExp(`^${name}:\\[\\d+\\]$`));
        expect(seen.namespaces[name]).not.toBe(own(name));
      },
      'probe',
    );
  }

  clause(
    'LNX-018 a type that is not listed is inherited',
    async (box) => {
      for (const type of ['network', 'ipc', 'uts', 'pid'] as const) {
        const seen = await self(box, (config) => {
          dropNamespace(config, type);
          delete config.hostname;
          // sysfs and mqueue belong to the namespaces that own them.
          config.mounts = config.mounts.filter((mount) => mount.type !== 'mqueue');
        });
        expect(seen.namespaces[types[type]], type).toBe(own(types[type]));
      }
    },
    'probe',
  );

  for (const type of ['network', 'ipc', 'uts', 'pid', 'cgroup'] as const) {
    clause(
      `LNX-015 joins a ${type} namespace by path`,
      async (box) => {
        const other = await donor(box);
        const seen = await self(box, (config) => {
          setNamespace(config, type, `/proc/${other.pid}/ns/${types[type]}`);
          if (type === 'uts') delete config.hostname;
        });
        expect(seen.namespaces[types[type]]).toBe(other.namespace(types[type]));
        if (type === 'pid') expect(seen.pid).toBeGreaterThan(1);
      },
      'probe',
    );
  }

  clause(
    'LNX-015 joins a namespace that is a bind mount',
    async (box) => {
      const file = join(box.directory, 'net');
      writeFileSync(file, '');
      (await box.host(['unshare', `--net=${file}`, 'true'])).ok();
      try {
        const seen = await self(box, (config) => setNamespace(config, 'network', file));
        expect(seen.namespaces['net']).not.toBe(own('net'));
      } finally {
        (await box.host(['umount', file])).ok();
      }
    },
    'probe',
  );

  clause('LNX-016 a file of another namespace type is refused', async (box) => {
    const result = await box.tryCreate(box.bundle((config) => setNamespace(config, 'network', '/proc/self/ns/uts')));
    expect(result.status).toBe(1);
    expect(box.leftovers()).toEqual([]);
  });

  clause('LNX-016 a file that is no namespace is refused', async (box) => {
    const result = await box.tryCreate(box.bundle((config) => setNamespace(config, 'network', '/etc/passwd')));
    expect(result.status).toBe(1);
    expect(box.leftovers()).toEqual([]);
  });

  clause('LNX-015 a path that does not exist is refused', async (box) => {
    const result = await box.tryCreate(box.bundle((config) => setNamespace(config, 'network', '/no/such/namespace')));
    expect(result.status).toBe(1);
    expect(box.leftovers()).toEqual([]);
  });

  clause('LNX-014 a relative path is refused', async (box) => {
    mkdirSync(join(box.directory, 'ns'));
    const bundle = box.bundle((config, { directory }) => setNamespace(config, 'network', relative(directory, '/proc/self/ns/net')));
    expect((await box.tryCreate(bundle, { cwd: box.directory })).status).toBe(1);
    expect(box.leftovers()).toEqual([]);
  });

  clause('LNX-019 the same type twice is refused', async (box) => {
    const result = await box.tryCreate(box.bundle((config) => config.linux.namespaces.push({ type: 'pid' })));
    expect(result.status).toBe(1);
    expect(box.leftovers()).toEqual([]);
  });

  clause('LNX-013 an unknown type is refused', async (box) => {
    for (const type of ['net', 'mnt', 'nosuch', '']) {
      const result = await box.tryCreate(box.bundle((config) => config.linux.namespaces.push({ type })));
      expect(result.status, type).toBe(1);
    }
    expect(box.leftovers()).toEqual([]);
  });

  clause(
    'LNX-005 the program is pid 1 of a new pid namespace',
    async (box) => {
      expect((await self(box)).pid).toBe(1);
    },
    'probe',
  );

  clause('LNX-006 a new network namespace has a loopback interface that is up, and nothing else', async (box) => {
    const text = await box.output(['ip', 'link']);
    expect(text.match(/^\d+: (?!lo:|tunl|gre|erspan|ip_vti|ip6|sit)\S+/gm)).toBeNull();
    expect(text).toMatch(/lo: <LOOPBACK,UP/);
  });

  clause('LNX-007 mounts of the container do not reach the host', async (box) => {
    const container = await box.started(
      box.bundle((config) => config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'runtspec-mark' })),
    );
    expect(readFileSync(`/proc/${container.pid}/mountinfo`, 'utf8')).toContain('runtspec-mark');
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain('runtspec-mark');
  });

  clause('LNX-011 a cgroup namespace is rooted at the container’s cgroup', async (box) => {
    const text = await box.output(['cat', '/proc/self/cgroup'], (config) => setNamespace(config, 'cgroup'));
    for (const line of text.trim().split('\n')) expect(line.split(':')[2], line).toMatch(/^\/$|^\/\.\./);
    expect(text).toMatch(/:\/$/m);
  });

  clause('LNX-012 a time namespace has the offsets of the config', async (box) => {
    const text = await box.output(['cat', '/proc/self/timens_offsets'], (config) => {
      setNamespace(config, 'time');
      config.linux.timeOffsets = { monotonic: { secs: 1000 }, boottime: { secs: 2000, nanosecs: 5 } };
    });
    expect(text).toMatch(/^monotonic\s+1000\s+0$/m);
    expect(text).toMatch(/^boottime\s+2000\s+5$/m);
  });

  clause('LNX-026 time offsets without a time namespace are refused', async (box) => {
    const bundle = box.bundle((config) => {
      config.linux.timeOffsets = { monotonic: { secs: 1 } };
    });
    expect((await box.tryCreate(bundle)).status).toBe(1);
  });

  clause('GLO-005 paths resolve in the mount namespace of the runtime', async (box) => {
    const bundle = box.bundle((config) => {
      config.process.args = ['cat', '/data/mark'];
      config.mounts.push({ destination: '/data', source: join(box.directory, 'hidden'), options: ['bind'] });
    });
    mkdirSync(join(box.directory, 'hidden'));
    const script = `mount -t tmpfs t ${box.directory}/hidden && echo inside > ${box.directory}/hidden/mark && exec "$@"`;
    const result = await box.run(bundle, { through: ['unshare', '--mount', 'sh', '-c', script, 'sh'] });
    expect(result.ok().stdout).toBe('inside\n');
  });
});
