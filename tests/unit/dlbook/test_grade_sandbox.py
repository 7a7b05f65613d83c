"""The wall between students' code and the rest, brick by brick; with namespaces and without."""

import errno
import os
import platform
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from dlbook.grade import seccomp, wire
from dlbook.grade.jail import needed
from dlbook.grade.sandbox import PATIENCE, Sandbox

ROOT = Path(__file__).resolve().parents[3]
RECIPE = "def call(answer, *inputs):\n    return answer(*inputs)"
LIMITS = {"cell": 1.0, "call": 1.0, "total": 5.0}


@pytest.fixture(scope="module")
def jail():
    with Sandbox([ROOT / "assignments"], LIMITS) as sandbox:
        if sandbox.report["level"] != "full":
            pytest.skip(f"no namespaces here: {sandbox.report['why']}")
        yield sandbox


@pytest.fixture(scope="module")
def open_air():
    with Sandbox([], LIMITS, isolation="none") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def fenced():
    with Sandbox([ROOT / "assignments"], LIMITS, isolation="files") as sandbox:
        if sandbox.report["level"] != "files":
            pytest.skip(f"no Landlock here: {sandbox.report}")
        yield sandbox


@pytest.fixture(params=["jail", "fenced", "open_air"])
def either(request):
    return request.getfixturevalue(request.param)


def ask(sandbox, body, *inputs):
    """What a function with this body answers, in a fresh process."""
    sandbox.begin()
    lines = "\n".join("    " + line for line in body.splitlines())
    assert sandbox.run(1, f"import os, sys, ctypes\nimport numpy as np\ndef f(*x):\n{lines}")["error"] is None
    reply = sandbox.call("f", RECIPE, inputs)
    return reply["value"] if "value" in reply else reply["error"]


def test_arrays_go_in_and_come_out(either):
    assert np.array_equal(ask(either, "return x[0] * 2", np.arange(3.0)), [0, 2, 4])


NETWORK = """\
import dlcore
from dlcore import nn, optim
from dlcore.models.transformers import GPT
from dlcore.nn import functional as F
model = GPT(5, 4, dim=8)
adam = optim.Adam(model.parameters())
loss = F.cross_entropy(model(dlcore.tensor([[1, 2, 3]]))[0], dlcore.tensor([2, 3, 4]))
loss.backward()
adam.step()
return loss.item()"""


def test_a_network_learns_in_there_whoever_may_read_where_python_lies(either):
    """Students' code may run under a user number that cannot read it: what assignments import is there before."""
    assert 1 < ask(either, NETWORK) < 2


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline\nx = 1",
        "!pip install torch\nx = 1",
        "files = !ls\nx = 1 + len(files)",
        "times = %timeit -o 1 + 1\nx = 1",
        "%time x = 1",
        "if True:\n    %time x = 1",
        "%%time\nx = 1",
        "pip install torch\nx = 1",
        "    y = 1\n    x = y",
        ">>> y = 1\n>>> x = y",
        "def g():\n    return 1  # or b?\n%time 0\nx = g()",
        'def g():\n    """Is it right?"""\n    return 1\nlen?\nx = g()',
        "# is that all?\nx = 1",
        "import asyncio\nx = await asyncio.sleep(0, 1)",
        "x = 1 + len(input('your name? '))",
        "x = 1\nimport a_package_that_is_not_there",
    ],
)
def test_a_cell_runs_as_in_jupyter(either, source):
    either.begin()
    error = either.run(1, source)["error"]
    assert error is None or error["type"] == "ModuleNotFoundError"
    assert either.run(2, "def f():\n    return x")["error"] is None
    assert either.call("f", RECIPE, [])["value"] == 1


@pytest.mark.parametrize("body", [
    "return Point(1, 2)", "return Fraction(1), Decimal(2)", "return np.array([1, [2][0]], dtype=object)",
    "return Tensor()", "return [np.float32(1), np.array(2)]",
])  # fmt: skip
def test_numbers_come_back_whatever_holds_them(either, body):
    either.begin()
    kinds = "from collections import namedtuple\nfrom fractions import Fraction\nfrom decimal import Decimal\n"
    point = "Point = namedtuple('Point', 'x y')\n"
    tensor = (
        "class Tensor:\n    requires_grad = True\n    detach = lambda self: self\n    numpy = lambda self: [1, 2]\n"
    )
    assert either.run(1, f"import numpy as np\n{kinds}{point}{tensor}def f():\n    {body}")["error"] is None
    assert np.array_equal(np.asarray(either.call("f", RECIPE, [])["value"], float), [1, 2])


