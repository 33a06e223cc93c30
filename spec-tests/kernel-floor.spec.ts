import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { type Config, set, withUserNamespace } from './harness/config.ts';
import { after, bareDev } from './harness/odd-host.ts';
import { bundleOfUser, single, uid } from './harness/plain-user.ts';
import { limited, updateWith, v1 } from './harness/update.ts';

/** The last system call of Linux 5.12 or, where that is needed, of 5.14, by its number on x86_64: mount_setattr. */
const newest = 442;

/** Calls that runts does not do without, and the release that brought them; the last one where the kernel is of 5.14 or later. */
const needed = {
  'open_tree, of 5.2': [428, 'open_tree'],
  'fsopen, of 5.2': [430, 'fsopen'],
  'openat2, of 5.6': [437, 'openat2'],
  'mount_setattr, of 5.12': [442, 'mount_setattr'],
} as const;

/** A program that executes the runtime with a kernel that lacks calls, for it and for all that it starts. */
const through = (box: Box, lack: string): { through: string[] } => ({ through: [box.suite.probe, 'launch', lack, '--'] });

/** What most of the mount code is for: protected paths, propagation, a bind with options, a tmpfs with content. */
function plenty(config: Config, source: string): void {
  config.root.readonly = true;
  config.linux.maskedPaths = ['/proc/kcore', '/sys/firmware'];
  config.linux.readonlyPaths = ['/proc/sys'];
  config.linux.rootfsPropagation = 'rslave';
  config.mounts.push(
    { destination: '/data', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'tmpcopyup'] },
    { destination: '/bound', source, options: ['rbind', 'ro', 'nosuid'] },
  );
  config.process.args = ['sh', '-c', 'touch /bound/x || touch /x || touch /data/x; cat /bound/file; exec sleep 1000'];
}

describe('the oldest kernel', () => {
  for (const [where, change] of Object.entries({ '': () => {}, ' in a user namespace': withUserNamespace })) {
    clause(
      `RUN-011 the calls of Linux 5.12 are enough for a container${where}`,
      async (box) => {
        const kernel = through(box, `enosys-after=${newest}`);
        const source = join(box.directory, 'source');
        mkdirSync(source);
        writeFileSync(join(source, 'file'), 'of the host\n');
        const bundle = box.bundle((config) => {
          plenty(config, source);
          change(config);
        });
        chmodSync(bundle.directory, 0o755);
        for (const name of ['bound', 'data']) mkdirSync(join(bundle.rootfs, name), { recursive: true });
        const container = await box.create(bundle, kernel);
        const call = async (...args: string[]) => (await box.runtime([...args, container.id], kernel)).ok();
        await call('start');
        await container.prints(/of the host/);
        expect((await container.exec(['ls', '/data'], [], kernel)).ok().stdout).toContain('x');
        await call('pause');
        await call('resume');
        await call('update', '--pids-limit', '20');
        expect((await call('ps')).stdout).toMatch(/sleep 1000/);
        await call('delete', '--force');
      },
      'probe',
      'runts',
    );
  }

  clause(
    'RUN-011 the calls of Linux 5.12 are enough for a mount with ids of its own',
    async (box) => {
      const source = join(box.directory, 'source');
      mkdirSync(source);
      writeFileSync(join(source, 'file'), '');
      chownSync(join(source, 'file'), 7, 7);
      const ids = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
      const bundle = box.bundle((config) => {
        config.mounts.push({ destination: '/data', source, options: ['bind', 'idmap'], uidMappings: ids, gidMappings: ids });
        config.process.args = ['stat', '-c', '%u', '/data/file'];
      });
      expect((await box.run(bundle, through(box, `enosys-after=${newest}`))).ok().stdout).toBe('100007\n');
    },
    'probe',
    'runts',
    'Linux 5.14',
  );

  clause(
    'RUN-011 ENG-023 a tmpfs that is read-only takes the mode of its directory without mount_setattr',
    async (box) => {
      const bundle = box.bundle((config, { rootfs }) => {
        mkdirSync(join(rootfs, 'taken'));
        chmodSync(join(rootfs, 'taken'), 0o711);
        config.mounts.push({ destination: '/taken', type: 'tmpfs', source: 'tmpfs', options: ['size=1m,ro'] });
        config.process.args = ['sh', '-c', 'stat -c %a /taken; touch /taken/x || echo read-only'];
      });
      expect((await box.run(bundle, through(box, 'enosys=442'))).ok().stdout).toBe('711\nread-only\n');
    },
    'probe',
    'runts',
  );

  for (const [what, [number, name]] of Object.entries(needed)) {
    clause(
      `RUN-011 a kernel without ${what} is refused by name, with the release that it takes`,
      async (box) => {
        const readOnly = box.bundle((config) => {
          set(config, '/root/readonly', true);
          config.mounts.push({ destination: '/bound', source: box.directory, options: ['bind', 'ro'] });
        });
        const result = await box.tryCreate(readOnly, through(box, `enosys=${number}`));
        expect(result.status).toBe(1);
        expect(result.stderr).toContain(`${name}: function not implemented`);
        expect(result.stderr).toMatch(/hint runts needs Linux 5\.10 or later/);
        expect(box.leftovers()).toEqual([]);
      },
      'probe',
      'runts',
      ...(name === 'mount_setattr' ? (['Linux 5.14'] as const) : []),
    );
  }
});

