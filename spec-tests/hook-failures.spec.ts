import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { type Hook, type HookKind, set } from './harness/config.ts';
import { alive } from './harness/container.ts';
import { processesWith } from './harness/leftovers.ts';

const failing: Hook = { path: '/bin/sh', args: ['sh', '-c', 'echo hook-words >&2; exit 3'] };

describe('hooks that fail', () => {
  for (const [id, kind] of [
    ['RT-021', 'prestart'],
    ['RT-022', 'createRuntime'],
    ['RT-023', 'createContainer'],
  ] as const satisfies [string, HookKind][]) {
    clause(`${id} a failing ${kind} hook makes create fail and leaves nothing`, async (box) => {
      const bundle = box.bundle((config) => {
        config.hooks = { [kind]: [failing] };
        config.process.args = ['touch', '/ran'];
      });
      expect((await box.tryCreate(bundle)).status).not.toBe(0);
      expect((await box.runtime(['state', bundle.id])).status).not.toBe(0);
      await until('nothing is left', () => box.leftovers().length === 0);
      expect(existsSync(join(bundle.rootfs, 'ran'))).toBe(false);
    });
  }

  clause('RT-025 a failing startContainer hook makes start fail, and the program does not run', async (box) => {
    const bundle = box.bundle((config) => {
      config.hooks = { startContainer: [failing] };
      config.process.args = ['touch', '/ran'];
    });
    const container = await box.create(bundle);
    expect((await box.runtime(['start', container.id])).status).not.toBe(0);
    await until('init has gone', () => !alive(container.pid));
    expect(existsSync(join(bundle.rootfs, 'ran'))).toBe(false);
  });

  clause('RT-027 a failing poststart hook makes start fail and ends the container', async (box) => {
    const bundle = box.bundle((config) => {
      config.hooks = { poststart: [failing] };
    });
    const container = await box.create(bundle);
    expect((await box.runtime(['start', container.id])).status).not.toBe(0);
    await until('init has gone', () => !alive(container.pid));
  });

  clause('RT-031 a failing poststop hook neither stops the next one nor delete', async (box) => {
    const file = join(box.directory, 'second');
    const bundle = box.bundle((config) => {
      config.hooks = { poststop: [failing, { path: '/bin/sh', args: ['sh', '-c', `echo ran > ${file}`] }] };
    });
    const container = await box.create(bundle);
    (await container.delete('--force')).ok();
    expect(readFileSync(file, 'utf8')).toBe('ran\n');
    expect(box.leftovers()).toEqual([]);
  });

  clause('RT-032 after a failing hook the poststop hooks run as well', async (box) => {
    const file = join(box.directory, 'poststop');
    const bundle = box.bundle((config) => {
      config.hooks = { createRuntime: [failing], poststop: [{ path: '/bin/sh', args: ['sh', '-c', `echo ran > ${file}`] }] };
    });
    expect((await box.tryCreate(bundle)).status).not.toBe(0);
    expect(existsSync(file)).toBe(true);
  });

  clause('CFG-079 after a failing hook the next one of its kind does not run', async (box) => {
    const file = join(box.directory, 'second');
    const bundle = box.bundle((config) => {
      config.hooks = { createRuntime: [failing, { path: '/bin/sh', args: ['sh', '-c', `echo ran > ${file}`] }] };
    });
    expect((await box.tryCreate(bundle)).status).not.toBe(0);
    expect(existsSync(file)).toBe(false);
  });

  clause('CLI-003 the error quotes what the hook wrote', async (box) => {
    const bundle = box.bundle((config) => {
      config.hooks = { createRuntime: [failing] };
    });
    expect((await box.tryCreate(bundle)).stderr).toMatch(/hook-words/);
  });

  const second = (hook: Hook): Hook[] => [{ path: '/bin/true' }, hook];

  for (const [kind, verb] of [
    ['prestart', 'create'],
    ['createRuntime', 'create'],
    ['createContainer', 'create'],
    ['startContainer', 'start'],
    ['poststart', 'start'],
    ['poststop', 'delete'],
  ] as const satisfies [HookKind, string][]) {
    clause(`CLI-003 the whole message of a failing ${kind} hook: kind, index, path, pointer, and what it wrote`, async (box) => {
      const bundle = box.bundle((config) => {
        config.hooks = { [kind]: second(failing) };
      });
      let result = await box.tryCreate(bundle);
      if (result.status === 0) result = await box.runtime(['start', bundle.id]);
      if (verb === 'delete') result = await box.runtime(['delete', '--force', bundle.id]);
      expect(result.stderr).toContain(`error running ${kind} hook #1: exit status 3`);
      expect(result.stderr).toContain('hook-words');
      if (box.kind !== 'runts') return;
      expect(result.stderr).toContain(`error running ${kind} hook #1: exit status 3 (/bin/sh), output: hook-words`);
      expect(result.stderr).toContain(`/hooks/${kind}/1`);
    });
  }

  for (const kind of ['createRuntime', 'createContainer'] as const) {
    clause(`CLI-003 of much output the end is quoted: a ${kind} hook`, async (box) => {
      const script = 'i=0; while [ $i -lt 20000 ]; do echo line-$i; i=$((i+1)); done; echo the-reason >&2; exit 1';
      const bundle = box.bundle((config) => {
        config.hooks = { [kind]: [{ path: '/bin/sh', args: ['sh', '-c', script] }] };
      });
      const { stderr } = await box.tryCreate(bundle);
      expect(stderr).toContain('the-reason');
      if (box.kind !== 'runts') return;
      expect(stderr).toMatch(/exit status 1 \(\/bin\/sh\), output: … (?:.|\n)*line-19999\nthe-reason\n/);
      expect(stderr.length).toBeLessThan(2000);
    });

    clause(`CFG-078 the words for a ${kind} hook whose time is up`, async (box) => {
      const bundle = box.bundle((config) => {
        config.hooks = { [kind]: second({ path: '/bin/sleep', args: ['sleep', '300'], timeout: 1 }) };
      });
      const { stderr } = await box.tryCreate(bundle);
      expect(stderr).toContain(`error running ${kind} hook #1: hook ran past specified timeout of 1.0s`);
      if (box.kind === 'runts') expect(stderr).toContain('timeout of 1.0s (/bin/sleep)');
    });

    clause(`CFG-075 the words for a ${kind} hook that is not there`, async (box) => {
      const bundle = box.bundle((config) => {
        config.hooks = { [kind]: second({ path: '/no/such/hook' }) };
      });
      const { stderr } = await box.tryCreate(bundle);
      expect(stderr).toContain(`error running ${kind} hook #1: `);
      expect(stderr).toContain('no such file or directory');
      if (box.kind !== 'runts') return;
      expect(stderr).toContain('hook #1: execve: no such file or directory (/no/such/hook)');
      expect(stderr).toContain(`/hooks/${kind}/1`);
    });

    clause(`CLI-003 the words for a ${kind} hook that a signal has killed`, async (box) => {
      const bundle = box.bundle((config) => {
        config.hooks = { [kind]: [{ path: '/bin/sh', args: ['sh', '-c', 'echo said; kill -KILL $$'] }] };
      });
      const { stderr } = await box.tryCreate(bundle);
      expect(stderr).toContain(`error running ${kind} hook #0: signal`);
      expect(stderr).toContain('said');
      if (box.kind === 'runts') expect(stderr).toContain('hook #0: signal 9 (/bin/sh), output: said');
    });
  }

  clause('CFG-078 a hook that takes longer than its timeout is killed and has failed', async (box) => {
    const bundle = box.bundle((config) => {
      config.hooks = { createRuntime: [{ path: '/bin/sleep', args: ['sleep', '300'], timeout: 1 }] };
    });
    const started = Date.now();
    expect((await box.tryCreate(bundle)).status).not.toBe(0);
    expect(Date.now() - started).toBeLessThan(25_000);
    await until('nothing is left', () => box.leftovers().length === 0);
  });

  clause('CFG-078 a hook of the container that takes longer than its timeout is killed', async (box) => {
    const bundle = box.bundle((config) => {
      config.hooks = { startContainer: [{ path: '/bin/sleep', args: ['sleep', '300'], timeout: 1 }] };
    });
    const container = await box.create(bundle);
    expect((await box.runtime(['start', container.id])).status).not.toBe(0);
    await until('init has gone', () => !alive(container.pid));
  });

  for (const kind of ['createRuntime', 'createContainer', 'startContainer'] as const) {
    clause(`CFG-078 a ${kind} hook that writes without pause is killed when its time is up`, async (box) => {
      const words = `endless-${box.id()}`;
      const bundle = box.bundle((config) => {
        // As fast as the pipe takes it: who would empty that before looking at the clock might never look.
        config.hooks = {
          [kind]: [{ path: '/bin/sh', args: ['sh', '-c', `exec yes ${words} >&2`], timeout: 1 }],
        };
      });
      let result = await box.tryCreate(bundle);
      if (kind === 'startContainer') result = await box.runtime(['start', bundle.id]);
      expect(result.status).not.toBe(0);
      await until('the hook has gone', () => processesWith(words).length === 0);
      if (box.kind !== 'runts') return;
      expect(result.stderr).toContain(`error running ${kind} hook #0: hook ran past specified timeout of 1.0s (/bin/sh), output: `);
      expect(result.stderr).toContain(words);
      expect(result.stderr.length).toBeLessThan(2000);
    });
  }

  clause('CFG-080 a hook that does not read its state is no error', async (box) => {
    const bundle = box.bundle((config) => {
      config.annotations = { large: 'x'.repeat(200_000) };
      config.hooks = { createRuntime: [{ path: '/bin/true' }] };
    });
    await box.create(bundle);
  });

  for (const [what, pointer, value] of [
    ['CFG-075 a relative path', '/hooks/createRuntime', [{ path: 'true' }]],
    ['CFG-075 a missing path', '/hooks/createRuntime', [{ args: ['true'] }]],
    ['CFG-075 a program that does not exist', '/hooks/createRuntime', [{ path: '/no/such/hook' }]],
    ['CFG-078 a timeout of 0', '/hooks/createRuntime', [{ path: '/bin/true', timeout: 0 }]],
    ['CFG-078 a negative timeout', '/hooks/createRuntime', [{ path: '/bin/true', timeout: -1 }]],
    ['CFG-074 hooks of the wrong type', '/hooks', ['x']],
  ] as const) {
    clause(`${what} is refused`, async (box) => {
      const bundle = box.bundle((config) => set(config, pointer, value));
      expect((await box.tryCreate(bundle)).status).not.toBe(0);
      expect(box.leftovers()).toEqual([]);
    });
  }
});
