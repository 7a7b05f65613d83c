"""Linux's filter of system calls: a process takes from itself, for good, what no notebook needs.

Namespaces and Landlock hide files and programs. What they leave open is refused here, in every mode: keys that the
kernel holds for a user beyond the end of a process, memory that no limit counts, sockets of any kind, looking into
other processes. Through ctypes: Python has no call of its own. The filter is a program for a small machine in the
kernel, which sees the number of a call and its arguments: `man 2 seccomp`.
"""

import ctypes
import errno
import os
import platform
import struct
import sys

from dlbook.grade.jail import call, libc

#: What the kernel calls each kind of machine, and which column of the table below is its.
MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
#: The numbers of what is refused, on x86_64 and on aarch64.
REFUSED = {
    # keys outlive a process: a note to the next submission; those of the session are the teacher's
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    # memory beside the limit on a process, some of it without an owner
    "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195), "memfd_create": (319, 279),
    "memfd_secret": (447, 447), "semget": (64, 190), "semop": (65, 193), "semctl": (66, 191),
    "semtimedop": (220, 192), "msgget": (68, 186), "msgsnd": (69, 189), "msgrcv": (70, 188), "msgctl": (71, 187),
    "mq_open": (240, 180), "mq_unlink": (241, 181),
    # other processes from inside
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "process_madvise": (440, 440), "pidfd_getfd": (438, 438), "kcmp": (312, 272),
    # ways around any filter, and tools for looking into the kernel
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "syslog": (103, 116),
    # other worlds
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "chroot": (161, 51), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264),
    # sockets, also those of services on this machine
    "connect": (42, 203), "bind": (49, 200), "listen": (50, 201), "accept": (43, 202), "accept4": (288, 242),
}  # fmt: skip
SOCKET, SOCKETPAIR, CLONE, CLONE3 = (41, 198), (53, 199), (56, 220), (435, 435)
WORLDS = 0x7E020000  # the flags with which `clone` makes namespaces
NUMBER, MACHINE, FIRST, SECOND = 0, 4, 16, 24  # where things are in what the filter sees; arguments are eight bytes
LOAD, AND, EQUAL, LEAST, ANY, END = 0x20, 0x54, 0x15, 0x35, 0x45, 0x06  # the codes of the small machine
ALLOW, REFUSE = 0x7FFF0000, 0x00050000


def refuse(code):
    """End: the call fails with this error."""
    return (END, 0, 0, REFUSE | code)


def when(test, value, then):
    """Do ``then`` if the word at hand passes a test, else go on behind it."""
    return [(test, 0, len(then), value), *then]


def program(machine):
    """The filter for a kind of machine, as (code, jump if so, jump if not, number)."""
    name, column = MACHINES[machine]
    lines = [(LOAD, 0, 0, MACHINE), (EQUAL, 1, 0, name), refuse(errno.EPERM), (LOAD, 0, 0, NUMBER)]
    lines += when(LEAST, 0x40000000, [refuse(errno.EPERM)])  # the second set of numbers of x86_64
    for numbers in REFUSED.values():
        lines += when(EQUAL, numbers[column], [refuse(errno.EPERM)])
    lines += when(EQUAL, SOCKET[column], [refuse(errno.ENETUNREACH)])
    stream = [(LOAD, 0, 0, SECOND), (AND, 0, 0, 15), (EQUAL, 1, 0, 1), refuse(errno.EPERM), (END, 0, 0, ALLOW)]
    lines += when(EQUAL, SOCKETPAIR[column], stream)  # any other kind could be connected elsewhere; asyncio needs these
    lines += when(EQUAL, CLONE3[column], [refuse(errno.ENOSYS)])  # its flags cannot be seen; `clone` is tried next
    worlds = [(LOAD, 0, 0, FIRST), *when(ANY, WORLDS, [refuse(errno.EPERM)])]
    return [*lines, *when(EQUAL, CLONE[column], worlds), (END, 0, 0, ALLOW)]


class Program(ctypes.Structure):
    """A filter as ``prctl`` takes it."""

    _fields_ = [("length", ctypes.c_ushort), ("lines", ctypes.c_void_p)]


def install():
    """From here on these calls fail, in this process and in all that it starts.

    Raises:
        OSError: if the system has no such filter, or the numbers of this machine's calls are not known.
    """
    machine = platform.machine()
    if sys.platform != "linux" or machine not in MACHINES:
        raise OSError(errno.ENOSYS, f"no filter of system calls for {sys.platform} on {machine}")
    lines = program(machine)
    text = b"".join(struct.pack("=HBBI", *line) for line in lines)
    buffer = ctypes.create_string_buffer(text, len(text))
    filled = Program(len(lines), ctypes.addressof(buffer))
    call("prctl", 38, *map(ctypes.c_ulong, (1, 0, 0, 0)))  # PR_SET_NO_NEW_PRIVS
    call("prctl", 22, ctypes.c_ulong(2), ctypes.byref(filled), ctypes.c_ulong(0), ctypes.c_ulong(0))  # PR_SET_SECCOMP


def leave_the_keys():
    """A session keyring of one's own in place of the teacher's. Where there are no keys, there is none to leave."""
    if sys.platform == "linux" and platform.machine() in MACHINES:
        number = REFUSED["keyctl"][MACHINES[platform.machine()][1]]
        if libc.syscall(number, ctypes.c_long(1), None) == -1 and ctypes.get_errno() not in (errno.ENOSYS, errno.EPERM):
            raise OSError(ctypes.get_errno(), f"keyctl: {os.strerror(ctypes.get_errno())}")
