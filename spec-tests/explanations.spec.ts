import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause as anyRuntime } from './harness/clause.ts';
import { type Config, set } from './harness/config.ts';

const clause = (title: string, body: (box: Box) => Promise<void>): void => anyRuntime(title, body, 'runts');

interface Entry {
  readonly code?: string;
  readonly problems?: readonly { readonly code: string; readonly pointer: string }[];
}

/** The last line of the log of a failed create. */
async function failure(box: Box, change: (config: Config) => void): Promise<{ entry: Entry; directory: string }> {
  const bundle = box.bundle(change);
  const log = join(box.directory, 'log.json');
  const result = await box.tryCreate(bundle, { global: ['--log', log, '--log-format', 'json'] });
  expect(result.status).toBe(1);
  const { stdout } = (await box.host(['tail', '-n', '1', log])).ok();
  return { entry: JSON.parse(stdout) as Entry, directory: bundle.directory };
}

const explained = async (box: Box, code: string) => (await box.runtime(['errors', '--format', 'json', code])).ok().json<Entry[]>();

describe('errors', () => {
  clause('CLI-010 the code of a failure is one that is explained', async (box) => {
    const { entry } = await failure(box, (config) => set(config, '/process/cwd', '/etc/passwd'));
    expect(await explained(box, entry.code ?? '')).toMatchObject([{ code: 'CWD_FAILED', kind: 'failure', mend: expect.any(String) }]);
  });

  clause('CFG-096 what create and validate find has the same codes, and each is explained', async (box) => {
    const { entry, directory } = await failure(box, (config) => {
      set(config, '/process/cwd', 'relative');
      set(config, '/process/oomScoreAdj', 2000);
      set(config, '/hostname', 'a');
      config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'uts');
    });
    const findings = (await box.runtime(['validate', '--format', 'json', directory])).json<Entry[]>();
    const codes = entry.problems?.map(({ code }) => code) ?? [];
    expect(codes.toSorted()).toEqual(['NEEDS_NAMESPACE', 'NOT_ABSOLUTE', 'OUT_OF_RANGE']);
    expect(findings.map(({ code }) => code).toSorted()).toEqual(codes.toSorted());
    for (const code of codes) expect(await explained(box, code)).toMatchObject([{ code, kind: 'finding' }]);
  });

  clause('CLI-012 an unknown code is an error that names the nearest', async (box) => {
    const result = await box.runtime(['errors', 'CWD_FALED']);
    expect(result.status).toBe(1);
    expect(result.stderr).toContain('there is no code "CWD_FALED"');
    expect(result.stderr).toContain('did you mean "CWD_FAILED"?');
  });

  clause('CLI-008 all codes are one table, for people and for programs', async (box) => {
    const all = (await box.runtime(['errors', '--format', 'json'])).ok().json<Entry[]>();
    const { stdout } = (await box.runtime(['errors'])).ok();
    for (const { code } of all) expect(stdout).toContain(`\n  ${code} `);
    expect(stdout).not.toContain('\u001b');
  });
});
