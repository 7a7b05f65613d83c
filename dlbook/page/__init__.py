"""What a page says through code: verdicts on claims, checks of exercises, listings of tested source, still figures.

    from dlbook.page import check, figure, listing, verdict

Everything here works off-line in Jupyter, Colab and the built book, and prints plain text where there is no notebook.
"""

from dlbook.page.exercises import Mistake, NotYet, as_array, call, check, exercise, same
from dlbook.page.listings import listing
from dlbook.page.stills import FigureError, figure
from dlbook.page.verdicts import VerdictError, definition, verdict

__all__ = [
    "FigureError",
    "Mistake",
    "NotYet",
    "VerdictError",
    "as_array",
    "call",
    "check",
    "definition",
    "exercise",
    "figure",
    "listing",
    "same",
    "verdict",
]
