"""`@live`: a Python function becomes a figure that answers in a notebook, on a built page, and in the tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dlbook.live.controls import Control, Handle, Predict
from dlbook.live.figure import REGISTRY, Figure, check_declaration
from dlbook.live.frame import Frame


class LiveFigure(Figure):
    """A figure that shows itself: end a cell with it."""

    def _repr_mimebundle_(self, include=None, exclude=None):
        from dlbook.live.kernel import mimebundle  # a kernel is there only when a figure is shown in one

        return mimebundle(self)


def live(*, predict: Predict | str | None = None, drag: Handle | Sequence[Handle] = (), **controls: Control):
    """Declare a live figure: a function from the controls' values to a Frame; its chart follows with `@name.chart`.

    A control that the function takes as an argument chooses the frame. One that it does not take only changes how the
    chart draws the frame (all controls are parameters of the chart), and costs no frames.

    Args:
        predict: the question the reader answers first.
        drag: grips in the picture that move controls.
        controls: by name, in the order in which they are shown.

    Raises:
        FigureError: when the declaration cannot work; it says where and how to mend it.
    """
    handles = [drag] if isinstance(drag, Handle) else list(drag)
    question = Predict(predict) if isinstance(predict, str) else predict

    def declare(function: Callable[..., Frame]) -> LiveFigure:
        check_declaration(function, controls, question, handles)
        figure = LiveFigure(function, controls, question, handles)
        REGISTRY[figure.name] = figure
        return figure

    return declare
