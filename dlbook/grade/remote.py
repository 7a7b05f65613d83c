"""How a recipe, which runs on the judge's side, works with functions and objects that live in a student's process.

Numbers, texts, lists and arrays are copied, and copied back when a call has changed them. Functions and objects stay
where they are: the other side holds a stand-in, and whatever is done with it is one question on the line. A function
that a recipe hands over (``answer(lambda v: …, x)``) stays with the teacher in the same way: the student's process
gets something to call, never the function. So nothing that a student has patched takes part in the recipe's own sums.

    recipe ── Far ── Student ──────── one question, one answer ────────> Desk ── the student's functions and objects
                        └── Lent <── what the recipe has lent is called ── Given
"""

import builtins
import random

import numpy as np

from dlbook.grade import wire
from dlbook.grade.errors import describe
from dlbook.grade.recipe import here
from dlbook.grade.timer import TooLongError

MOST = 50_000  # messages of a recipe in one check
OPEN = ("__globals__", "__name__", "__doc__")  # names with two underscores that a recipe may ask for


def seed():
    """Chance is the same in every check."""
    random.seed(0)
    np.random.seed(0)


def error_of(said):
    """The error that the other side has described, of the same kind where Python itself has that kind."""
    kind = getattr(builtins, said["type"], RuntimeError)
    known = isinstance(kind, type) and issubclass(kind, Exception)
    try:
        error = kind(said["text"]) if known else RuntimeError(said["text"])
    except TypeError:  # a kind that is made of more than a text
        error = RuntimeError(said["text"])
    error.theirs = said
    return error


def said_of(error, place):
    """An error in words, those of the other side where it comes from there."""
    return getattr(error, "theirs", None) or describe(error, place)


def returned(mine, theirs):
    """What was handed over, changed in place to what came back; where that cannot be, what came back."""
    if isinstance(mine, np.ndarray) and isinstance(theirs, np.ndarray) and mine.shape == theirs.shape:
        mine[...] = theirs
    elif isinstance(mine, list | tuple) and isinstance(theirs, list):
        pairs = list(zip(mine, theirs, strict=False))
        both = [returned(old, new) for old, new in pairs] + theirs[len(pairs) :]
        if isinstance(mine, tuple):
            return mine
        mine[:] = both
    elif isinstance(mine, dict) and isinstance(theirs, dict):
        both = {key: returned(mine[key], new) if key in mine else new for key, new in theirs.items()}
        mine.clear()
        mine.update(both)
    else:
        return theirs
    return mine


class Far:
    """Stands for a function or an object of the student's."""

    __array_ufunc__ = None

    def __init__(self, student, ref):
        self.__dict__.update(_student=student, _ref=ref)

    def __call__(self, *args, **named):
        return self._student.call(self._ref, args, named)

    def __getattr__(self, name):
        if name.startswith("__") and name not in OPEN:  # NumPy asks for such names, and would believe the answers
            raise AttributeError(name)
        return self._student.ask("attribute", ref=self._ref, name=name)

    def __setattr__(self, name, value):
        self._student.ask("change", ref=self._ref, name=name, value=value)

    def __getitem__(self, key):
        return self._student.ask("item", ref=self._ref, key=key)

    def __iter__(self):
        return iter(self._student.ask("list", ref=self._ref))

    def __eq__(self, other):
        return isinstance(other, Far) and other._ref.number == self._ref.number

    def __hash__(self):
        return self._ref.number

    def __repr__(self):
        return f"a {self._ref.kind}"


class Lent:
    """What one side has lent to the other: things that stay, and a word for each."""

    def __init__(self, owner):
        self.owner, self.things, self.numbers = owner, [], {}

    def word(self, thing):
        """A word for a thing, the same each time."""
        if id(thing) not in self.numbers:
            self.numbers[id(thing)] = len(self.things)
            self.things.append(thing)
        return wire.Ref(self.owner, self.numbers[id(thing)], type(thing).__name__[:40])

    def meant(self, number):
        """The thing that a word stands for.

        Raises:
            wire.WireError: if it stands for none.
        """
        if type(number) is not int or not 0 <= number < len(self.things):
            raise wire.WireError("a word for what was not lent")
        return self.things[number]


def walk(tree, leaf):
    """A tree with each of its leaves replaced."""
    if isinstance(tree, list | tuple):
        return [walk(each, leaf) for each in tree]
    return {str(key): walk(each, leaf) for key, each in tree.items()} if isinstance(tree, dict) else leaf(tree)


class Teachers(Lent):
    """What travels from a recipe to the student and back: leaves of trees, or words for them."""

    def __init__(self, student):
        super().__init__("teacher")
        self.student = student

    def out(self, leaf):
        if isinstance(leaf, Far):
            return leaf._ref
        return self.word(leaf) if callable(leaf) else leaf

    def inward(self, leaf):
        if not isinstance(leaf, wire.Ref):
            return leaf
        return Far(self.student, leaf) if leaf.owner == "student" else self.meant(leaf.number)


class Students(Lent):
    """What travels from the student to a recipe and back."""

    def __init__(self, desk):
        super().__init__("student")
        self.desk = desk

    def out(self, value):
        """What of a value travels: data, or a word for what does not."""
        if type(value) is Given:
            return wire.Ref("teacher", value._number)
        try:
            return wire.as_data(value)
        except (TypeError, ValueError):
            if isinstance(value, list | tuple):
                return [self.out(each) for each in value]
            return {str(k): self.out(v) for k, v in value.items()} if type(value) is dict else self.word(value)

    def inward(self, leaf):
        if not isinstance(leaf, wire.Ref):
            return leaf
        return self.meant(leaf.number) if leaf.owner == "student" else Given(self.desk, leaf.number)

    def after(self, args):
        """What was handed over, as it is after a call, where a call can have changed it."""
        return [self.out(each) if isinstance(each, np.ndarray | list | dict) else None for each in args]