def test_errors_come_back_as_words(either):
    said = ask(either, "return 1 / 0")
    assert said == {"type": "ZeroDivisionError", "text": "division by zero", "line": 4}


def test_a_missing_name_is_missing(either):
    either.begin()
    assert either.call("nothing", RECIPE, [])["missing"] is True


def test_an_endless_call_is_slow_and_the_next_submission_is_served(either):
    start = time.monotonic()
    with pytest.raises(wire.SlowError):
        ask(either, "while True: pass")
    assert time.monotonic() - start < LIMITS["total"]  # ended by the limit of the call
    assert ask(either, "return 1") == 1


@pytest.mark.parametrize("body", ["os._exit(0)", "ctypes.string_at(0)", "os.kill(os.getpid(), 9)", "os.close(3)"])
def test_a_dead_process_is_gone_and_the_next_submission_is_served(either, body):
    with pytest.raises(wire.GoneError):
        ask(either, body)
    assert ask(either, "return 1") == 1


def test_forged_answers_are_no_answers(either):
    with pytest.raises(wire.WireError):
        ask(either, "os.write(3, b'\\x00\\x00\\x00\\x05hello')\nreturn 1")


def test_memory_has_a_limit(either):
    assert ask(either, "return np.ones(10**10)")["type"] == "MemoryError"


def test_files_have_a_limit(either):
    body = "with open('big', 'wb') as f:\n    for _ in range(20):\n        f.write(bytes(10**6))"
    assert ask(either, body)["type"] == "OSError"


def test_every_submission_has_a_fresh_folder(either):
    assert ask(either, "open('mine', 'w').write('x')\nreturn os.listdir('.')") == ["mine"]
    assert ask(either, "return os.listdir('.')") == []


def test_the_teachers_environment_stays_outside(either):
    os.environ["DLBOOK_SECRET_OF_TEST"] = "1"
    try:
        with Sandbox([], LIMITS, isolation=either.settings[-1]) as fresh:
            assert "DLBOOK_SECRET_OF_TEST" not in ask(fresh, "return list(os.environ)")
    finally:
        del os.environ["DLBOOK_SECRET_OF_TEST"]


def test_nobody_is_root(either):
    assert ask(either, "return os.getuid()") != 0 and ask(either, "return os.geteuid()") != 0


def test_answers_that_depend_on_chance_are_the_same_every_time(either):
    body = "import random\nreturn [np.random.rand(), random.random(), hash('a')]"
    assert ask(either, body) == ask(either, body)


def test_processes_have_a_limit(jail):
    body = (
        "n = 0\nwhile n < 20:\n    if os.fork() == 0:\n        import time\n        time.sleep(9)\n    n += 1\nreturn n"
    )
    assert ask(jail, body)["type"] == "BlockingIOError"


def test_the_disk_has_a_limit(jail):
    body = "for i in range(100):\n    with open(str(i), 'wb') as f:\n        f.write(bytes(10**6))\nreturn 1"
    assert ask(jail, body)["type"] == "OSError"


@pytest.mark.parametrize(
    "path", [ROOT / "assignments", ROOT / "tests", "/proc", "/sys", "/etc/passwd", "/var", "/dev/shm"]
)
def test_what_is_not_python_is_not_there(jail, path):
    assert ask(jail, f"return os.path.exists({str(path)!r})") is False


@pytest.mark.parametrize("path", ["/", "/usr", "/etc", os.path.realpath(sys.prefix), "/dev"])
def test_what_is_there_cannot_be_written(jail, path):
    assert ask(jail, f"open({path!r} + '/new', 'w')")["type"] in ("OSError", "PermissionError")


def test_a_course_folder_within_python_is_covered():
    folder = Path(sys.prefix).resolve() / "share"
    with Sandbox([folder], LIMITS) as sandbox:
        if sandbox.report["level"] != "full":
            pytest.skip("no namespaces here")
        assert folder.exists() and os.listdir(folder)
        assert ask(sandbox, f"return os.listdir({str(folder)!r})")["type"] == "PermissionError"


