import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause as anyRuntime } from './harness/clause.ts';
import { namesOf, output, profileOf, record, recorded, under } from './harness/recording.ts';

const clause = (title: string, body: (box: Box) => Promise<void>): void => anyRuntime(title, body, 'runts', 'probe');

describe('seccomp compare', () => {
  clause('LNX-157 CLI-008 what a profile refuses of what was used, and permits beside it', async (box) => {
    const bundle = recorded(box, 'calls');
    (await record(box, bundle)).ok();
    const narrow = under(
      box,
      { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ names: ['sync', 'mount'], action: 'SCMP_ACT_ALLOW' }] },
      () => {},
    );
    const compared = await box.runtime(['seccomp', 'compare', '--format', 'json', output(bundle), narrow.directory]);
    expect(compared.status).toBe(1);
    const { used, refused, unused } = compared.json<{ used: string[]; refused: { name: string }[]; unused: string[] }>();
    expect(used).toEqual(namesOf(profileOf(bundle)));
    expect(refused.map(({ name }) => name).toSorted()).toEqual(used.filter((name) => name !== 'sync'));
    expect(unused).toEqual(['mount']);
    const same = await box.runtime(['seccomp', 'compare', output(bundle), output(bundle)]);
    expect(same.ok().stdout).toBe(`${used.length} used, 0 of them refused; 0 more permitted\n`);
  });

  clause('CLI-008 what is no profile, and flags of another command, are refused', async (box) => {
    const bundle = recorded(box, 'calls');
    const engines = join(bundle.directory, 'docker.json');
    writeFileSync(engines, JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', archMap: [], syscalls: [] }));
    const broken = join(bundle.directory, 'broken.json');
    writeFileSync(broken, '{"defaultAction": "SCMP_ACT_ERRN"}');
    for (const [args, words] of [
      [['compare', engines, engines], 'the form that Docker and Podman read'],
      [['compare', broken, broken], 'SCMP_ACT_ERRN'],
      [['compare', bundle.directory, bundle.directory], 'has no seccomp profile'],
      [['compare'], 'a profile has to be given'],
      [['record'], 'one container id has to be given'],
      [['dump', '--output', 'x', bundle.directory], '--bundle, --output and --merge are of record'],
      [['play', bundle.directory], 'explain, dump, record or compare is possible'],
    ] as const) {
      const result = await box.runtime(['seccomp', ...args]);
      expect([result.status, result.stderr], args.join(' ')).toEqual([1, expect.stringContaining(words)]);
    }
  });
});
