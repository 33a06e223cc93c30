"""initramfs.py COMMAND…: runs a command with the root that the kernel has started with, as on a machine that stays in its initramfs.

It happens in a mount namespace of its own, from which the root over that one is taken away. /proc, /sys and /dev are there; everything else of the
machine is below /mnt. Directories that have to be made for that are removed again.
"""

import ctypes
import os
import subprocess
import sys

CLONE_NEWNS, MS_REC, MS_PRIVATE, MNT_DETACH = 0x00020000, 0x4000, 0x40000, 2
OPEN_TREE, MOVE_MOUNT = 428, 429
AT_FDCWD, OPEN_TREE_CLONE, AT_RECURSIVE, MOVE_MOUNT_F_EMPTY_PATH = -100, 1, 0x8000, 4
libc = ctypes.CDLL(None, use_errno=True)


def check(result, what):
    if result < 0:
        raise OSError(ctypes.get_errno(), what)
    return result


places = {"/proc": "/proc", "/sys": "/sys", "/dev": "/dev", "/mnt": "/"}
check(libc.unshare(CLONE_NEWNS), "unshare")
check(libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None), "/")
trees = {
    place: check(libc.syscall(OPEN_TREE, AT_FDCWD, path.encode(), OPEN_TREE_CLONE | AT_RECURSIVE), path)
    for place, path in places.items()
}
namespace = os.open("/proc/self/ns/mnt", os.O_RDONLY)
check(libc.umount2(b"/", MNT_DETACH), "umount /")
# The root of the namespace, which is what lay below, becomes that of this process.
check(libc.setns(namespace, CLONE_NEWNS), "setns")
made = [place for place in places if not os.path.isdir(place)]
for place in made:
    os.mkdir(place)
for place, tree in trees.items():
    check(libc.syscall(MOVE_MOUNT, tree, b"", AT_FDCWD, place.encode(), MOVE_MOUNT_F_EMPTY_PATH), place)
status = subprocess.call(sys.argv[1:], cwd="/")
for place in made:
    libc.umount2(place.encode(), MNT_DETACH)
    os.rmdir(place)
sys.exit(status if status >= 0 else 128 - status)
