import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { type Config, withUserNamespace } from './harness/config.ts';
import type { Need } from './harness/needs.ts';
import { after, bareDev } from './harness/odd-host.ts';
import type { Self } from './harness/probe.ts';

// What a caller may have lost or changed before he calls a runtime, on purpose or not.

interface Caller {
  /** What executes the runtime. */
  readonly through: (box: Box) => string[];
  /** What the program has in spite of it. */
  readonly program?: Partial<Self>;
  readonly needs?: readonly Need[];
}

const callers: Readonly<Record<string, Caller>> = {
  'with no_new_privs': { through: () => ['setpriv', '--no-new-privs'] },
  'who ignores SIGCHLD': { through: ({ suite }) => [suite.probe, 'launch', 'ignore=17', '--'], program: { ignored: [] } },
  'who blocks SIGCHLD': { through: ({ suite }) => [suite.probe, 'launch', 'block=17', '--'], program: { blocked: [] } },
  // Node opens more than these before it comes to us.
  'with 64 descriptors': { through: () => ['prlimit', '--nofile=64:64'], needs: ['a static executable'] },
  'without /dev/shm and most of /dev': { through: () => after(bareDev) },
  'without /etc/passwd, or anything else in /etc': { through: () => after('mount -t tmpfs none /etc') },
  'in a network namespace without even a loopback': { through: () => ['unshare', '--net'] },
  'without a terminal, a home, a PATH': { through: () => ['/usr/bin/setsid', '--wait', '/usr/bin/env', '-i'] },
};

async function lives(box: Box, through: string[], change: (config: Config) => void): Promise<void> {
  const hook = { path: '/bin/sh', args: ['sh', '-c', 'cat > /dev/null'] };
  const lasting = box.bundle((config) => {
    config.hooks = { createRuntime: [hook], createContainer: [hook], startContainer: [hook], poststop: [hook] };
    config.linux.resources = { pids: { limit: 30 } };
    change(config);
  });
  const container = await box.create(lasting, { through });
  (await box.runtime(['start', container.id], { through })).ok();
  expect((await container.exec(['sh', '-c', 'exit 7'], [], { through })).status).toBe(7);
  (await box.runtime(['delete', '--force', container.id], { through })).ok();
  const ended = box.bundle((config) => {
    config.process.args = ['sh', '-c', 'exit 5'];
    change(config);
  });
  expect((await box.run(ended, { through })).status).toBe(5);
}

describe('a caller', () => {
  for (const [who, { through, program, needs = [] }] of Object.entries(callers)) {
    const places = { '': () => {}, ...(who === 'with no_new_privs' ? { ', with a user namespace': withUserNamespace } : {}) };
    for (const [where, change] of Object.entries(places)) {
      clause(
        `RUN-013 ${who} has containers as everybody${where}`,
        async (box) => {
          await lives(box, through(box), change);
          if (program === undefined) return;
          const bundle = box.bundle((config) => {
            config.process.args = ['probe', 'self'];
          });
          expect((await box.run(bundle, { through: through(box) })).ok().json()).toMatchObject(program);
        },
        'probe',
        ...needs,
      );
    }
  }

  clause(
    'RUN-013 who ignores SIGCHLD hears of a hook that fails',
    async (box) => {
      const failing = box.bundle((config) => {
        config.hooks = { createRuntime: [{ path: '/bin/false' }] };
      });
      const failed = await box.run(failing, { through: [box.suite.probe, 'launch', 'ignore=17', '--'] });
      expect(failed.status).toBe(1);
      expect(failed.stderr).toMatch(/exit status 1|exited with status 1/);
    },
    'probe',
  );

  clause(
    'RUN-013 with umask 077 has containers whose files others can read',
    async (box) => {
      const list = async (umask: string): Promise<string> => {
        const bundle = box.bundle((config, { rootfs }) => {
          rmSync(join(rootfs, 'data'), { recursive: true });
          config.mounts.push({ destination: '/data/deep', type: 'tmpfs', source: 'none' });
          config.process.cwd = '/made/here';
          const paths = '/dev /dev/* /data /data/deep /data/deep/x /made /made/here /proc';
          config.process.args = ['sh', '-c', `umask; touch /data/deep/x; stat -c "%a %n" ${paths}`];
        });
        return (await box.run(bundle, { through: [box.suite.probe, 'launch', `umask=${umask}`, '--'] })).ok().stdout;
      };
      expect(await list('077')).toBe(await list('022'));
    },
    'probe',
  );

  for (const [where, nested] of Object.entries({ '': false, ', with a user namespace in it': true })) {
    clause(
      `RUN-013 who is root of a user namespace alone, as of \`unshare -Ur\`, has containers${where}`,
      async (box) => {
        const source = join(box.directory, 'source');
        mkdirSync(source);
        writeFileSync(join(source, 'file'), 'of the host');
        const bundle = box.bundle((config) => {
          delete config.linux.cgroupsPath;
          for (const mount of config.mounts) if (mount.options) mount.options = mount.options.filter((option) => option !== 'gid=5');
          config.mounts.push({ destination: '/data', source, options: ['rbind', 'ro'] });
          config.process.args = ['sh', '-c', 'cat /data/file; exec sleep 1000'];
          if (!nested) return;
          config.linux.namespaces.push({ type: 'user' });
          config.linux.uidMappings = config.linux.gidMappings = [{ containerID: 0, hostID: 0, size: 1 }];
        });
        const through = ['unshare', '--user', '--map-root-user'];
        const container = await box.create(bundle, { through });
        (
          await box.runtime(['start', container.id], {
            through: ['nsenter', '--user', '--preserve-credentials', '--target', String(container.pid)],
          })
        ).ok();
        await container.prints(/of the host/);
        (await box.runtime(['delete', '--force', container.id])).ok();
      },
      'not crun',
    );
  }
});
