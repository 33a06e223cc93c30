import { existsSync } from 'node:fs';
import { describe, expect } from 'vitest';
import type { Box } from '../harness/box.ts';
import { type Config, dropNamespace, set } from '../harness/config.ts';
import { attack } from '../harness/confinement.ts';

/** Creates with this id; whatever it answers is deleted again by the same id, as an engine would. */
async function createAndDelete(box: Box, id: string): Promise<number> {
  const bundle = box.bundle();
  const { status } = await box.runtime(['create', '--bundle', bundle.directory, id]);
  await box.runtime(['delete', '--force', id]);
  return status;
}

describe('an id that is more than a name', () => {
  attack('crun@1.28 no command takes a path for an id, and delete --force does not remove what it leads to', async (box, canary) => {
    for (const id of [canary.directory, '../canary/full', '../canary', '..', '.']) {
      await box.runtime(['delete', '--force', id]);
      expect(canary.changes()).toEqual([]);
      expect(existsSync(box.stateRoot)).toBe(true);
    }
    for (const [verb = '', ...rest] of [['state'], ['kill', 'KILL'], ['exec', 'true'], ['start']]) {
      expect((await box.runtime([verb, '../canary/full', ...rest])).status).not.toBe(0);
    }
  });

  attack('crun@1.28 create refuses an id that is a path, or has a line break, or is too long', async (box) => {
    const taken: string[] = [];
    for (const id of ['../x', 'a/b', '.', '..', '', 'a'.repeat(300), 'a\nb']) if ((await createAndDelete(box, id)) === 0) taken.push(id);
    expect(taken).toEqual([]);
  });
});

describe('a text of the configuration that becomes the name of a file', () => {
  /** Has `create` fail, or do nothing with it, which is for a caller to look after. */
  async function tryAndDelete(box: Box, change: (config: Config) => void): Promise<number> {
    const bundle = box.bundle(change);
    const { status } = await box.tryCreate(bundle);
    if (status === 0) await box.runtime(['delete', '--force', bundle.id]);
    return status;
  }

  for (const [what, pointer, value] of [
    ['the size of huge pages', '/linux/resources/hugepageLimits', [{ pageSize: '2MBUPCANARY/full/file', limit: 7 }]],
    ['a file of cgroup v2', '/linux/resources/unified', { 'UPCANARY/full/file': '7' }],
    ['a device for RDMA', '/linux/resources/rdma', { 'UPCANARY/full/file': { hcaHandles: 3 } }],
    ['a class of Intel RDT', '/linux/intelRdt', { closID: 'UPCANARY/full', l3CacheSchema: 'L3:0=f' }],
    ['a network device', '/linux/netDevices', { 'UPCANARY/full': { name: '../../y' } }],
  ] as const) {
    attack(`runc#4103 ${what} leads nowhere else`, async (box, canary) => {
      const text = JSON.stringify(value).replaceAll('UP', '/../'.repeat(12)).replaceAll('CANARY', canary.directory);
      const status = await tryAndDelete(box, (config) => set(config, pointer, JSON.parse(text)));
      // Runtimes that do not know it make nothing of it.
      if (box.kind === 'runts') expect(status).not.toBe(0);
    });
  }

  attack('runc#4103 CVE-2022-0811 a sysctl that leaves its namespace by its name is refused', async (box) => {
    const hostname = (await box.inside(['cat', '/proc/sys/kernel/hostname'])).ok().stdout;
    for (const name of [
      'net/../kernel/hostname',
      'net.ipv4/../../kernel/hostname',
      'net.ipv4.ip_forward=1\nkernel.hostname',
      'kernel.shm_rmid_forced=1+kernel.hostname',
      'kernel.hostname',
    ]) {
      // Without a namespace of its own the name is that of the confinement, which stands for the host.
      await tryAndDelete(box, (config) => {
        dropNamespace(config, 'uts');
        delete config.hostname;
        config.linux.sysctl = { [name]: 'smuggled' };
      });
      expect({ name, hostname: (await box.inside(['cat', '/proc/sys/kernel/hostname'])).stdout }).toEqual({ name, hostname });
    }
  });

  attack('CVE-2022-0811 a value with more sysctls in it sets no other', async (box) => {
    const hostname = (await box.inside(['cat', '/proc/sys/kernel/hostname'])).ok().stdout;
    for (const value of ['1+kernel.hostname=smuggled', '1\nkernel.hostname=smuggled']) {
      await tryAndDelete(box, (config) => {
        dropNamespace(config, 'uts');
        delete config.hostname;
        config.linux.sysctl = { 'kernel.shm_rmid_forced': value };
      });
      expect((await box.inside(['cat', '/proc/sys/kernel/hostname'])).stdout).toBe(hostname);
    }
  });
});

describe('texts that are longer than 16 bits can tell', () => {
  attack('CVE-2021-43784 one of 100 000 bytes arrives whole, or is refused', async (box) => {
    const long = 'x'.repeat(100_000);
    const bundle = box.bundle((config) => {
      config.process.env.push(`LONG=${long}`);
      config.process.args = ['sh', '-c', 'echo "$LONG" | wc -c; echo "$2" | wc -c; echo end', 'sh', 'b', long];
    });
    expect((await box.run(bundle)).ok().stdout).toBe('100001\n100001\nend\n');
    for (const change of [
      (config: Config) => set(config, '/linux/namespaces/1/path', `/proc${'/.'.repeat(40_000)}/self/ns/net`),
      (config: Config) => set(config, '/hostname', long),
    ]) {
      const result = await box.run(box.bundle(change));
      expect(result.status).not.toBe(0);
    }
  });
});

describe('cgroups that are named with ..', () => {
  attack('crun@1.28 neither cgroupsPath nor exec --cgroup leaves what is the container’s', async (box) => {
    const container = await box.started(box.bundle());
    for (const path of ['..', '../..']) {
      const result = await container.exec(['cat', '/proc/self/cgroup'], ['--cgroup', path]);
      expect({ path, ok: result.status === 0 && !result.stdout.includes(container.id) }).toEqual({ path, ok: false });
    }
  });
});