describe('a security module that Debian’s kernels have', () => {
  clause(
    'RUN-013 finds init, though TOMOYO looks for what is executed in the caller’s /dev/fd, which he has not',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.args = ['true'];
      });
      (await box.run(bundle, { through: after(bareDev) })).ok();
    },
    'runts',
  );
});

describe('Linux before 5.14', () => {
  clause(
    'RUN-011 the plan says that mounts are attached before they are changed',
    async (box) => {
      const bundle = box.bundle((config) => plenty(config, box.directory));
      const plan = (await box.runtime(['plan', '--format', 'json', bundle.directory])).ok().stdout;
      expect(plan).toContain('mount.remount');
      expect(plan).not.toContain('tree.setattr');
    },
    'Linux before 5.14',
    'runts',
  );

  clause(
    'CFG-021 a mount with id mappings is refused with the release that it takes',
    async (box) => {
      const ids = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
      const bundle = box.bundle((config) => {
        const options = ['bind', 'idmap'];
        config.mounts = [{ destination: '/bound', source: box.directory, options, uidMappings: ids, gidMappings: ids }];
      });
      const result = await box.tryCreate(bundle);
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(/a mount with id mappings needs Linux 5\.14 or later, and this is 5\.\d+.*\/mounts\/0/s);
      expect(box.leftovers()).toEqual([]);
    },
    'Linux before 5.14',
    'runts',
  );

  for (const [where, change] of Object.entries({ '': () => {}, ' in a user namespace': withUserNamespace })) {
    clause(
      `MNT-042 rro reaches every mount below that has a name${where}`,
      async (box) => {
        const source = join(box.directory, 'source');
        const names = ['below', 'below/again', 'with space', 'below it'];
        const make = names.map((name) => `mkdir -p "${source}/${name}"; mount -t tmpfs -o nosuid mark "${source}/${name}"`);
        // This one lies over two others, one of which has the name of a directory there.
        const prepare = `${make.join('; ')}; mount -t tmpfs cover "${source}/below"; mkdir "${source}/below/again"`;
        mkdirSync(source);
        const bundle = box.bundle((config) => {
          config.mounts.push({ destination: '/data', source, options: ['rbind', 'rro'] });
          config.process.args = [
            'sh',
            '-c',
            "grep ' /data' /proc/self/mountinfo; touch /data/x /data/below/x '/data/with space/x' || echo none",
          ];
          change(config);
        });
        chmodSync(bundle.directory, 0o755);
        chmodSync(box.directory, 0o755);
        const result = await box.run(bundle, { through: ['unshare', '--mount', 'sh', '-c', `${prepare}; exec "$@"`, 'sh'] });
        const lines = result.ok().stdout.trimEnd().split('\n');
        expect(lines.pop()).toBe('none');
        const options = lines.map((line) => line.split(' ').slice(4, 6).join(' '));
        expect(options).toContainEqual(expect.stringMatching(/^\/data ro\b/));
        expect(options).toContainEqual(expect.stringMatching(/^\/data\/with\\040space ro,nosuid\b/));
        expect(options).toContainEqual(expect.stringMatching(/^\/data\/below\\040it ro,nosuid\b/));
        expect(options).toContainEqual(expect.stringMatching(/^\/data\/below ro,relatime$/));
      },
      'runts',
    );
  }

  clause(
    'MNT-042 rro reaches a mount below, though somebody renames the directory that it is in all the time',
    async (box) => {
      const source = join(box.directory, 'source');
      mkdirSync(join(source, 'one/below'), { recursive: true });
      const bundle = box.bundle((config) => {
        config.mounts.push({ destination: '/data', source, options: ['rbind', 'rro'] });
        config.process.args = ['sh', '-c', 'grep /below /proc/self/mountinfo'];
      });
      const renaming = `cd ${source}; [ -d one ] || mv other one; mount -t tmpfs mark one/below; while mv one other && mv other one; do :; done & trap "kill $!" EXIT; "$@"`;
      for (let round = 0; round < 5; round++) {
        const result = await box.run(bundle, { through: ['unshare', '--mount', 'sh', '-c', renaming, 'sh'] });
        expect(result.ok().stdout).toMatch(/ ro,/);
      }
    },
    'runts',
  );

  for (const [id, cpu, file, since] of [
    ['LNX-100', { idle: 1 }, 'cpu.idle', '5.15'],
    ['LNX-094', { burst: 1000, quota: 10_000 }, v1 ? 'cpu.cfs_burst_us' : 'cpu.max.burst', '5.14'],
  ] as const) {
    clause(
      `${id} CFG-096 ${file} is refused with the release that it takes, by create and by update`,
      async (box) => {
        const words = `${file} needs Linux ${since} or later, and this is`;
        const result = await box.tryCreate(box.bundle((config) => set(config, '/linux/resources/cpu', cpu)));
        expect(result.status).toBe(1);
        expect(result.stderr).toContain(words);
        const changed = await updateWith(box, await limited(box), { cpu });
        expect(changed.status).toBe(1);
        expect(changed.stderr).toContain(words);
      },
      `Linux before ${since}`,
      'runts',
    );
  }
});

/** A parameter of Debian's kernels alone. */
const usersMay = '/proc/sys/kernel/unprivileged_userns_clone';

describe('the parameter by which Debian keeps users from making user namespaces', () => {
  clause(
    'RUN-012 is named with its cure where it is 0; where it is 1 a user runs his container',
    async (box) => {
      const bundle = await bundleOfUser(box, single, (config) => {
        config.process.args = ['true'];
      });
      // Without the interpreter of harness/plain-user.ts, which takes half a minute in an emulated machine: he has no ranges here.
      const byUser = { through: ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'] };
      const before = readFileSync(usersMay, 'utf8');
      writeFileSync(usersMay, '0');
      try {
        const result = await box.run(bundle, byUser);
        expect(result.status).toBe(1);
        expect(result.stderr).toMatch(/unable to create a user namespace: unshare: operation not permitted/);
        expect(result.stderr).toContain('`sysctl kernel.unprivileged_userns_clone=1` allows it');
        writeFileSync(usersMay, '1');
        (await box.run(bundle, byUser)).ok();
      } finally {
        writeFileSync(usersMay, before);
      }
    },
    'runts',
    'a machine of its own',
    usersMay,
    '/usr/bin/setpriv',
  );
});
