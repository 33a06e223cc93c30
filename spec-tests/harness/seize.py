# seize.py PID: traces a process, says so, and never looks at it again: whoever waits for its end does not hear of it.
import ctypes
import signal
import sys

PTRACE_SEIZE = 0x4206

libc = ctypes.CDLL(None, use_errno=True)
if libc.ptrace(PTRACE_SEIZE, int(sys.argv[1]), None, None) != 0:
    raise OSError(ctypes.get_errno(), "ptrace")
print("seized", flush=True)
signal.pause()
