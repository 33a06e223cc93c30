import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { dropNamespace } from '../harness/config.ts';
import { attack } from '../harness/confinement.ts';

describe('what surrounds a container', () => {
  attack('CVE-2025-23266 a hook without an environment has none of the image, and no library of it is loaded', async (box) => {
    const seen = join(box.directory, 'seen');
    mkdirSync(seen);
    const bundle = box.bundle((config) => {
      config.process.env.push('LD_PRELOAD=/proc/self/cwd/evil.so', 'OF_THE_IMAGE=1');
      const hook = (name: string) => [{ path: '/bin/sh', args: ['sh', '-c', `env > ${seen}/${name}`] }];
      config.hooks = { createRuntime: hook('createRuntime'), createContainer: hook('createContainer') };
      config.process.args = ['true'];
    });
    (await box.run(bundle)).ok();
    for (const name of ['createRuntime', 'createContainer']) {
      expect({ name, env: readFileSync(join(seen, name), 'utf8') }).not.toMatchObject({
        env: expect.stringMatching(/OF_THE_IMAGE|LD_PRELOAD/),
      });
    }
  });

  attack('CVE-2020-15257 no abstract socket is there while a container is made and lives', async (box) => {
    // A network namespace that is new, and the container's: what stands there is of the runtime.
    const bundle = box.bundle((config) => {
      dropNamespace(config, 'network');
      config.mounts = config.mounts.filter(({ type }) => type !== 'sysfs');
      const hook = [{ path: '/bin/sh', args: ['sh', '-c', `cat /proc/self/net/unix >> ${box.directory}/unix`] }];
      config.hooks = { createRuntime: hook, createContainer: hook };
    });
    const container = await box.create(bundle, { through: ['unshare', '--net'] });
    await container.start();
    const lives = (await box.inside(['cat', `/proc/${container.pid}/net/unix`])).ok().stdout;
    const sockets = `${readFileSync(join(box.directory, 'unix'), 'utf8')}${lives}`;
    expect(sockets).toContain('RefCount');
    expect(sockets.split('\n').filter((line) => line.includes(' @'))).toEqual([]);
  });
});
