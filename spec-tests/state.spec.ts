import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';

/** What the specification demands of a state on Linux (state-schema.json, and runtime.md for what that leaves out). */
const schema = {
  type: 'object',
  required: ['ociVersion', 'id', 'status', 'bundle'],
  properties: {
    ociVersion: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+(-[0-9A-Za-z.-]+)?(\\+[0-9A-Za-z.-]+)?$' },
    id: { type: 'string', minLength: 1 },
    status: { enum: ['creating', 'created', 'running', 'stopped'] },
    pid: { type: 'integer', minimum: 0 },
    bundle: { type: 'string', pattern: '^/' },
    annotations: { type: 'object', propertyNames: { minLength: 1 }, additionalProperties: { type: 'string' } },
  },
  if: { properties: { status: { enum: ['created', 'running'] } } },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { required: ['pid'], properties: { pid: { minimum: 1 } } },
} as const;

const fulfils = new Ajv({ allErrors: true, strictTypes: false, strictRequired: false }).compile(schema);

/** Pointers of what the schema has against a state. */
function violations(state: unknown): string[] {
  fulfils(state);
  return [...new Set((fulfils.errors ?? []).map(({ instancePath }) => instancePath))];
}

describe('state', () => {
  clause(
    'RT-003 to RT-005 RT-007 to RT-009 RT-011 RT-014 RT-016 RT-049 state fulfils the schema and tells the truth, in every status',
    async (box) => {
      const annotations = { 'org.example.key': 'value', empty: '' };
      const container = await box.create(
        box.bundle((config) => {
          config.annotations = annotations;
        }),
      );
      const check = async (status: string, pid: number) => {
        const state = await container.state();
        expect(violations(state)).toEqual([]);
        expect(state).toMatchObject({ id: container.id, status, bundle: container.bundle.directory, pid });
        expect(state.annotations).toEqual(annotations);
      };
      await check('created', container.pid);
      await container.start();
      await check('running', container.pid);
      (await container.kill('KILL')).ok();
      await container.reaches('stopped');
      await check('stopped', 0);
    },
  );

  // The schema names no such status, the text allows more than the four (AMB-019).
  clause('RT-016 RT-010 the state of a paused container fulfils the schema but for its status', async (box) => {
    const container = await box.started(box.bundle());
    (await box.runtime(['pause', container.id])).ok();
    const state = await container.state();
    expect(state.status).toBe('paused');
    expect(violations(state)).toEqual(['/status']);
    expect(violations({ ...state, status: 'running' })).toEqual([]);
  });

  clause('CLI-024 CLI-062 RT-016 fields have the order that runc gives them, and no annotations are no field', async (box) => {
    const container = await box.started(
      box.bundle((config) => {
        config.annotations = {};
      }),
    );
    const fields = ['ociVersion', 'id', 'pid', 'status', 'bundle', 'rootfs', 'created', 'owner'];
    expect(Object.keys(await container.state())).toEqual(fields);
    const [listed = {}] = (await box.runtime(['list', '--format', 'json'])).ok().json<object[]>();
    expect(Object.keys(listed)).toEqual(fields);
  });

  clause('CLI-024 RT-015 state tells rootfs, creation time and owner', async (box) => {
    const before = Date.now();
    const container = await box.create(box.bundle());
    const state = (await box.runtime(['state', container.id])).json<{ created: string; rootfs: string; owner: string }>();
    expect(state.rootfs).toBe(container.bundle.rootfs);
    expect(Date.parse(state.created)).toBeGreaterThanOrEqual(before - 1000);
    expect(Date.parse(state.created)).toBeLessThanOrEqual(Date.now() + 1000);
    expect(state.created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    expect(state.owner).toBeTypeOf('string');
  });

  clause('RT-013 the bundle of the state is an absolute path', async (box) => {
    const bundle = box.bundle();
    symlinkSync(bundle.directory, join(box.directory, 'link'));
    (await box.runtime(['create', '--bundle', './link', bundle.id], { cwd: box.directory })).ok();
    expect((await box.runtime(['state', bundle.id])).json<{ bundle: string }>().bundle).toMatch(/^\//);
  });

  clause('RT-047 state without an id is an error', async (box) => {
    expect((await box.runtime(['state'])).status).not.toBe(0);
  });

  clause('RT-048 state of an unknown id is an error that says it does not exist', async (box) => {
    const result = await box.runtime(['state', 'nope']);
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/does not exist|No such file or directory/);
  });

  clause('ENG-001 the words for an unknown id are "does not exist"', async (box) => {
    for (const verb of ['state', 'start', 'kill', 'delete', 'exec']) {
      const result = await box.runtime([verb, 'nope', ...(verb === 'exec' ? ['true'] : [])]);
      expect(result.status, verb).not.toBe(0);
      expect(result.stderr, verb).toMatch(/does not exist/);
    }
  });

  clause('RT-002 another state root sees nothing', async (box) => {
    const container = await box.create(box.bundle());
    const other = await box.runtime(['--root', join(box.directory, 'other'), 'state', container.id]);
    expect(other.status).toBe(1);
  });

  clause('RT-006 RT-016 a hook of create sees the status creating', async (box) => {
    const out = join(box.directory, 'state.json');
    const container = await box.create(
      box.bundle((config) => {
        config.hooks = { createRuntime: [{ path: '/bin/sh', args: ['sh', '-c', `cat > ${out}`] }] };
      }),
    );
    const state = (await box.host(['cat', out])).json();
    expect(violations(state)).toEqual([]);
    expect(state).toMatchObject({ id: container.id, status: 'creating', pid: container.pid, bundle: container.bundle.directory });
  });
});
