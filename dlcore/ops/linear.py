"""Matrix products: the work horse of every layer."""

import math
from string import ascii_letters

import numpy as np

from dlcore.ops.product import product
from dlcore.ops.rows import column_sums
from dlcore.ops.rule import op


@op
def matmul(x, y):
    """x @ y as in NumPy: vectors, matrices, and stacks of matrices whose leading axes broadcast.

    For Y = A B the gradients are g Bᵀ and Aᵀ g. A vector is a matrix with one row (left) or one column (right).
    """
    a = x[None, :] if x.ndim == 1 else x
    b = y[:, None] if y.ndim == 1 else y

    def as_matrix(g):
        g = np.expand_dims(g, -1) if y.ndim == 1 else g
        return np.expand_dims(g, -2) if x.ndim == 1 else g

    def to_x(g):
        gx = as_matrix(g) @ b.swapaxes(-1, -2)
        return gx[..., 0, :] if x.ndim == 1 else gx

    def to_y(g):
        gy = a.swapaxes(-1, -2) @ as_matrix(g)
        return gy[..., 0] if y.ndim == 1 else gy

    return x @ y, (to_x, to_y)


@op
def linear(x, w, b=None):
    """x wᵀ + b for x (…, D), w (O, D), b (O): one rule instead of transpose, matmul, add.

    The leading axes are folded into one, so that every product is a single large one.
    """
    if x.ndim != 2:
        out, features = w.shape
        flat = x.reshape(math.prod(x.shape[:-1]), features)
        y, (to_x, to_w, to_b) = linear(flat, w, b)
        fold = (len(flat), out)
        return y.reshape(*x.shape[:-1], out), (
            lambda g: to_x(g.reshape(fold)).reshape(x.shape),
            lambda g: to_w(g.reshape(fold)),
            lambda g: to_b(g.reshape(fold)),
        )
    y = product(x, w.T)
    if b is not None:
        y += b
    return y, (lambda g: product(g, w), lambda g: product(g.T, x), column_sums)


@op
def embedding(w, index, skip=None):
    """Rows of the table w (V, D) at the integers `index` (…): shape (…, D).

    The gradient adds up the rows that were read. `np.add.at` is fast on whole rows only since NumPy 2; a product
    with the one-hot matrix is faster still while the table is small, and needs no loop.
    The row `skip` (padding) gets no gradient.
    """

    def pullback(g):
        flat, rows = index.reshape(-1), g.reshape(-1, w.shape[1])
        if skip is not None:
            rows = rows[flat != skip]
            flat = flat[flat != skip]
        if w.shape[0] <= 256:
            hot = np.zeros((flat.size, w.shape[0]), w.dtype)
            hot[np.arange(flat.size), flat] = 1
            whole = hot.T @ rows
            if np.isfinite(whole).all():  # else 0 · ∞ has made NaN of rows that nobody read
                return whole
        whole = np.zeros(w.shape, w.dtype)
        np.add.at(whole, flat, rows)
        return whole

    return w[index], (pullback,)


@op
def einsum(*xs, equation):
    """Σ of products by letters: the gradient of one input is the einsum of g and the others."""
    letters, output = _letters(equation, xs)

    def pullback(i):
        others = [a for j, a in enumerate(letters) if j != i]
        known = set("".join([output, *others]))
        own = "".join(dict.fromkeys(letters[i]))  # a letter that comes twice (a diagonal) once
        lone = [k for k, c in enumerate(own) if c not in known]  # summed away in this input alone: stretched again
        ask = "".join(c for c in own if c in known)

        def to_input(g):
            rest = [x for j, x in enumerate(xs) if j != i]
            part = np.expand_dims(np.einsum(",".join([output, *others]) + "->" + ask, g, *rest), lone)
            if own == letters[i]:
                return np.broadcast_to(part, xs[i].shape) if lone else part
            whole = np.zeros(xs[i].shape, g.dtype)
            np.einsum(f"{letters[i]}->{own}", whole)[...] = part  # a view of the diagonal
            return whole

        return to_input

    return np.einsum(",".join(letters) + "->" + output, *xs), tuple([pullback(i) for i in range(len(xs))])


def _letters(equation, xs):
    """The letters of each input and of the output: "..." as letters too, an output that was left out in order.

    >>> _letters("...ij, jk", [np.ones((5, 2, 3)), np.ones((3, 4))])
    (['aij', 'jk'], 'aik')
    """
    inputs, arrow, output = equation.replace(" ", "").partition("->")
    parts = inputs.split(",")
    more = [x.ndim - len(part.replace("...", "")) for part, x in zip(parts, xs, strict=True)]
    dots = "".join(c for c in ascii_letters if c not in equation)[: max(0, *more)]
    if not arrow:
        output = "..." * ("..." in inputs) + "".join(sorted(c for c in set(inputs) - set(".,") if inputs.count(c) == 1))
    letters = [part.replace("...", dots[len(dots) - n :]) for part, n in zip(parts, more, strict=True)]
    return letters, output.replace("...", dots)
