"""Waits until the pipe that is its stdin has no room left: who writes there has to wait for a reader."""

import os
import select
import time

writer = os.open("/dev/stdin", os.O_WRONLY)
while select.select([], [writer], [], 0)[1]:
    time.sleep(0.01)
