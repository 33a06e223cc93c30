import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { counter, goesOn, last, placesOf, restored, save, withCriu } from './harness/criu.ts';

/** Has CRIU, which calls it at its stages, kill the runtime or itself at one of them. @returns the annotations that name it */
function deadly(
  box: Box,
  victim: 'the runtime' | 'CRIU' = 'the runtime',
): {
  readonly annotations: Record<string, string>;
  at(moment: string): void;
  readonly killed: () => boolean;
  readonly settled: () => Promise<unknown>;
} {
  const [script, file, note] = ['killer', 'criu.conf', 'killed'].map((name) => join(box.directory, name)) as [string, string, string];
  const pid = victim === 'CRIU' ? '$PPID' : "$(awk '/^PPid/ { print $2 }' /proc/$PPID/status)";
  const kill = `kill -9 ${pid} && echo $PPID`;
  const at = (moment: string): void =>
    writeFileSync(script, `#!/bin/sh\n[ "$CRTOOLS_SCRIPT_ACTION" != "${moment}" ] || ${kill} > ${note}\n`, { mode: 0o755 });
  writeFileSync(file, `action-script ${script}\n`);
  at('never');
  const criu = () => (existsSync(note) ? readFileSync(note, 'utf8') : '');
  const killed = () => /^\d+\n$/.test(criu());
  // CRIU hears of the runtime's death, and takes back what it did.
  const settled = () => until('CRIU is gone', () => !nameOf(Number(criu())).startsWith('criu'));
  return { annotations: { 'org.criu.config': file }, at, killed, settled };
}

/** "" of one that has just ended. */
function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8');
  } catch {
    return '';
  }
}

/** A counter whose CRIU does so, and the places where it is saved. */
async function begun(box: Box, victim?: 'CRIU') {
  const { annotations, ...rest } = deadly(box, victim);
  const container = await counter(box, (config) => {
    config.annotations = annotations;
  });
  return { ...rest, container, flags: placesOf(box).flags };
}

describe('SIGKILL while CRIU works', () => {
  for (const moment of ['pre-dump', 'post-dump']) {
    clause(
      `CLI-094 RT-033 CLI-029 of checkpoint at ${moment}: the container goes on, or is gone`,
      async (box) => {
        const { at, killed, settled, container, flags } = await begun(box);
        at(moment);
        expect((await save(box, container, flags)).status).toBe(137);
        await until('the runtime is killed', killed);
        await settled();
        const status = await container.status();
        if (status === 'running') await goesOn(container, last(container.stdout));
        else expect(status).toBe('stopped');
        at('never');
        (await container.delete('--force')).ok();
        expect(box.leftovers()).toEqual([]);
      },
      'CRIU with scripts of its own',
      'the executable',
      'runts',
    );
  }

  for (const moment of ['pre-restore', 'setup-namespaces', 'post-setup-namespaces', 'post-restore', 'pre-resume', 'post-resume']) {
    clause(
      `CLI-112 RT-033 CLI-029 of restore at ${moment}: what is there is known, can be removed and restored again`,
      async (box) => {
        const { at, killed, container, flags } = await begun(box);
        (await save(box, container, flags)).ok();
        const before = last(container.stdout);
        at(moment);
        const { bundle } = container;
        const result = await box.runtime(['restore', '--detach', '--bundle', bundle.directory, ...flags, bundle.id], withCriu());
        expect(result.status).toBe(137);
        await until('the runtime is killed', killed);
        // CRIU may be at work yet: what is killed then makes it wait for ever.
        expect(['creating', 'running', 'stopped']).toContain(await container.status());
        at('never');
        (await container.delete('--force')).ok();
        expect(box.leftovers()).toEqual([]);
        await goesOn(await restored(box, bundle, flags), before);
      },
      'CRIU with scripts of its own',
      'the executable',
      'runts',
    );
  }
});

describe('SIGKILL of CRIU', () => {
  for (const moment of ['pre-dump', 'post-dump']) {
    clause(
      `CLI-094 RT-033 at ${moment}: the error is told, and the container goes on`,
      async (box) => {
        const { at, killed, container, flags } = await begun(box, 'CRIU');
        at(moment);
        const result = await save(box, container, flags);
        expect(killed()).toBe(true);
        expect(result.status).toBe(1);
        expect(result.stderr).toMatch(/criu failed: type DUMP/);
        await goesOn(container, last(container.stdout));
        at('never');
        (await save(box, container, placesOf(box, 'other').flags)).ok();
        expect(box.leftovers()).toEqual([]);
      },
      'CRIU with scripts of its own',
      'the executable',
      'runts',
    );
  }

  for (const moment of ['pre-restore', 'setup-namespaces', 'post-setup-namespaces', 'post-restore', 'pre-resume', 'post-resume']) {
    clause(
      `CLI-112 RT-033 at ${moment}: the error is told, nothing is left, and the images can be restored`,
      async (box) => {
        const { at, killed, container, flags } = await begun(box, 'CRIU');
        (await save(box, container, flags)).ok();
        const before = last(container.stdout);
        at(moment);
        const { bundle } = container;
        const result = await box.runtime(['restore', '--detach', '--bundle', bundle.directory, ...flags, bundle.id], withCriu());
        expect(killed()).toBe(true);
        expect(result.status).toBe(1);
        expect(result.stderr).toMatch(/criu failed: type RESTORE/);
        at('never');
        await until('nothing is left', () => box.leftovers().length === 0);
        await goesOn(await restored(box, bundle, flags), before);
      },
      'CRIU with scripts of its own',
      'the executable',
      'runts',
    );
  }
});
