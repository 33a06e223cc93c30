import { RuntimeError } from '../errors.ts';
import { filesystemMagics } from '../kernel.gen.ts';
import { addon } from '../native/addon.ts';
import { failedWith } from '../native/system-error.ts';
import { defaultSpec } from './default-spec.ts';
import type { Invocation } from './invocation.ts';
import { bundleOf } from './paths.ts';

function unifiedCgroups(): boolean {
  try {
    return addon.filesystemMagic('/sys/fs/cgroup') === filesystemMagics.CGROUP2_SUPER_MAGIC;
  } catch (error) {
    // A host without cgroups has no such directory.
    if (failedWith(error, 'ENOENT')) return false;
    throw error;
  }
}

export function run({ flags }: Invocation<'spec'>): number {
  const path = `${bundleOf(flags.bundle)}/config.json`;
  if (addon.stat(path, false) !== null) throw new RuntimeError('EXISTS', 'File config.json exists. Remove it first');
  const spec = defaultSpec({
    unifiedCgroups: unifiedCgroups(),
    ...(flags.rootless && { rootless: { uid: addon.geteuid(), gid: addon.getegid() } }),
  });
  // Also what somebody has put there since we looked is neither followed nor overwritten.
  const fd = addon.openOwnFile(path, 0o666);
  addon.writeFd(fd, `${JSON.stringify(spec, null, 2)}\n`);
  addon.close(fd);
  return 0;
}
