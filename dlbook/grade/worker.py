"""Runs the students' code. This process holds no answers, writes no scores, and is thrown away.

Started by ``sandbox.Sandbox`` as a program of its own, so nothing of the judge is in its memory. It loads NumPy,
locks itself in (``jail``), and then forks once per submission: that costs milliseconds where a fresh start costs a
tenth of a second. The first process never runs a line that a student wrote.

    sandbox ──control──> worker ──fork──> launcher ──fork──> process 1 ──fork──> runner (the student's code)
       │                    └────fork──> examiner (the teacher's recipes) ────────────┤
       └────────────────────── one socket: sources and inputs in, arrays out ─────────┘
"""

import asyncio
import contextlib
import inspect
import os
import signal
import socket
import sys
import tempfile
import time
import traceback
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy.linalg
import numpy.random  # noqa: F401  (loaded before the forks, not after each)

import dlbook.grade
import dlcore.models  # noqa: F401  (so are networks: a tenth of a second, and a student's user may not read where Python is)
import dlcore.optim  # noqa: F401
from dlbook.grade import examiner, jail, landlock, remote, seccomp, wire
from dlbook.grade.errors import describe
from dlbook.grade.notebook import AWAIT, runnable
from dlbook.grade.timer import TooLongError, in_time


class Quiet:
    """Stands for what only a notebook has, such as ``get_ipython()``: takes everything, does nothing."""

    def __call__(self, *args, **kwargs):
        return self

    def __getattr__(self, name):
        return self


class Jupyter(Quiet):
    """Stands for `get_ipython()`: magics and shell commands do nothing, but what is only timed runs."""

    def run_line_magic(self, name, line, *rest):
        if name in ("time", "prun"):
            execute(line, "<line>", sys.modules["__main__"].__dict__)
        return self

    def getoutput(self, *args, **kwargs):
        return []


class Seen:
    """What is to be known of a cell beside its error: the questions that it had checked, whether it asked for input."""

    def __init__(self):
        self.checked, self.asked = {}, False

    def check(self, question=None, *args, **kwargs):
        """Stands for the notebook's `check`."""
        self.checked[str(question)[:40]] = True

    def input(self, *prompt):
        """Stands for Python's `input`: nobody is there to answer."""
        self.asked = True
        return ""

    def taken(self):
        """What was seen since the last time."""
        taken = {"checked": list(self.checked)[:40], "asked": self.asked}
        self.checked, self.asked = {}, False
        return taken


def execute(source, file, namespace):
    """Run a cell as IPython does, which lets it wait for things at its top."""
    code = compile(runnable(source), file, "exec", AWAIT)
    waits = eval(code, namespace)
    if inspect.iscoroutine(waits):
        asyncio.run(waits)


def obstacle(steps):
    """What stands in the way of some steps; an empty text if nothing does. They are tried in a process that is
    thrown away: half a jail could not be undone."""
    listen, tell = os.pipe()
    rehearsal = os.fork()
    if rehearsal == 0:
        try:
            steps()
            os.write(tell, b"ok")
        except BaseException as error:
            os.write(tell, str(error).encode()[:200])
        finally:
            os._exit(0)
    os.close(tell)
    os.waitpid(rehearsal, 0)
    said = os.read(listen, 200).decode()
    os.close(listen)
    return "" if said == "ok" else said or "no answer from the rehearsal"


def lock_in(config):
    """All the steps of locking in."""
    jail.outer(config["hide"], config["root"])
    jail.inner()
    if os.fork() == 0:
        jail.settle(config["limits"], jail.user_of_its_own())
    else:  # the child is process 1, and goes on
        os.wait()
        os._exit(0)


def why_not(config):
    """What stands in the way of namespaces; an empty text if nothing does."""
    if sys.platform != "linux":
        return f"there are none on {sys.platform}"
    if config["isolation"] != "full":
        return "switched off"
    return obstacle(partial(lock_in, config))


