"""The judge's end of the line to a worker: start it, send it a notebook cell by cell, ask it for answers."""

import atexit
import contextlib
import os
import secrets
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
    "cpu": 300,  # seconds of processor time, should the judge be gone
    "cell": 20.0,  # seconds of processor time of one cell
    "call": 10.0,  # seconds of processor time of one check
    "total": 120.0,  # seconds of processor time of all cells, and of all checks
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


FOLDERS = set()  # that are to be gone when we are


class ClosedError(Exception):
    """The grading was stopped."""


@atexit.register
def sweep():
    """Remove the folders that are still there."""
    for folder in list(FOLDERS):
        shutil.rmtree(folder, ignore_errors=True)


def scratch_folder():
    """A folder of our own; it is remembered before it is made, so that no signal comes between."""
    folder = os.path.join(tempfile.gettempdir(), f"grading-{secrets.token_hex(8)}")
    FOLDERS.add(folder)
    os.mkdir(folder, 0o700)
    os.chmod(folder, 0o711)
    return folder


def python():
    """The Python that runs us, with its packages at the place where the jail has them, also if ours is a link to it."""
    return os.path.join(os.path.realpath(os.path.dirname(sys.executable)), os.path.basename(sys.executable))


class Worker:
    """A worker process and the line to it; ``report`` says how well it is locked in."""

    def __init__(self, hide, limits, isolation):
        self.scratch = scratch_folder()
        for name, mode in (("root", 0o755), ("work", 0o1733)):
            os.mkdir(f"{self.scratch}/{name}")
            os.chmod(f"{self.scratch}/{name}", mode)
        self.control, theirs = socket.socketpair()
        command = [python(), "-c", PROGRAM.format(fd=theirs.fileno())]
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
        hang_up(self.control)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for _ in range(20):  # somebody may be dying in there
            shutil.rmtree(self.scratch, ignore_errors=True)
            if not os.path.exists(self.scratch):
                FOLDERS.discard(self.scratch)
                break
            time.sleep(0.05)


def hang_up(sock):
    """Close a socket, and wake who waits at either end: closed alone it would live on while a thread waits."""
    with contextlib.suppress(OSError):  # there is nobody at the other end any more
        sock.shutdown(socket.SHUT_RDWR)
    sock.close()


def conversation(number, sock, message, end, ours):
    """What comes back; where stand-ins may ask for our own answers, after those."""
    while True:
        wire.send(sock, message, end - time.monotonic())
        reply = wire.answer_to(number, sock, end - time.monotonic())
        if "asks" not in reply:
            return reply
        if ours is None:
            raise wire.WireError("a question where nothing stands for ours")
        odd = {"type": "ValueError", "text": f"`{str(reply['asks'])[:80]}` cannot be called like this"}
        message = {"op": "answer", **(ours(reply) or {"error": odd})}


class Line:
    """The lines to one submission: to the runner, and to its examiner once there is a recipe to try."""

    def __init__(self, sock, worker):
        self.sock, self.worker, self.desk, self.count = sock, worker, None, 0
        self.spent = 0.0  # seconds of the last answer
        self.ours = None  # who answers what a stand-in asks
        self.heard = False  # whether this process knows what is not to be told: inputs of hidden checks, our answers

    def ask(self, message, seconds):
        """Send one message to the runner and wait for its answer; `seconds` are of processor time.

        Raises:
            wire.SlowError, wire.GoneError, wire.WireError: the runner is then of no more use.
        """
        return self.timed(self.sock, message, seconds)

    def call(self, name, recipe, inputs, seconds):
        """Try an answer: by the runner alone, where a recipe is no more than a call, or the answer itself."""
        plain = {spec.RECIPE: inputs, spec.VALUE: None}
        if recipe in plain:
            return self.ask({"name": name, "inputs": plain[recipe]}, seconds)
        return self.examine({"name": name, "recipe": recipe, "inputs": inputs}, seconds)

    def examine(self, job, seconds):
        """Have the examiner try a recipe, which asks the runner what it needs to know; see ``ask``."""
        if self.desk is None:
            self.desk, theirs = socket.socketpair()
            self.worker.examine(theirs, self.sock)
            theirs.close()
        reply = self.timed(self.desk, {**job, "patience": PATIENCE * seconds}, seconds)
        self.count = reply["count"]
        if "broken" in reply:
            self.spent = seconds if reply["broken"] == "SlowError" else self.spent
            raise getattr(wire, reply["broken"])
        return reply

    def timed(self, sock, message, seconds):
        """What comes back, and in ``spent`` the time that it took."""
        start, self.spent, self.count = time.monotonic(), 0.0, self.count + 1
        try:
            message, end = {"id": self.count, "seconds": seconds, **message}, start + PATIENCE * seconds + 1
            reply = conversation(self.count, sock, message, end, self.ours)
        except wire.SlowError:
            self.spent = seconds
            raise
        finally:
            self.spent = max(self.spent, (time.monotonic() - start) / PATIENCE)
        said = reply.get("cpu")  # it may say too little; the clock then counts a quarter
        self.spent = max(self.spent, min(said, seconds) if isinstance(said, float) else 0.0)
        return reply

    def close(self):
        for sock in filter(None, (self.sock, self.desk)):
            hang_up(sock)


class Sandbox:
    """One submission at a time, in a worker that is started anew should it ever die."""

    def __init__(self, hide=(), limits=None, isolation="full"):
        self.limits, self.line, self.closed = LIMITS | (limits or {}), None, False
        self.settings = [str(Path(p).resolve()) for p in hide], self.limits, isolation
        self.worker = Worker(*self.settings)
        self.report = self.worker.report

    @property
    def spent(self):
        return self.line.spent

    def begin(self):
        """A fresh process for a submission; the one before is killed with all that it started."""
        if self.line:
            self.line.close()
        mine, theirs = socket.socketpair()
        if not self.worker.start(theirs) and not self.closed:  # killed, which only an unlocked one can do to itself
            self.worker.close()
            self.worker = Worker(*self.settings)
            self.worker.start(theirs)
        self.line = Line(mine, self.worker)
        theirs.close()
        if self.closed:
            self.close()
            raise ClosedError("the grading was stopped")

    def run(self, cell, source):
        """Run a cell; the answer is ``{"error": None or a description}``."""
        return self.line.ask({"cell": cell, "source": source}, self.limits["cell"])

    def call(self, name, recipe, inputs):
        """Try an answer by the recipe's ``call(answer, *inputs)``; value and inputs come back, or an error."""
        return self.line.call(name, recipe, list(inputs), self.limits["call"])

    def stand_in(self, names, ours):
        """From here on, in the student's code, these names stand for our own answers, which `ours` gives."""
        self.line.ours, self.line.heard = ours, True
        self.line.ask({"stand_in": list(names)}, self.limits["call"])

    def close(self):
        """End everything; there is no new beginning."""
        self.closed = True
        if self.line:
            self.line.close()
        self.worker.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()
