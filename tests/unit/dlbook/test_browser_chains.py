"""Chains of objects go one after the other, whoever made them, and nothing else changes."""

import doctest
import subprocess
import sys

import pytest

from dlbook.browser import chains
from dlbook.browser.chains import in_turn

DEEPEST = """
import sys
from dlbook.browser import chains
chains.watch_classes()
deepest = 0

class Link:
    def __init__(self, before):
        self.before = before

    def __del__(self):
        global deepest
        frame, depth = sys._getframe(), 0
        while frame:
            frame, depth = frame.f_back, depth + 1
        deepest = max(deepest, depth)

class Plain:
    def __init__(self, before):
        self.before, self.mark = before, Link(None)

last = None
for _ in range(1000):
    last = Plain(last)
last = None
print(deepest)
"""


def test_examples_hold():
    assert doctest.testmod(chains).failed == 0


def test_a_thousand_links_go_without_one_standing_inside_another():
    """The mark of each link looks how deep it stands as it goes."""
    done = subprocess.run([sys.executable, "-c", DEEPEST], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 10


@pytest.mark.parametrize("slots", [False, True])
def test_objects_with_a_dictionary_and_with_slots_let_go_what_they_held(slots):
    gone = []

    class Held:
        def __del__(self):
            gone.append(self)

    class Holder:
        if slots:
            __slots__ = ("held", "never")

        def __init__(self):
            self.held = Held()

    one = in_turn(Holder)()
    other = Holder()
    assert other.held is not one.held
    del one
    assert len(gone) == 1
    del other
    assert len(gone) == 2


def test_a_class_that_says_itself_what_is_done_at_the_end_is_left_alone():
    class Own:
        def __del__(self):
            pass

    before = Own.__del__
    assert in_turn(Own).__del__ is before
