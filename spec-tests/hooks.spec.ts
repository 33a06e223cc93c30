import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import type { Hook, HookKind } from './harness/config.ts';
import type { State } from './harness/container.ts';

const kinds: readonly HookKind[] = ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'];
const inContainer: readonly HookKind[] = ['createContainer', 'startContainer'];

function shell(script: string): Hook {
  return { path: '/bin/sh', args: ['sh', '-c', script] };
}

/** A file that hooks of every kind can write: the box is bound into the container at its own path. */
function shared(box: Box, name: string): string {
  return join(box.directory, name);
}

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** Content of a file that a startContainer hook writes: start may return before that hook has ended. */
function written(path: string): Promise<string> {
  return until(`something in ${path}`, () => (read(path).endsWith('\n') ? read(path) : undefined));
}

describe('hooks', () => {
  clause('CFG-079 hooks of one kind run in listed order', async (box) => {
    const log = shared(box, 'log');
    const bundle = box.bundle((config) => {
      config.hooks = { createRuntime: ['a', 'b', 'c'].map((name) => shell(`echo ${name} >> ${log}`)) };
    });
    await box.create(bundle);
    expect(read(log)).toBe('a\nb\nc\n');
  });

  clause('CFG-081 to CFG-086 each of the six kinds runs at its moment', async (box) => {
    const log = shared(box, 'log');
    const bundle = box.bundle((config) => {
      config.mounts.push({ destination: box.directory, source: box.directory, options: ['rbind'] });
      config.hooks = Object.fromEntries(kinds.map((kind) => [kind, [shell(`echo ${kind} >> ${log}`)]]));
      config.process.args = ['sh', '-c', `echo program >> ${log}; exec sleep 1000`];
    });
    const lines = () => read(log).trim().split('\n');
    const container = await box.create(bundle);
    expect(lines()).toEqual(['prestart', 'createRuntime', 'createContainer']);
    await container.start();
    await until('the program has run', () => read(log).includes('program'));
    expect(lines().filter((line) => line !== 'program')).toEqual([
      'prestart',
      'createRuntime',
      'createContainer',
      'startContainer',
      'poststart',
    ]);
    expect(lines().indexOf('program')).toBeGreaterThan(lines().indexOf('startContainer'));
    (await container.delete('--force')).ok();
    expect(lines().at(-1)).toBe('poststop');
  });

  clause('ENG-015 a hook without env: that of the runtime has the runtime’s own, startContainer the program’s', async (box) => {
    const file = (kind: string) => shared(box, `${kind}.env`);
    const bundle = box.bundle((config) => {
      config.mounts.push({ destination: box.directory, source: box.directory, options: ['rbind'] });
      config.process.env?.push('OF=program');
      const hook = (kind: string) => [{ path: '/bin/sh', args: ['sh', '-c', `echo "$OF" > ${file(kind)}`] }];
      config.hooks = { createRuntime: hook('createRuntime'), startContainer: hook('startContainer') };
    });
    const container = await box.create(bundle, { env: { OF: 'runtime' } });
    await container.start();
    expect(await written(file('createRuntime'))).toBe('runtime\n');
    expect(await written(file('startContainer'))).toBe('program\n');
  });

  for (const kind of kinds) {
    clause(`CFG-080 ${kind} hooks get the state on stdin`, async (box) => {
      const file = shared(box, 'state.json');
      const bundle = box.bundle((config) => {
        config.annotations = { 'org.example': 'annotation' };
        config.mounts.push({ destination: box.directory, source: box.directory, options: ['rbind'] });
        config.hooks = { [kind]: [shell(`cat > ${file}; echo >> ${file}`)] };
      });
      const container = await box.started(bundle);
      const expected = inContainer.includes(kind) ? 1 : container.pid;
      if (kind !== 'poststop') await written(file);
      (await container.delete('--force')).ok();
      const state = JSON.parse(read(file)) as State;
      expect(state).toMatchObject({ id: bundle.id, bundle: bundle.directory, annotations: { 'org.example': 'annotation' } });
      expect(state.ociVersion).toMatch(/^\d+\.\d+/);
      // Of a process that is gone runc leaves the member out.
      if (kind === 'poststop') expect(state.pid ?? 0).toBe(0);
      else expect([expected, container.pid]).toContain(state.pid);
    });

    clause(`CFG-077 ${kind} hooks have exactly the environment of the config`, async (box) => {
      const file = shared(box, 'env');
      const bundle = box.bundle((config) => {
        config.mounts.push({ destination: box.directory, source: box.directory, options: ['rbind'] });
        config.hooks = { [kind]: [{ ...shell(`env > ${file}`), env: ['PATH=/usr/bin:/bin', 'ONLY=this'] }] };
      });
      const container = await box.started(bundle);
      if (kind !== 'poststop') await written(file);
      (await container.delete('--force')).ok();
      const names = read(file)
        .trim()
        .split('\n')
        .filter((line) => !/^(PWD|SHLVL|_|OLDPWD)=/.test(line));
      expect(names.sort()).toEqual(['ONLY=this', 'PATH=/usr/bin:/bin']);
    });
  }

  clause('RT-012 hooks of the container namespace get its view of the pid', async (box) => {
    for (const kind of inContainer) {
      const file = shared(box, `state-${kind}`);
      const bundle = box.bundle((config) => {
        config.mounts.push({ destination: box.directory, source: box.directory, options: ['rbind'] });
        config.hooks = { [kind]: [shell(`cat > ${file}; echo >> ${file}`)] };
      });
      await box.started(bundle);
      expect((JSON.parse(await written(file)) as State).pid, kind).toBe(1);
    }
  });

  clause(
    'CFG-081 CFG-083 prestart and createRuntime run in the runtime’s namespaces, createContainer and startContainer in the container’s',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.mounts.push({ destination: box.directory, source: box.directory, options: ['rbind'] });
        config.hooks = Object.fromEntries(
          ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart'].map((kind) => [
            kind,
            [shell(`readlink /proc/self/ns/net > ${shared(box, kind)}`)],
          ]),
        );
      });
      const container = await box.started(bundle);
      const own = (await box.host(['readlink', '/proc/self/ns/net'])).stdout;
      for (const kind of ['prestart', 'createRuntime', 'poststart']) expect(await written(shared(box, kind)), kind).toBe(own);
      for (const kind of inContainer) expect((await written(shared(box, kind))).trim(), kind).toBe(container.namespace('net'));
    },
  );

  clause('CFG-083 createContainer finds its program on the host, startContainer in the rootfs', async (box) => {
    const host = shared(box, 'host-only');
    (await box.host(['sh', '-c', `printf '#!/bin/sh\\necho host > ${shared(box, 'one')}\\n' > ${host} && chmod +x ${host}`])).ok();
    const bundle = box.bundle((config, made) => {
      made.put('/bin/rootfs-only', '#!/bin/sh\necho rootfs > /two\n', 0o755);
      config.hooks = { createContainer: [{ path: host }], startContainer: [{ path: '/bin/rootfs-only' }] };
    });
    await box.started(bundle);
    expect(read(shared(box, 'one'))).toBe('host\n');
    expect(await written(join(bundle.rootfs, 'two'))).toBe('rootfs\n');
  });

  clause('CFG-082 createRuntime can enter the new namespaces: mounts are made, the root is not yet changed', async (box) => {
    const file = shared(box, 'mountinfo');
    const script = `pid=$(sed -n 's/.*"pid": *\\([0-9]*\\).*/\\1/p'); cat /proc/$pid/mountinfo > ${file}`;
    const bundle = box.bundle((config) => {
      config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'hook-mark' });
      config.hooks = { createRuntime: [shell(script)] };
    });
    await box.create(bundle);
    expect(read(file)).toMatch(/\/rootfs\/data .*hook-mark/);
  });

  clause('CFG-083 a mount that a createContainer hook makes appears in the container', async (box) => {
    const bundle = box.bundle((config, made) => {
      config.hooks = { createContainer: [shell(`mount -t tmpfs hook-made ${made.rootfs}/data`)] };
      config.process.args = ['cat', '/proc/self/mountinfo'];
    });
    expect((await box.run(bundle)).ok().stdout).toMatch(/ \/data .*hook-made/);
  });

  clause('CFG-076 args are the whole argv; without them argv[0] is the path', async (box) => {
    const file = shared(box, 'argv');
    (
      await box.host([
        'sh',
        '-c',
        `printf '#!/bin/sh\\ntr "\\\\0" " " < /proc/$$/cmdline >> ${file}; echo >> ${file}\\n' > ${shared(box, 'hook')} && chmod +x ${shared(box, 'hook')}`,
      ])
    ).ok();
    const bundle = box.bundle((config) => {
      config.hooks = { createRuntime: [{ path: shared(box, 'hook') }, { path: shared(box, 'hook'), args: ['zero', 'one', 'two words'] }] };
    });
    await box.create(bundle);
    expect(read(file)).toMatch(/hook \n.*hook one two words \n/);
  });

  clause('CFG-086 poststop runs when the container has gone', async (box) => {
    const bundle = box.bundle((config) => {
      config.hooks = { poststop: [shell(`ls ${box.stateRoot} > ${shared(box, 'listing')}`)] };
    });
    const container = await box.create(bundle);
    (await container.delete('--force')).ok();
    expect(read(shared(box, 'listing'))).toBe('');
  });
});