def test_there_is_no_network(jail):
    body = "import socket\nsocket.create_connection(('127.0.0.1', 9), 1)"
    assert "unreachable" in ask(jail, body)["text"]


@pytest.fixture
def services(tmp_path):
    """Services of this user, as a desktop has many: TCP, a path, a name without a path."""
    kinds = [
        (socket.AF_INET, ("127.0.0.1", 0)),
        (socket.AF_UNIX, str(tmp_path / "s")),
        (socket.AF_UNIX, "\0service of test"),
    ]
    opened = [socket.socket(family) for family, _ in kinds]
    for sock, (_, address) in zip(opened, kinds, strict=True):
        sock.bind(address)
        sock.listen()
    os.chmod(tmp_path / "s", 0o777)
    yield [(sock.family.value, sock.getsockname()) for sock in opened]
    for sock in opened:
        sock.close()


@pytest.fixture
def filtered(either):
    if either.report["unfiltered"]:
        pytest.skip(f"no filter of system calls here: {either.report['unfiltered']}")
    return either


def test_no_service_of_this_machine_can_be_reached(filtered, services):
    for family, address in services:
        body = f"import socket\nsocket.socket({family}).connect({address!r})"
        assert "unreachable" in ask(filtered, body)["text"]
    again = "import socket\na, b = socket.socketpair(type=socket.SOCK_DGRAM)\na.connect('\\0service of test')"
    assert ask(filtered, again)["type"] == "PermissionError"


@pytest.mark.skipif(sys.platform != "linux", reason="these are calls of Linux")
@pytest.mark.parametrize(
    "name", ["keyctl", "add_key", "shmget", "memfd_create", "ptrace", "process_vm_readv", "unshare"]
)
def test_there_are_no_keys_no_hidden_memory_and_no_looking_into_others(filtered, name):
    number = seccomp.REFUSED[name][seccomp.MACHINES[platform.machine()][1]]
    body = f"c = ctypes.CDLL(None, use_errno=True)\nreturn c.syscall({number}, 0, 4096, 0o1600), ctypes.get_errno()"
    assert ask(filtered, body) == [-1, errno.EPERM]


@pytest.mark.skipif(sys.platform != "linux", reason="these are calls of Linux")
def test_two_submissions_have_not_the_same_keys_nor_if_we_are_root_the_same_user(either):
    first, second = [ask(either, "return os.getuid()") for _ in range(2)]
    assert (first != second) == (os.getuid() == 0)
    assert first >= 20_000 or os.getuid() != 0


def test_whoever_does_not_listen_is_not_waited_for(either):
    """A reply sent early, then no more reading: the next message, too large for the line, must not hang the judge."""
    dead = """
import os, socket, sys, time
from dlbook.grade import wire
wire.send(socket.socket(fileno=os.dup(3)), {"id": 1, "error": None})
time.sleep(60)
"""
    either.begin()
    assert either.run(1, dead)["error"] is None
    start = time.monotonic()
    with pytest.raises(wire.SlowError):
        either.run(2, "x = '" + "y" * (10 * 2**20) + "'")
    assert time.monotonic() - start < 4 * PATIENCE * LIMITS["cell"]
    assert ask(either, "return 1") == 1


def test_process_1_holds_nothing_of_the_teachers(jail):
    """Whatever of it could be written to: no terminal is open in it, and nobody may look."""
    jail.begin()
    assert jail.run(1, "x = 1")["error"] is None
    processes = [p for p in Path("/proc").glob("[0-9]*") if child_of(p, jail.worker.process.pid, 2)]
    assert processes
    for process in processes:
        try:
            opened = {os.readlink(fd) for fd in (process / "fd").iterdir()}
        except PermissionError:
            continue  # it cannot be looked into, also by us
        assert {os.path.basename(name) for name in opened} == {"null"}


def child_of(process, ancestor, steps):
    """Whether a process is that many steps below another."""
    try:
        for _ in range(steps):
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            process = process.parent / fields[1]
    except OSError:
        return False
    return process.name == str(ancestor)


