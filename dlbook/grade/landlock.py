"""Linux's Landlock (5.13 and later): a process takes rights from itself, for good, without being root.

The second best, for systems that forbid namespaces (containers; Ubuntu since 24.04, for ordinary users): files are
out of reach but for Python's own, and so are, where Landlock is new enough, TCP (version 4) and the processes of
others (version 6).
"""

import ctypes
import os
import struct

from dlbook.grade.jail import DEVICES, call, libc

CREATE, ADD, RESTRICT = 444, 445, 446  # the numbers of the system calls, the same on every machine
EXECUTE, WRITE, READ, LIST = 1, 2, 4, 8
OF_A_FILE = EXECUTE | WRITE | READ | 1 << 14 | 1 << 15
RIGHTS = {
    1: (1 << 13) - 1,
    2: (1 << 14) - 1,
    3: (1 << 15) - 1,
    4: (1 << 15) - 1,
}  # all that a version knows about files
ALL = (1 << 16) - 1


def version():
    """Landlock's version here; 0 where there is none."""
    return max(0, libc.syscall(CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1)))


def allow(rules, path, rights):
    """Let a path, and what is below it, keep these rights."""
    fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    rights = rights if os.path.isdir(path) else rights & OF_A_FILE
    call("syscall", ADD, rules, 1, struct.pack("=Qi", rights, fd), 0)
    os.close(fd)


def restrict(readable, folder):
    """From here on this process and its children read only ``readable``, and write only in ``folder``.

    Raises:
        OSError: if the system refuses.
    """
    number = version()
    known = RIGHTS.get(number, ALL)
    attributes = struct.pack("=QQQ", known, 3, 3)[: 24 if number >= 6 else 16 if number >= 4 else 8]
    rules = libc.syscall(CREATE, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))
    if rules < 0:
        raise OSError(ctypes.get_errno(), "landlock_create_ruleset")
    for path in readable:
        allow(rules, path, EXECUTE | READ | LIST)
    for path in DEVICES:
        allow(rules, path, (READ | WRITE) & known)
    allow(rules, folder, known)
    call("prctl", 38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    call("syscall", RESTRICT, rules, 0)
    os.close(rules)
