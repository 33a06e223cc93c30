import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { type Config, set } from './harness/config.ts';

/** Runs a container and says what it printed; a warning of runts must hold `warning`. */
async function ran(box: Box, change: (config: Config) => void, warning?: string): Promise<string> {
  const result = (await box.run(box.bundle(change))).ok();
  if (warning !== undefined && box.kind === 'runts') expect(result.stderr).toContain(warning);
  return result.stdout;
}

/** The process object of the default config with its names in capitals and another program. */
function inCapitals(config: Config, args: readonly string[]): void {
  const { process } = config;
  set(config, '/process', undefined);
  set(config, '/Process', {
    ARGS: args,
    Cwd: '/tmp',
    ENV: process.env,
    User: { UID: 1000, GID: 1000 },
    Capabilities: process.capabilities,
  });
}

describe('keys in another case', () => {
  clause('CFG-095 a whole process', async (box) => {
    const text = await ran(
      box,
      (config) => inCapitals(config, ['sh', '-c', 'pwd; id -u']),
      'unknown property \\"Process\\" is taken for \\"process\\" (at /Process)',
    );
    expect(text).toBe('/tmp\n1000\n');
  });

  clause('CFG-095 a protection', async (box) => {
    const text = await ran(box, (config) => {
      config.process.args = [
        'sh',
        '-c',
        'wc -c </etc/passwd; grep NoNewPrivs /proc/self/status; mkdir /tmp/a 2>/dev/null; echo $?; echo x 2>/dev/null >/x; echo $?',
      ];
      set(config, '/linux/MaskedPaths', ['/etc/passwd']);
      set(config, '/process/nonewprivileges', true);
      set(config, '/root/readOnly', true);
      set(config, '/linux/Seccomp', {
        DefaultAction: 'SCMP_ACT_ALLOW',
        Syscalls: [{ Names: ['mkdir', 'mkdirat'], Action: 'SCMP_ACT_ERRNO' }],
      });
    });
    expect(text).toBe('0\nNoNewPrivs:\t1\n1\n1\n');
  });

  clause('CFG-095 of two spellings the later counts, and objects are joined', async (box) => {
    const text = await ran(box, (config) => {
      config.process.args = ['sh', '-c', 'hostname; wc -c </etc/passwd'];
      set(config, '/HOSTNAME', 'later');
      set(config, '/linux/readonlyPaths', ['/etc']);
      set(config, '/Linux', { maskedPaths: ['/etc/passwd'] });
    });
    expect(text).toBe('later\n0\n');
  });

  clause('CFG-095 in the process of exec', async (box) => {
    const container = await box.started(box.bundle());
    const file = join(box.directory, 'process.json');
    writeFileSync(
      file,
      JSON.stringify({
        Args: ['sh', '-c', 'pwd; ulimit -Sc'],
        CWD: '/tmp',
        env: ['PATH=/bin'],
        rlimits: [{ TYPE: 'RLIMIT_CORE', Hard: 512 }],
      }),
    );
    const result = (await container.exec([], ['--process', file])).ok();
    expect(result.stdout).toBe('/tmp\n0\n');
  });

  clause('CFG-095 exec is in the container that they made', async (box) => {
    const container = await box.started(box.bundle((config) => inCapitals(config, ['sleep', '1000'])));
    expect(await container.output('sh', '-c', 'pwd; id -u')).toBe('/tmp\n1000');
  });

  clause(
    'CFG-095 validate says for which property it is taken',
    async (box) => {
      const bundle = box.bundle((config) => set(config, '/linux/MaskedPaths', ['/etc/passwd']));
      const { status, stdout } = await box.runtime(['validate', '--format', 'json', bundle.directory]);
      expect({ status, found: JSON.parse(stdout) }).toMatchObject({
        status: 0,
        found: [
          { severity: 'warning', pointer: '/linux/MaskedPaths', message: 'unknown property "MaskedPaths" is taken for "maskedPaths"' },
        ],
      });
    },
    'runts',
  );

  clause('CFG-095 names of JavaScript’s prototype are names', async (box) => {
    const text = await ran(box, (config) => {
      config.process.args = ['echo', 'ran'];
      const bundle = JSON.parse('{"__proto__": {"readonly": true}, "Constructor": {}, "toString": 1}') as object;
      Object.defineProperties(config.root, Object.getOwnPropertyDescriptors(bundle));
      set(config, '/root/Path', 'rootfs');
    });
    expect(text).toBe('ran\n');
  });
});

