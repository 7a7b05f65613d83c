"""What Linux offers to lock a process in, through ctypes: Python 3.11 has no ``unshare`` of its own.

Two steps. ``outer`` runs once in the process that waits for submissions: it builds a small file system that holds
Python and nothing else, and makes it the root. ``inner`` and ``settle`` run once per submission: its own process,
network, mount and message namespaces (and user namespace, where we are not root), a fresh folder in memory, a user
who owns nothing, no capability left. The course folder is not hidden by permissions; it is not there.
"""

import ctypes
import importlib.util
import os
import re
import resource
import signal
import site
import sys
import time
from pathlib import Path

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
RDONLY, NOSUID, NODEV, REMOUNT, BIND, REC, PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
KEEP = NOSUID | NODEV | 8 | 1024 | 2048  # flags of a mount that may not be lost; statvfs writes them the same way
HOME = "/home/student"
SYSTEM = ["/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin", "/etc/ld.so.cache", "/etc/alternatives"]
DEVICES = ["/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"]

libc = ctypes.CDLL(None, use_errno=True)


def call(name, *args):
    """A function of the C library that answers -1 when it fails.

    Raises:
        OSError: with the system's reason.
    """
    if getattr(libc, name)(*args) == -1:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")


def mount(source, target, kind=None, flags=0, data=None):
    """``mount(2)``."""
    text = [None if x is None else os.fsencode(str(x)) for x in (source, target, kind, data)]
    call("mount", text[0], text[1], text[2], ctypes.c_ulong(flags), text[3])


def bind(source, root):
    """Show ``source`` at the same path below ``root``, to be read only."""
    target = Path(f"{root}{source}")
    if Path(source).is_dir():
        target.mkdir(parents=True, exist_ok=True)
    elif not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    mount(source, target, flags=BIND | REC)
    for place in mounted(target):  # what is mounted below came along, and is as it was
        kept = os.statvfs(place).f_flag & KEEP
        mount(None, place, flags=BIND | REMOUNT | RDONLY | NOSUID | kept)


def mounted(path):
    """The mounts at and below a path that can be reached; ``/proc`` writes blanks and the like as octal numbers."""
    path = os.path.realpath(path)
    lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    places = [re.sub(r"\\([0-7]{3})", lambda sign: chr(int(sign[1], 8)), line.split()[4]) for line in lines]
    return sorted({path} | {place for place in places if Path(place).is_relative_to(path) and os.path.exists(place)})


def needed():
    """The paths that Python and its packages live in."""
    found = [importlib.util.find_spec(name) for name in ("dlbook", "dlcore")]
    packages = [str(Path(spec.origin).parent) for spec in found if spec]
    prefixes = [sys.prefix, sys.base_prefix, *site.getsitepackages()]
    named = [os.path.abspath(p) for p in prefixes]  # a folder of packages may be a link, and is known by both names
    paths = [os.path.realpath(p) for p in prefixes] + named + packages + SYSTEM
    chosen = []
    for path in sorted({p for p in paths if os.path.exists(p)}, key=len):
        if not any(path == c or path.startswith(c.rstrip("/") + "/") for c in chosen):
            chosen.append(path)
    return chosen


def build(root, hide):
    """The jail's file system in ``root/jail``: Python, the system's libraries, a few devices; nothing of the course."""
    mount("none", "/", flags=REC | PRIVATE)
    mount("tmpfs", root, "tmpfs", NOSUID | NODEV, "size=4m,mode=755")
    jail = f"{root}/jail"
    for path in needed():
        if os.path.islink(path):
            os.makedirs(os.path.dirname(jail + path), exist_ok=True)
            os.symlink(os.readlink(path), jail + path)
        else:
            bind(path, jail)
    for path in DEVICES:
        Path(jail, "dev").mkdir(exist_ok=True)
        Path(jail + path).touch()
        mount(path, jail + path, flags=BIND)
    for path in hide:
        if os.path.isdir(jail + path):
            mount("tmpfs", jail + path, "tmpfs", RDONLY | NOSUID | NODEV, "size=4k,mode=000")
    os.makedirs(jail + HOME, exist_ok=True)
    if not os.path.exists(f"{jail}/tmp"):  # it does where Python itself lives there
        os.symlink(HOME.lstrip("/"), f"{jail}/tmp")
    os.mkdir(f"{root}/proc")
    mount("/proc", f"{root}/proc", flags=BIND | REC)


