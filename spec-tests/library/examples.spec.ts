// The longer programs of examples/, word for word but for the places where they keep things.
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { redisWords } from '../../scripts/redis.js';
import type { Box } from '../harness/box.ts';
import { clause } from '../harness/clause.ts';
import { until } from '../harness/command.ts';
import { redisFolder } from '../harness/redis.ts';
import { slowness } from '../harness/suite.ts';

const root = join(import.meta.dirname, '../..');

/** A project with an example, the package and vitest. @returns its folder */
function project(box: Box, name: string, places: Readonly<Record<string, string>> = {}): string {
  const folder = join(box.directory, 'project');
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  symlinkSync(root, join(folder, 'node_modules/runts'));
  symlinkSync(join(root, 'node_modules/vitest'), join(folder, 'node_modules/vitest'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const own = { "'/run/": `'${box.directory}/run/`, "'/var/": `'${box.directory}/var/`, ...places };
  const text = readFileSync(join(root, 'examples', name), 'utf8');
  writeFileSync(
    join(folder, name),
    Object.entries(own).reduce((program, [from, to]) => program.replaceAll(from, to), text),
  );
  return folder;
}

/** What is sent to the interpreter, and why it ends. */
const codes: Readonly<Record<string, readonly [reasons: readonly string[], code: string]>> = {
  'a result': [['exit'], 'print(6 * 7)'],
  'a fork bomb': [['pids', 'timeout'], 'import os\nwhile True:\n os.fork()'],
  'a memory bomb': [['memory'], 'a = []\nwhile True:\n a.append(b"x" * (1 << 20))'],
  'a flood of output': [['output'], 'while True:\n print("x" * 1000)'],
  'one that is deaf': [['timeout'], 'import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True:\n time.sleep(1)'],
};

describe('examples', () => {
  clause(
    'LIB-062 a fixture of vitest that gives each test file a redis of its own',
    async (box) => {
      const redis = redisFolder() ?? '';
      const server = {
        args: redisWords('/opt'),
        mounts: ['bin', 'lib'].map((name) => ({ source: join(redis, name), destination: `/opt/${name}` })),
      };
      const folder = project(box, 'redis-fixture.js', {
        "{ args: ['redis-server'], mounts: [] }": JSON.stringify(server),
        'mkdirSync(join(root, place));':
          "mkdirSync(join(root, place));for (const name of ['bin', 'lib']) mkdirSync(join(root, 'opt', name), { recursive: true });",
      });
      for (const name of ['one', 'other']) {
        writeFileSync(
          join(folder, `${name}.test.js`),
          `import { expect } from 'vitest';
import { test } from './redis-fixture.js';
test('it is empty', async ({ redis }) => {
  expect(await redis('DBSIZE')).toBe(':0');
  expect(await redis('SET name ${name}')).toBe('+OK');
});
test('it is the same in the next test', async ({ redis }) => expect(await redis('GET name')).toContain('${name}'));
`,
        );
      }
      const times = ['test', 'hook'].map((what) => `--${what}Timeout=${slowness * 10_000}`);
      const result = await box.host([join(root, 'node_modules/.bin/vitest'), 'run', '--reporter=json', ...times, '--root', folder], {
        cwd: folder,
      });
      expect(JSON.parse(result.stdout)).toMatchObject({ success: true, numPassedTests: 4, numTotalTests: 4 });
      expect(result.status).toBe(0);
      expect(box.leftovers()).toEqual([]);
    },
    'redis',
    'runts',
  );

  clause(
    'LIB-063 a tiny CI runner: steps at a time, those that wait for others, and what of them has failed',
    async (box) => {
      const folder = project(box, 'ci.js');
      const sources = join(box.directory, 'sources');
      mkdirSync(sources);
      writeFileSync(join(sources, 'file'), 'of the sources\n');
      const ci = async (steps: Readonly<Record<string, { run: string; needs?: string[] }>>) => {
        writeFileSync(join(folder, 'ci.json'), JSON.stringify(steps));
        return box.host(['node', 'ci.js', 'ci.json', sources], { cwd: folder });
      };
      const good = await ci({
        pack: { run: 'cat file', needs: ['lint', 'test'] },
        lint: { run: 'echo changed > file; cat file' },
        test: { run: 'cat file' },
      });
      expect(good).toMatchObject({ status: 0, stderr: '' });
      const lines = good.stdout.split('\n');
      expect(
        lines
          .slice(0, 4)
          .filter((line) => line.endsWith('passed'))
          .sort(),
      ).toEqual(['lint: passed', 'test: passed']);
      expect(lines.slice(4)).toEqual(['pack: passed', '  of the sources', '']);
      const bad = await ci({
        test: { run: 'echo wrong >&2; exit 3' },
        pack: { run: 'true', needs: ['test'] },
        flood: { run: 'yes' },
      });
      expect(bad.status).toBe(1);
      expect(bad.stdout).toContain('test: failed (exit 3)\n  wrong\n');
      expect(bad.stdout).toContain('pack: skipped\n');
      expect(bad.stdout).toContain('flood: failed (output)\n');
      const circle = await ci({ one: { run: 'true', needs: ['other'] }, other: { run: 'true', needs: ['one'] } });
      expect(circle.status).toBe(1);
      expect(circle.stderr).toContain('waits for itself');
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );

  clause(
    'LIB-064 a code interpreter that survives what it is sent, several at a time',
    async (box) => {
      const folder = project(box, 'interpreter.js', { 'timeout: 5_000': `timeout: ${slowness * 5_000}` });
      const server = box.background(['node', 'interpreter.js', '0'], { cwd: folder });
      await until('it listens', () => /listening on \d+/.test(server.output()));
      const address = `http://localhost:${/listening on (\d+)/.exec(server.output())?.[1]}`;
      const send = async (code: string): Promise<{ reason: string; exitCode: number | null; stdout: string }> => {
        const response = await fetch(address, { method: 'POST', body: code });
        return (await response.json()) as { reason: string; exitCode: number | null; stdout: string };
      };
      const answers = await Promise.all(Object.values(codes).map(([, code]) => send(code)));
      for (const [index, [name, [reasons]]] of Object.entries(codes).entries()) expect(reasons, name).toContain(answers[index]?.reason);
      expect(await send('print(6 * 7)')).toMatchObject({ reason: 'exit', exitCode: 0, stdout: '42\n' });
      expect((await fetch(address, { method: 'POST', body: 'x'.repeat(100_001) })).status).toBe(413);
      // Whoever does not wait for the answer leaves nothing running.
      const impatient = new AbortController();
      const given = fetch(address, { method: 'POST', body: codes['one that is deaf']?.[1] ?? '', signal: impatient.signal });
      given.catch(() => {});
      const state = join(box.directory, 'run/interpreter');
      await until('it runs', () => readdirSync(state).length > 0);
      impatient.abort();
      await expect(given).rejects.toThrow();
      await until('it is gone', () => readdirSync(state).length === 0);
      process.kill(server.pid, 'SIGTERM');
      expect((await server.exited).status).toBe(0);
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
    '/usr/bin/python3',
  );
});
