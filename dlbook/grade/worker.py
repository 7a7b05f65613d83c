"""Runs the students' code. This process holds no answers, writes no scores, and is thrown away.

Started by ``sandbox.Sandbox`` as a program of its own, so nothing of the judge is in its memory. It loads NumPy,
locks itself in (``jail``), and then forks once per submission: that costs milliseconds where a fresh start costs a
tenth of a second. The first process never runs a line that a student wrote.

    sandbox ──control──> worker ──fork──> launcher ──fork──> process 1 ──fork──> runner (the student's code)
       └────────────────────── one socket: sources and inputs in, arrays out ─────────┘
"""

import asyncio
import inspect
import os
import random
import signal
import socket
import sys
import tempfile
import time
import traceback
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import numpy.linalg
import numpy.random  # noqa: F401  (loaded before the forks, not after each)

import dlbook.grade
from dlbook.grade import jail, landlock, wire
from dlbook.grade.errors import describe
from dlbook.grade.notebook import AWAIT, runnable


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


class SlowError(BaseException):
    """The processor's time for a cell or a check is over."""


def too_slow(signum, frame):
    raise SlowError


def in_time(seconds, work):
    """Do some work; {"slow": True} where it takes more of the processor's time. What cannot be interrupted, or will
    not be, is ended by the judge's clock."""
    try:
        signal.signal(signal.SIGPROF, too_slow)
        signal.setitimer(signal.ITIMER_PROF, seconds, 0.5)
        try:
            return work()
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    except SlowError:
        return {"slow": True}


def execute(source, file, namespace):
    """Run a cell as IPython does, which lets it wait for things at its top."""
    code = compile(runnable(source), file, "exec", AWAIT)
    waits = eval(code, namespace)
    if inspect.iscoroutine(waits):
        asyncio.run(waits)


def rehearse(config, tell):
    """All the steps of locking in, in a process that is thrown away: half a jail could not be undone."""
    try:
        jail.outer(config["hide"], config["root"])
        jail.inner()
        if os.fork() == 0:
            jail.settle(config["limits"], jail.user_of_its_own())
            os.write(tell, b"ok")
            os._exit(0)
        os.wait()
    except BaseException as error:
        os.write(tell, str(error).encode()[:200])
    finally:
        os._exit(0)


def why_not(config):
    """What stands in the way of namespaces; an empty text if nothing does."""
    if sys.platform != "linux":
        return f"there are none on {sys.platform}"
    if config["isolation"] != "full":
        return "switched off"
    listen, tell = os.pipe()
    rehearsal = os.fork()
    if rehearsal == 0:
        rehearse(config, tell)
    os.close(tell)
    os.waitpid(rehearsal, 0)
    said = os.read(listen, 200).decode()
    os.close(listen)
    return "" if said == "ok" else said or "no answer from the rehearsal"


def isolate(config):
    """Lock this process in as far as the system allows; say how far that was: full, files, or none."""
    why = why_not(config)
    if not why:
        jail.outer(config["hide"], config["root"])
        return {"level": "full", "why": "", "landlock": 0}
    number = landlock.version() if sys.platform == "linux" and config["isolation"] != "none" else 0
    inside = [hidden for hidden in config["hide"] for path in jail.needed() if Path(hidden).is_relative_to(path)]
    files = number and not inside  # it cannot take out a folder from one that must be readable
    return {"level": "files" if files else "none", "why": f"no namespaces: {why}", "landlock": number}


def load_cell(namespace, message, seen):
    """Run one cell of the notebook; an error in it is an answer like any other. With it comes what was seen.

    It is parsed here as well, not by the judge: a few megabytes of code can become gigabytes of syntax tree.
    """
    error = None
    try:
        execute(message["source"], f"<cell {message['cell']}>", namespace)
    except SlowError:
        raise
    except BaseException as stopped:
        error = describe(stopped, f"<cell {message['cell']}>")
    return {"error": error, **seen.taken()}


def answer(namespace, message):
    """Call what the student wrote, and reduce the result to arrays."""
    if message["name"] not in namespace:
        return {"missing": True}
    if namespace[message["name"]] is Ellipsis:
        return {"value": wire.as_data(...)}
    recipe = {"np": np, "__name__": "recipe"}
    try:
        random.seed(0)
        np.random.seed(0)
        exec(message["recipe"], recipe)
        inputs = message["inputs"]
        value = recipe["call"](namespace[message["name"]], *inputs)
        return {"value": wire.as_data(value), "inputs": wire.as_data(inputs)}
    except SlowError:
        raise
    except BaseException as error:
        return {"error": describe(error, "<cell")}


