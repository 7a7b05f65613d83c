"""Problems that judge themselves: where each begins, what must stay as it is, and what must hold in the end."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dlbook.playground.measure import answers, gradients
from dlbook.playground.settings import read

DATA = ("data", "noise", "points")
NETWORK = ("layers", "activation")


@dataclass(frozen=True)
class Problem:
    """One problem. `holds(run, scores)` yields (whether, words) for everything that must hold at once."""

    title: str
    task: str
    why: str  # said when it is solved
    page: str  # of the book, where it is explained
    begin: str  # the settings that it opens with, as in an address
    fixed: tuple
    holds: Callable


def judge(problem, run, scores):
    """What holds and what does not: {"solved": …, "parts": [[whether, words], …]}."""
    begin = read(problem.begin)
    moved = [name for name in problem.fixed if getattr(begin, name) != getattr(run.settings, name)]
    parts = [[False, f"back to where it began: {', '.join(moved)}"]] if moved else []
    parts += [[bool(whether), words] for whether, words in problem.holds(run, scores)]
    return {"solved": all(whether for whether, _ in parts), "parts": parts}


def tested(share):
    """So many of the test's points are right."""

    def holds(run, scores):
        yield scores["right_test"] >= share, f"{share:.0%} of the test right (now {scores['right_test']:.0%})"

    return holds


def lasting(steps):
    """So many steps have been made."""

    def holds(run, scores):
        yield len(run.losses) >= steps, f"{steps} steps (now {len(run.losses)})"

    return holds


def at_most(most):
    """No more weights than so many."""

    def holds(run, scores):
        yield run.weights <= most, f"at most {most} weights (now {run.weights}, biases not counted)"

    return holds


def both(*conditions):
    return lambda run, scores: (part for condition in conditions for part in condition(run, scores))


def failing(run, scores):
    yield scores["right"] < 0.6, f"fewer than 60% of its own points right (now {scores['right']:.0%})"


def diverging(run, scores):
    first = run.losses[0] if run.losses else np.nan
    yield not scores["loss"] <= 5 * first, f"a loss of more than five times the first (now {scores['loss']:.3g})"
    yield run.settings.optimiser == "sgd", "plain SGD"


def linear(run, scores):
    yield run.settings.activation == "identity", "linear units"
    yield len(run.settings.widths) >= 2, "two hidden layers or more"
    yield scores["right"] < 0.75, f"and still fewer than 75% right (now {scores['right']:.0%})"


def twins(run, scores):
    first = run.layers[0].weight.array
    yield len(first) > 2 and (first == first[0]).all(), "three units or more in the first layer, and all alike"
    yield scores["right_test"] < 0.6, f"nothing learnt (now {scores['right_test']:.0%} right)"


def vanishing(run, scores):
    sizes = gradients(run)
    ratio = sizes[0] / sizes[-1] if sizes[-1] else np.nan
    yield 0 < ratio < 1e-3, f"the first layer's gradient below a thousandth of the last's (now {ratio:.2g} of it)"
    yield len(run.losses) <= 100, f"within the first 100 steps (now {len(run.losses)})"


def dying(run, scores):
    layers = answers(run.model, run.names["x"])[0]
    dead = np.mean(np.concatenate([(one <= 0).all(axis=0) for one in layers])) if layers else 0
    yield run.settings.activation == "relu", "ReLU units"
    yield dead >= 0.5, f"half of the hidden units answer 0 to every point (now {dead:.0%})"
    yield run.settings.start != "zero", "weights that do not start at 0"


def by_heart(run, scores):
    yield scores["right"] == 1, f"all of its own points right (now {scores['right']:.0%})"
    gap = scores["right"] - scores["right_test"]
    yield gap >= 0.15, f"the test at least 15 points of a hundred worse (now {100 * gap:.0f})"


def hurried(run, scores):
    yield len(run.losses) <= 30, f"within 30 steps (now {len(run.losses)})"


def bent(run, scores):
    own = run.settings.own_points
    yield len(own) >= 6, f"six points or more (now {len(own)})"
    yield own and not separable(np.array(own)), "no straight line parts the two colours"
    yield scores["right"] == 1, f"the network has all of them right (now {scores['right']:.0%})"


def separable(points):
    """Whether a straight line parts the classes: then the perceptron finds one.

    >>> separable(np.array([[0, 0, 0], [1, 1, 0], [0, 1, 1], [1, 0, 1]]))
    False
    """
    x = np.column_stack([points[:, :2], np.ones(len(points))]) * np.where(points[:, 2:] > 0, 1.0, -1.0)
    w = np.zeros(3)
    for _ in range(1000):
        wrong = x[x @ w <= 0]
        if not len(wrong):
            return True
        w += wrong[0]
    return False


