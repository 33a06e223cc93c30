"""plain_user.py UID RANGES DIRECTORY COMMAND…: runs a command as a user without privileges, in a mount namespace of its own.

There the user has an account, the subordinate ids RANGES ("100000:65536", or "" for none) for users and groups alike, DIRECTORY/home and
DIRECTORY/runtime. Nothing of the host is changed.
"""

import ctypes
import os
import sys

CLONE_NEWNS, MS_BIND, MS_REC, MS_PRIVATE = 0x00020000, 0x1000, 0x4000, 0x40000

uid, ranges, directory = int(sys.argv[1]), sys.argv[2], sys.argv[3]
libc = ctypes.CDLL(None, use_errno=True)


def check(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), what)


def cover(path, text):
    """Binds a file with this text over another."""
    own = os.path.join(directory, f"{os.path.basename(path)}-{os.getpid()}")
    with open(own, "w") as file:
        file.write(text)
    os.chmod(own, 0o644)
    check(libc.mount(own.encode(), path.encode(), None, MS_BIND, None), path)
    os.unlink(own)


check(libc.unshare(CLONE_NEWNS), "unshare")
check(libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None), "/")
with open("/etc/passwd") as accounts:
    cover("/etc/passwd", f"{accounts.read()}plain:x:{uid}:{uid}::/:/bin/sh\n")
for path in ("/etc/subuid", "/etc/subgid"):
    cover(path, f"plain:{ranges}\n" if ranges else "")
for name, variable in (("home", "HOME"), ("runtime", "XDG_RUNTIME_DIR")):
    own = os.path.join(directory, name)
    if not os.path.isdir(own):
        os.mkdir(own, 0o700)
        os.chown(own, uid, uid)
    os.environ[variable] = own
os.setgroups([])
os.setresgid(uid, uid, uid)
os.setresuid(uid, uid, uid)
os.execvp(sys.argv[4], sys.argv[4:])
