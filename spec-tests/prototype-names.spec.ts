import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import type { Result } from './harness/command.ts';
import type { Config } from './harness/config.ts';
import { limited, limits, someLimits, update, updateWith } from './harness/update.ts';

/** Names that every object of JavaScript has, each with one of like shape that no object has. */
const pairs = [
  ['constructor', 'construktor'],
  ['toString', 'toStrung'],
  ['hasOwnProperty', 'hasOwnProberty'],
  ['__proto__', '__prato__'],
] as const;
const names = pairs.map(([name]) => name);

/** A member like any other, also of the name "__proto__". */
const member = (name: string, value: unknown): object => Object.fromEntries([[name, value]]);
const members = (value: unknown): object => Object.fromEntries(names.map((name) => [name, value]));
const add = (target: object, more: object): void => {
  for (const [name, value] of Object.entries(more)) Object.defineProperty(target, name, { value, enumerable: true });
};

/** Status and words, but for the name that went in, ids, times, and hints, which hang on what a name is like. */
function outcome({ status, stdout, stderr }: Result, name: string): string {
  const lines = [status, stdout, ...stderr.split('\n').filter((line) => !/^\s*hint/.test(line))].join('\n');
  const plain = lines
    .replaceAll(name, 'NAME')
    .replace(/[\w-]*runtspec-[\w-]+/g, 'ID')
    .replace(/bundle-\d+/g, 'BUNDLE');
  return plain.replace(/(?:time=)?"?\d{4}-\d\d-\d\dT[\d:.]+Z?[+\d:]*"?/g, 'TIME').replace(/test-\d+-\d+/g, 'TEST');
}

/** Each name gets the same answer as the one that no object has. */
async function expectNoDifference(what: string, ask: (name: string) => Promise<Result>): Promise<void> {
  for (const [name, control] of pairs) {
    expect(outcome(await ask(name), name), `${what} ${name}`).toBe(outcome(await ask(control), control));
  }
}

const tryCreate = (box: Box, change: (config: Config) => void) => {
  const bundle = box.bundle((config) => change(config));
  return box.tryCreate(bundle);
};

describe('names that every object has', () => {
  clause('RUN-001 annotations, environment and unknown hooks of any name', async (box) => {
    const bundle = box.bundle((config) => {
      config.process.args = ['sh', '-c', 'env; sleep 1000'];
      config.process.env?.push(...names.map((name) => `${name}=of ${name}`));
      config.annotations = members('noted') as Record<string, string>;
      // Of kinds that nobody defines.
      config.hooks = members([{ path: '/bin/false' }]) as NonNullable<Config['hooks']>;
      add(config, members('unknown'));
      add(config.linux, members({}));
    });
    const container = await box.started(bundle);
    await container.prints(/__proto__=of __proto__/);
    for (const name of names) expect(container.stdout.split('\n')).toContain(`${name}=of ${name}`);
    const { annotations = {} } = await container.state();
    for (const name of names) expect(Object.entries(annotations)).toContainEqual([name, 'noted']);
    expect((await container.exec(['env'], ['--env', 'constructor=other'])).stdout.split('\n')).toContain('constructor=other');
    expect((await container.exec(['env'], ['--env', '__proto__='])).stdout.split('\n')).toContain('__proto__=');
  });

  clause('RUN-001 an id of any name, from create to delete', async (box) => {
    for (const name of names) {
      const bundle = box.bundle();
      (await box.runtime(['create', '--bundle', bundle.directory, name])).ok();
      expect((await box.runtime(['state', name])).ok().json<{ id: string; status: string }>()).toMatchObject({
        id: name,
        status: 'created',
      });
      expect((await box.runtime(['list', '--quiet'])).ok().stdout.trim()).toBe(name);
      (await box.runtime(['start', name])).ok();
      (await box.runtime(['delete', '--force', name])).ok();
      expect((await box.runtime(['state', name])).status).toBe(1);
    }
  });

  clause('RUN-001 create: values that have to be one of a list', async (box) => {
    const places: Readonly<Record<string, (config: Config, name: string) => void>> = {
      'a limit': ({ process }, name) => add(process, { rlimits: [{ type: name, soft: 1, hard: 1 }] }),
      'a namespace': ({ linux }, name) => add(linux, { namespaces: [...(linux.namespaces ?? []), { type: name }] }),
      'a seccomp action': ({ linux }, name) => add(linux, { seccomp: { defaultAction: name } }),
      'a mount type': (config, name) => config.mounts?.push({ destination: '/x', type: name, source: name }),
      'a file of cgroups': ({ linux }, name) => add(linux, { resources: { unified: member(name, '1') } }),
      'a file of a controller': ({ linux }, name) => add(linux, { resources: { unified: member(`pids.${name}`, '1') } }),
      'a kernel parameter': ({ linux }, name) => add(linux, { sysctl: member(name, '1') }),
    };
    for (const [place, change] of Object.entries(places)) {
      await expectNoDifference(place, async (name) => {
        const result = await tryCreate(box, (config) => change(config, name));
        expect(result.status, `${place} ${name}`).not.toBe(0);
        return result;
      });
    }
  });

  clause('RUN-001 update: members and files of cgroups', async (box) => {
    const container = await limited(box, someLimits);
    const before = limits(container);
    await expectNoDifference('a member', (name) => updateWith(box, container, member(name, { limit: 1 })));
    await expectNoDifference('a file', (name) => updateWith(box, container, { unified: member(name, '1') }));
    await expectNoDifference('a file of a controller', (name) => updateWith(box, container, { unified: member(`pids.${name}`, '1') }));
    await expectNoDifference('an amount', (name) => update(box, container, '--memory', name));
    expect(limits(container)).toEqual(before);
  });

  clause('RUN-001 exec: users, capabilities, programs, limits of --process', async (box) => {
    const container = await box.started(box.bundle());
    await expectNoDifference('a user', (name) => container.exec(['true'], ['--user', name]));
    await expectNoDifference('a program', (name) => container.exec([name]));
    await expectNoDifference('a capability', (name) => container.exec(['true'], ['--cap', name]));
    await expectNoDifference('a limit', (name) => {
      const process = { args: ['true'], cwd: '/', user: { uid: 0, gid: 0 }, rlimits: [{ type: name, soft: 1, hard: 1 }] };
      return box.runtime(['exec', '--process', '/dev/stdin', container.id], { input: JSON.stringify(process) });
    });
    await expectNoDifference('a signal', (name) => container.kill(name));
    await expectNoDifference('a signal with SIG', (name) => container.kill(`SIG${name}`));
    expect(await container.status()).toBe('running');
  });

  clause('RUN-001 the command line: verbs, flags and their values', async (box) => {
    await expectNoDifference('a verb', (name) => box.runtime([name]));
    await expectNoDifference('a flag', (name) => box.runtime(['list', `--${name}`]));
    await expectNoDifference('a global flag', (name) => box.runtime(['list'], { global: [`--${name}=1`] }));
    await expectNoDifference('a form', (name) => box.runtime(['list', '--format', name]));
    await expectNoDifference('a form of the log', (name) => box.runtime(['list'], { global: ['--log-format', name] }));
    await expectNoDifference('an id', (name) => box.runtime(['state', name]));
  });
});
