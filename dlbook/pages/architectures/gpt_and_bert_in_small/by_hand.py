"""The network that the page calculates by hand: one head, four numbers a token, and weights that we wrote ourselves."""

import numpy as np

PLACES = ("one", "many", "noun?", "verb?")  # what the four numbers of a vector say
VECTORS = {"the": (0, 0, 2, 0), "keys": (0, 2, 0, 2), "?": (0, 0, 2, 0), "fall": (0, 2, 0, 0)}
QUERY = np.array([2, 2, 0, 0])  # (D,), every token asks the same
VALUE = np.array([1, 1, 0, 0])  # (D,), of what a token is, it gives these places
OUT = {"key": (1, 0, 1, 0), "keys": (0, 1, 1, 0), "falls": (1, 0, 0, 1), "fall": (0, 1, 0, 1)}


class Pass:
    """One pass of the tokens through the network, number by number."""

    def __init__(self, tokens, causal):
        self.tokens, t = tokens, len(tokens)
        self.x = np.array([VECTORS[token] for token in tokens], float)  # (T, D)
        self.scores = self.x @ QUERY / np.sqrt(len(QUERY))  # (T,)
        self.open = np.tri(t, dtype=bool) if causal else np.ones((t, t), bool)
        self.shares = _shares(np.where(self.open, self.scores, -np.inf))  # (T, T)
        self.back = self.shares @ (self.x * VALUE)  # (T, D)
        self.h = self.x + self.back  # (T, D)
        self.out = _shares(self.h @ np.array(list(OUT.values())).T)  # (T, V)


def _shares(scores):
    powers = np.exp(scores)
    return powers / powers.sum(axis=-1, keepdims=True)


NEXT = Pass(("the", "keys"), causal=True)
CLOSED = Pass(("the", "?", "fall"), causal=True)
OPEN = Pass(("the", "?", "fall"), causal=False)
