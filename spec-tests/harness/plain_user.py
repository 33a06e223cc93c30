"""plain_user.py [--keep CAPABILITIES] UID RANGES DIRECTORY COMMAND…: runs a command as a user without privileges, in a mount namespace of its own.

There the user can get at the checkout, also where it lies in a home folder of root's; he has an account, the subordinate ids RANGES ("100000:65536", or "" for none) for users and groups alike, DIRECTORY/home and
DIRECTORY/runtime. With --keep ("setuid,setgid") he and all he executes have these. Nothing of the host is changed.
"""

import ctypes
import os
import sys
import tempfile

CLONE_NEWNS, MS_BIND, MS_MOVE, MS_REC, MS_PRIVATE = 0x00020000, 0x1000, 0x2000, 0x4000, 0x40000

words = sys.argv[1:]
kept = words[1] if words[0] == "--keep" else ""
user, ranges, directory, *command = words[2:] if kept else words
uid = int(user)
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


def closed_folder(path):
    """The first folder on the way to a path that others may not pass; None when there is none."""
    folder = "/"
    for name in path.split("/")[1:]:
        folder = os.path.join(folder, name)
        if os.stat(folder).st_mode & 0o001 == 0:
            return folder
    return None


def open_way(path):
    """Has a folder be seen alone where others may not pass."""
    closed = closed_folder(path)
    if closed is None or closed == path:
        return
    aside = tempfile.mkdtemp(dir=directory)
    check(libc.mount(path.encode(), aside.encode(), None, MS_BIND | MS_REC, None), path)
    check(libc.mount(b"tmpfs", closed.encode(), b"tmpfs", 0, b"mode=755"), closed)
    os.makedirs(path, 0o755)
    check(libc.mount(aside.encode(), path.encode(), None, MS_MOVE, None), path)
    os.rmdir(aside)


check(libc.unshare(CLONE_NEWNS), "unshare")
check(libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None), "/")
open_way(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
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
if kept:
    sets = ",".join(f"+{name}" for name in kept.split(","))
    ids = [f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
    os.execvp("setpriv", ["setpriv", *ids, f"--inh-caps={sets}", f"--ambient-caps={sets}", *command])
os.setgroups([])
os.setresgid(uid, uid, uid)
os.setresuid(uid, uid, uid)
os.execvp(command[0], command)
