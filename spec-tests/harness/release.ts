import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from './box.ts';
import { projectRoot } from './suite.ts';

/** A built checkout that has an executable for the other processor too; of that one a few bytes do, as nothing executes it. */
export function withForeign(box: Box): string {
  const checkout = join(box.directory, 'checkout');
  mkdirSync(join(checkout, 'dist'), { recursive: true });
  for (const name of readdirSync(projectRoot)) if (name !== 'dist') symlinkSync(join(projectRoot, name), join(checkout, name));
  copyFileSync(join(projectRoot, 'dist/runts'), join(checkout, 'dist/runts'));
  const header = readFileSync(join(projectRoot, 'dist/runts')).subarray(0, 64);
  header.writeUInt16LE(183, 18);
  writeFileSync(join(checkout, 'dist/runts-aarch64'), header);
  return checkout;
}

/** Goes into a copy of Debian that is gone with the mount namespace; pivot_root(2), because who makes containers there needs a root that is a mount. */
export const enterCopy = `set -eu
root=$1 debian=$2 brought=$3 script=$4
mount -t tmpfs copy "$root"
mkdir "$root/upper" "$root/work" "$root/merged"
mount -t overlay -o "lowerdir=$debian,upperdir=$root/upper,workdir=$root/work" debian "$root/merged"
cd "$root/merged"
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount -t tmpfs run run
ip link set lo up
cp -a "$brought" run/brought
mkdir run/old
pivot_root . run/old
cd /
umount -l /run/old
exec env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 sh -euc "$script" "$5" "$6"`;

/** $1: an empty folder, $2: the package. What rpm notes of its own is not left of a package. */
export const rpmLife = `set -eu
rpm --root "$1" --initdb
rpm --root "$1" --nodeps --install "$2"
rpm --root "$1" --verify --nodeps runts && echo installed
rpm --root "$1" --query --requires runts | grep -v '^rpmlib' || echo needs nothing
rpm --root "$1" --query --scripts runts
"$1/usr/bin/runts" --version | head -n 1
test -s "$1/usr/share/man/man8/runts.8" && test -s "$1/usr/share/licenses/runts/LICENSE" && echo documents
rpm --root "$1" --erase runts && find "$1/usr" -type f && echo removed`;
