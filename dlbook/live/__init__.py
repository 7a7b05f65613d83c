"""Live figures: one Python function that answers in a kernel, in the built book and in the tests.

@live(rate=Slider(0.01, 3.0, log=True, value=0.1, label="learning rate"))
def bowl(rate):
    \"\"\"The first line is the title.\"\"\"
    x = (1 - rate) ** np.arange(20)
    return Frame(tables={"path": {"step": np.arange(20), "x": x}}, says=f"At rate {rate:g} …")

@bowl.chart
def bowl_chart():
    return alt.Chart(table("path")).mark_line().encode(...)
"""

from dlbook.live.chart import powers_of_ten, table
from dlbook.live.controls import Choice, FigureError, Handle, Predict, Slider, Switch, Time, number_text
from dlbook.live.declare import LiveFigure, live
from dlbook.live.figure import REGISTRY, Figure
from dlbook.live.frame import Field, Frame, Mesh
from dlbook.live.own import Digit, Sentence

__all__ = [
    "REGISTRY",
    "Choice",
    "Digit",
    "Field",
    "Figure",
    "FigureError",
    "Frame",
    "Handle",
    "LiveFigure",
    "Mesh",
    "Predict",
    "Sentence",
    "Slider",
    "Switch",
    "Time",
    "live",
    "number_text",
    "powers_of_ten",
    "table",
]