def isolate(config):
    """Lock this process in as far as the system allows; say how far that was: full, files, or none."""
    why, unfiltered = why_not(config), obstacle(seccomp.install)
    if not why:
        jail.outer(config["hide"], config["root"])
        return {"level": "full", "why": "", "landlock": 0, "unfiltered": unfiltered}
    number = landlock.version() if sys.platform == "linux" and config["isolation"] != "none" else 0
    inside = [hidden for hidden in config["hide"] for path in jail.needed() if Path(hidden).is_relative_to(path)]
    level = "files" if number and not inside else "none"  # it cannot take out a folder from one that must be readable
    return {"level": level, "why": f"no namespaces: {why}", "landlock": number, "unfiltered": unfiltered}


def load_cell(namespace, message, seen):
    """Run one cell of the notebook; an error in it is an answer like any other. With it comes what was seen.

    It is parsed here as well, not by the judge: a few megabytes of code can become gigabytes of syntax tree.
    """
    error = None
    try:
        execute(message["source"], f"<cell {message['cell']}>", namespace)
    except TooLongError:
        raise
    except BaseException as stopped:
        error = describe(stopped, f"<cell {message['cell']}>")
    return {"error": error, **seen.taken()}


def answer(namespace, message):
    """Call what the student wrote, or take it as it is if there are no inputs, and reduce the result to arrays."""
    if message["name"] not in namespace:
        return {"missing": True}
    value = namespace[message["name"]]
    try:
        inputs = message["inputs"]
        value = value if value is Ellipsis or inputs is None else value(*inputs)
        return {"value": wire.as_data(value), "inputs": wire.as_data(inputs or [])}
    except TooLongError:
        raise
    except BaseException as error:
        return {"error": describe(error, "<cell")}


def seeded(namespace, message):
    """Answers that depend on chance are the same every time."""
    remote.seed()
    return answer(namespace, message)


def prepared(seen):
    """The namespace of a fresh notebook, with what stands for Jupyter and for our checks."""
    quiet = Quiet()
    sys.modules["dlbook.grade.nbgrader"] = quiet
    dlbook.grade.notebook_checks = lambda *args: (seen.check, quiet)
    sys.modules["dlbook.grade.master"] = SimpleNamespace(master_checks=dlbook.grade.notebook_checks)
    namespace = sys.modules["__main__"].__dict__
    namespace |= {"hint": quiet, "display": quiet, "check": seen.check}
    namespace |= {"get_ipython": Jupyter(), "input": seen.input}
    return namespace


def put(desk, namespace, names):
    """Put stand-ins in place of some of the student's answers."""
    namespace.update({name: remote.StandIn(desk, name) for name in names})
    return {}


def answering(message, namespace, seen, desk):
    """The work that answers a message."""
    desk.current = message["id"]
    if "op" in message:
        return partial(desk.serve, message)
    if "stand_in" in message:
        return partial(put, desk, namespace, message["stand_in"])
    return partial(partial(load_cell, seen=seen) if "cell" in message else seeded, namespace, message)


def runner(sock):
    """The loop that the student's code lives in: one message in, one message out."""
    seen = Seen()
    namespace = prepared(seen)
    desk = remote.Desk(sock, namespace)
    while True:
        message = wire.receive(sock)
        work = answering(message, namespace, seen, desk)
        start = time.process_time()
        reply = in_time(message["seconds"], work)
        try:
            wire.send(sock, {"id": message["id"], "cpu": time.process_time() - start, **reply}, most=wire.NODES)
        except wire.WireError as error:
            wire.send(sock, {"id": message["id"], "error": {"type": "ValueError", "text": str(error), "line": 0}})