describe('capabilities', () => {
  clause('CFG-046 CAP_NOSUCH of exec --cap is ignored, with a warning', async (box) => {
    const container = await box.started(box.bundle());
    const result = (await container.exec(['echo', 'ran'], ['--cap', 'CAP_NOSUCH'])).ok();
    expect(result.stdout).toBe('ran\n');
    if (box.kind === 'runts') expect(result.stderr).toContain('ignoring unknown or unavailable capabilities: [CAP_NOSUCH]');
  });

  clause('CFG-044 an ambient capability that is not inheritable is not raised, with a warning', async (box) => {
    const text = await ran(
      box,
      (config) => {
        config.process.args = ['grep', 'CapAmb', '/proc/self/status'];
        set(config, '/process/capabilities/ambient', ['CAP_CHOWN']);
      },
      "can't raise ambient capability CAP_CHOWN: operation not permitted",
    );
    expect(text).toBe('CapAmb:\t0000000000000000\n');
  });
});

describe('resources', () => {
  clause(
    'LNX-117 unified on cgroup v1 is refused with the words for it',
    async (box) => {
      const result = await box.tryCreate(box.bundle((config) => set(config, '/linux/resources/unified', { 'memory.high': '1' })));
      expect(result.status).toBe(1);
      expect(result.stderr).toContain('invalid configuration: cannot use unified on cgroup v1');
    },
    'cgroup v1',
  );

  clause('LNX-101 a weight below the lowest runs', async (box) => {
    const text = await ran(
      box,
      (config) => {
        config.process.args = ['echo', 'ran'];
        set(config, '/linux/resources/blockIO', { weight: 5 });
      },
      'invalid blockIO weight 5',
    );
    expect(text).toBe('ran\n');
  });
});

describe('a user namespace without mappings', () => {
  const without = (config: Config): void => {
    config.linux.namespaces.push({ type: 'user' });
    config.mounts = [{ destination: '/proc', type: 'proc', source: 'proc' }];
  };

  clause('LNX-020 has the runtime’s own id, and its subordinate ones if it has any', async (box) => {
    const text = await ran(
      box,
      (config) => {
        without(config);
        config.process.args = ['sh', '-c', 'cat /proc/self/uid_map; id -u'];
      },
      'user namespaces enabled, but no uid mappings found',
    );
    expect(text).toMatch(/^\s*0\s+0\s+1\n(\s*1\s+\d+\s+\d+\n)?0\n$/);
  });

  clause('LNX-020 exec enters it', async (box) => {
    const container = await box.started(box.bundle(without));
    expect(await container.output('cat', '/proc/self/gid_map')).toMatch(/^0\s+0\s+1\b/);
  });
});

describe('what stays an error, although others run it', () => {
  const refused: Readonly<Record<string, readonly [pointer: string, change: (config: Config) => void]>> = {
    'CFG-002 a version of another major': ['/ociVersion', (config) => set(config, '/ociVersion', '2.0.0')],
    'LNX-020 mappings of no user namespace': [
      '/linux/uidMappings',
      (config) => set(config, '/linux/uidMappings', [{ containerID: 0, hostID: 100_000, size: 65_536 }]),
    ],
    'LNX-022 a mapping without the id of the host': [
      '/linux/uidMappings/0/hostID',
      (config) => {
        config.linux.namespaces.push({ type: 'user' });
        set(config, '/linux/uidMappings', [{ containerID: 0, size: 65_536 }]);
        set(config, '/linux/gidMappings', [{ containerID: 0, hostID: 100_000, size: 65_536 }]);
      },
    ],
    'CFG-012 a bind mount without source': [
      '/mounts/6/source',
      (config) => set(config, '/mounts/6', { destination: '/data', type: 'bind', options: ['bind'] }),
    ],
    'LNX-031 a device without path': [
      '/linux/devices/0/path',
      (config) => set(config, '/linux/devices', [{ type: 'c', major: 1, minor: 3 }]),
    ],
  };
  for (const [title, [pointer, change]] of Object.entries(refused)) {
    clause(`${title} is refused`, async (box) => {
      const result = await box.tryCreate(box.bundle(change));
      expect(result.status).toBe(1);
      if (box.kind === 'runts') expect(result.stderr).toContain(pointer);
      expect(box.leftovers()).toEqual([]);
    });
  }
});
