import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from '../harness/clause.ts';
import { until } from '../harness/command.ts';
import { dropNamespace, setNamespace } from '../harness/config.ts';
import { attack } from '../harness/confinement.ts';
import { callNumber } from '../harness/syscalls.ts';

const bind = callNumber('bind');

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

  clause(
    'SEC-003 CVE-2020-15257 a whole life needs no name for a socket, abstract or not: bind(2) is not there, and no socket has one at any moment',
    async (box) => {
      const seen = join(box.directory, 'unix');
      const hook = [{ path: '/bin/sh', args: ['sh', '-c', `cat /proc/self/net/unix >> ${seen}`] }];
      const bundle = box.bundle((config) => {
        config.hooks = { prestart: hook, createRuntime: hook, createContainer: hook, poststart: hook, poststop: hook };
        config.process.args = ['sh', '-c', 'cat /proc/net/unix; sleep 1000'];
      });
      // One network namespace for all calls, and the container's.
      const keeper = box.background(['unshare', '--net', 'sh', '-c', 'echo ready; exec sleep 1000']);
      await until('there is a namespace', () => keeper.output().includes('ready'));
      setNamespace(bundle.config, 'network', `/proc/${keeper.pid}/ns/net`);
      bundle.write();
      const through = ['nsenter', `--net=/proc/${keeper.pid}/ns/net`, box.suite.probe, 'launch', `enosys=${bind}`, '--'];
      const container = await box.create(bundle, { through });
      const { id } = container;
      const look = ['cat', '/proc/net/unix'];
      const calls = [
        ['start', id],
        ['exec', id, ...look],
        ['exec', '--detach', id, ...look],
        ['pause', id],
        ['resume', id],
        ['update', '--pids-limit', '50', id],
        ['state', id],
        ['ps', id],
        ['kill', id, 'KILL'],
        ['delete', '--force', id],
      ];
      let sockets = '';
      for (const words of calls) sockets += (await box.runtime(words, { through })).ok().stdout;
      const second = box.bundle((config) => {
        config.linux.namespaces = [...bundle.config.linux.namespaces];
        config.process.args = look;
      });
      sockets += (await box.run(second, { through })).ok().stdout;
      sockets += readFileSync(seen, 'utf8');
      expect(sockets.match(/RefCount/g)?.length).toBeGreaterThan(6);
      // What has a name has it in the eighth column.
      expect(sockets.split('\n').filter((line) => /^[0-9a-f]+: /.test(line) && line.trim().split(/ +/).length > 7)).toEqual([]);
    },
    'runts',
    'probe',
  );
});