class StandIn:
    """Stands for an answer of the student's that is wrong: it asks the judge for what a right one gives."""

    def __init__(self, sock, name):
        self.sock, self.name = sock, name

    def __call__(self, *inputs, **named):
        wire.send(self.sock, {"asks": self.name, "inputs": wire.as_data(inputs), "named": wire.as_data(named)})
        reply = wire.receive(self.sock)
        if "value" not in reply:
            raise ValueError(f"`{self.name}` cannot be called like this")
        return reply["value"]


def put(sock, namespace, message):
    """Put stand-ins in place of some of the student's answers."""
    namespace.update({name: StandIn(sock, name) for name in message["stand_in"]})
    return {}


def runner(sock):
    """The loop that the student's code lives in: one message in, one message out."""
    quiet, seen = Quiet(), Seen()
    sys.modules["dlbook.grade.nbgrader"] = quiet
    dlbook.grade.notebook_checks = lambda *args: (seen.check, quiet)
    sys.modules["dlbook.grade.master"] = SimpleNamespace(master_checks=dlbook.grade.notebook_checks)
    namespace = {"__name__": "__main__", "__builtins__": __builtins__}
    namespace |= {"hint": quiet, "display": quiet, "check": seen.check}
    namespace |= {"get_ipython": Jupyter(), "input": seen.input}
    sys.modules["__main__"].__dict__.update(namespace)
    namespace = sys.modules["__main__"].__dict__
    while True:
        message = wire.receive(sock)
        work = partial(load_cell, seen=seen) if "cell" in message else answer
        work = partial(put, sock) if "stand_in" in message else work
        start = time.process_time()
        reply = in_time(message["seconds"], partial(work, namespace, message))
        try:
            wire.send(sock, {"id": message["id"], "cpu": time.process_time() - start, **reply})
        except wire.WireError as error:
            wire.send(sock, {"id": message["id"], "error": {"type": "ValueError", "text": str(error), "line": 0}})


def start_runner(sock, config, level):
    """Become the runner: nothing open but its socket (as 3) and the null device (as 4), every limit set."""
    try:
        jail.die_with_parent()
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        line = os.dup(sock.detach())
        os.dup2(line, 3)
        null = os.dup2(0, 4)
        os.closerange(5, 1024)
        os.register_at_fork(after_in_child=lambda: os.dup2(null, 3))  # only the runner itself may answer
        if level == "files":
            landlock.restrict(jail.needed(), os.getcwd())
        jail.limit(config["limits"], config["used"])
        runner(socket.socket(fileno=3))
    finally:
        os._exit(1)


def launch(sock, config, level, user):
    """Between the worker and the runner: enters the namespaces, waits, and takes everything down with it."""
    os.setsid()
    jail.die_with_parent()
    if level == "full":
        jail.inner()
        if os.fork():
            os.wait()
            os._exit(0)
        jail.settle(config["limits"], user)
        jail.die_with_parent()  # after the change of user, which would undo it
    else:
        jail.give_up_root(user)
        jail.die_with_parent()
        os.chdir(tempfile.mkdtemp(prefix="student-", dir=config["scratch"]))
    os.environ["HOME"] = os.environ["TMPDIR"] = os.getcwd()
    child = os.fork()
    if child == 0:
        start_runner(sock, config, level)
    sock.close()
    while os.wait()[0] != child:
        pass
    os._exit(0)


def end(launcher):
    """Kill a submission with all that it has started."""
    for kill in (os.killpg, os.kill):
        try:
            kill(launcher, signal.SIGKILL)
        except OSError:
            pass
    if sys.platform == "linux":
        jail.kill_children()
    else:
        os.waitpid(launcher, 0)


def serve(control, config, level):
    """Start and end submissions, one at a time, until the judge hangs up."""
    launcher, user = None, jail.user_of_its_own()
    while True:
        command, fds, _, _ = socket.recv_fds(control, 1, 1)
        if launcher:
            end(launcher)
        if not command:
            return
        launcher = os.fork()
        if launcher == 0:
            try:
                control.close()
                launch(socket.socket(fileno=fds[0]), config, level, user)
            finally:
                os._exit(1)
        os.close(fds[0])
        control.sendall(b".")


def main(fd=3):
    """The worker: hear the settings, lock in, say how well that went, serve."""
    control = socket.socket(fileno=fd)
    config = wire.receive(control)
    try:
        report = isolate(config)
        jail.keep_to_oneself()
    except BaseException:
        wire.send(control, {"level": "none", "why": traceback.format_exc()[-300:], "landlock": 0})
        raise
    wire.send(control, report)
    serve(control, config, report["level"])
