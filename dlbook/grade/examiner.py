"""Runs the recipes of checks: the teacher's code, on answers of a student's, in a process that neither can harm.

Forked by the worker when a submission's first recipe is to be tried. No line of a student runs in it, so its NumPy is
NumPy; the judge is not in it, so an answer that makes a recipe fill all memory, or never end, costs only its question.
It holds no right results: those stay with the judge, who compares.
"""

import time
from functools import partial

from dlbook.grade import wire
from dlbook.grade.recipe import call_of
from dlbook.grade.remote import Far, Student, said_of, seed, walk
from dlbook.grade.timer import in_time


def stayed(leaf):
    """A leaf of a result, if it is one.

    Raises:
        TypeError: if it is an object that is made of more than numbers.
    """
    if isinstance(leaf, Far):
        raise TypeError(f"{leaf} instead of numbers")
    return leaf


def tried(job, student):
    """What a recipe makes of an answer."""
    seed()
    try:
        call = call_of(job["recipe"], lambda text: student.ask("made", text=text))
        answer = student.ask("named", name=job["name"])
        if student.missing:
            return {"missing": True}
        if isinstance(answer, dict) and answer.get("missing") is True:
            return {"value": answer}
        value = call(answer, *job["inputs"])
        return {"value": wire.as_data(walk(value, stayed)), "inputs": wire.as_data(job["inputs"])}
    except wire.BROKEN as broken:
        return {"broken": type(broken).__name__}
    except Exception as error:
        return {"error": said_of(error, "nowhere")}


def judges(desk, number, clock, reply):
    """What the judge gives a stand-in."""
    wire.send(desk, {"id": number, **{key: reply.get(key) for key in ("asks", "inputs", "named")}}, clock())
    said = wire.receive(desk, clock())
    return {key: said[key] for key in ("value", "error") if key in said}


def examine(desk, line):
    """Try recipes for the judge until the judge hangs up."""
    while True:
        job = wire.receive(desk)
        end = time.monotonic() + job["patience"]
        start = time.process_time()
        student = Student(line, job["id"], job["seconds"], lambda end=end: end - time.monotonic())
        student.ours = partial(judges, desk, job["id"], student.clock)
        reply = in_time(job["seconds"], partial(tried, job, student))
        cpu = student.cpu + time.process_time() - start
        wire.send(desk, {**reply, "id": job["id"], "count": student.count, "cpu": cpu})