def nothing_open(*kept):
    """The null device as input, output, error and 4, some files from 3 on, and no more."""
    null = os.open(os.devnull, os.O_RDWR)
    moved = [os.dup(fd) for fd in (null, *kept)]
    for fd in (0, 1, 2, 4):
        os.dup2(moved[0], fd)
    for place, fd in zip((3, 5), moved[1:], strict=False):
        os.dup2(fd, place)
    os.closerange(3 + 2 * len(kept), 1024)


def start_runner(line, config, report):
    """Become the runner: nothing open but its socket (as 3) and the null device (as 4), every limit set."""
    try:
        jail.die_with_parent()
        nothing_open(line)
        os.register_at_fork(after_in_child=lambda: os.dup2(4, 3))  # only the runner itself may answer
        if report["level"] == "files":
            landlock.restrict(jail.needed(), os.getcwd())
        jail.limit(config["limits"], config["used"])
        if not report["unfiltered"]:
            seccomp.install()
        runner(socket.socket(fileno=3))
    finally:
        os._exit(1)


def launch(line, config, report):
    """Between the worker and the runner: enters the namespaces, waits, and takes everything down with it."""
    os.setsid()
    jail.die_with_parent()
    seccomp.leave_the_keys()
    user = jail.user_of_its_own()
    if report["level"] == "full":
        jail.inner()
        if os.fork():
            os.wait()
            os._exit(0)
        jail.settle(config["limits"], user)
    else:
        jail.give_up_root(user)
        os.chdir(tempfile.mkdtemp(prefix="student-", dir=config["scratch"]))
    jail.die_with_parent()  # after the change of user, which would undo it
    os.environ["HOME"] = os.environ["TMPDIR"] = os.getcwd()
    child = os.fork()
    if child == 0:
        start_runner(line, config, report)
    jail.keep_to_oneself()
    nothing_open()
    while os.wait()[0] != child:
        pass
    os._exit(0)


def start_examiner(desk, line, config, report):
    """Become the examiner: between the judge (as 3) and the student's process (as 5), under the same limits."""
    user = jail.user_of_its_own()
    if report["level"] == "full":
        jail.enter(user)
    else:
        jail.give_up_root(user)
    nothing_open(desk, line)
    jail.die_with_parent()
    jail.keep_to_oneself()
    jail.limit(config["limits"], config["used"])
    if not report["unfiltered"]:
        seccomp.install()
    examiner.examine(socket.socket(fileno=3), socket.socket(fileno=5))


def end(processes):
    """Kill a submission with all that it has started."""
    for process in processes:
        for kill in (os.killpg, os.kill):
            try:
                kill(process, signal.SIGKILL)
            except OSError:
                pass
    if sys.platform == "linux":
        jail.kill_children()
    else:
        for process in processes:
            os.waitpid(process, 0)


def forked(control, work, *args):
    """Do some work in a process of its own, which never comes back from it."""
    child = os.fork()
    if child == 0:
        try:
            control.close()
            work(*args)
        finally:
            os._exit(1)
    return child


def serve(control, config, report):
    """Start and end submissions, one at a time, and the examiner of each, until the judge hangs up."""
    running = []
    while True:
        command, fds = wire.command(control)
        if command != b"e":
            end(running)
            running = []
        if not command:
            return
        work, ends = (start_examiner, fds) if command == b"e" else (launch, fds[:1])
        running.append(forked(control, work, *ends, config, report))
        for fd in fds:
            os.close(fd)
        with contextlib.suppress(ConnectionError):  # the judge has hung up; the next command will be the empty one
            control.sendall(b".")


def main(fd=3):
    """The worker: hear the settings, lock in, say how well that went, serve."""
    control = socket.socket(fileno=fd)
    config = wire.receive(control)
    try:
        report = isolate(config)
        jail.keep_to_oneself()
    except BaseException:
        why = {"level": "none", "why": traceback.format_exc()[-300:], "landlock": 0, "unfiltered": "not tried"}
        wire.send(control, why)
        raise
    wire.send(control, report)
    serve(control, config, report)
