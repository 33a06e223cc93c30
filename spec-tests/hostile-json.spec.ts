import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, vi } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause as anyRuntime } from './harness/clause.ts';
import { callTimeout, inVm, isSanitized, slowness } from './harness/suite.ts';

// Limits are our own: other runtimes read whatever memory holds.
const clause = (title: string, body: (box: Box) => Promise<void>): void => anyRuntime(title, body, 'runts', '/usr/bin/python3');

const MEGABYTE = 1024 * 1024;
/** Seconds of a processor and bytes that refusing a file may cost; a start alone needs about 50 MB. */
const bounds = { seconds: slowness * (inVm ? 120 : 8), memory: (isSanitized ? 2 : 1) * 700 * MEGABYTE };

/** What it costs is counted, not timed: how long it takes hangs on what else the machine has to do. */
const timeout = 4 * callTimeout;
vi.setConfig({ testTimeout: 2 * timeout });

/** Runs the rest of its command line, and adds a last line to stderr: seconds of a processor, and the most memory that was in use. */
const measure = `
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, file=sys.stderr)
sys.exit(status)`;

async function refused(box: Box, bundle: Bundle, words: RegExp): Promise<void> {
  for (const command of [
    ['create', '--bundle', bundle.directory, bundle.id],
    ['validate', bundle.directory],
  ]) {
    const result = await box.runtime(command, { through: ['/usr/bin/python3', '-c', measure] });
    const [seconds = 0, memory = 0] = (result.stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
    expect(result.status).toBe(1);
    expect(`${result.stdout}${result.stderr}`).toMatch(words);
    expect(seconds).toBeLessThan(bounds.seconds);
    expect(memory).toBeLessThan(bounds.memory);
  }
  expect(box.leftovers()).toEqual([]);
}

/** The default config with more text before its last brace. */
function withText(box: Box, more: string): Bundle {
  const bundle = box.bundle();
  return bundle.writeText(JSON.stringify(bundle.config).replace(/\}$/, `,${more}}`));
}

describe('hostile config.json', () => {
  clause('GLO-001 a file of 100 MB is refused', async (box) => {
    const bundle = box.bundle();
    truncateSync(join(bundle.directory, 'config.json'), 100 * MEGABYTE);
    await refused(box, bundle, /16 MiB/);
  });

  clause('GLO-001 a file that never ends is refused', async (box) => {
    const bundle = box.bundle();
    const result = await box.runtime(['create', '--bundle', bundle.directory, '--config', '/dev/zero', bundle.id]);
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/16 MiB|config/);
  });

  for (const [what, text] of Object.entries({
    'arrays a million deep': `"x":${'['.repeat(1_000_000)}`,
    'arrays a million deep, closed': `"x":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`,
    'objects 200 000 deep': `"x":${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`,
    'arrays 300 deep beside a long number': `"n":12345678901234567890,"x":${'['.repeat(300)}${']'.repeat(300)}`,
  })) {
    clause(`GLO-001 ${what} are refused`, async (box) => {
      await refused(box, withText(box, text), /levels/);
    });
  }

  for (const odd of ['"\\x41"', '1.']) {
    clause(`GLO-001 ${odd}, which JavaScript reads and JSON has not, is refused`, async (box) => {
      await refused(box, withText(box, `"x":${odd}`), /invalid JSON/);
    });
  }

  clause('CFG-095 200 000 unknown properties cost little', async (box) => {
    const names = Array.from({ length: 200_000 }, (_, index) => `"unknown${index}":0`).join();
    const bundle = withText(box, names);
    const result = await box.runtime(['create', '--bundle', bundle.directory, bundle.id], {
      through: ['/usr/bin/python3', '-c', measure],
      timeout,
    });
    const [seconds = 0, memory = 0] = (result.ok().stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
    expect(seconds).toBeLessThan(bounds.seconds);
    expect(memory).toBeLessThan(bounds.memory);
    (await box.runtime(['delete', '--force', bundle.id])).ok();
    (await box.runtime(['validate', '--format', 'json', bundle.directory], { timeout })).ok();
  });

  for (const [what, text] of Object.entries({
    'a NUL in an argument': '"process":{"args":["sh","\\u0000"],"cwd":"/"}',
    'a NUL in a name': '"annotations":{"a\\u0000":"b"}',
  })) {
    clause(`CFG-096 ${what} is refused`, async (box) => {
      await refused(box, withText(box, text), /nul byte/);
    });
  }

  clause('GLO-001 a NUL byte outside of strings is refused', async (box) => {
    await refused(box, withText(box, '"x":\0 1'), /invalid JSON/);
  });

  clause('CFG-095 __proto__ and constructor are names like any other', async (box) => {
    const bundle = withText(box, '"__proto__":{"process":{"args":["x"]},"hooks":1},"constructor":{"prototype":{"polluted":true}}');
    await box.create(bundle);
    const proto = withText(box, '"annotations":{"__proto__":"x","toString":"y"}');
    const container = await box.create(proto);
    expect((await container.state()) as unknown).toMatchObject({ status: 'created' });
    const nested = withText(box, '"linux":{"__proto__":{"namespaces":[]},"rootfsPropagation":"sideways"}');
    expect((await box.tryCreate(nested)).stderr).toMatch(/rootfsPropagation/);
  });

  for (const [what, text] of Object.entries({
    'beyond 64 bits': '18446744073709551616',
    'a thousand digits': '9'.repeat(1000),
    'with an exponent beyond a double': '1e400',
    negative: '-1',
    'with a fraction': '0.5',
  })) {
    clause(`CFG-034 a limit ${what} is refused`, async (box) => {
      const limit = `{"type":"RLIMIT_NOFILE","soft":1,"hard":${text}}`;
      await refused(box, withText(box, `"process":{"args":["true"],"cwd":"/","rlimits":[${limit}]}`), /rlimits|uint64|hard/);
    });
  }

  clause('GLO-002 of a repeated name the last one counts, and validate warns', async (box) => {
    const bundle = withText(box, '"hostname":"first","hostname":"second"');
    bundle.writeText(JSON.stringify(bundle.config).replace('"hostname"', '"hostname":"first","hostname"'));
    const result = (await box.runtime(['validate', '--format', 'json', bundle.directory])).ok();
    const repeated = result.json<{ code: string; clause: string; severity: string; pointer: string }[]>();
    expect(repeated.filter(({ code }) => code === 'DUPLICATE_PROPERTY')).toMatchObject([
      { severity: 'warning', clause: 'GLO-002', pointer: '/hostname' },
    ]);
  });

  clause('GLO-002 of repeated arguments the last count', async (box) => {
    const bundle = box.bundle((config) => {
      config.process.args = ['echo', 'last'];
    });
    bundle.writeText(JSON.stringify(bundle.config).replace('"args"', '"args":["echo","first"],"args"'));
    expect((await box.run(bundle)).ok().stdout).toBe('last\n');
  });
});
