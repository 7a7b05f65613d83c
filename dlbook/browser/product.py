"""In the page: the fast product of two matrices, for everything of dlcore that multiplies."""

import sys

import numpy as np

#: below this many multiplications calling out costs more than it saves
LEAST = 8192
_FLOAT = np.dtype(np.float32)


class FastProduct:
    """`dlcore.ops.product.product` by the page's own routine, which reads and writes Python's memory."""

    def __init__(self, routine, plain):
        self.routine, self.plain = routine, plain
        self.room, self.at = np.empty(0, _FLOAT), 0

    def __call__(self, a, b):
        """a @ b for matrices."""
        if a.dtype != _FLOAT or b.dtype != _FLOAT or a.ndim != 2 or b.ndim != 2:
            return self.plain(a, b)
        (m, k), n = a.shape, b.shape[1]
        if k != len(b) or m * n * k < LEAST:
            return self.plain(a, b)
        self.make_room(4 * k + 32 + 8 * k * (-(-n // 8)))
        c = np.empty((m, n), _FLOAT)
        self.routine(m, n, k, address(a), *a.strides, address(b), *b.strides, address(c), self.at)
        return c

    def make_room(self, numbers):
        """Room for the copies that the routine makes, kept from call to call."""
        if len(self.room) < numbers:
            self.room = np.empty(2 * numbers, _FLOAT)
            self.at = address(self.room)


def address(array):
    """Where an array's first number lies in Python's memory."""
    return array.__array_interface__["data"][0]


def install(routine):
    """Give the fast product to every module of dlcore that took the plain one."""
    from dlcore.ops import product as home

    plain = home.product
    fast = FastProduct(routine, plain)
    for name, module in list(sys.modules.items()):
        if name.startswith("dlcore.ops") and getattr(module, "product", None) is plain:
            module.product = fast
    return fast
