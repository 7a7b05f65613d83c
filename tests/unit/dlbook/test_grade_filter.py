"""The filter of system calls: for both kinds of machine as a program, and here as what a process meets."""

import ctypes
import errno
import os
import platform
import socket
import struct
import subprocess
import sys

import pytest

from dlbook.grade import jail, seccomp

MASK = 0xFFFFFFFF
BOTH = sorted(seccomp.MACHINES)


def filtered(machine, number, *arguments, kind=None):
    """What the filter says of a call: 0, or the error that it fails with. The kernel's small machine, in Python."""
    seen = struct.pack("<IIQ6Q", number, kind or seccomp.MACHINES[machine][0], 0, *(*arguments, *[0] * 6)[:6])
    word, at, lines = 0, 0, seccomp.program(machine)
    while True:
        code, yes, no, value = lines[at]
        at += 1
        if code == 0x06:  # return
            return 0 if value == 0x7FFF0000 else value & 0xFFFF
        if code == 0x20:  # load
            word = struct.unpack_from("<I", seen, value)[0]
        elif code == 0x54:  # and
            word &= value
        else:
            test = {0x15: word == value, 0x35: word >= value, 0x45: bool(word & value)}[code]
            at += yes if test else no


@pytest.mark.parametrize("machine", BOTH)
@pytest.mark.parametrize("name", sorted(seccomp.REFUSED))
def test_what_no_notebook_needs_is_refused(machine, name):
    assert filtered(machine, seccomp.REFUSED[name][seccomp.MACHINES[machine][1]]) == errno.EPERM


@pytest.mark.parametrize("machine", BOTH)
def test_sockets_threads_and_processes(machine):
    column = seccomp.MACHINES[machine][1]
    for family in range(50):
        assert filtered(machine, seccomp.SOCKET[column], family, 1) == errno.ENETUNREACH
    stream, datagram = socket.SOCK_STREAM | 0o4000, 2
    assert filtered(machine, seccomp.SOCKETPAIR[column], 1, stream) == 0
    assert filtered(machine, seccomp.SOCKETPAIR[column], 1, datagram) == errno.EPERM
    assert filtered(machine, seccomp.CLONE[column], 0x3D0F00) == 0  # a thread
    assert filtered(machine, seccomp.CLONE[column], 17) == 0  # a process
    for bit in (17, 25, 26, 27, 28, 29, 30):
        assert filtered(machine, seccomp.CLONE[column], 17 | 1 << bit) == errno.EPERM
    assert filtered(machine, seccomp.CLONE3[column]) == errno.ENOSYS


@pytest.mark.parametrize("machine", BOTH)
def test_the_rest_is_let_through_and_other_sets_of_numbers_are_not(machine):
    column = seccomp.MACHINES[machine][1]
    named = {n[column] for n in (*seccomp.REFUSED.values(), seccomp.SOCKET, seccomp.SOCKETPAIR, seccomp.CLONE3)}
    assert all(filtered(machine, number) == 0 for number in range(600) if number not in named)
    assert filtered(machine, 0, kind=0x40000003) == errno.EPERM  # the calls of a 32-bit program
    assert filtered(machine, 0x40000000) == errno.EPERM


def test_the_numbers_of_a_call_are_written_once():
    for column in (0, 1):
        numbers = [n[column] for n in seccomp.REFUSED.values()]
        assert len(numbers) == len(set(numbers))


def here(steps):
    """Run steps behind the filter in a process of its own; what it prints."""
    program = f"from dlbook.grade import seccomp\nseccomp.leave_the_keys()\nseccomp.install()\n{steps}"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()


@pytest.fixture(scope="module", autouse=True)
def available():
    if sys.platform != "linux" or platform.machine() not in seccomp.MACHINES:
        pytest.skip("Linux on x86_64 or aarch64 has this filter")


def test_honest_programs_run_behind_it():
    steps = """
import asyncio, multiprocessing, subprocess, tempfile, threading
thread = threading.Thread(target=print, args=("thread",)); thread.start(); thread.join()
print(subprocess.run(["echo", "process"], capture_output=True, text=True).stdout)
print(asyncio.run(asyncio.sleep(0, "loop")))
with multiprocessing.Pool(2) as pool: print(sum(pool.map(abs, [-1, 2])))
with tempfile.TemporaryFile() as file: print(file.write(b"abc"))
"""
    assert here(steps) == ["thread", "process", "loop", "3", "3"]


def test_every_refused_call_fails_here():
    column = seccomp.MACHINES[platform.machine()][1]
    numbers = [n[column] for n in seccomp.REFUSED.values()]
    steps = f"print({{(seccomp.libc.syscall(n, 0, 0, 0, 0, 0, 0), seccomp.ctypes.get_errno()) for n in {numbers}}})"
    assert here(steps) == ["{(-1,", "1)}"]


def test_a_machine_whose_numbers_are_not_known_is_told_of(monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(OSError, match="no filter of system calls for linux on riscv64"):
        seccomp.install()


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="mounts need root")
def test_what_is_mounted_below_python_cannot_be_written_either(tmp_path):
    """In a mount namespace of its own: a disk below a folder that is shown read-only comes along, read-only."""
    steps = f"""
import os
from dlbook.grade import jail
jail.call("unshare", jail.NEWNS)
jail.mount("none", "/", flags=jail.REC | jail.PRIVATE)
source, root = "{tmp_path}/python", "{tmp_path}/root"
jail.mount("tmpfs", source, "tmpfs")
os.mkdir(source + "/a disk")
jail.mount("tmpfs", source + "/a disk", "tmpfs")
jail.bind(source, root)
for place in (source, root + source, root + source + "/a disk"):
    try:
        open(place + "/new", "w")
        print("written")
    except OSError as error:
        print(error.errno)
"""
    for name in ("python", "root"):
        (tmp_path / name).mkdir()
    done = subprocess.run([sys.executable, "-c", steps], capture_output=True, text=True)
    if "unshare" in done.stderr:
        pytest.skip("no mount namespaces here")
    assert done.stdout.split() == ["written", str(errno.EROFS), str(errno.EROFS)], done.stderr


def test_calls_of_the_c_library_say_why_they_fail():
    with pytest.raises(OSError, match="umount2"):
        jail.call("umount2", b"/nowhere", ctypes.c_int(0))
