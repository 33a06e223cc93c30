import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { type Config, dropNamespace, setNamespace } from './harness/config.ts';

/** What a container changes in its namespaces, and the words of the refusal when they are the runtime's. */
const ownNamespaces: readonly (readonly [string, string, string, (config: Config) => void])[] = [
  [
    'network',
    'a sysctl',
    'sysctl "net.ipv4.ip_forward" not allowed in host network namespace',
    ({ linux }) => {
      linux.sysctl = { 'net.ipv4.ip_forward': '1' };
    },
  ],
  [
    'ipc',
    'a sysctl',
    'sysctl "kernel.msgmni" is not allowed in the hosts ipc namespace',
    ({ linux }) => {
      linux.sysctl = { 'kernel.msgmni': '17' };
    },
  ],
  [
    'uts',
    'a sysctl',
    'sysctl "kernel.domainname" is not in a separate kernel namespace',
    ({ linux }) => {
      linux.sysctl = { 'kernel.domainname': 'changed' };
    },
  ],
  [
    'uts',
    'a hostname',
    'unable to set hostname without a private UTS namespace',
    (config) => {
      config.hostname = 'changed';
    },
  ],
  [
    'uts',
    'a domain name',
    'unable to set domainname without a private UTS namespace',
    (config) => {
      config.domainname = 'changed';
    },
  ],
  ['mount', 'a root', 'without a private MNT namespace', () => {}],
];

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

  // runc takes what leads nowhere for its own name; so does crun.
  for (const key of [
    'net.//.kernel.printk_ratelimit_burst',
    'net/../kernel/printk_ratelimit_burst',
    'net/ipv4/../../kernel/printk_ratelimit_burst',
    'net.ipv4.//.//.kernel.printk_ratelimit_burst',
    'net/./ipv4/ip_forward',
    'net./.ipv4.ip_forward',
    'net//ipv4/ip_forward',
    'net..ipv4.ip_forward',
    'net.ipv4.ip_forward.',
    'net/ipv4/',
    '../kernel/printk_ratelimit_burst',
  ]) {
    clause(
      `LNX-145 no component of ${key} is empty, . or ..`,
      async (box) => {
        const bundle = box.bundle((config) => {
          // Its own value: a runtime that writes it changes nothing.
          config.linux.sysctl = { [key]: readFileSync('/proc/sys/kernel/printk_ratelimit_burst', 'utf8').trim() };
        });
        const result = await box.tryCreate(bundle);
        expect(result.status).toBe(1);
        expect(result.stderr).toContain(`invalid sysctl name ${JSON.stringify(key)}`);
        expect(box.leftovers()).toEqual([]);
      },
      'runts',
    );
  }

  // runc compares the network namespace alone, crun none.
  for (const [type, what, words, change] of ownNamespaces) {
    clause(
      `LNX-015 ${what} is refused when the path is that of the runtime's own ${type} namespace`,
      async (box) => {
        const name = type === 'network' ? 'net' : type === 'mount' ? 'mnt' : type;
        const bundle = box.bundle((config) => {
          setNamespace(config, type, `/proc/self/ns/${name}`);
          delete config.hostname;
          change(config);
        });
        // Namespaces of its own stand in for those of the host.
        const seen = join(box.directory, 'seen');
        const look = '{ (cd /proc/sys && cat kernel/hostname kernel/domainname kernel/msgmni net/ipv4/ip_forward); ls /; }';
        const script = `${look} >${seen}.before; "$@"; status=$?; ${look} >${seen}.after; exit $status`;
        const through = ['unshare', '--net', '--uts', '--ipc', '--mount', '/bin/sh', '-c', script, 'sh'];
        const result = await box.tryCreate(bundle, { through });
        expect(result.status).toBe(1);
        expect(result.stderr).toContain(words);
        expect(readFileSync(`${seen}.after`, 'utf8')).toBe(readFileSync(`${seen}.before`, 'utf8'));
        expect(box.leftovers()).toEqual([]);
      },
      'runts',
    );
  }

  clause("LNX-015 the runtime's own namespaces may be joined where nothing of them is changed", async (box) => {
    const text = await box.output(['sh', '-c', 'for ns in net uts ipc; do readlink /proc/self/ns/$ns; done'], (config) => {
      for (const [type, name] of [
        ['network', 'net'],
        ['uts', 'uts'],
        ['ipc', 'ipc'],
      ] as const)
        setNamespace(config, type, `/proc/self/ns/${name}`);
      delete config.hostname;
      config.mounts = config.mounts.filter((mount) => mount.type !== 'mqueue');
    });
    expect(text).toBe(['net', 'uts', 'ipc'].map((name) => `${readlinkSync(`/proc/self/ns/${name}`)}\n`).join(''));
  });

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
