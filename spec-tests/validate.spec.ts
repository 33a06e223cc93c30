import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause as anyRuntime } from './harness/clause.ts';
import { type Config, set } from './harness/config.ts';

const clause = (title: string, body: (box: Box) => Promise<void>): void => anyRuntime(title, body, 'runts');

interface Finding {
  readonly severity: string;
  readonly code: string;
  readonly clause: string;
  readonly pointer: string;
  readonly line: number;
  readonly found: string;
  readonly expected: string;
  readonly hint?: string;
}

const wrong = (config: Config): void => {
  set(config, '/process/cwd', 'relative');
  set(config, '/linux/namespaces/0/type', 'pidd');
  set(config, '/linux/rootfsPropagtion', 'slave');
  set(config, '/process/oomScoreAdj', 'high');
};

async function findings(box: Box, change: (config: Config) => void): Promise<readonly Finding[]> {
  return (await box.runtime(['validate', '--format', 'json', box.bundle(change).directory])).json<Finding[]>();
}

describe('validate', () => {
  clause('CFG-096 all findings at once, with severity, code, clause, pointer, line, found and expected', async (box) => {
    const all = await findings(box, wrong);
    const of = (pointer: string) => all.find((finding) => finding.pointer === pointer);
    expect(of('/process/cwd')).toMatchObject({ severity: 'error', code: 'NOT_ABSOLUTE', clause: 'CFG-028', found: '"relative"' });
    expect(of('/linux/namespaces/0/type')).toMatchObject({ code: 'UNKNOWN_VALUE', clause: 'LNX-013', hint: 'did you mean "pid"?' });
    expect(of('/process/oomScoreAdj')).toMatchObject({ clause: 'CFG-049', expected: 'an int32 integer', found: '"high"' });
    for (const { line } of all) expect(line).toBeGreaterThan(1);
  });

  clause('CFG-095 an unknown property is a warning with a suggestion, and no failure', async (box) => {
    const bundle = box.bundle((config) => set(config, '/linux/rootfsPropagtion', 'slave'));
    const result = (await box.runtime(['validate', '--format', 'json', bundle.directory])).ok();
    expect(result.json()).toMatchObject([
      { severity: 'warning', code: 'UNKNOWN_PROPERTY', clause: 'CFG-095', hint: 'did you mean "rootfsPropagation"?' },
    ]);
  });

  clause('CFG-096 --format sarif is a log of SARIF 2.1.0', async (box) => {
    const bundle = box.bundle(wrong);
    const result = await box.runtime(['validate', '--format', 'sarif', bundle.directory]);
    expect(result.status).toBe(1);
    const log = result.json<{ version: string; runs: { results: { level: string; ruleIndex: number; locations: unknown[] }[] }[] }>();
    expect(log.version).toBe('2.1.0');
    const results = log.runs[0]?.results ?? [];
    expect(results.map(({ level }) => level).sort()).toEqual(['error', 'error', 'error', 'warning']);
    expect(JSON.stringify(results[0]?.locations)).toContain(`file://${bundle.directory}/config.json`);
  });

  clause('GLO-001 what is no JSON is a finding with its line', async (box) => {
    const bundle = box.bundle();
    writeFileSync(join(bundle.directory, 'config.json'), '{\n  "ociVersion": "1.0.2",\n  "root": {,}\n}');
    const result = await box.runtime(['validate', '--format', 'json', bundle.directory]);
    expect(result.status).toBe(1);
    expect(result.json()).toMatchObject([{ code: 'INVALID_JSON', clause: 'GLO-001', line: 3, column: 12 }]);
  });
});
