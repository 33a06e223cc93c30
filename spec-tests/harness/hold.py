"""Mounts a filesystem at PATH on which looking for the file "held" never ends: whoever does sleeps in the kernel, deaf to SIGKILL.

Every other name is not there, which it says only once somebody is held. SIGTERM lets all go and unmounts.
Prints a line when it is mounted, and one when somebody is held.
"""

import ctypes
import errno
import os
import signal
import struct
import sys

LOOKUP, FORGET, GETATTR, INIT, INTERRUPT, BATCH_FORGET = 1, 2, 3, 26, 36, 42
ROOT = 1
MNT_DETACH = 2
# Without it the kernel looks for one name of a directory at a time.
PARALLEL_DIROPS = 1 << 18

libc = ctypes.CDLL(None, use_errno=True)
path = sys.argv[1].encode()
device = os.open("/dev/fuse", os.O_RDWR)
options = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other".encode()
if libc.mount(b"hold", path, b"fuse", 0, options) != 0:
    sys.exit(f"mount: {os.strerror(ctypes.get_errno())}")


def leave(*_):
    libc.umount2(path, MNT_DETACH)
    os._exit(0)


signal.signal(signal.SIGTERM, leave)
print("mounted", flush=True)
waiting = []
held = False


def answer(unique, body=b"", error=0):
    os.write(device, struct.pack("=IiQ", 16 + len(body), -error, unique) + body)


def attributes():
    attr = struct.pack("=6Q3I7I", ROOT, 0, 0, 0, 0, 0, 0, 0, 0, 0o40755, 2, 0, 0, 0, 4096, 0)
    return struct.pack("=QII", 60, 0, 0) + attr


while True:
    request = os.read(device, 1 << 17)
    _, opcode, unique = struct.unpack_from("=IIQ", request)
    body = request[40:]
    if opcode in (FORGET, BATCH_FORGET, INTERRUPT):
        continue
    if opcode == INIT:
        answer(unique, struct.pack("=IIIIHHIIHHI28x", 7, 31, 0, PARALLEL_DIROPS, 0, 0, 4096, 1, 0, 0, 0))
    elif opcode == GETATTR:
        answer(unique, attributes())
    elif opcode != LOOKUP:
        answer(unique, error=errno.ENOSYS)
    elif body.rstrip(b"\0") == b"held":
        held = True
        print("held", flush=True)
    else:
        waiting.append(unique)
    if held:
        for one in waiting:
            answer(one, error=errno.ENOENT)
        waiting.clear()
