"""The figure in a notebook with a kernel: an anywidget around the same player, each frame computed when asked for."""

from __future__ import annotations

import sys

import anywidget
import traitlets

from dlbook.live.answer import answer
from dlbook.live.figure import Figure
from dlbook.live.markup import data, declaration, element, player, still, style, vega_packed


class FigureWidget(anywidget.AnyWidget):
    """A live figure that asks its kernel. The browser never has more than one question under way."""

    _esm = player() + "export default { render: (context) => globalThis.dlbook.kernel(context) };\n"
    _css = style()
    declaration = traitlets.Dict().tag(sync=True)
    data = traitlets.Dict().tag(sync=True)
    poster = traitlets.Unicode().tag(sync=True)

    def __init__(self, figure: Figure, poster: str):
        super().__init__(declaration=declaration(figure), data=data(figure), poster=poster)
        self.figure = figure
        self.on_msg(self.answer)

    def answer(self, _widget, question: dict, _buffers):
        """Send Vega, or the frame for a position of each control; an error goes to the figure with its message."""
        if question.get("want") == "vega":
            self.send({"vega": True}, [vega_packed()])
            return
        reply = answer(self.figure, question["ask"])
        self.send(reply | {"number": question["number"]})


def mimebundle(figure: Figure) -> dict[str, object]:
    """The figure for whoever shows it: a widget where there is a kernel, a poster everywhere else."""
    page = element(figure)
    widget = FigureWidget(figure, page)
    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    sentence = figure.sentence(figure.opening, figure.settings())
    bundle: dict[str, object] = {
        "text/plain": f"{figure.title} {sentence}",
        "application/vnd.jupyter.widget-view+json": view,
    }
    if "google.colab" in sys.modules:  # which might prefer the still picture
        return bundle
    return bundle | {"text/html": page, "image/svg+xml": still(figure)}
