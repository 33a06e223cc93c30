import { chmodSync, chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import type { Container } from './harness/container.ts';

/** A call that reads a file as JSON. */
interface Reader {
  readonly args: (file: string, container: Container) => readonly string[];
  /** What the message of a file that is not there says. */
  readonly missing: RegExp;
}

const readers: Readonly<Record<string, Reader>> = {
  'exec --process': {
    args: (file, { id }) => ['exec', '--process', file, id],
    missing: /unable to read process: open \/.*: no such file or directory/,
  },
  'update --resources': {
    args: (file, { id }) => ['update', '--resources', file, id],
    missing: /unable to read resources: open \/.*: no such file or directory/,
  },
  'seccomp dump --config': {
    args: (file) => ['seccomp', 'dump', '--config', file],
    missing: /JSON specification file given not found: \/.*: no such file or directory/,
  },
  'validate --config': {
    args: (file) => ['validate', '--config', file],
    missing: /JSON specification file given not found: \/.*: no such file or directory/,
  },
};

async function failure(box: Box, { args }: Reader, text: string | Uint8Array | undefined): Promise<string> {
  const file = join(box.directory, 'given');
  if (text !== undefined) writeFileSync(file, text);
  const container = await box.started(box.bundle());
  const result = await box.runtime(args(file, container));
  expect(result.status).not.toBe(0);
  return result.stderr + result.stdout;
}

describe('files of JSON', () => {
  for (const [name, reader] of Object.entries(readers)) {
    clause(
      `GLO-001 ${name} shows the line that is no JSON, with a caret`,
      async (box) => {
        const said = await failure(box, reader, '{\n\t"args": ["a",, "b"]\n}');
        expect(said).toContain('invalid JSON at line 2, column 15: expected a value, found ","');
        expect(said).toMatch(/^( *) "args": \["a",, "b"\]\n\1 {14}\^$/m);
      },
      'runts',
    );

    clause(
      `GLO-001 ${name} refuses what is not UTF-8`,
      async (box) => {
        expect(await failure(box, reader, Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d))).toMatch(/given is not UTF-8/);
      },
      'runts',
    );

    clause(
      `GLO-001 ${name} refuses more than 16 MiB`,
      async (box) => {
        expect(await failure(box, reader, new Uint8Array(16 * 1024 * 1024 + 1).fill(0x20))).toMatch(/given is larger than 16 MiB/);
      },
      'runts',
    );

    clause(
      `CLI-010 ${name} says what a missing file was for`,
      async (box) => {
        expect(await failure(box, reader, undefined)).toMatch(reader.missing);
      },
      'runts',
    );
  }

  clause(
    'GLO-001 config.json shows its line with a caret, cut to what is near',
    async (box) => {
      const bundle = box.bundle();
      bundle.writeText(`{"ociVersion": "1.0.2", "annotations": {${'"a": "b", '.repeat(100)}!}}`);
      const { stderr, status } = await box.tryCreate(bundle);
      expect(status).toBe(1);
      const [, line = '', caret = ''] = stderr.split('\n');
      expect(line).toMatch(/^ {2}….*"b", !}}$/);
      expect(line.length).toBeLessThan(130);
      expect(line[caret.indexOf('^')]).toBe('!');
    },
    'runts',
  );

  clause(
    'GLO-001 a log for programs does not get the line, which may hold a secret',
    async (box) => {
      const bundle = box.bundle();
      bundle.writeText('{"process": {"env": ["PASSWORD=hunter2",]}}');
      const log = join(box.directory, 'log');
      await box.tryCreate(bundle, { global: ['--log', log, '--log-format', 'json'] });
      expect((await box.host(['cat', log])).ok().stdout).not.toContain('hunter2');
    },
    'runts',
  );

  clause(
    'GLO-001 resources from standard input have the same limit',
    async (box) => {
      const container = await box.started(box.bundle());
      const { stderr, status } = await box.runtime(['update', '--resources', '-', container.id], {
        input: ' '.repeat(16 * 1024 * 1024 + 1),
      });
      expect(status).toBe(1);
      expect(stderr).toContain('standard input is larger than 16 MiB');
    },
    'runts',
  );
});

/** Root without the power to pass over permissions, as a user is. */
const powerless = ['setpriv', '--bounding-set', '-dac_override,-dac_read_search', '--'];

describe('what may not be read', () => {
  clause('BND-001 a bundle that may not be entered is told so', async (box) => {
    const bundle = box.bundle();
    chmodSync(bundle.directory, 0o700);
    chownSync(bundle.directory, 1000, 1000);
    const { stderr, status } = await box.tryCreate(bundle, { through: powerless });
    chownSync(bundle.directory, 0, 0);
    expect(status).toBe(1);
    expect(stderr).toMatch(/permission denied/i);
    expect(stderr).not.toMatch(/no such file/i);
  });

  clause('BND-001 a config.json that may not be read is told so', async (box) => {
    const bundle = box.bundle();
    const config = join(bundle.directory, 'config.json');
    chmodSync(config, 0o600);
    chownSync(config, 1000, 1000);
    const { stderr, status } = await box.tryCreate(bundle, { through: powerless });
    expect(status).toBe(1);
    expect(stderr).toMatch(/config\.json.*permission denied/i);
  });
});

describe('durations', () => {
  clause(
    'CLI-068 a duration that is too long is not told that it is too short',
    async (box) => {
      const container = await box.started(box.bundle());
      const { stderr, status } = await box.runtime(['events', '--interval', '2562048h', container.id]);
      expect(status).toBe(1);
      expect(stderr).toMatch(/invalid value .*2562048h/);
      expect(stderr).not.toContain('greater than 0');
    },
    'not crun',
  );
});
