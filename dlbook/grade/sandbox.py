"""The judge's end of the line to a worker: start it, send it a notebook cell by cell, ask it for answers."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from dlbook.grade import spec, wire

LIMITS = {
    "memory": 2**30,  # bytes of address space of one process
    "disk": "64m",  # all files of one submission together
    "file": 16 * 2**20,  # one file
    "processes": 8,  # and threads, three of which are ours
    "cpu": 180,  # seconds of processor time, should the judge be gone
    "cell": 20.0,  # seconds of processor time of one cell
    "call": 10.0,  # seconds of processor time of one check
    "total": 120.0,  # seconds of one submission, on the clock
}
PATIENCE = 4  # times as long on the clock may a cell or a check take: others compute as well
PROGRAM = "import os; os.dup2({fd}, 3); os.closerange(4, 64); from dlbook.grade.worker import main; main(3)"
THREADS = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"]


def environment():
    """The worker's whole environment: nothing of the teacher's, one thread for linear algebra, fixed hashes."""
    clean = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0", "MPLBACKEND": "Agg"}
    clean |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "ignore", "PYTHONNOUSERSITE": "1"}
    clean["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    return clean | {name: "1" for name in THREADS}


def processes_of_this_user(isolation):
    """How many processes and threads count already towards the limit, where namespaces do not count their own."""
    release = tuple(int(n) for n in os.uname().release.split("-")[0].split(".")[:2] if n.isdigit())
    own_count = os.getuid() == 0 or (isolation == "full" and release >= (5, 14))
    return 0 if own_count or sys.platform != "linux" else thread_count()


def thread_count():
    """Processes and threads of this user, from ``/proc``."""
    count = 0
    for entry in Path("/proc").glob("[0-9]*/task"):
        try:
            count += len(os.listdir(entry)) if entry.stat().st_uid == os.getuid() else 0
        except OSError:
            continue
    return count


class Worker:
    """A worker process and the line to it; ``report`` says how well it is locked in."""

    def __init__(self, hide, limits, isolation):
        self.scratch = tempfile.mkdtemp(prefix="grading-")
        os.chmod(self.scratch, 0o711)
        for name, mode in (("root", 0o755), ("work", 0o1733)):
            os.mkdir(f"{self.scratch}/{name}")
            os.chmod(f"{self.scratch}/{name}", mode)
        self.control, theirs = socket.socketpair()
        command = [sys.executable, "-c", PROGRAM.format(fd=theirs.fileno())]
        options = {"pass_fds": [theirs.fileno()], "cwd": "/", "env": environment(), "start_new_session": True}
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **options)
        theirs.close()
        config = {"hide": hide, "isolation": isolation, "limits": limits, "used": processes_of_this_user(isolation)}
        wire.send(self.control, config | {"root": f"{self.scratch}/root", "scratch": f"{self.scratch}/work"})
        self.report = wire.receive(self.control, 60)

    def start(self, line):
        """End the submission that runs, start another one at the other end of ``line``; False if we are dead."""
        return self.command(b"s", line)

    def examine(self, desk, line):
        """Start an examiner between the other end of ``desk`` and the student's process; False if we are dead."""
        return self.command(b"e", desk, line)

    def command(self, letter, *sockets):
        try:
            socket.send_fds(self.control, [letter], [sock.fileno() for sock in sockets])
            self.control.settimeout(30)
            return bool(self.control.recv(1))
        except OSError:
            return False

    def close(self):
        """End the worker and whatever it runs, and remove its folders."""
        self.control.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for _ in range(20):  # somebody may be dying in there
            shutil.rmtree(self.scratch, ignore_errors=True)
            if not os.path.exists(self.scratch):
                break
            time.sleep(0.05)


class Line:
    """The lines to one submission: to the runner, and to its examiner once there is a recipe to try."""

    def __init__(self, sock, worker):
        self.sock, self.worker, self.desk, self.count = sock, worker, None, 0

    def ask(self, message, seconds):
        """Send one message to the runner and wait for its answer; `seconds` are of processor time.

        Raises:
            wire.SlowError, wire.GoneError, wire.WireError: the runner is then of no more use.
        """
        self.count += 1
        wire.send(self.sock, {"id": self.count, "seconds": seconds, **message}, PATIENCE * seconds)
        return wire.answer_to(self.count, self.sock, PATIENCE * seconds)

    def examine(self, job, seconds):
        """Have the examiner try a recipe, which asks the runner what it needs to know; see ``ask``."""
        if self.desk is None:
            self.desk, theirs = socket.socketpair()
            self.worker.examine(theirs, self.sock)
            theirs.close()
        self.count += 1
        patience = PATIENCE * seconds
        wire.send(self.desk, {**job, "id": self.count, "count": self.count, "seconds": seconds, "patience": patience})
        reply = wire.answer_to(self.count, self.desk, patience + 1)
        self.count = reply["count"]
        if "broken" in reply:
            raise getattr(wire, reply["broken"])
        return reply

    def close(self):
        for sock in (self.sock, self.desk):
            if sock:
                sock.close()


class Sandbox:
    """One submission at a time, in a worker that is started anew should it ever die."""

    def __init__(self, hide=(), limits=None, isolation="full"):
        self.limits, self.line = LIMITS | (limits or {}), None
        self.settings = [str(Path(p).resolve()) for p in hide], self.limits, isolation
        self.worker = Worker(*self.settings)
        self.report = self.worker.report

    def begin(self):
        """A fresh process for a submission; the one before is killed with all that it started."""
        if self.line:
            self.line.close()
        mine, theirs = socket.socketpair()
        if not self.worker.start(theirs):  # somebody killed the worker itself, which only an unlocked one can do
            self.worker.close()
            self.worker = Worker(*self.settings)
            self.worker.start(theirs)
        self.line = Line(mine, self.worker)
        theirs.close()

    def run(self, cell, source):
        """Run a cell; the answer is ``{"error": None or a description}``."""
        return self.line.ask({"cell": cell, "source": source}, self.limits["cell"])

    def call(self, name, recipe, inputs):
        """Try an answer by the recipe's ``call(answer, *inputs)``; value and inputs come back, or an error."""
        if recipe in (spec.RECIPE, spec.VALUE):  # no more than a call, or the answer itself
            inputs = list(inputs) if recipe == spec.RECIPE else None
            return self.line.ask({"name": name, "inputs": inputs}, self.limits["call"])
        return self.line.examine({"name": name, "recipe": recipe, "inputs": list(inputs)}, self.limits["call"])

    def close(self):
        """End everything."""
        if self.line:
            self.line.close()
        self.worker.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()
