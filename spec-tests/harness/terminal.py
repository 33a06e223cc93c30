"""Runs COMMAND on a terminal of ROWS by COLUMNS and plays a script.

terminal.py ROWSxCOLUMNS STEPS COMMAND…    STEPS is JSON: [["expect", REGEX], ["type", TEXT], ["size", ROWS, COLUMNS], ["pause", SECONDS], ["await", FILE], ["touch", FILE], ["signal", NAME]…]
Prints what was shown and ends with the status of the command; 124 when something expected did not come.
"""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

rows, columns = map(int, sys.argv[1].split("x"))
steps = json.loads(sys.argv[2])
pid, master = pty.fork()
if pid == 0:
    time.sleep(0.1)
    os.execvp(sys.argv[3], sys.argv[3:])
shown = seen = ""


def resize(height, width):
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))


def read(seconds):
    """False at the end of the output."""
    global shown
    if not select.select([master], [], [], seconds)[0]:
        return True
    try:
        text = os.read(master, 65536)
    except OSError:
        return False
    shown += text.decode(errors="replace")
    return bool(text)


def expect(pattern):
    global seen
    deadline = time.monotonic() + 15
    while True:
        match = re.search(pattern, shown[len(seen) :])
        if match:
            seen = shown[: len(seen) + match.end()]
            return
        if not read(0.1) or time.monotonic() > deadline:
            print(f"{shown}\nterminal: {pattern!r} did not come", flush=True)
            os.kill(pid, signal.SIGKILL)
            sys.exit(124)


resize(rows, columns)
for verb, *arguments in steps:
    if verb == "expect":
        expect(*arguments)
    elif verb == "type":
        os.write(master, arguments[0].encode())
    elif verb == "size":
        resize(*arguments)
    elif verb == "pause":
        time.sleep(arguments[0])
    elif verb == "await":
        while not os.path.exists(arguments[0]):
            time.sleep(0.01)
    elif verb == "touch":
        open(arguments[0], "w").close()
    elif verb == "signal":
        os.kill(pid, getattr(signal, arguments[0]))
while read(0.1):
    if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        while select.select([master], [], [], 0)[0] and read(0):
            pass
        break
print(shown, flush=True)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) % 256)
