import { chmodSync, chownSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { dropNamespace, setNamespace, withUserNamespace } from './harness/config.ts';

/** Calls the runtime with redirections of a shell. */
const redirected = (redirections: string) => ({ through: ['sh', '-c', `exec "$@" ${redirections}`, 'sh'] });

const closings: readonly (readonly [string, readonly number[]])[] = [
  ['<&-', [0]],
  ['>&-', [1]],
  ['2>&-', [2]],
  ['<&- >&- 2>&-', [0, 1, 2]],
];

describe('standard streams that the caller has closed', () => {
  clause('RTL-001 they are the null device for the program, and nothing of the runtime', async (box) => {
    // Reports what lies at 0, 1 and 2, in a file of the rootfs that appears when it is whole.
    const look = 'exec 3>/data/new; for n in 0 1 2; do echo $(readlink /proc/$$/fd/$n) >&3; done; mv /data/new /data/streams';
    const found = async (rootfs: string): Promise<string[]> => {
      const file = join(rootfs, 'data/streams');
      await until('the program has looked', () => existsSync(file));
      return readFileSync(file, 'utf8').trim().split('\n');
    };
    const global = ['--log', join(box.directory, 'log')];
    for (const [redirections, streams] of closings) {
      const nothing = (names: readonly string[]) => {
        // A pipe of the runtime, at whose other side is nothing, will do.
        for (const stream of streams) expect(names[stream], `${stream} of ${redirections}`).toMatch(/^(\/dev\/null|\/null|pipe:.*)$/);
      };
      for (const options of [[], ['--detach']]) {
        const bundle = box.bundle((config) => {
          config.process.args = ['sh', '-c', `${look}; true`];
        });
        (await box.run(bundle, { options, global, ...redirected(redirections) })).ok();
        nothing(await found(bundle.rootfs));
      }
      const container = await box.started(box.bundle());
      (await container.exec(['sh', '-c', look], [], { global, ...redirected(redirections) })).ok();
      nothing(await found(container.bundle.rootfs));
    }
  });

  clause('RTL-001 state without stdout has status 0, and does not write elsewhere', async (box) => {
    const container = await box.create(box.bundle());
    const log = join(box.directory, 'log');
    const result = await box.runtime(['state', container.id], { global: ['--log', log], ...redirected('<&- >&- 2>&-') });
    expect(result.status).toBe(0);
    expect(existsSync(log) ? readFileSync(log, 'utf8') : '').toBe('');
  });
});

/** Through a shell in which "$@" is the runtime. */
const shell = (script: string) => ({ through: ['sh', '-c', script, 'sh'] });

const untilFull = `/usr/bin/python3 '${join(import.meta.dirname, 'harness/until_full.py')}'`;

/** Owner and permission bits. */
const rights = (path: string): string => {
  const { uid, gid, mode } = statSync(path);
  return `${uid}:${gid} ${(mode & 0o7777).toString(8)}`;
};

/** A device node in the box, so that nothing of the host is at stake. */
async function node(box: Box, name: string, minor: number): Promise<string> {
  const path = join(box.directory, name);
  (await box.host(['mknod', '-m', '666', path, 'c', '1', String(minor)])).ok();
  return path;
}

describe('owners of standard streams', () => {
  clause(
    'CLI-120 CLI-121 CLI-042 files, directories and devices of the caller stay his',
    async (box) => {
      const program = join(box.directory, 'program');
      writeFileSync(program, '');
      chownSync(program, 5, 6);
      chmodSync(program, 0o4755);
      const files = [program, await node(box, 'null', 3), await node(box, 'full', 7), box.directory];
      const before = files.map(rights);
      const container = await box.started(box.bundle());
      for (const [index, file] of files.entries()) {
        const given = redirected(`<${file} ${index === 3 ? '' : `>>${file}`}`);
        await container.exec(['true'], ['--user', '1234'], given);
        await container.exec(['true'], ['--user', '1234', '--detach'], given);
        for (const options of [[], ['--detach']]) {
          const bundle = box.bundle((config) => {
            config.process.args = ['true'];
            config.process.user = { uid: 1234, gid: 1234 };
          });
          await box.run(bundle, { options, ...given });
        }
        expect(files.map(rights), file).toEqual(before);
      }
    },
    'runts',
  );

  clause(
    'CLI-120 CLI-121 CLI-042 the program cannot change the mode of a null device of the host',
    async (box) => {
      const file = await node(box, 'null', 3);
      const before = rights(file);
      const given = redirected(`<${file} >${file} 2>${file}`);
      const args = ['sh', '-c', 'for n in 0 1 2; do chmod 600 /proc/self/fd/$n; chown 5:6 /proc/self/fd/$n; done; touch /data/done'];
      const done = (rootfs: string) => until('it has tried', () => existsSync(join(rootfs, 'data/done')));
      for (const options of [[], ['--detach']]) {
        const bundle = box.bundle((config) => {
          config.process.args = args;
          config.process.capabilities = Object.fromEntries(
            ['bounding', 'effective', 'permitted'].map((set) => [set, ['CAP_FOWNER', 'CAP_CHOWN']]),
          );
        });
        (await box.run(bundle, { options, ...given })).ok();
        await done(bundle.rootfs);
        expect(rights(file)).toBe(before);
      }
      const container = await box.started(box.bundle());
      (await container.exec(args, ['--cap', 'CAP_FOWNER', '--cap', 'CAP_CHOWN'], given)).ok();
      await done(container.bundle.rootfs);
      expect(rights(file)).toBe(before);
    },
    'runts',
  );

  clause(
    'ENG-026 the user of a user namespace can open stdout again, whether it is new or joined',
    async (box) => {
      const again = ['sh', '-c', 'cat /dev/stdin; echo again >/dev/stdout; echo error >/dev/stderr'];
      // One pipe or two: their order is nobody's business here.
      const whole = (text: string) => text.split('\n').sort().join(' ') === ' again error given';
      const piped = shell('echo given | "$@" 2>&1 | cat');
      const holder = await box.started(box.bundle(withUserNamespace));
      for (const uid of [0, 1000]) {
        for (const joined of [false, true]) {
          const bundle = box.bundle((config) => {
            withUserNamespace(config);
            if (joined) {
              setNamespace(config, 'user', `/proc/${holder.pid}/ns/user`);
              delete config.linux.uidMappings;
              delete config.linux.gidMappings;
            }
            config.process.args = again;
            config.process.user = { uid, gid: uid };
          });
          for (const options of [[], ['--detach']]) {
            const result = await box.run(bundle, { options, ...piped });
            await until('its output', () => whole(result.stdout));
            if (options.length > 0) (await box.runtime(['delete', '--force', bundle.id])).ok();
          }
        }
        for (const options of [[], ['--detach']]) {
          const result = await holder.exec(again, ['--user', `${uid}:${uid}`, ...options], piped);
          await until('its output', () => whole(result.stdout));
        }
      }
    },
    'runts',
  );
});

describe('streams in the foreground', () => {
  clause('CLI-120 CLI-042 everything arrives in both directions, then its end', async (box) => {
    // Ends only when stdin does; the last output comes just before the end of the program.
    const args = ['sh', '-c', 'cat; echo last; echo problems >&2'];
    const input = Array.from({ length: 60_000 }, (_, line) => `line ${line}\n`).join('');
    const slowly = shell(`{ "$@" || echo "status $?"; } | { read first; ${untilFull}; echo "$first"; cat; }`);
    const container = await box.started(box.bundle());
    for (const call of [{ input }, { input, ...slowly }]) {
      const bundle = box.bundle((config) => {
        config.process.args = args;
      });
      const results = [await box.run(bundle, call), await container.exec(args, [], call)];
      for (const result of results) {
        expect(result.ok().stdout.startsWith(`${input}last\n`)).toBe(true);
        expect(result.stdout + result.stderr).toContain('problems\n');
      }
    }
  });

  clause('CLI-042 a program whose reader goes away learns it', async (box) => {
    const container = await box.started(box.bundle());
    const result = await container.exec(['yes'], [], shell('{ "$@"; echo "status $?" >&2; } | head -n 1'));
    expect(result.stdout).toBe('y\n');
    expect(result.stderr).toBe('status 141\n');
  });

  clause(
    'CLI-042 a program that does not read its input goes on',
    async (box) => {
      const container = await box.started(box.bundle());
      const result = await container.exec(['sh', '-c', 'exec <&-; seq 30000; echo over'], [], shell('yes | "$@"'));
      expect(result.ok().stdout.endsWith('\n29999\n30000\nover\n')).toBe(true);
    },
    'runts',
  );

  clause(
    'CLI-042 two outputs that are one keep their order',
    async (box) => {
      const container = await box.started(box.bundle());
      const script = 'for i in 1 2 3 4 5 6 7 8 9; do echo $i; echo $i >&2; done';
      const result = await container.exec(['sh', '-c', script], [], shell('"$@" 2>&1 | cat'));
      expect(result.ok().stdout).toBe('1 1 2 2 3 3 4 4 5 5 6 6 7 7 8 8 9 9 '.replaceAll(' ', '\n'));
    },
    'runts',
  );

  clause('CLI-042 output of what the program leaves running is waited for', async (box) => {
    const container = await box.started(box.bundle());
    const gone = 'until ! grep -q "^State:.[^Z]" /proc/$$/status 2>/dev/null; do usleep 10000; done';
    const result = await container.exec(['sh', '-c', `(${gone}; echo late) & echo early; exit 7`]);
    expect(result.status).toBe(7);
    expect(result.stdout).toBe('early\nlate\n');
  });

  clause('CLI-031 what survives init does not keep run from its end', async (box) => {
    for (const options of [[], ['--no-subreaper']]) {
      const bundle = box.bundle((config) => {
        dropNamespace(config, 'pid');
        config.process.args = ['sh', '-c', 'sleep 1000 & echo done; exit 7'];
      });
      const result = await box.run(bundle, { options });
      expect(result.status).toBe(7);
      expect(result.stdout).toBe('done\n');
    }
  });

  clause(
    'CLI-042 a signal ends the wait for output of what the program leaves running',
    async (box) => {
      const container = await box.started(box.bundle());
      const running = box.launch(['exec', container.id, 'sh', '-c', 'sleep 1000 & echo $! >/data/pid; echo done; exit 7']);
      const pid = await until('the survivor is alone', async () => {
        if (!running.output().includes('done')) return undefined;
        return (await container.output('sh', '-c', 'pid=$(cat /data/pid); grep -q "^PPid:.1$" /proc/$pid/status && echo $pid')).trim();
      });
      expect(Number(pid)).toBeGreaterThan(1);
      process.kill(running.pid, 'SIGTERM');
      expect((await running.exited).status).toBe(7);
    },
    'runts',
  );
});
