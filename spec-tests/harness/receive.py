"""Binds a unix socket at PATH and prints, a JSON object a line, what is sent there.

receive.py datagram PATH [SECONDS]   service manager: texts of sd_notify; keeps the pipe of a barrier open for SECONDS
receive.py pidfd PATH                one connection: the process id behind each descriptor
"""

import array
import json
import os
import socket
import sys
import time


def pid_of(fd):
    with open(f"/proc/self/fdinfo/{fd}") as info:
        return next((int(line.split()[1]) for line in info if line.startswith("Pid:")), None)


def receive(end):
    fds = array.array("i")
    text, control, _, _ = end.recvmsg(4096, socket.CMSG_SPACE(16))
    for level, kind, content in control:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(content[: len(content) - len(content) % fds.itemsize])
    return text.decode(), list(fds)


def say(**what):
    print(json.dumps(what), flush=True)


mode, path = sys.argv[1:3]
patience = float(sys.argv[3]) if len(sys.argv) > 3 else 0
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM if mode == "datagram" else socket.SOCK_STREAM)
listener.bind("\0" + path[1:] if path.startswith("@") else path)
say(listening=path)
if mode == "datagram":
    while True:
        text, fds = receive(listener)
        say(text=text, fds=len(fds))
        if fds:
            time.sleep(patience)
            # Before it is passed: who waits for it may look at what was said at once.
            say(barrier="passed")
        for fd in fds:
            os.close(fd)
listener.listen(1)
connection, _ = listener.accept()
text, fds = receive(connection)
say(text=text, pids=[pid_of(fd) for fd in fds], closed=connection.recv(1) == b"")