DEEP = "chapters/1_neurons/1_what_deep_learning_is"
DEPTH = "chapters/1_neurons/5_what_depth_buys"
UNIT, LINE = "chapters/1_neurons/2_from_the_cell_to_the_unit", "chapters/2_activations/1_why_bend_the_line"
LOSS, GRAPH = "chapters/3_backprop/1_loss", "chapters/3_backprop/2_gradients_on_a_graph"
DOWN, FAMILY = "chapters/3_backprop/3_going_downhill", "chapters/2_activations/2_the_family"
PROBLEMS = {
    "line": Problem(
        "One line is enough", "Part the two clouds without a single hidden unit.",
        "A unit alone draws a straight line, and these clouds need no more.",
        UNIT, "data=gaussians&noise=0.3&layers=4-4", DATA, both(at_most(2), tested(0.95))),
    "linear": Problem(
        "Linear units can't",
        "Give linear units as many layers as you like, and let them learn the rings for 300 steps.",
        "Lines of lines are lines: without a bend, more layers add nothing.",
        LINE, "data=circle&layers=8-8&activation=tanh&rate=0.03", DATA, both(linear, lasting(300))),
    "xor": Problem(
        "Exclusive or, with the fewest weights",
        "Solve it with at most 6 weights. Then look for a way with 3: it exists.",
        "Two lines do it. One unit does, too, if its activation falls before it rises.",
        LINE, "data=xor&noise=0.2&layers=8-8&optimiser=adam&rate=0.1", DATA, both(at_most(6), tested(0.95))),
    "moons": Problem(
        "Moons, with nine weights", "Part the moons, 97% of the test right, with at most 9 weights.",
        "Three bends are enough, but not from every start: small networks get stuck where wide ones do not.",
        LINE, "data=moons&noise=0.05&layers=8&optimiser=adam&rate=0.03", DATA, both(at_most(9), tested(0.97))),
    "spirals": Problem(
        "Spirals, with twenty weights", "Get 95% of the test right with at most 20 weights.",
        "Even 12 weights can do it: one layer of four tanh units, with Adam.",
        DEPTH, "data=spirals&noise=0.05&layers=8-8", DATA, both(at_most(20), tested(0.95))),
    "fail": Problem(
        "Make it fail", "The easiest data, a network that fits: spoil the learning all the same, for 200 steps.",
        "A network learns only from a start and at a rate that let it.",
        DOWN, "data=gaussians&noise=0.2&layers=4-4", (*DATA, *NETWORK), both(failing, lasting(200))),
    "diverge": Problem(
        "A rate that diverges", "Find a rate at which plain SGD climbs instead of falling.",
        "Each step leaps over the valley and lands higher on its other side.",
        DOWN, "data=circle&layers=4-4&batch=all", (*DATA, *NETWORK), both(diverging, lasting(20))),
    "hurry": Problem(
        "In a hurry", "Get 95% of the test right within 30 steps.",
        "A rate near the largest that works, and steps that fit each weight.",
        DOWN, "data=circle&layers=8&batch=all&rate=0.03", DATA, both(tested(0.95), hurried)),
    "twins": Problem(
        "Units that stay alike", "Choose a start from which all units of a layer remain the same for 100 steps.",
        "The same weights get the same gradient: chance is what tells units apart.",
        GRAPH, "data=xor&layers=4-4", (*DATA, "activation"), both(twins, lasting(100))),
    "vanish": Problem(
        "A gradient that vanishes", "Build a network whose first layer hears next to nothing of the loss.",
        "Each layer passes on a part of the gradient; a part of a part of a part is next to nothing.",
        GRAPH, "data=circle&layers=4&activation=tanh", DATA, both(vanishing, lasting(10))),
    "dead": Problem(
        "Dead units", "Kill half of the hidden units: ReLU that answers 0 to every point.",
        "One step too large carries a unit where all points lie on its flat side, where no gradient reaches it.",
        FAMILY, "data=circle&layers=8&activation=relu&rate=0.1", DATA, dying),
    "heart": Problem(
        "Learnt by heart", "Get all of its own points right, and the test far worse.",
        "With so few points and so many weights, the noise is learnt as well.",
        LOSS, "data=moons&noise=0.5&points=100&layers=4&optimiser=adam&rate=0.01", ("data", "noise"), by_heart),
    "rein": Problem(
        "Reined in", "Let this network learn from these 20 points for 1000 steps, and get 84% of the test right.",
        "Weight decay is a way: it keeps the weights small and the border smooth.",
        LOSS, "data=moons&noise=0.3&points=20&layers=8-8-8&optimiser=adam&rate=0.03&batch=all&seed=4",
        (*DATA, *NETWORK, "seed"), both(tested(0.84), lasting(1000))),
    "digits": Problem(
        "Even or odd", "Tell even digits from odd ones, 95% of the test right. Then draw a digit that it gets wrong.",
        "A weight for each pixel stops near 90%. A few hidden units let pixels count together.",
        DEEP, "data=digits&points=500&noise=0&layers=&rate=0.1", DATA, tested(0.95)),
    "own": Problem(
        "Set by hand", "Set points that no straight line parts, and let a network part them.",
        "What a unit alone cannot do, a few can do together.",
        UNIT, "data=own&own=-50.0.0_50.0.0&layers=4&optimiser=adam&rate=0.1", ("data",), bent),
}  # fmt: skip
