import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { appArmor, loadProfile } from './harness/apparmor.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { type Config, set } from './harness/config.ts';
import { during, expectMessage } from './harness/message.ts';

// Kernels with these modules: VM_OPTIONS=--apparmor or --selinux of spec-tests/vm.
const selinux = '/sys/fs/selinux/enforce';

const label = 'system_u:system_r:container_t:s0:c1,c2';
const mountLabel = 'system_u:object_r:container_file_t:s0:c1,c2';

describe('AppArmor', () => {
  clause(
    'CFG-038 the program is confined by the profile, and so is what exec runs; with no-new-privileges too',
    async (box) => {
      const profile = await loadProfile(box);
      for (const noNewPrivileges of [false, true]) {
        const container = await box.started(
          box.bundle((config) => {
            config.process.apparmorProfile = profile;
            config.process.noNewPrivileges = noNewPrivileges;
          }),
        );
        const confinement = `${profile} (enforce)`;
        // crun's start returns before the program is executed.
        await until('confined', () => readFileSync(`/proc/${container.pid}/attr/current`, 'utf8').trim() === confinement);
        expect(await container.output('cat', '/proc/self/attr/current')).toBe(confinement);
        const write = await container.exec(['touch', '/tmp/denied']);
        expect(write.status).not.toBe(0);
        expect(write.stderr).toMatch(/Permission denied/);
      }
    },
    ...appArmor,
  );

  clause(
    'CFG-038 a profile that is not loaded is an error that names it, and the program does not run',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.apparmorProfile = 'spec-no-such-profile';
        config.process.args = ['touch', '/ran'];
      });
      let result = await box.tryCreate(bundle);
      if (result.status === 0) result = await box.runtime(['start', bundle.id]);
      expect(result.status).not.toBe(0);
      expectMessage(box, result, /spec-no-such-profile|apparmor/, {
        message: `${during}unable to apply apparmor profile "spec-no-such-profile": write \`/proc/thread-self/attr/apparmor/exec\`: no such file or directory`,
        pointer: '/process/apparmorProfile',
        hint: 'the profile is not loaded: apparmor_parser loads one, /sys/kernel/security/apparmor/profiles lists them',
      });
      expect(existsSync(join(bundle.rootfs, 'ran'))).toBe(false);
    },
    appArmor[0],
  );
});

describe('SELinux', () => {
  clause(
    'CFG-039 the program has the label, and so has what exec runs',
    async (box) => {
      const container = await box.started(
        box.bundle((config) => {
          config.process.selinuxLabel = label;
        }),
      );
      const current = (text: string) => text.replace(/[\0\n]/g, '');
      expect(current(readFileSync(`/proc/${container.pid}/attr/current`, 'utf8'))).toBe(label);
      expect(current(await container.output('cat', '/proc/self/attr/current'))).toBe(label);
    },
    selinux,
  );

  clause(
    'CFG-039 a label that the policy does not know is an error, and the program does not run',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.selinuxLabel = 'nobody_u:no_r:such_t:s0';
        config.process.args = ['touch', '/ran'];
      });
      let result = await box.tryCreate(bundle);
      if (result.status === 0) result = await box.runtime(['start', bundle.id]);
      expect(result.status).not.toBe(0);
      expectMessage(box, result, /attr\/exec|label|invalid argument/i, {
        message: `${during}unable to apply the security label "nobody_u:no_r:such_t:s0": write \`/proc/thread-self/attr/exec\`: invalid argument`,
        pointer: '/process/selinuxLabel',
        hint: 'the policy that is loaded knows no such context',
      });
      expect(existsSync(join(bundle.rootfs, 'ran'))).toBe(false);
    },
    selinux,
  );

  clause(
    'LNX-183 new filesystems have the label',
    async (box) => {
      const text = await box.output(['grep', ' /data ', '/proc/self/mountinfo'], (config: Config) => {
        set(config, '/linux/mountLabel', mountLabel);
        config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs' });
      });
      expect(text).toContain(`context="${mountLabel}"`);
    },
    selinux,
  );

  for (const [what, options] of [
    ['in quotes', [`context="${mountLabel}"`]],
    ['in quotes and split at its comma', `context="${mountLabel}"`.split(',')],
    ['in a list', [`size=1m,context="${mountLabel}",mode=700`]],
  ] as const) {
    clause(
      `LNX-183 a label among the options, ${what}`,
      async (box) => {
        const text = await box.output(['grep', ' /data ', '/proc/self/mountinfo'], (config: Config) => {
          config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs', options: [...options] });
        });
        expect(text).toContain(`context="${mountLabel}"`);
      },
      selinux,
    );
  }

  for (const options of [[`context=${mountLabel}`], `context=${mountLabel}`.split(',')]) {
    clause(
      `LNX-183 a label without quotes, in ${options.length} strings`,
      async (box) => {
        const text = await box.output(['grep', ' /data ', '/proc/self/mountinfo'], (config: Config) => {
          config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs', options });
        });
        expect(text).toContain(`context="${mountLabel}"`);
      },
      selinux,
      // Left to mount(2), such a label ends at its comma.
      'runts',
    );
  }
});
