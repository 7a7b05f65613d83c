"""One grading of the made-up class serves all the tests of this folder."""

import contextlib
import socket
import tempfile
from pathlib import Path

import made_up_class as made_up
import pytest

from dlbook.grade import classroom, report
from dlbook.grade.sandbox import Sandbox

LIMITS = {"call": 1.0, "cell": 2.0, "total": 12.0}


class Graded:
    """The class, its results by student, and what the attackers' target heard."""

    def __init__(self, folder, students, servers):
        self.folder, self.students, self.servers = folder, students, servers
        made_up.hand_in(folder / "in", students)
        self.told = []
        room_and_results = classroom.run(
            made_up.assignment_of(),
            folder / "in",
            folder / "out",
            limits=LIMITS,
            tell=self.told.append,
            key=made_up.KEY,
        )
        results, room = room_and_results
        self.results = {result["student"]: result for result in results}
        self.lines = report.write_all(room, results)
        self.out = folder / "out"


@pytest.fixture(scope="session")
def level():
    """The isolation to be had here. The attacks are real: without any they are not run."""
    with Sandbox() as sandbox:
        said = sandbox.report
    if said["level"] == "full" or (said["level"] == "files" and said["landlock"] >= 6):
        return said["level"]
    pytest.skip(f"hostile code is not run here: {said}")


@contextlib.contextmanager
def service():
    """A service of this machine that is not reached by a network: as a desktop has many."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("")  # an address of its own: several of these tests may run at a time
        server.listen()
        server.settimeout(0.2)
        yield server


@pytest.fixture(scope="session")
def graded(level):
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as server, service() as other:
        server.settimeout(0.2)
        folder = Path(folder).resolve()
        students = made_up.everybody(server.getsockname()[1], folder / "in", other.getsockname())
        yield Graded(folder, students, [server, other])


def pytest_collection_modifyitems(items):
    """One worker has them all (`--dist loadgroup`): the class is graded once, not once for each worker."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("the class"))
