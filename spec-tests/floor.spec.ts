// The benchmark's floor is one only as long as it makes the same container: bench/floor against runts, with the default config.json.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';

/** What tells containers apart, without what is looked up in the rootfs; cgroups and mounts come in the order in which they were made. */
const look = `
  sort /proc/self/cgroup
  sed 's/^[0-9]* [0-9]* [0-9]*:[0-9]* //' /proc/self/mountinfo | sort
  grep -E '^(Uid|Gid|Groups|Sig(Ign|Blk)|Cap|NoNewPrivs|Seccomp|Umask)' /proc/self/status
  ls -l /dev | sed 's/ [A-Z][a-z][a-z] *[0-9]* [0-9:]* / /'
  grep -E 'open files' /proc/self/limits
  hostname; pwd; env | grep -v '^HOME=' | sort; ip addr
`;

async function build(box: Box): Promise<string> {
  const floor = join(box.directory, 'floor');
  const folder = join(import.meta.dirname, '../bench/floor');
  const sources = readdirSync(folder).filter((name) => name.endsWith('.c'));
  (await box.host(['/usr/bin/gcc', '-static', '-o', floor, ...sources.map((name) => join(folder, name))])).ok();
  return floor;
}

describe('the floor of the benchmark', () => {
  clause(
    'makes the container that runts makes of the default config.json',
    async (box) => {
      const bundle = box.bundle();
      const floor = await build(box);
      const program = ['/bin/sh', '-c', look, ...box.marks];

      // In place of the suite's own config.
      const made = (await box.runtime(['spec', '--bundle', box.directory])).ok();
      expect(made.status).toBe(0);
      const config = (await box.host(['cat', join(box.directory, 'config.json')])).json<{
        process: { terminal: boolean; args: string[] };
      }>();
      Object.assign(config.process, { terminal: false, args: program });
      writeFileSync(join(bundle.directory, 'config.json'), JSON.stringify(config));

      const theirs = (await box.run(bundle)).ok().stdout;
      const ours = (await box.host([floor, bundle.rootfs, bundle.id, ...program])).ok().stdout;
      expect(theirs).toContain('CapEff');
      expect(ours).toBe(theirs);
    },
    'runts',
    '/usr/bin/gcc',
  );

  clause(
    'does without hierarchies that others have mounted where it does not see them',
    async (box) => {
      const { rootfs, id } = box.bundle();
      const place = join(box.directory, 'hierarchy');
      const script =
        'mkdir "$0" && mount -t cgroup -o none,name="$1" none "$0" || exit 2; shift; "$@"; status=$?; umount "$0"; exit $status';
      const command = [await build(box), rootfs, id, '/bin/true'];
      (await box.host(['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, place, `${id}-floor`, ...command])).ok();
    },
    'runts',
    'cgroup v1',
    '/usr/bin/gcc',
  );
});
