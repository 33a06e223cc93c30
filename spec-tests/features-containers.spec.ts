import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause as anyRuntime } from './harness/clause.ts';
import { type Config, type HookKind, set, setNamespace, withUserNamespace } from './harness/config.ts';
import type { Need } from './harness/needs.ts';

// What runts says of itself is compared with what it does; the other runtimes say other things.
const clause = (title: string, body: (box: Box) => Promise<void>, ...needs: Need[]): void => anyRuntime(title, body, 'runts', ...needs);

interface Features {
  ociVersionMin: string;
  ociVersionMax: string;
  hooks: HookKind[];
  mountOptions: string[];
  annotations: Record<string, string>;
  potentiallyUnsafeConfigAnnotations: string[];
  linux: {
    namespaces: string[];
    capabilities: string[];
    cgroup: Record<'v1' | 'v2' | 'systemd' | 'systemdUser' | 'rdma', boolean>;
    seccomp: { enabled: boolean; actions: string[]; operators: string[]; archs: string[]; knownFlags: string[]; supportedFlags: string[] };
    apparmor: { enabled: boolean };
    selinux: { enabled: boolean };
    memoryPolicy: { modes: string[]; flags: string[] };
    intelRdt: { enabled: boolean; schemata: boolean; monitoring: boolean };
    mountExtensions: { idmap: { enabled: boolean } };
    netDevices: { enabled: boolean };
  };
}

const features = async (box: Box): Promise<Features> => (await box.runtime(['features'])).ok().json<Features>();

/** Pointers of the errors that `validate` finds in the default config with one change. */
async function refusals(box: Box, change: (config: Config) => void): Promise<string[]> {
  const result = await box.runtime(['validate', '--format', 'json', '--bundle', box.bundle(change).directory]);
  return result
    .json<{ severity: string; pointer: string }[]>()
    .filter(({ severity }) => severity === 'error')
    .map(({ pointer }) => pointer);
}

/** A filter without effect on the program: getpriority is a call it does not make. */
function filter(rules: unknown[], more: Record<string, unknown> = {}): Record<string, unknown> {
  return { defaultAction: 'SCMP_ACT_ALLOW', syscalls: rules, ...more };
}

describe('features in containers: general lists', () => {
  clause(
    'FEAT-002 FEAT-004 FEAT-007 FEAT-012 the members are those of specification 1.3, none is null, and the host has no say',
    async (box) => {
      const all = await features(box);
      const { linux } = all;
      expect(Object.keys(all).sort()).toEqual(
        ['ociVersionMin', 'ociVersionMax', 'hooks', 'mountOptions', 'linux', 'annotations', 'potentiallyUnsafeConfigAnnotations'].sort(),
      );
      expect(Object.keys(linux).sort()).toEqual(
        [
          'namespaces',
          'capabilities',
          'cgroup',
          'seccomp',
          'apparmor',
          'selinux',
          'intelRdt',
          'memoryPolicy',
          'mountExtensions',
          'netDevices',
        ].sort(),
      );
      expect(JSON.stringify(all)).not.toContain('null');
      for (const [key, value] of Object.entries(all.annotations)) {
        expect(key).not.toBe('');
        expect(value).toBeTypeOf('string');
      }
      const hidden = await box.runtime(['features'], {
        through: ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /sys && exec "$@"', 'sh'],
      });
      expect(hidden.ok().json()).toEqual(all);
    },
  );

  clause('FEAT-008 every hook listed runs', async (box) => {
    const { hooks } = await features(box);
    const log = join(box.directory, 'log');
    const container = await box.started(
      box.bundle((config) => {
        config.mounts.push({ destination: box.directory, source: box.directory, options: ['rbind'] });
        config.hooks = Object.fromEntries(hooks.map((kind) => [kind, [{ path: '/bin/sh', args: ['sh', '-c', `echo ${kind} >> ${log}`] }]]));
      }),
    );
    (await container.delete('--force')).ok();
    expect(readFileSync(log, 'utf8').trim().split('\n').sort()).toEqual([...hooks].sort());
  });
});

