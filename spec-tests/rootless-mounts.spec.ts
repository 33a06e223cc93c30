import { chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';
import type { Config } from './harness/config.ts';
import { asUser, bundleOfUser, byUser, needs, rangeNeeds, several, single, subordinate, uid } from './harness/plain-user.ts';

/** stdout of a shell script in a container of the user. */
async function output(
  box: Box,
  script: string,
  change: (config: Config, bundle: Bundle) => void,
  mappings: readonly (typeof single)[number][] = single,
): Promise<string> {
  const bundle = await bundleOfUser(box, mappings, (config, made) => {
    config.process.args = ['sh', '-c', script];
    change(config, made);
  });
  return (await box.run(bundle, byUser(box))).ok().stdout;
}

/** A directory of the user's with a file in it. */
function own(box: Box, name: string): string {
  const directory = join(box.directory, name);
  mkdirSync(directory);
  writeFileSync(join(directory, 'file'), 'his own\n');
  for (const path of [directory, join(directory, 'file')]) chownSync(path, uid, uid);
  return directory;
}

describe('the mounts of a user without privileges', () => {
  clause(
    'CFG-010 MNT-001 a bind of his own directory, writable and read-only',
    async (box) => {
      const source = own(box, 'mine');
      const script = 'cat /data/file; echo new > /data/new; touch /ro/x 2>&1 | grep -o "Read-only.*"; cat /ro/new';
      const seen = await output(box, script, ({ mounts }) => {
        mounts.push({ destination: '/data', source, options: ['bind'] }, { destination: '/ro', source, options: ['rbind', 'ro'] });
      });
      expect(seen).toBe('his own\nRead-only file system\nnew\n');
      expect(statSync(join(source, 'new')).uid).toBe(uid);
    },
    ...needs,
  );

  clause(
    'MNT-001 keeps the flags that the host has locked of a mount that is bound',
    async (box) => {
      const source = own(box, 'locked');
      const script = `mount -t tmpfs -o nosuid,nodev,noexec,mode=777 tmpfs ${source}; exec "$@"`;
      const bundle = await bundleOfUser(box, single, (config) => {
        config.process.args = ['sh', '-c', 'grep " /data " /proc/self/mounts'];
        config.mounts.push({ destination: '/data', source, options: ['bind', 'ro'] });
      });
      const result = await box.run(bundle, { through: ['unshare', '--mount', 'sh', '-c', script, 'sh', ...asUser(box)] });
      expect(result.ok().stdout).toMatch(/^\S+ \/data tmpfs ro,(?=.*nosuid)(?=.*nodev)(?=.*noexec)/);
    },
    ...needs,
  );

  clause(
    'CFG-010 a tmpfs, a copy of the image in it, a read-only root and a mask',
    async (box) => {
      const script =
        'cat /data/file; echo x > /data/file; cat /data/file; touch /x 2>&1 | grep -o "Read-only.*"; cat /masked | wc -c; df /t | tail -1 | tr -s " " | cut -d" " -f2';
      const seen = await output(box, script, (config, made) => {
        chownSync(made.put('/data/file', 'of the image\n'), uid, uid);
        made.put('/masked', 'secret', 0o644);
        config.root.readonly = true;
        config.linux.maskedPaths = ['/masked'];
        config.mounts.push(
          { destination: '/data', type: 'tmpfs', source: 'tmpfs', options: ['tmpcopyup'] },
          { destination: '/t', type: 'tmpfs', source: 'tmpfs', options: ['size=64k'] },
        );
        mkdirSync(join(made.rootfs, 't'));
      });
      expect(seen).toBe('of the image\nx\nRead-only file system\n0\n64\n');
    },
    'not crun',
    ...needs,
  );

  clause(
    'CFG-010 devpts with group 5 out of his ranges',
    async (box) => {
      const seen = await output(box, 'grep " /dev/pts " /proc/self/mounts', () => {}, several);
      expect(seen).toContain(`gid=${subordinate.from + 4}`);
    },
    ...rangeNeeds,
  );

  clause(
    'CFG-010 overlay of his own directories',
    async (box) => {
      const [lower, upper, work] = ['lower', 'upper', 'work'].map((name) => own(box, name)) as [string, string, string];
      const layers = `lowerdir=${lower},upperdir=${upper},workdir=${work},userxattr`;
      const script = `mount -t tmpfs -o mode=777 tmpfs ${box.directory}/layers; exec "$@"`;
      mkdirSync(join(box.directory, 'layers'));
      const bundle = await bundleOfUser(box, single, (config) => {
        config.process.args = ['sh', '-c', 'cat /data/file; echo changed > /data/file; cat /data/file'];
        config.mounts.push({ destination: '/data', type: 'overlay', source: 'overlay', options: layers.split(',') });
      });
      const result = await box.run(bundle, { through: ['unshare', '--mount', 'sh', '-c', script, 'sh', ...asUser(box)] });
      expect(result.ok().stdout).toBe('his own\nchanged\n');
      expect(readFileSync(join(lower, 'file'), 'utf8')).toBe('his own\n');
    },
    'Linux 5.11',
    ...needs,
  );
});
