import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clause } from './harness/clause.ts';

// The cases of the specification's own schema tests. RUNTIME_SPEC names a checkout of the specification.
const directory = join(process.env['RUNTIME_SPEC'] ?? '/nowhere', 'schema/test/config');

/** What comes out otherwise than by the schema alone: code of the finding, or "" when there is none. */
const otherwise: Readonly<Record<string, readonly [code: string, reason: string]>> = {
  'bad/freebsd-vnet-disable.json': ['', 'objects of other platforms have no meaning here (CFG-073)'],
  'good/freebsd-example.json': ['NEEDS_NAMESPACE', 'a hostname needs a UTS namespace on Linux (CFG-070)'],
  'good/zos-example.json': ['BAD_VERSION', 'a version before 1.0'],
  'good/spec-example.json': ['BAD_VERSION', 'a version before 1.0'],
  'good/linux-netdevice.json': ['NEEDS_NAMESPACE', 'devices move to a network namespace of the container’s own (LNX-047)'],
};

describe('schema tests of the specification', () => {
  if (!existsSync(directory)) {
    test.skip('CFG-096 published cases [skipped: needs RUNTIME_SPEC, a checkout of the specification]');
    return;
  }
  const files = ['good', 'bad'].flatMap((kind) => readdirSync(join(directory, kind)).map((name) => `${kind}/${name}`));
  for (const file of files) {
    const [code, reason] = otherwise[file] ?? [];
    const good = code === undefined ? file.startsWith('good/') : code === '';
    clause(
      `CFG-096 ${file} is ${good ? 'accepted' : 'refused'}${reason === undefined ? '' : `: ${reason}`}`,
      async (box) => {
        const result = await box.runtime(['validate', '--format', 'json', '--config', join(directory, file)]);
        expect(result.status).toBe(good ? 0 : 1);
        if (code) expect(result.json<{ code: string }[]>().map((finding) => finding.code)).toContain(code);
      },
      'runts',
    );
  }
});
