"""Cgroups below DIRECTORY that are nested deeper than a path can name, one of them with a name that is not UTF-8.

nest.py make DIRECTORY | put DIRECTORY FILE TEXT | get DIRECTORY FILE | remove DIRECTORY: put and get are about the deepest
"""

import os
import sys

NAMES = [b"\xff\xfe"] + [b"n" * 250] * 20


def enter(parent, name):
    return os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=parent)


def make(directory):
    for name in NAMES:
        os.mkdir(name, dir_fd=directory)
        directory = enter(directory, name)


def deepest(directory):
    for name in NAMES:
        directory = enter(directory, name)
    return directory


def put(directory, file, text):
    os.write(os.open(file, os.O_WRONLY, dir_fd=deepest(directory)), text.encode())


def get(directory, file):
    print(os.read(os.open(file, os.O_RDONLY, dir_fd=deepest(directory)), 4096).decode())


def remove(directory):
    path = [directory]
    try:
        for name in NAMES:
            path.append(enter(path[-1], name))
    except FileNotFoundError:
        pass
    for index in range(len(path) - 2, -1, -1):
        os.rmdir(NAMES[index], dir_fd=path[index])


action, directory, *words = sys.argv[1:]
if os.path.exists(directory) or action != "remove":
    {"make": make, "put": put, "get": get, "remove": remove}[action](os.open(directory, os.O_RDONLY | os.O_DIRECTORY), *words)
