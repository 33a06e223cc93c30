// Hosts that lack something, in a mount namespace of the caller's own.

/** Root of a mount namespace whose host is changed so. */
export const after = (script: string): string[] => ['unshare', '--mount', 'sh', '-c', `set -e; ${script}; exec "$@"`, 'sh'];

/** A /dev with what every program needs, and nothing else. */
export const bareDev = `
null=$(mktemp); mount --bind /dev/null $null
mount -t tmpfs -o mode=755 none /dev
touch /dev/null; mount --bind $null /dev/null; umount $null; rm $null
mknod /dev/zero c 1 5; mknod /dev/urandom c 1 9`;
