"""What a reader can move: sliders, choices, switches, time; and what they are asked to predict.

Every control is a short list of positions. That is what lets one function serve everywhere: a kernel is asked for one
position at a time, the built book has answered all of them beforehand.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context
from typing import Any

import numpy as np

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
THREE = Context(prec=3, rounding=ROUND_HALF_UP)  # digits, as the player's toPrecision rounds


class FigureError(ValueError):
    """A live figure that is declared or drawn wrongly; the message says where, and how to mend it."""


def number_text(value) -> str:
    """A number as a reader wants it: three significant digits, a true minus sign, powers of ten only far out.

    >>> number_text(0.1 + 0.2), number_text(-2.0), number_text(1234.0), number_text(1.2e6), number_text(1e-5)
    ('0.3', '−2', '1230', '1.2·10⁶', '10⁻⁵')
    """
    if isinstance(value, int):
        return str(value).replace("-", "−")
    text = f"{value + 0.0:.3g}"  # + 0.0: no minus zero
    if 1e3 <= abs(float(text)) < 1e5:
        text = f"{float(text):.0f}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = "" if mantissa == "1" else "-" if mantissa == "-1" else f"{mantissa}·"
        text += "10" + str(int(exponent)).translate(RAISED)
    return text.replace("-", "−")


class Control:
    """What all controls share: a label, positions with their texts, and the position they start from."""

    kind = "control"
    label: str
    unit: str = ""

    def positions(self) -> list:
        """All values the control can take, in order."""
        raise NotImplementedError

    def text(self, value) -> str:
        """The value as it stands beside the control."""
        return number_text(value) + (f" {self.unit}" if self.unit else "")

    def start(self) -> int:
        """The index of the position the figure opens with."""
        positions = self.positions()
        value = getattr(self, "value", None)
        return 0 if value is None else positions.index(value)

    def asked(self, position) -> Any:
        """The value at a position."""
        return self.positions()[position]

    def argument(self, value) -> Any:
        """What the figure's function receives for a value."""
        return value

    def nearest(self, value) -> int:
        """The index of the position nearest to a value."""
        positions = self.positions()
        if isinstance(value, str) or isinstance(positions[0], str | bool):
            if value not in positions:
                raise FigureError(f"{self.label!r} can be {positions}, not {value!r}")
            return positions.index(value)
        return int(np.argmin([abs(p - value) for p in positions]))

    def declaration(self) -> dict[str, Any]:
        """The control as the player wants it."""
        positions = self.positions()
        return {
            "kind": self.kind,
            "label": self.label,
            "values": positions,
            "texts": [self.text(p) for p in positions],
            "start": self.start(),
        }


@dataclass(frozen=True)
class Slider(Control):
    """A number between `low` and `high`, on a linear or logarithmic scale; or the numbers of a list, given as `low`.

    Integers at both ends give a slider over integers; otherwise it has `steps` positions (21 unless said), or one every
    `step`. The position nearest to `value` is moved onto it, so a default is met exactly. With `between` the reader
    may stop anywhere between two positions, where frames are computed on the spot; stored are those of the positions.

    >>> Slider(0, 3, value=2, label="hidden layers").positions()
    [0, 1, 2, 3]
    >>> Slider(0.01, 1.0, log=True, steps=5, value=0.1, label="rate").positions()
    [0.01, 0.0316, 0.1, 0.316, 1.0]
    >>> Slider([1, 2, 5], value=2, label="width").positions()
    [1, 2, 5]
    >>> Slider(0.01, 1.0, log=True, steps=3, label="rate", between=True).asked(0.5)
    0.0316
    """

    low: float | list
    high: float | None = None
    value: float | None = None
    label: str = ""
    unit: str = ""
    log: bool = False
    step: float | None = None
    steps: int | None = None
    between: bool = False
    given: list | None = field(default=None, init=False)
    kind = "slider"

    def __post_init__(self):
        if isinstance(self.low, list | tuple):
            if len(self.low) < 2 or sorted(set(self.low)) != list(self.low):
                raise FigureError(f"Slider {self.label!r}: a list of positions must rise, not {self.low}")
            object.__setattr__(self, "given", list(self.low))
            object.__setattr__(self, "high", self.low[-1])
            object.__setattr__(self, "low", self.low[0])
        if self.high is None or not self.low < self.high:
            raise FigureError(f"Slider {self.label!r}: low {self.low} must lie below high {self.high}")
        if self.log and self.low <= 0:
            raise FigureError(f"Slider {self.label!r}: a logarithmic scale starts above 0, not at {self.low}")
        if self.value is not None and not self.low <= self.value <= self.high:
            raise FigureError(f"Slider {self.label!r}: value {self.value} lies outside {self.low} … {self.high}")
        if self.between and all(isinstance(value, int) for value in self.positions()):
            raise FigureError(f"Slider {self.label!r}: nothing lies between whole numbers; leave between=True out")

    def positions(self) -> list:
        values = list(self.given) if self.given else spread(self)
        if self.value is not None:
            scale = math.log if self.log else float
            near = min(range(len(values)), key=lambda i: abs(scale(values[i]) - scale(self.value)))
            values[near] = self.value
        return values

    def asked(self, position) -> Any:
        """The value at a position, or between two."""
        return super().asked(position) if isinstance(position, int) else between(self, position)

    def declaration(self) -> dict[str, Any]:
        between = {"between": {"log": self.log, "unit": self.unit}} if self.between else {}
        return super().declaration() | between


