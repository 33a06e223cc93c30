import { chmodSync, chownSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Bundle } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';
import { type Config, dropNamespace, withUserNamespace } from './harness/config.ts';

describe('a working directory that is missing', () => {
  clause(
    'ENG-025 is made with mode 755, whatever the umask of the caller',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.cwd = '/new/deep';
        config.process.user = { uid: 1000, gid: 1000 };
        config.process.args = ['sh', '-c', 'pwd; stat -c %a /new /new/deep'];
      });
      const result = await box.run(bundle, { through: [box.suite.probe, 'launch', 'umask=077', '--'] });
      expect(result.ok().stdout).toBe('/new/deep\n755\n755\n');
    },
    'probe',
    'not runc',
  );

  clause('ENG-025 is made in a root that becomes read-only, and in a tmpfs that does', async (box) => {
    for (const cwd of ['/new/deep', '/data/deep']) {
      const text = await box.output(['sh', '-c', 'pwd; touch x 2>&1'], (config) => {
        config.root.readonly = true;
        config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs', options: ['ro'] });
        config.process.cwd = cwd;
        config.process.args = ['sh', '-c', 'pwd; touch x 2>&1; true'];
      });
      expect(text).toMatch(new RegExp(`^${cwd}\\n.*Read-only file system`));
    }
  });

  clause(
    'SEC-001 is not made where a magic link leads',
    async (box) => {
      const made = join(box.directory, 'made');
      const bundle = box.bundle((config) => {
        dropNamespace(config, 'pid');
        config.process.cwd = `/proc/${process.pid}/root${made}`;
      });
      const result = await box.tryCreate(bundle);
      expect(existsSync(made)).toBe(false);
      expect(result.status).toBe(1);
      expect(box.leftovers()).toEqual([]);
    },
    'not runc',
  );
});

describe('a working directory that root may not enter', () => {
  const ofGroup = (config: Config, bundle: Bundle, group: number): void => {
    withUserNamespace(config);
    const directory = join(bundle.rootfs, 'private');
    mkdirSync(directory);
    // The owner has no id in the user namespace, so that root has no power over it.
    chownSync(directory, 0, 100_000 + group);
    chmodSync(directory, 0o710);
  };

  for (const [what, user] of Object.entries({
    'the user’s group': { uid: 1000, gid: 1001 },
    'an additional group': { uid: 1000, gid: 1000, additionalGids: [1001] },
  })) {
    clause(`ENG-025 only ${what} may enter it`, async (box) => {
      const text = await box.output(['sh', '-c', 'pwd'], (config, bundle) => {
        ofGroup(config, bundle, 1001);
        config.process.user = user;
        config.process.cwd = '/private';
      });
      expect(text).toBe('/private\n');
    });
  }

  clause(
    'ENG-025 CLI-046 the same for exec, and who may not enter is told',
    async (box) => {
      const container = await box.started(box.bundle((config, bundle) => ofGroup(config, bundle, 1001)));
      const result = await container.exec(['pwd'], ['--cwd', '/private', '--user', '1000:1001']);
      expect(result.ok().stdout).toBe('/private\n');
      const refused = await container.exec(['pwd'], ['--cwd', '/private', '--user', '1000:1000']);
      expect(refused.status).not.toBe(0);
      expect(refused.stderr).toMatch(/permission denied/i);
      (await container.delete('--force')).ok();
    },
    'not crun',
  );
});
