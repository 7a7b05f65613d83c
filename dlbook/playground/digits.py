"""Handwritten digits: the picture is what the network makes of the one on the paper."""

import numpy as np

import dlcore
from dlbook.playground.measure import answers, scaled

NOUN = "digits"
SHOWN = 30  # digits of the test that can be put onto the paper
LEVELS = 16


def pictures(run):
    """For every pixel of the paper: how much more the output answers with ink there than without, from 1 to 255, and
    each unit, from -127 to 127; and what the network takes the digit for."""
    paper = run.paper
    inked, empty = np.where(np.eye(64, dtype=bool), 1, paper), np.where(np.eye(64, dtype=bool), 0, paper)
    units, z = answers(run.model, dlcore.tensor(np.concatenate([inked, empty, [paper]]), dtype=dlcore.float32))
    with np.errstate(all="ignore"):
        odd = float(1 / (1 + np.exp(-z[-1])))
        output, small = z[:64] - z[64:128], [(one[:64] - one[64:128]).T for one in units]
    return (128 + scaled(output).astype(int)).astype(np.uint8), [scaled(one) for one in small], says(odd)


def says(odd):
    """
    >>> says(0.25)
    'It takes the digit on the paper for even, by 75%.'
    """
    return f"It takes the digit on the paper for {'odd' if odd > 0.5 else 'even'}, by {max(odd, 1 - odd):.0%}."


def strengths(weights):
    """For each unit of the first layer the length of its 64 weights, which are too many to be drawn."""
    with np.errstate(all="ignore"):
        return np.sqrt((weights**2).sum(axis=1))


def brightness(levels):
    """Grey levels of the paper as the network takes them."""
    return np.asarray(levels, float) / LEVELS


def papers(run):
    """Some digits of the test, as grey levels."""
    return np.rint(LEVELS * np.clip(run.x_test[:SHOWN], 0, 1)).astype(np.uint8).ravel()
