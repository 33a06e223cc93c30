import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { programDirectory } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';
import { findRuntime } from './harness/suite.ts';

/**
 * Of a script: it goes on in a root that has busybox, the runtime and the bundle, with /proc, /sys and a null device, and nothing else: no C library,
 * no accounts, no /dev/shm. What is in a root on a tmpfs of its own ends with the namespace.
 */
const enter = `set -eu
root=$1
mount -t tmpfs bare "$root"
cp -a "$2/." "$root"
cd "$root"
mkdir -p proc sys dev run old
mount -t proc proc proc
mount --rbind /sys sys
touch dev/null
mount --bind /dev/null dev/null
pivot_root . old
cd /
exec /busybox sh -c "$3" sh "$4"`;

const life = `/busybox umount -l /old
/runtime --version >/dev/null && echo version
cd /bundle
/runtime create $1 && /runtime start $1 && echo started
/runtime exec $1 echo executed
/runtime state $1 | /busybox grep -o '"status": *"running"' | /busybox tr -d ' '
/runtime kill $1 KILL
until /runtime state $1 | /busybox grep -q '"stopped"'; do /busybox usleep 10000; done
/runtime delete $1 && echo deleted
/busybox sed -i 's/"sleep", *"1000"/"echo","run"/' config.json
/runtime run $1`;

describe('in a root that has nothing', () => {
  clause(
    'RT-037 a life without a C library, accounts and /dev/shm',
    async (box) => {
      const [root, content] = [join(box.directory, 'root'), join(box.directory, 'content')];
      for (const directory of [root, content]) mkdirSync(directory);
      copyFileSync(join(programDirectory(box.suite.directory), 'busybox'), join(content, 'busybox'));
      copyFileSync(findRuntime().command[0] ?? '', join(content, 'runtime'));
      const bundle = box.bundle();
      (await box.host(['cp', '-a', bundle.directory, join(content, 'bundle')])).ok();
      writeFileSync(join(content, 'bundle/config.json'), JSON.stringify(bundle.config));
      const namespaces = ['unshare', '--mount', '--propagation', 'private'];
      const result = await box.host([...namespaces, 'sh', '-c', enter, 'sh', root, content, life, bundle.id]);
      expect(result.ok().stdout).toBe('version\nstarted\nexecuted\n"status":"running"\ndeleted\nrun\n');
    },
    'a static executable',
  );
});
