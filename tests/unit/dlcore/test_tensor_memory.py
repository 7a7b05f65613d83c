"""Keeping freed memory: told to the GNU C library, and passed over in silence where there is none."""

import ctypes

import pytest

from dlcore.memory import keep_freed_memory


def test_the_allocator_is_told():
    told = []

    class Library:
        @staticmethod
        def mallopt(name, value):
            told.append((name, value))
            return 1

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ctypes, "CDLL", lambda name: Library)
        assert keep_freed_memory(1 << 20)
    assert told == [(-3, 1 << 25), (-1, 1 << 20)]


@pytest.mark.parametrize("error", [OSError, TypeError, AttributeError])
def test_elsewhere_nothing_happens(error):
    def refuse(name):
        raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ctypes, "CDLL", refuse)
        assert not keep_freed_memory()