def test_only_its_own_processes_can_be_seen_or_killed(jail):
    assert ask(jail, "return os.getpid()") == 2
    assert ask(jail, "try:\n    os.kill(-1, 9)\nexcept ProcessLookupError:\n    pass\nreturn 1") == 1
    assert jail.worker.process.poll() is None


def test_the_way_back_to_capabilities_is_shut(jail):
    assert ask(jail, "return ctypes.CDLL(None).unshare(0x10000000)") == -1  # a new user namespace
    assert ask(jail, "return ctypes.CDLL(None).mount(b'a', b'/tmp', b'tmpfs', 0, None)") == -1
    assert ask(jail, "os.chroot('.')")["type"] == "PermissionError"


def test_nothing_of_the_judge_is_loaded_beside_students(either):
    loaded = ask(either, "return [m for m in sys.modules if m.startswith('dlbook')]")
    assert "dlbook.grade.wire" in loaded
    assert not {"dlbook.grade.spec", "dlbook.grade.judge", "dlbook.grade.student"} & set(loaded)


@pytest.mark.parametrize("path", [ROOT / "assignments", ROOT / "tests", "/etc/passwd", "/proc/1/environ", "/var", "/"])
def test_landlock_keeps_files_out_of_reach(fenced, path):
    what = "os.listdir" if os.path.isdir(path) else "open"
    assert ask(fenced, f"{what}({str(path)!r})")["type"] == "PermissionError"


@pytest.mark.parametrize("path", ["/tmp", "/dev/shm", sys.prefix])
def test_landlock_keeps_files_from_being_written(fenced, path):
    assert ask(fenced, f"open({path!r} + '/new-{os.getpid()}', 'w')")["type"] == "PermissionError"


def behind_landlock(line):
    """What a line meets behind Landlock alone, without the filter of system calls."""
    program = (
        f"import os, socket\nfrom dlbook.grade import landlock\nlandlock.restrict(['/'], '/dev')\ntry:\n    {line}\n"
    )
    program += "except PermissionError:\n    print('no route')"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout


def test_landlock_keeps_tcp_and_other_programs_out_of_reach(fenced):
    if fenced.report["landlock"] < 6:
        pytest.skip("too old a Landlock")
    assert "no route" in behind_landlock("socket.socket().connect(('127.0.0.1', 9))")
    assert ask(fenced, "os.kill(os.getppid(), 0)")["type"] == "PermissionError"


@pytest.mark.skipif(sys.platform != "linux", reason="orphans are adopted on Linux only")
def test_what_a_submission_leaves_behind_is_killed(either):
    orphan = "import time\n        ctypes.CDLL(None).prctl(15, b'orphan_of_test')\n        time.sleep(60)"
    child = f"os.setsid()\n    if os.fork() == 0:\n        {orphan}\n    os._exit(0)"
    assert ask(either, f"if os.fork() == 0:\n    {child}\nos.wait()\nreturn 1") == 1
    while "orphan_of_test" not in names_of_processes():
        time.sleep(0.01)  # it takes its name when its turn comes
    either.begin()
    assert "orphan_of_test" not in names_of_processes()


def names_of_processes():
    found = []
    for comm in Path("/proc").glob("[0-9]*/comm"):
        try:
            found.append(comm.read_text().strip())
        except OSError:
            continue
    return found


def test_a_worker_that_was_killed_is_replaced(open_air):
    open_air.begin()
    open_air.worker.process.kill()
    open_air.worker.process.wait()
    assert ask(open_air, "return 1") == 1


def test_isolation_that_is_switched_off_is_reported(open_air):
    why, filtered = "no namespaces: switched off", open_air.report["unfiltered"]
    assert open_air.report == {"level": "none", "why": why, "landlock": 0, "unfiltered": filtered}


def test_nothing_stays_behind():
    with Sandbox([], LIMITS) as sandbox:
        ask(sandbox, "return 1")
        scratch, process = sandbox.worker.scratch, sandbox.worker.process
        assert Path(scratch).is_dir()
    assert not Path(scratch).exists() and process.poll() is not None


def test_an_environment_that_is_a_link_is_there_by_both_names(tmp_path, monkeypatch):
    """Whatever is imported late is looked for by the name that Python was started with."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "link"))
    assert {str(tmp_path / "link"), os.path.realpath(tmp_path / "real")} <= set(needed())
