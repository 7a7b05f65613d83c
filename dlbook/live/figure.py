"""A declared figure: its controls, its frames and its charts, and what is refused before and after drawing."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable
from functools import cached_property

from dlbook.live import chart as charts
from dlbook.live.controls import Control, FigureError, Handle, Predict
from dlbook.live.frame import Field, Frame, checked

#: All declared figures by name.
REGISTRY: dict[str, Figure] = {}


#: Names that Vega gives to signals and expressions of its own.
TAKEN = {"width", "height", "padding", "autosize", "background", "cursor", "style", "datum", "event", "item", "parent"}


def check_declaration(function, controls, question, handles):
    """Refuse what can be seen to be wrong before anything is drawn."""
    where = f"figure {function.__name__!r}"
    other = REGISTRY.get(function.__name__)
    if other is not None and other.module != function.__module__:
        raise FigureError(f"{where}: {other.module} declares a figure of that name already; names are addresses")
    if not inspect.getdoc(function):
        raise FigureError(f"{where}: no docstring. Its first line is the figure's title.")
    for name, control in controls.items():
        if not isinstance(control, Control):
            raise FigureError(f"{where}, control {name!r}: expected Slider, Choice, Switch or Time, got {control!r}")
        if name in TAKEN:
            raise FigureError(f"{where}, control {name!r}: charts have a signal of that name. Call it something else.")
        if not control.label:
            raise FigureError(f"{where}, control {name!r}: no label. Say label=…, the words beside the control.")
        if getattr(control, "between", False) and name not in inspect.signature(function).parameters:
            raise FigureError(f"{where}, control {name!r}: between=True is for what the function takes, not the chart")
    missing = [name for name in inspect.signature(function).parameters if name not in controls]
    if missing:
        raise FigureError(f"{where}: argument {missing[0]!r} has no control. Add {missing[0]}=Slider(…, label=…).")
    named = [axis for handle in handles for axis in (handle.x, handle.y) if axis] + list(
        question.see if question else ()
    )
    for name in named:
        if name not in controls:
            raise FigureError(f"{where}: there is no control {name!r} to drag or to see; there are {list(controls)}")


class Figure:
    """A declared figure: call it for a frame, give it a chart with `@figure.chart`."""

    def __init__(self, function, controls: dict[str, Control], predict: Predict | None, handles: list[Handle]):
        self.function, self.controls, self.predict, self.handles = function, controls, predict, handles
        self.name, self.module = function.__name__, function.__module__
        self.title = inspect.getdoc(function).splitlines()[0]
        self.arguments = list(inspect.signature(function).parameters)
        self.draw: Callable | None = None

    def chart(self, draw: Callable) -> Callable:
        """Decorate the function that returns the figure's chart, or its panels."""
        self.draw = draw
        self.__dict__.pop("panels", None)
        return draw

    def __call__(self, **values) -> Frame:
        """The frame for these values; a control that is not named stands where the figure opens."""
        return self.frame(self.settings(**values))

    def settings(self, **values) -> dict:
        """A value for every control: the given ones, and the rest as the figure opens."""
        unknown = [name for name in values if name not in self.controls]
        if unknown:
            raise FigureError(f"figure {self.name!r} has no control {unknown[0]!r}; it has {list(self.controls)}")
        return {name: c.positions()[c.start()] for name, c in self.controls.items()} | values

    def called_with(self, settings: dict) -> dict:
        """What the function is called with."""
        return {name: self.controls[name].argument(settings[name]) for name in self.arguments}

    def frame(self, settings: dict) -> Frame:
        """The checked frame for a value of every control."""
        said = ", ".join(f"{name}={settings[name]!r}" for name in self.arguments)
        where = f"figure {self.name!r} at {said}"
        frame = checked(self.function(**self.called_with(settings)), where)
        if self.draw is not None and "panels" in self.__dict__:
            check_frame(self, frame, where)
        return frame

    def sentence(self, frame: Frame, settings: dict) -> str:
        """What the figure says of a frame, the controls that only the chart uses standing at these values."""
        drawn = {n: c for n, c in self.controls.items() if n not in self.arguments}
        return frame.sentence(**{n: (c.nearest(settings[n]), c.text(settings[n])) for n, c in drawn.items()})

    @cached_property
    def opening(self) -> Frame:
        """The frame that the figure opens with."""
        settings = self.settings()
        return checked(self.function(**self.called_with(settings)), f"figure {self.name!r} as it opens")

    @cached_property
    def panels(self) -> list[list[charts.Panel]]:
        """The compiled charts, in columns."""
        return compile_figure(self)


def compile_figure(figure: Figure) -> list[list[charts.Panel]]:
    """Compile a figure's charts and hold them against its opening frame."""
    if figure.draw is None:
        raise FigureError(f"figure {figure.name!r} has no chart. Decorate a function with @{figure.name}.chart.")
    settings, where = figure.settings(), f"figure {figure.name!r}"
    fields = {name for name, table in figure.opening.tables.items() if isinstance(table, Field)}
    parameters = {name: parameter(settings[name]) for name in figure.controls}
    panels = [
        [charts.compile_panel(chart, parameters, fields, where) for chart in column]
        for column in charts.layout(figure.draw())
    ]
    figure.__dict__["panels"] = panels
    try:
        check_frame(figure, figure.opening, f"{where} as it opens")
    except FigureError:
        del figure.__dict__["panels"]
        raise
    return panels


def parameter(value):
    """A control's value as a parameter of the chart."""
    return value.item() if hasattr(value, "item") else value


def check_frame(figure: Figure, frame: Frame, where: str):
    """Refuse a frame that the chart cannot draw: a table or column it lacks, numbers that leave their axis."""
    for reading in itertools.chain.from_iterable(p.readings for column in figure.panels for p in column):
        if reading.table not in frame.tables:
            raise FigureError(f"{where}: the chart reads table {reading.table!r}; the frame has {list(frame.tables)}")
        table = frame.tables[reading.table]
        if isinstance(table, Field):
            check_domain(table.values.ravel() if reading.column == "value" else None, reading, where)
            continue
        if reading.column not in table:
            raise FigureError(
                f"{where}, table {reading.table!r}: the chart reads column {reading.column!r}; it has {list(table)}"
            )
        check_domain(table[reading.column], reading, where)
    try:
        figure.sentence(frame, figure.settings())
    except (KeyError, IndexError, TypeError) as error:
        raise FigureError(
            f"{where}: says has {error} in braces. {{name}} must be a control that only the chart uses, "
            f"{{table.column}} a column with an entry for each of its positions."
        ) from None


def check_domain(column, reading: charts.Reading, where: str):
    """Refuse numbers that leave the axis they are drawn on, unless the mark is clipped."""
    if column is None or column.dtype == object or reading.domain is None or reading.clip:
        return
    low, high = reading.domain
    slack = 1e-9 * (high - low)
    outside = column[(column < low - slack) | (column > high + slack)]
    if outside.size:
        raise FigureError(
            f"{where}, table {reading.table!r}, column {reading.column!r}: {outside[0]:g} leaves the domain of "
            f"channel {reading.channel}, {low:g} … {high:g}. Widen the domain, or clip: mark_line(clip=True)."
        )
