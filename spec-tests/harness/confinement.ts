import { existsSync } from 'node:fs';
import type { Box } from './box.ts';
import { Canary } from './canary.ts';
import { clause } from './clause.ts';
import { until } from './command.ts';
import type { Need } from './needs.ts';

const hybrid = '/sys/fs/cgroup/unified';

/** crun refuses the hierarchy of cgroup v2 beside those of v1, and makes its directories there even so: they go to a tmpfs in its place. */
export function replacedMounts({ kind }: Box): readonly string[] {
  return kind === 'crun' && existsSync(hybrid) ? [hybrid] : [];
}

/**
 * Has every call of the runtime in this box, and `box.inside`, run in pid, mount, ipc and uts namespaces of their own, in which only the box's
 * directory and the cgroups can be written to. All of it ends with the box. The network namespace stays the host's.
 * @throws Error when it cannot be made; nothing has been started then.
 */
export async function confine(box: Box, program: string = box.suite.probe): Promise<void> {
  const starter = box.background([program, 'confine', box.directory, ...replacedMounts(box)], { timeout: 3_600_000 });
  // One that fails has ended before it says anything.
  const failed = starter.exited.then((result) => Promise.reject(new Error(`no confinement: ${result}`)));
  const said = until('the confinement is ready', () => /^confined (\d+)\n/.exec(starter.output())?.[1]);
  const pid = await Promise.race([said, failed]);
  failed.catch(() => undefined);
  box.confine({ keeper: Number(pid), starter, entry: [program, 'enter', pid, '--'], end: () => starter.exited });
}

/**
 * One attack on the runtime, as `clause`: confined, with a canary tree in the box that stands for the host and must stay as it is. The title has
 * the CVE ids that it is about (spec-tests/security/README.md). What the attack could do to the kernel's own settings the confinement
 * cannot keep from the host: it aims at those of its own namespaces, or only looks whether it could.
 */
export function attack(title: string, body: (box: Box, canary: Canary) => Promise<void>, ...needs: Need[]): void {
  clause(
    title,
    async (box) => {
      await confine(box);
      // An attack that a peer withstands, but not without a trace, has not succeeded.
      box.toleratesLeftovers = box.kind !== 'runts';
      const canary = new Canary(box.directory);
      await body(box, canary);
      canary.check();
    },
    'probe',
    ...needs,
  );
}
