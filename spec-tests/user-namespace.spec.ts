import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { dropNamespace, setNamespace, withUserNamespace } from './harness/config.ts';
import { self } from './harness/probe.ts';

describe('user namespace', () => {
  clause('LNX-020 the mappings are written', async (box) => {
    const text = await box.output(['cat', '/proc/self/uid_map', '/proc/self/gid_map'], withUserNamespace);
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => line.trim().split(/\s+/)),
    ).toEqual([
      ['0', '100000', '65536'],
      ['0', '100000', '65536'],
    ]);
  });

  clause('LNX-020 to LNX-023 several ranges, and the process runs as a mapped user', async (box) => {
    const text = await box.output(['cat', '/proc/self/uid_map'], (config) => {
      withUserNamespace(config);
      config.linux.uidMappings = [
        { containerID: 0, hostID: 100_000, size: 10 },
        { containerID: 1000, hostID: 200_000, size: 5 },
      ];
      config.process.user.uid = 1002;
    });
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => line.trim().split(/\s+/)),
    ).toEqual([
      ['0', '100000', '10'],
      ['1000', '200000', '5'],
    ]);
  });

  clause('CFG-065 CFG-066 CFG-068 on the host the process has the mapped ids', async (box) => {
    const container = await box.started(
      box.bundle((config) => {
        withUserNamespace(config);
        config.process.user = { uid: 7, gid: 8, additionalGids: [9] };
      }),
    );
    const status = readFileSync(`/proc/${container.pid}/status`, 'utf8');
    expect(status).toMatch(/^Uid:\t100007\t100007\t100007\t100007$/m);
    expect(status).toMatch(/^Gid:\t100008\t100008\t100008\t100008$/m);
    expect(status).toMatch(/^Groups:\t100009 ?$/m);
  });

  clause('LNX-024 the rootfs keeps its owners', async (box) => {
    const text = await box.output(['stat', '-c', '%u', '/etc/passwd'], withUserNamespace);
    expect(text).toBe('65534\n');
  });

  clause('LNX-029 default devices work in a user namespace', async (box) => {
    const text = await box.output(
      ['sh', '-c', 'echo x > /dev/null && head -c 3 /dev/zero | wc -c && echo y > /dev/full || echo full'],
      withUserNamespace,
    );
    expect(text).toBe('3\nfull\n');
  });

  clause(
    'LNX-015 joins a user namespace by path',
    async (box) => {
      const other = await box.started(box.bundle(withUserNamespace));
      const seen = await self(box, (config) => setNamespace(config, 'user', `/proc/${other.pid}/ns/user`));
      expect(seen.namespaces['user']).toBe(other.namespace('user'));
    },
    'probe',
  );

  clause('CLI-042 exec enters the user namespace', async (box) => {
    const container = await box.started(box.bundle(withUserNamespace));
    expect(await container.output('readlink', '/proc/self/ns/user')).toBe(container.namespace('user'));
    expect(await container.output('id', '-u')).toBe('0');
  });

  clause('LNX-020 mappings without a user namespace are refused', async (box) => {
    const result = await box.tryCreate(
      box.bundle((config) => {
        withUserNamespace(config);
        dropNamespace(config, 'user');
      }),
    );
    expect(result.status).toBe(1);
    expect(box.leftovers()).toEqual([]);
  });

  clause('CFG-065 an unmapped user is refused', async (box) => {
    const bundle = box.bundle((config) => {
      withUserNamespace(config);
      config.process.user.uid = 70_000;
    });
    const created = await box.tryCreate(bundle);
    if (created.status === 0) expect((await box.runtime(['start', bundle.id])).status).toBe(1);
    else await until('nothing is left', () => box.leftovers().length === 0);
  });

  clause(
    'LNX-029 the runtime knows a user namespace that maps every id to itself from the initial one',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.args = ['sh', '-c', 'echo x > /dev/null && stat -c %t:%T /dev/full'];
      });
      const through = ['/usr/bin/python3', join(import.meta.dirname, 'harness/full_map.py')];
      expect((await box.run(bundle, { through })).ok().stdout).toBe('1:7\n');
    },
    'runts',
    '/usr/bin/python3',
  );
});
