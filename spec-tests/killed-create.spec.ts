import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';

describe('a runtime that is killed half-way', () => {
  clause('RT-033 in a createRuntime hook: init ends by itself, and delete --force removes the rest', async (box) => {
    const bundle = box.bundle((config) => {
      config.hooks = { createRuntime: [{ path: '/bin/sh', args: ['sh', '-c', 'kill -9 $PPID'] }] };
    });
    expect((await box.tryCreate(bundle)).status).not.toBe(0);
    (await box.runtime(['delete', '--force', bundle.id])).ok();
    await until('nothing left', () => box.leftovers().length === 0);
  });
});
