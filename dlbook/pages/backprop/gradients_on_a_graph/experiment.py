"""The engine of the page "Gradients on a graph" as its six worked steps build it, and the network of its sheet."""

from itertools import count

from dlcore.models.scalar_autograd import history

births = count()


class Value:
    """A number that remembers what it was made from."""

    def __init__(self, data, parents=(), slopes=()):
        self.data = data
        self.parents, self.slopes = parents, slopes
        self.grad = 0.0
        self.age = next(births)


def add(x, y):
    """x + y as a Value."""
    return Value(x.data + y.data, (x, y), (1.0, 1.0))


def mul(x, y):
    """x · y as a Value."""
    return Value(x.data * y.data, (x, y), (y.data, x.data))


def relu(x):
    """x where it is positive, else 0, as a Value."""
    return Value(max(x.data, 0.0), (x,), (1.0 if x.data > 0 else 0.0,))


def backward(end):
    """Add ∂end/∂value to the grad of each Value that `end` was made from."""
    end.grad = 1.0
    for value in history(end):
        for parent, slope in zip(value.parents, value.slopes, strict=True):
            parent.grad += slope * value.grad


def sheet(w, x, y):
    """The loss, a Value, of six weights and two inputs (lists of Values) and the truth (a number)."""
    h1 = relu(add(mul(w[0], x[0]), mul(w[1], x[1])))
    h2 = relu(add(mul(w[2], x[0]), mul(w[3], x[1])))
    guess = add(mul(w[4], h1), mul(w[5], h2))
    off = add(guess, Value(-y))
    return mul(off, off)
