"""The specification of an assignment: one Python file beside the master notebook, and all that is made from it.

    assignment = Assignment("Activations and softmax", minutes=75)

    @assignment.question("q3", "softmax", title="Softmax")
    def softmax(z):                                     # our own answer: what right means
        ...

    softmax.check("four rows of three scores", points=1, inputs=lambda rng: [rng.normal(size=(4, 3))])
    softmax.check("scores in the thousands", points=2, hidden=True, inputs=..., says="...")

    @softmax.mistake("The columns sum to 1 ... was the sum taken over axis 0?")
    def _(z):                                           # a usual wrong answer, recognised by its results
        ...

The student's checks, the grading and nbgrader's cells read this file and nothing else. Inputs come from a generator
that is seeded by assignment, question, check, student and the teacher's key: the inputs that are graded with are
never those that a notebook shows.
"""

import copy
import hashlib
import importlib.util
import inspect
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from dlbook.grade.recipe import call_of
from dlbook.grade.verdict import EIGHTH, agree, seal
from dlbook.grade.wire import as_data

RECIPE = "def call(answer, *inputs):\n    return answer(*inputs)\n"
VALUE = "def call(answer):\n    return answer\n"


@dataclass(frozen=True)
class Variant:
    """Whose numbers: everybody's (an empty ``student``) or one student's own, under the teacher's secret ``key``."""

    student: str = ""
    key: str = ""

    def rng(self, *path):
        """A generator that depends on all the words of ``path`` and on whose variant this is."""
        words = "\0".join([*map(str, path), self.student, self.key])
        return np.random.default_rng(list(hashlib.sha256(words.encode()).digest()))

    def tag(self):
        """A short mark that tells variants apart and says nothing else."""
        return hashlib.sha256(f"tag\0{self.student}\0{self.key}".encode()).hexdigest()[:12]


@dataclass
class Check:
    """One thing that is tried: with which inputs, how called, worth what, seen or not."""

    name: str
    points: float
    inputs: object
    hidden: bool
    says: str
    recipe: str
    rtol: float
    atol: float


@dataclass
class Question:
    """One question: the name that the student defines, our answer, the checks, the usual mistakes, the hints."""

    key: str
    name: str
    title: str
    answer: object
    constants: object = None
    checks: list = field(default_factory=list)
    mistakes: list = field(default_factory=list)
    rules: list = field(default_factory=list)
    steps: list = field(default_factory=list)

    def check(self, name, points, inputs=None, hidden=False, says="", call=None, rtol=1e-4, atol=1e-6):
        """Add a check.

        Args:
            name: what is tried, in the words of the subject; of a hidden check only the teacher reads it.
            points: what it is worth.
            inputs: a function of a generator that returns the list of inputs; None for a number to be worked out.
            hidden: tried only when grading.
            says: what to tell the student when it fails and no known mistake explains why.
            call: a function ``(answer, *inputs)`` that tries the answer, if that is more than calling it. It is
                kept as text: only ``np`` and ``there`` (see ``recipe``) are there for it. When grading it runs apart
                from the answer (see ``remote``): numbers, lists and arrays are copied to and fro; of functions and
                objects it holds stand-ins that can be called, asked for attributes, items and their elements.
        """
        recipe = RECIPE if self.constants is None else VALUE
        if call is not None:
            recipe = textwrap.dedent(inspect.getsource(call)) + f"\ncall = {call.__name__}\n"
        self.checks.append(Check(name, points, inputs or (lambda rng: []), hidden, says, recipe, rtol, atol))

    def mistake(self, message):
        """Decorator: a wrong answer of which ``message`` is the explanation."""
        return lambda wrong: self.mistakes.append((wrong, message))

    def rule(self, rule, message):
        """Say ``message`` when an answer breaks a rule of ``verdict.RULES``."""
        self.rules.append((rule, message))

    def hints(self, *steps):
        """Help in steps, from a nudge to nearly all."""
        self.steps.extend(steps)

    @property
    def points(self):
        return sum(check.points for check in self.checks)