def become_root_of(root):
    """Make ``root`` the root of this mount namespace, and let go of the old one."""
    os.chdir(root)
    call("pivot_root", b".", b".")
    call("umount2", b".", 2)  # MNT_DETACH
    os.chdir("/")
    mount(None, "/", flags=BIND | REMOUNT | RDONLY | NOSUID | NODEV)


def map_user(uid, gid):
    """In a new user namespace, be who one was, and nobody else."""
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        Path(f"/proc/self/{name}").write_text(text)


def outer(hide, root):
    """Lock this process and all it will start out of the file system.

    Args:
        hide: folders that must be invisible even where Python lives in them.
        root: an empty folder to build in.

    Raises:
        OSError: if the system does not allow it; nothing has then been given up but the mount namespace.
    """
    uid, gid = os.getuid(), os.getgid()
    if uid == 0:
        call("unshare", NEWNS)
    else:
        dumpable()
        call("unshare", NEWUSER | NEWNS)
        map_user(uid, gid)
    build(root, hide)
    become_root_of(root)


def user_of_its_own():
    """The user to run one submission as: ourselves, or, if we are root, a number that no other has that runs."""
    return os.getuid() or 20000 + os.getpid() % 40000


def give_up_root(user):
    """Stop being root, for good, if we are: files are root's to write, and a limit on processes does not hold."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)


def children():
    """The processes whose parent is this one."""
    for process in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = process.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid():
            yield int(process.parent.name)


def kill_children():
    """Kill what this process has started, and what that has left behind, until nothing is left (or ten seconds)."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            if os.waitpid(-1, os.WNOHANG)[0]:
                continue
        except ChildProcessError:
            return
        for child in children():
            try:
                os.kill(child, signal.SIGKILL)
            except OSError:
                continue
        time.sleep(0.001)


def keep_to_oneself():
    """Others of this user may not trace this process or read its memory; orphans of its children become its own."""
    if sys.platform == "linux":
        call("prctl", 4, 0, 0, 0, 0)  # PR_SET_DUMPABLE
        call("prctl", 36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def dumpable():
    """The reverse of the first half of ``keep_to_oneself``: needed to write one's own user map."""
    call("prctl", 4, 1, 0, 0, 0)


def die_with_parent():
    """Be killed when the process that started this one ends."""
    if sys.platform == "linux":
        call("prctl", 1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG


def inner():
    """New namespaces for one submission; the next fork is process 1 of its own small world."""
    uid, gid, spaces = os.getuid(), os.getgid(), NEWNS | NEWPID | NEWNET | NEWIPC | NEWUTS
    if uid == 0:
        call("unshare", spaces)
        return
    dumpable()
    call("unshare", NEWUSER | spaces)
    map_user(uid, gid)


def settle(limits, user):
    """As process 1: a fresh folder in memory, then into the jail."""
    owner = f",uid={user},gid={user}" if os.getuid() == 0 else ""
    mount("tmpfs", f"/jail{HOME}", "tmpfs", NOSUID | NODEV, f"size={limits['disk']},nr_inodes=2000,mode=700{owner}")
    enter(user, HOME)


def enter(user, folder="/"):
    """The jail as root, and no capability left to undo it.

    The root of the jail is not the root of the mount namespace: Linux then refuses new user namespaces, the
    usual way to get capabilities back.
    """
    os.chroot("/jail")
    os.chdir(folder)
    give_up_root(user)
    call("prctl", 38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    call("capset", header, (ctypes.c_uint32 * 6)())


def limit(limits, used=0):
    """Memory, file size, processes, processor time; no core files."""
    bounds = {"AS": limits["memory"], "FSIZE": limits["file"], "CPU": limits["cpu"], "CORE": 0, "NOFILE": 128}
    bounds["NPROC"] = limits["processes"] + used
    for name, bound in bounds.items():
        number = getattr(resource, f"RLIMIT_{name}", None)
        if number is not None:
            ceiling = resource.getrlimit(number)[1]
            bound = bound if ceiling == resource.RLIM_INFINITY else min(bound, ceiling)
            try:
                resource.setrlimit(number, (bound, bound))
            except ValueError:
                if sys.platform == "linux":  # macOS does not take all of them
                    raise
