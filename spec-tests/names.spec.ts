import { readFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { dropNamespace } from './harness/config.ts';

describe('hostname, domainname, sysctl', () => {
  clause('CFG-070 LNX-009 the hostname of the container', async (box) => {
    const before = readFileSync('/proc/sys/kernel/hostname', 'utf8');
    const text = await box.output(['hostname'], (config) => {
      config.hostname = 'a-name.example';
    });
    expect(text).toBe('a-name.example\n');
    expect(readFileSync('/proc/sys/kernel/hostname', 'utf8')).toBe(before);
  });

  clause('CFG-070 a hostname without an own UTS namespace is refused', async (box) => {
    const before = readFileSync('/proc/sys/kernel/hostname', 'utf8');
    const result = await box.tryCreate(box.bundle((config) => dropNamespace(config, 'uts')));
    expect(result.status).toBe(1);
    expect(box.leftovers()).toEqual([]);
    expect(readFileSync('/proc/sys/kernel/hostname', 'utf8')).toBe(before);
  });

  clause('CFG-071 the domain name of the container', async (box) => {
    const text = await box.output(['cat', '/proc/sys/kernel/domainname'], (config) => {
      config.domainname = 'example.org';
    });
    expect(text).toBe('example.org\n');
  });

  clause('LNX-145 sysctls of the network and IPC namespaces are set', async (box) => {
    const text = await box.output(
      ['cat', '/proc/sys/net/ipv4/ip_forward', '/proc/sys/kernel/shm_rmid_forced', '/proc/sys/fs/mqueue/msg_max'],
      (config) => {
        config.linux.sysctl = { 'net.ipv4.ip_forward': '1', 'kernel.shm_rmid_forced': '1', 'fs.mqueue.msg_max': '17' };
      },
    );
    expect(text).toBe('1\n1\n17\n');
  });

  clause('LNX-145 a sysctl key may have slashes', async (box) => {
    const text = await box.output(['cat', '/proc/sys/net/ipv4/conf/lo/rp_filter'], (config) => {
      config.linux.sysctl = { 'net/ipv4/conf/lo/rp_filter': '2' };
    });
    expect(text).toBe('2\n');
  });

  for (const [what, key, namespace] of [
    ['a sysctl that is not namespaced', 'vm.swappiness', undefined],
    ['a network sysctl without a network namespace', 'net.ipv4.ip_forward', 'network'],
    ['an IPC sysctl without an IPC namespace', 'kernel.shmmax', 'ipc'],
    ['kernel.hostname', 'kernel.hostname', undefined],
    ['a sysctl with ..', 'net..ipv4../../vm/swappiness', undefined],
  ] as const) {
    clause(`LNX-145 ${what} is refused and the host unchanged`, async (box) => {
      const file = '/proc/sys/vm/swappiness';
      const before = readFileSync(file, 'utf8');
      const result = await box.tryCreate(
        box.bundle((config) => {
          config.linux.sysctl = { [key]: '3' };
          if (namespace !== undefined) dropNamespace(config, namespace);
          config.mounts = config.mounts.filter((mount) => mount.type !== 'mqueue' && mount.type !== 'sysfs');
        }),
      );
      expect(result.status).toBe(1);
      expect(readFileSync(file, 'utf8')).toBe(before);
      expect(box.leftovers()).toEqual([]);
    });
  }

  clause('LNX-145 a value the kernel refuses is an error', async (box) => {
    const result = await box.tryCreate(
      box.bundle((config) => {
        config.linux.sysctl = { 'net.ipv4.ip_forward': 'many' };
      }),
    );
    expect(result.status).toBe(1);
    expect(box.leftovers()).toEqual([]);
  });
});
