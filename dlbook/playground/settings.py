"""What can be chosen, and how a choice is written in an address: `data=spirals&layers=8-8&rate=0.03`."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

MOST_LAYERS, MOST_UNITS, MOST_OWN = 4, 8, 100
SPAN = 1.5  # how far the square reaches from the middle when the reader sets the points herself


@dataclass(frozen=True)
class Choice:
    """A list to choose from: what stands in the address -> what the reader sees."""

    label: str
    options: dict
    usual: str


def numbers(label, listed, usual):
    return Choice(label, {value: value for value in listed.split()}, usual)


DATA = {"circle": "two rings", "xor": "exclusive or", "gaussians": "two clouds", "moons": "two moons",
        "spirals": "two spirals", "own": "your own points",
        "digits": "digits, even or odd"}  # fmt: skip
ACTIVATIONS = {"identity": "linear (none)", "sigmoid": "sigmoid", "tanh": "tanh", "relu": "ReLU", "gelu": "GELU"}
STARTS = {"zero": "all 0", "small": "tiny", "xavier": "Xavier", "he": "He", "large": "large"}
OPTIMISERS = {"sgd": "SGD", "momentum": "SGD with momentum", "rmsprop": "RMSprop", "adam": "Adam"}
CHOICES = {
    "data": Choice("Data", DATA, "circle"),
    "noise": numbers("Noise", "0 0.05 0.1 0.2 0.3 0.5", "0.1"),
    "points": numbers("Points to learn from", "10 20 50 100 200 500", "200"),
    "activation": Choice("Activation", ACTIVATIONS, "tanh"),
    "start": Choice("Starting weights", STARTS, "xavier"),
    "seed": numbers("Draw of the start", "1 2 3 4 5 6 7 8 9", "1"),
    "optimiser": Choice("Optimiser", OPTIMISERS, "sgd"),
    "rate": numbers("Learning rate", "0.001 0.003 0.01 0.03 0.1 0.3 1 3 10 30 100", "0.3"),
    "batch": Choice("Points a step", {"1": "1", "4": "4", "16": "16", "64": "64", "all": "all"}, "16"),
    "decay": numbers("Weight decay", "0 0.001 0.003 0.01 0.03 0.1", "0"),
}
USUAL = {**{name: choice.usual for name, choice in CHOICES.items()}, "layers": "4-4", "own": "-60.-40.0_60.40.1"}


@dataclass(frozen=True)
class Settings:
    """One state of the controls, as text; the properties are what a program needs."""

    data: str
    noise: str
    points: str
    activation: str
    start: str
    optimiser: str
    rate: str
    batch: str
    decay: str
    seed: str
    layers: str
    own: str

    @property
    def widths(self):
        """Units of each hidden layer."""
        return [int(width) for width in self.layers.split("-") if width]

    @property
    def inputs(self):
        """How many numbers an example has: two in the plane, the pixels of a digit."""
        return 64 if self.data == "digits" else 2

    @property
    def own_points(self):
        """The reader's own points: (x, y, class)."""
        found = [tuple(map(int, one.split("."))) for one in self.own.split("_")]
        return [(x / 100, y / 100, c) for x, y, c in found][:MOST_OWN]


def read(told):
    """Settings from an address or a dictionary; what is missing or makes no sense is as usual.

    >>> read("data=moons&layers=3&rate=a lot").rate
    '0.3'
    """
    told = dict(parse_qsl(told, keep_blank_values=True)) if isinstance(told, str) else told
    fits = {name: "|".join(map(re.escape, choice.options)) for name, choice in CHOICES.items()}
    fits["layers"] = rf"([1-{MOST_UNITS}](-[1-{MOST_UNITS}]){{0,{MOST_LAYERS - 1}}})?"  # "" is no hidden layer
    fits["own"] = r"(-?\d{1,3}\.-?\d{1,3}\.[01](_(?!$)|$))+"
    known = {name: str(told[name]) for name in fits if name in told}
    return Settings(**USUAL | {name: text for name, text in known.items() if re.fullmatch(fits[name], text)})