def seconds_of(said):
    """What a process that is not trusted says that it took; never less than nothing."""
    return max(0.0, said) if isinstance(said, float) else 0.0


class Student:
    """The recipe's end of the line; ``clock()`` tells the seconds left, ``ours(reply)`` what a stand-in asks for."""

    def __init__(self, line, count, seconds, clock, ours=None):
        self.line, self.count, self.seconds, self.clock, self.ours = line, count, seconds, clock, ours
        self.lent, self.sent, self.after, self.missing = Teachers(self), 0, None, False
        self.cpu = 0.0  # seconds of the processor, as far as the student's process owns up to them

    def ask(self, op, **about):
        """One question. While the answer is waited for, the student may call what the recipe has lent.

        Raises:
            wire.SlowError, wire.GoneError, wire.WireError: the student's process is then of no more use.
        """
        self.count += 1
        number = self.count
        self.send({"op": op, "id": number, "seconds": self.seconds, **walk(about, self.lent.out)})
        while True:
            reply = wire.answer_to(number, self.line, self.clock())
            if not {"lent", "asks"} & reply.keys():
                return self.answered(reply)
            self.send({"op": "answer", **(self.called(reply) if "lent" in reply else self.ours(reply))})

    def send(self, message):
        self.sent += 1
        if self.sent > MOST:
            raise wire.SlowError
        wire.send(self.line, message, self.clock())

    def answered(self, reply):
        """The value in a reply, or the student's error, raised as the kind that it was."""
        self.cpu += seconds_of(reply.get("cpu"))
        if (error := reply.get("error")) is not None:
            raise error_of(wire.error_in(error))
        self.after, self.missing = walk(reply.get("after"), self.lent.inward), reply.get("missing") is True
        return walk(reply.get("value"), self.lent.inward)

    def call(self, ref, args, named):
        """Call something of the student's; what it has changed in its arguments is changed here as well."""
        value = self.ask("call", ref=ref, args=args, named=named)
        for mine, theirs in zip(args, self.after if isinstance(self.after, list) else [], strict=False):
            if theirs is not None:
                returned(mine, theirs)
        return value

    def called(self, reply):
        """The student calls what was lent: only that, and only with what was sent."""
        function, args = self.lent.meant(reply["lent"]), walk(reply.get("args"), self.lent.inward)
        try:
            return {"value": walk(function(*args), self.lent.out)}
        except wire.BROKEN:
            raise
        except Exception as error:
            return {"error": said_of(error, "nowhere")}


class Given:
    """A function of the recipe's, in the student's process: to be called, and no more."""

    def __init__(self, desk, number):
        self._desk, self._number = desk, number

    def __call__(self, *args):
        return self._desk.ask_back(lent=self._number, args=[self._desk.lent.out(each) for each in args])


class StandIn:
    """Stands for an answer of the student's that is wrong: it asks the judge for what a right one gives."""

    def __init__(self, desk, name):
        self._desk, self._name = desk, name

    def __call__(self, *inputs, **named):
        return self._desk.ask_back(asks=self._name, inputs=wire.as_data(inputs), named=wire.as_data(named))


class Desk:
    """The student's end of the line: holds what the recipe has words for, does with it what is asked."""

    def __init__(self, sock, namespace):
        self.sock, self.namespace, self.lent, self.current = sock, namespace, Students(self), 0

    def serve(self, message):
        """The reply to one question; an error in it is an answer like any other."""
        before, self.current = self.current, message["id"]
        about = {key: walk(message[key], self.lent.inward) for key in message.keys() - {"op", "id", "seconds"}}
        try:
            return {"value": None} | getattr(self, f"do_{message['op']}")(**about)
        except TooLongError:
            raise
        except BaseException as error:
            return {"error": said_of(error, "<cell")}
        finally:
            self.current = before

    def do_named(self, name):
        seed()
        return {"value": self.lent.out(self.namespace[name])} if name in self.namespace else {"missing": True}

    def do_made(self, text):
        return {"value": self.lent.word(here(text))}

    def do_call(self, ref, args, named):
        value = self.lent.out(ref(*args, **named))
        return {"value": value, "after": self.lent.after(args)}

    def do_attribute(self, ref, name):
        value = getattr(ref, name)
        return {"value": self.lent.word(value) if name == "__globals__" else self.lent.out(value)}

    def do_change(self, ref, name, value):
        setattr(ref, name, value)
        return {}

    def do_item(self, ref, key):
        return {"value": self.lent.out(ref[key])}

    def do_list(self, ref):
        return {"value": [self.lent.out(each) for each in ref]}

    def ask_back(self, **about):
        """Have the other side call what it has lent, or give our own answer; answer its questions meanwhile."""
        wire.send(self.sock, {"id": self.current, **about}, most=wire.NODES)
        while (message := wire.receive(self.sock))["op"] != "answer":
            wire.send(self.sock, {"id": message["id"], **self.serve(message)})
        if "error" in message:
            raise error_of(message["error"])
        return walk(message["value"], self.lent.inward)