def between(slider: Slider, position: float) -> float:
    """The value between two positions: three significant digits, as they stand beside the slider."""
    before = int(position)
    part, (low, high) = position - before, slider.positions()[before : before + 2]
    value = low * (high / low) ** part if slider.log else low + (high - low) * part
    return float(THREE.create_decimal(value)) + 0.0  # + 0.0: no minus zero


def spread(slider: Slider) -> list:
    """The positions of a slider between its ends: round numbers, whole ones as integers."""
    low: Any = slider.low  # no list any more
    high: Any = slider.high
    if slider.log:
        return [float(f"{value:.3g}") for value in np.geomspace(low, high, slider.steps or 21)]
    whole = isinstance(low, int) and isinstance(high, int)
    count = slider.steps or (round((high - low) / slider.step) + 1 if slider.step else high - low + 1 if whole else 21)
    values = [float(f"{value:.6g}") + 0.0 for value in np.linspace(low, high, count)]  # + 0.0: no minus zero
    return [int(value) for value in values] if whole and all(v == int(v) for v in values) else values


@dataclass(frozen=True, init=False)
class Choice(Control):
    """One of a few named options.

    >>> Choice("sigmoid", "tanh", value="tanh", label="activation").start()
    1
    """

    options: tuple[str, ...]
    value: str
    label: str
    kind = "choice"

    def __init__(self, *options: str, value: str | None = None, label: str = ""):
        if len(options) < 2 or len(set(options)) < len(options):
            raise FigureError(f"Choice {label!r}: give two or more different options, not {options}")
        if value is not None and value not in options:
            raise FigureError(f"Choice {label!r}: value {value!r} is none of {options}")
        for name, given in (("options", options), ("value", value or options[0]), ("label", label)):
            object.__setattr__(self, name, given)

    def positions(self) -> list:
        return list(self.options)

    def text(self, value) -> str:
        return value


@dataclass(frozen=True)
class Switch(Control):
    """On or off."""

    value: bool = False
    label: str = ""
    kind = "switch"

    def positions(self) -> list:
        return [False, True]

    def text(self, value) -> str:
        return "on" if value else "off"


@dataclass(frozen=True)
class Time(Control):
    """Steps that can be played, paused, gone through one by one and scrubbed; `per_second` at normal speed.

    >>> Time([0, 1, 10, 100], label="training step", value=100).start()
    3
    """

    at: Any
    value: float | None = None
    label: str = "step"
    unit: str = ""
    per_second: float = 8
    kind = "time"

    def __post_init__(self):
        if len(self.positions()) < 2:
            raise FigureError(f"Time {self.label!r}: give two or more instants, a number n or a list")
        if self.value is not None and self.value not in self.positions():
            raise FigureError(f"Time {self.label!r}: value {self.value} is none of its instants")

    def positions(self) -> list:
        return list(range(self.at + 1)) if isinstance(self.at, int) else list(self.at)

    def declaration(self) -> dict[str, Any]:
        return super().declaration() | {"per_second": self.per_second}


@dataclass(frozen=True, init=False)
class Predict:
    """A question the reader answers before the figure does.

    With options it is a choice: `because` is a sentence for each, which says why it is right or answers that mistake.
    With a number as `answer` and no options it is an estimate, right within `within` (a factor); `because` is one
    sentence, `low` and `high` answer a guess that is too small or too large. Then the figure moves to `see`.
    """

    question: str
    options: tuple[str, ...] = ()
    answer: str | float | None = None
    because: str | dict[str, str] = ""
    low: str = ""
    high: str = ""
    see: dict = field(default_factory=dict)
    within: float = 1.25

    def __init__(self, question, *options, answer=None, because="", low="", high="", see=None, within=1.25):
        given = dict(question=question, options=options, answer=answer, because=because, low=low, high=high,
                     see=see or {}, within=within)  # fmt: skip
        for name, value in given.items():
            object.__setattr__(self, name, value)
        fault = choice_fault(self) if options else estimate_fault(self)
        if fault:
            raise FigureError(f"Predict {question!r}: {fault}")


def choice_fault(asked: Predict) -> str:
    """What is wrong with a question that offers options, or ""."""
    if asked.answer not in asked.options:
        return f"the answer {asked.answer!r} is none of {asked.options}"
    if not isinstance(asked.because, dict) or set(asked.because) != set(asked.options):
        given = list(asked.because) if isinstance(asked.because, dict) else asked.because
        return f"because={{option: sentence}} needs a sentence for each of {asked.options}, got {given!r}"
    if not all(asked.because.values()):
        return f"the sentence for {next(o for o, why in asked.because.items() if not why)!r} is empty"
    return "low and high are for numbers" if asked.low or asked.high else ""


def estimate_fault(asked: Predict) -> str:
    """What is wrong with a question that takes a number, or free words, or ""."""
    if isinstance(asked.answer, str):
        return "an answer in words needs options to choose from"
    if isinstance(asked.because, dict):
        return "a sentence for each option needs options"
    if asked.answer is not None and not asked.because:
        return "say because=…, the sentence that explains the answer"
    return ""


@dataclass(frozen=True)
class Handle:
    """A grip in the picture: dragging it along x or y moves the control named there.

    `panel` counts the charts in reading order.
    """

    x: str | None = None
    y: str | None = None
    panel: int = 0