describe('features in containers: linux', () => {
  clause('FEAT-014 FEAT-017 every namespace listed is made', async (box) => {
    const { linux } = await features(box);
    expect(linux.namespaces).toHaveLength(8);
    const text = await box.output(['sh', '-c', 'for name in /proc/self/ns/*; do readlink $name; done'], (config) => {
      withUserNamespace(config);
      for (const type of linux.namespaces) if (type !== 'time' || existsSync('/proc/self/ns/time')) setNamespace(config, type);
    });
    const own = new Set((await box.host(['sh', '-c', 'for name in /proc/self/ns/*; do readlink $name; done'])).stdout.trim().split('\n'));
    for (const link of text.trim().split('\n')) expect(own).not.toContain(link);
    expect(await refusals(box, (config) => set(config, '/linux/namespaces/0/type', 'nosuch'))).toEqual(['/linux/namespaces/0/type']);
  });

  clause('FEAT-015 CFG-045 no capability listed is unknown', async (box) => {
    const { linux } = await features(box);
    const log = join(box.directory, 'log');
    const warnings = async (names: readonly string[]) => {
      const bundle = box.bundle((config) => {
        config.process.args = ['true'];
        config.process.capabilities = { bounding: [...names], permitted: [...names], effective: [...names] };
      });
      (await box.run(bundle, { global: ['--log', log] })).ok();
      return existsSync(log) ? readFileSync(log, 'utf8') : '';
    };
    expect(await warnings(linux.capabilities)).not.toMatch(/not a known capability/);
    expect(await warnings([...linux.capabilities, 'CAP_NOSUCH'])).toMatch(/CAP_NOSUCH\]: it is not a known capability/);
  });

  clause('FEAT-022 FEAT-023 FEAT-024 every seccomp action, operator and architecture listed can be loaded', async (box) => {
    const { actions, operators, archs } = (await features(box)).linux.seccomp;
    const rules = [
      // The notification has tests of its own: it needs a listener.
      ...actions.filter((action) => action !== 'SCMP_ACT_NOTIFY').map((action, index) => ({ names: ['getpriority'], action, index })),
      ...operators.map((op, index) => ({ names: ['setpriority'], action: 'SCMP_ACT_ERRNO', index, op })),
    ].map(({ index, ...rule }) => ({
      names: rule.names,
      action: rule.action,
      args: [{ index: 0, value: 100 + index, valueTwo: 4, op: 'op' in rule ? rule.op : 'SCMP_CMP_EQ' }],
    }));
    await box.output(['true'], (config) => set(config, '/linux/seccomp', filter(rules, { architectures: archs })));
    const listener = { listenerPath: '/run/agent.sock', syscalls: [{ names: ['getpriority'], action: 'SCMP_ACT_NOTIFY' }] };
    expect(await refusals(box, (config) => set(config, '/linux/seccomp', filter([], listener)))).toEqual([]);
    const place = '/linux/seccomp/syscalls/0/action';
    expect(
      await refusals(box, (config) => set(config, '/linux/seccomp', filter([{ names: ['getpriority'], action: 'SCMP_ACT_X' }]))),
    ).toEqual([place]);
  });

  clause('FEAT-025 every seccomp flag that is known is recognised, and supported ones are known', async (box) => {
    const { knownFlags, supportedFlags } = (await features(box)).linux.seccomp;
    expect(knownFlags).toEqual(expect.arrayContaining(supportedFlags));
    const notify = { listenerPath: '/run/agent.sock', syscalls: [{ names: ['getpriority'], action: 'SCMP_ACT_NOTIFY' }] };
    for (const flag of knownFlags) {
      expect(await refusals(box, (config) => set(config, '/linux/seccomp', filter([], { ...notify, flags: [flag] })))).toEqual([]);
    }
    expect(await refusals(box, (config) => set(config, '/linux/seccomp', filter([], { flags: ['X'] })))).toEqual([
      '/linux/seccomp/flags/0',
    ]);
  });

  clause('FEAT-029 FEAT-030 every mode and flag of memory policies listed is recognised', async (box) => {
    const { modes, flags } = (await features(box)).linux.memoryPolicy;
    for (const mode of modes) {
      const nodes = ['MPOL_DEFAULT', 'MPOL_LOCAL'].includes(mode) ? {} : { nodes: '0' };
      expect(await refusals(box, (config) => set(config, '/linux/memoryPolicy', { mode, ...nodes })), mode).toEqual([]);
    }
    for (const flag of flags) {
      const policy = { mode: 'MPOL_BIND', nodes: '0', flags: [flag] };
      expect(await refusals(box, (config) => set(config, '/linux/memoryPolicy', policy)), flag).toEqual([]);
    }
  });

  clause(
    'FEAT-034 mounts are mapped, as idmap.enabled says',
    async (box) => {
      expect((await features(box)).linux.mountExtensions.idmap.enabled).toBe(true);
      const ids = [{ containerID: 0, hostID: 1000, size: 10 }];
      const text = await box.output(['stat', '-c', '%u', '/mapped'], (config, bundle) => {
        bundle.put('../source', '');
        config.mounts.push({ destination: '/mapped', source: 'source', options: ['bind', 'idmap'], uidMappings: ids, gidMappings: ids });
      });
      expect(text).toBe('1000\n');
    },
    'Linux 5.14',
  );

  clause(
    'FEAT-018 to FEAT-020 FEAT-027 FEAT-028 FEAT-031 to FEAT-033 FEAT-035 what can be asked for is listed as built in',
    async (box) => {
      const { linux } = await features(box);
      expect(linux).toMatchObject({
        cgroup: { systemd: true, systemdUser: true, rdma: true },
        seccomp: { enabled: true },
        apparmor: { enabled: true },
        selinux: { enabled: true },
        intelRdt: { enabled: true, schemata: true, monitoring: true },
        netDevices: { enabled: true },
      });
    },
  );
});