class Assignment:
    """A title, a time, and questions in order; ``limits`` are those of ``sandbox.LIMITS`` that it changes."""

    def __init__(self, title, minutes, limits=None):
        self.title, self.minutes, self.limits = title, minutes, dict(limits or {})
        self.questions, self.name, self.folder = {}, "", None

    def question(self, key, name, title, constants=None):
        """Decorator: the question ``key``, answered by what the student calls ``name``; below it, our answer.

        With ``constants`` (a function of a generator that returns a dict) the answer is a number to be worked out
        from them, and ours is a function of them.
        """

        def add(answer):
            self.questions[key] = Question(key, name, title, answer, constants)
            return self.questions[key]

        return add

    @property
    def points(self):
        return sum(question.points for question in self.questions.values())

    def constants(self, key, variant):
        """The numbers that a question gives, for this variant."""
        return self.questions[key].constants(variant.rng(self.name, key, "constants"))

    def prepare(self, hidden, variant, purpose):
        """All visible, or all hidden checks, ready to be tried: inputs, right results, wrong results and their names.

        Args:
            purpose: "notebook" or "grading"; the inputs of one are not those of the other.
        """
        out = []
        for question in self.questions.values():
            for check in question.checks:
                if check.hidden == hidden:
                    rng = variant.rng(self.name, question.key, check.name, purpose)
                    constants = self.constants(question.key, variant) if question.constants else None
                    out.append(prepared(question, check, rng, constants))
        return out


def result(recipe, answer, inputs):
    """What a recipe makes of an answer, on a copy of the inputs, as a tree of numbers."""
    with np.errstate(all="ignore"):
        return as_data(call_of(recipe)(answer, *copy.deepcopy(inputs)))


def prepared(question, check, rng, constants):
    """One check as data; see ``Assignment.prepare``."""
    inputs = list(check.inputs(rng))
    of = (lambda answer: answer) if constants is None else (lambda answer: answer(**constants))
    expected = result(check.recipe, of(question.answer), inputs)
    mistakes = []
    for wrong, message in question.mistakes:
        try:
            mistaken = result(check.recipe, of(wrong), inputs)
        except Exception:
            continue  # a mistake may well fail on some inputs
        if not agree(expected, mistaken, check.rtol, check.atol):
            mistakes.append((mistaken, message))
    fields = {k: getattr(check, k) for k in ("hidden", "points", "recipe", "says", "rtol", "atol")}
    if constants is not None:  # of a number that is sealed, the tolerance may tell no more than the size
        fields |= {"atol": check.atol + check.rtol * size(expected), "rtol": 0.0}
    data = {"question": question.key, "check": check.name, "name": question.name, "inputs": inputs, **fields}
    return data | {"expected": expected, "mistakes": mistakes, "rules": question.rules, "value": constants is not None}


def size(value):
    """The power of ten that is not below a number, or the largest of several.

    >>> size(0.7), size([-23.5, 1]), size(0)
    (1.0, 100.0, 1.0)
    """
    largest = float(np.max(np.abs(value), initial=0))
    return float(10.0 ** np.ceil(np.log10(largest))) if largest else 1.0


def sealed(data, salt):
    """A check on a number, with the number taken out: what a notebook may hold."""
    width = data["atol"] / (0.5 - 0.5 / EIGHTH)
    mistakes = [(seal(wrong, width, salt), message) for wrong, message in data["mistakes"]]
    return data | {"expected": None, "seal": seal(data["expected"], width, salt), "mistakes": mistakes}


def load(folder):
    """The assignment in a folder: its ``spec.py``.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file defines no ``assignment``.
    """
    folder = Path(folder).resolve()
    path = folder / "spec.py"
    if not path.is_file():
        raise FileNotFoundError(f"no specification: expected {path}")
    module_spec = importlib.util.spec_from_file_location(f"spec_{folder.name}", path)
    module = importlib.util.module_from_spec(module_spec)
    module_spec.loader.exec_module(module)
    assignment = getattr(module, "assignment", None)
    if not isinstance(assignment, Assignment):
        raise ValueError(f"{path} defines no `assignment = Assignment(...)`")
    assignment.name, assignment.folder = folder.name, folder
    return assignment
