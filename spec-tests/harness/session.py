"""session.py UID COMMAND…: runs a command as root of a user namespace that belongs to UID, as engines of users without privileges do.

Its user 0 is UID; like newuidmap(1), and other than unshare --map-root-user, it leaves setgroups(2) allowed.
"""

import ctypes
import os
import sys

CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000

uid = int(sys.argv[1])
made, mapped = os.pipe(), os.pipe()
child = os.fork()
if child == 0:
    os.close(mapped[1])
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0:
        os._exit(127)
    os.close(made[1])
    os.read(mapped[0], 1)
    # A process between this one and the runtime: the caller of a runtime has its user.
    if os.fork() == 0:
        os.execvp(sys.argv[2], sys.argv[2:])
    os._exit(os.waitstatus_to_exitcode(os.wait()[1]))
os.close(made[1])
os.read(made[0], 1)
for name in ("uid_map", "gid_map"):
    with open(f"/proc/{child}/{name}", "w") as maps:
        maps.write(f"0 {uid} 1\n")
os.close(mapped[1])
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
