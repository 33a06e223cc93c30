import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { type Config, set, withUserNamespace } from './harness/config.ts';
import { expectMessage, type Message } from './harness/message.ts';
import { mask, type Self, self } from './harness/probe.ts';

const some = ['CAP_CHOWN', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'];

describe('capabilities', () => {
  clause(
    'CFG-040 to CFG-044 each set is the list of its own',
    async (box) => {
      const seen = await self(box, (config) => {
        config.process.capabilities = {
          bounding: some,
          permitted: some.slice(0, 2),
          effective: some.slice(0, 1),
          inheritable: some.slice(0, 1),
          ambient: some.slice(0, 1),
        };
      });
      // execve of root's program raises permitted and effective to inheritable + bounding.
      expect(seen.capabilities).toEqual({
        bounding: mask(...some),
        permitted: mask(...some),
        effective: mask(...some),
        inheritable: mask('CAP_CHOWN'),
        ambient: mask('CAP_CHOWN'),
      });
    },
    'probe',
  );

  clause(
    'CFG-041 a user has no capabilities without ambient ones',
    async (box) => {
      const seen = await self(box, (config) => {
        config.process.user = { uid: 1000, gid: 1000 };
        config.process.capabilities = { bounding: some, permitted: some, effective: some };
      });
      expect(seen.capabilities).toEqual({ bounding: mask(...some), permitted: '0', effective: '0', inheritable: '0', ambient: '0' });
    },
    'probe',
  );

  clause(
    'CFG-044 ambient capabilities reach a user’s program',
    async (box) => {
      const seen = await self(box, (config) => {
        config.process.user = { uid: 1000, gid: 1000 };
        config.process.capabilities = { bounding: some, permitted: some, effective: some, inheritable: some, ambient: ['CAP_KILL'] };
      });
      expect(seen.capabilities).toEqual({
        bounding: mask(...some),
        permitted: mask('CAP_KILL'),
        effective: mask('CAP_KILL'),
        inheritable: mask(...some),
        ambient: mask('CAP_KILL'),
      });
    },
    'probe',
  );

  clause(
    'ENG-018 an empty capabilities object drops all',
    async (box) => {
      const seen = await self(box, (config) => {
        config.process.capabilities = {};
      });
      expect(seen.capabilities).toEqual({ bounding: '0', permitted: '0', effective: '0', inheritable: '0', ambient: '0' });
    },
    'probe',
  );

  clause(
    'CFG-040 a filter that answers EINVAL to prctl leaves no capability in the bounding set',
    async (box) => {
      const PR_CAPBSET_DROP = 24;
      const refuse = (config: Config) => {
        config.linux.seccomp = {
          defaultAction: 'SCMP_ACT_ALLOW',
          syscalls: [
            { names: ['prctl'], action: 'SCMP_ACT_ERRNO', errnoRet: 22, args: [{ index: 0, value: PR_CAPBSET_DROP, op: 'SCMP_CMP_EQ' }] },
          ],
        };
        config.process.capabilities = { bounding: some, permitted: some, effective: some };
      };
      expect((await self(box, refuse)).capabilities.bounding).toBe(mask(...some));
      const container = await box.started(box.bundle(refuse));
      expect((await container.exec(['probe', 'self'])).ok().json<Self>().capabilities.bounding).toBe(mask(...some));
    },
    'probe',
    'runts',
  );

  clause(
    'CFG-046 RT-035 an unknown capability only warns',
    async (box) => {
      const seen = await self(box, (config) => {
        for (const set of ['bounding', 'effective', 'permitted'] as const) config.process.capabilities?.[set]?.push('CAP_TEST');
      });
      expect(seen.capabilities.bounding).not.toBe('0');
    },
    'probe',
  );

  const withoutTime = { through: ['setpriv', '--bounding-set', '-sys_time'] };

  /** What a runtime gives that has not got CAP_SYS_TIME. */
  async function givenWithoutTime(box: Box, change: (config: Config) => void = () => {}): Promise<unknown> {
    const bundle = box.bundle((config) => {
      const names = [...some, 'CAP_SYS_TIME'];
      config.process.capabilities = { bounding: names, permitted: names, effective: names };
      config.process.args = ['probe', 'self'];
      change(config);
    });
    return (await box.run(bundle, withoutTime)).ok().json();
  }

  clause(
    'CFG-047 a capability the runtime does not have itself only warns',
    async (box) => {
      expect(await givenWithoutTime(box)).toMatchObject({ capabilities: { bounding: mask(...some) } });
    },
    'probe',
    '/usr/bin/setpriv',
  );

  clause(
    'CFG-047 a user namespace has a capability that the runtime lacks',
    async (box) => {
      const all = mask(...some, 'CAP_SYS_TIME');
      expect(await givenWithoutTime(box, withUserNamespace)).toMatchObject({
        capabilities: { bounding: all, permitted: all, effective: all },
      });
      const container = await box.started(box.bundle(withUserNamespace), withoutTime);
      const result = await box.runtime(['exec', '--cap', 'CAP_SYS_TIME', container.id, 'probe', 'self'], withoutTime);
      const { capabilities } = result.ok().json<Self>();
      expect(BigInt(`0x${capabilities.bounding}`) & BigInt(`0x${mask('CAP_SYS_TIME')}`)).not.toBe(0n);
    },
    'probe',
    '/usr/bin/setpriv',
  );
});

describe('no_new_privs', () => {
  clause(
    'CFG-048 noNewPrivileges is set when asked and not else',
    async (box) => {
      for (const wanted of [true, false]) {
        const seen = await self(box, (config) => {
          config.process.noNewPrivileges = wanted;
        });
        expect(seen.noNewPrivileges).toBe(wanted ? 1 : 0);
      }
    },
    'probe',
  );

  clause(
    'CFG-048 with it a setuid program gains nothing, without it it does',
    async (box) => {
      for (const noNewPrivileges of [true, false]) {
        const text = await box.output(['/bin/suid', 'self'], (config, bundle) => {
          copyFileSync(box.suite.probe, join(bundle.rootfs, 'bin/suid'));
          chmodSync(join(bundle.rootfs, 'bin/suid'), 0o4755);
          config.process.noNewPrivileges = noNewPrivileges;
          config.process.user = { uid: 1000, gid: 1000 };
        });
        expect((JSON.parse(text) as Self).uids).toEqual(noNewPrivileges ? [1000, 1000, 1000] : [1000, 0, 0]);
      }
    },
    'probe',
  );
});

// Kernels with these modules: lsm.spec.ts.
describe('security modules', () => {
  /** Expects that create refuses it, or start at the latest; nothing may be left then, which the box checks. */
  async function expectRefused(box: Box, change: (config: Config) => void, whole: Message): Promise<void> {
    const bundle = box.bundle(change);
    let result = await box.tryCreate(bundle);
    if (result.status === 0) result = await box.runtime(['start', bundle.id]);
    expect(result.status).not.toBe(0);
    expectMessage(box, result, /apparmor|selinux|attr\/(exec|keycreate)|label/i, whole);
  }

  clause(
    'CFG-038 an AppArmor profile on a kernel without AppArmor is an error',
    async (box) => {
      await expectRefused(box, (config) => set(config, '/process/apparmorProfile', 'no-such-profile'), {
        message: 'apparmor profile "no-such-profile": apparmor is not enabled on this host, so it would protect nothing',
        pointer: '/process/apparmorProfile',
        hint: 'leave it out, or boot the host with AppArmor',
      });
    },
    'a kernel without AppArmor',
  );

  clause(
    'CFG-039 an SELinux label on a kernel without SELinux is an error',
    async (box) => {
      await expectRefused(box, (config) => set(config, '/process/selinuxLabel', 'system_u:system_r:container_t:s0'), {
        message: 'selinux label "system_u:system_r:container_t:s0": selinux is not enabled on this host, so it would protect nothing',
        pointer: '/process/selinuxLabel',
        hint: 'leave it out, or boot the host with SELinux',
      });
    },
    'a kernel without SELinux',
  );
});
