"""fill_filters.py CGROUP: attaches device filters that allow everything until the cgroup (version 2) takes no more, and says how many."""

import ctypes
import os
import platform
import struct
import sys

PROG_LOAD, PROG_ATTACH = 5, 8
PROG_TYPE_CGROUP_DEVICE, CGROUP_DEVICE, ALLOW_MULTI = 15, 6, 2

libc = ctypes.CDLL(None, use_errno=True)
bpf_number = {"x86_64": 321, "aarch64": 280}[platform.machine()]


def bpf(command, attributes):
    area = ctypes.create_string_buffer(attributes, 128)
    return libc.syscall(bpf_number, command, area, ctypes.c_size_t(128))


# r0 = 1; exit
program = ctypes.create_string_buffer(struct.pack("=BBhi", 0xB7, 0, 0, 1) + struct.pack("=BBhi", 0x95, 0, 0, 0), 16)
license_name = ctypes.create_string_buffer(b"GPL")
cgroup = os.open(sys.argv[1], os.O_RDONLY | os.O_DIRECTORY)
count = 0
while True:
    load = struct.pack("=IIQQ", PROG_TYPE_CGROUP_DEVICE, 2, ctypes.addressof(program), ctypes.addressof(license_name))
    loaded = bpf(PROG_LOAD, load)
    if loaded < 0 or bpf(PROG_ATTACH, struct.pack("=IIII", cgroup, loaded, CGROUP_DEVICE, ALLOW_MULTI)) != 0:
        break
    count += 1
print(count, os.strerror(ctypes.get_errno()))
sys.exit(count == 0)
