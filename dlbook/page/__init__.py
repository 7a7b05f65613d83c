"""What a page says through code: verdicts on claims, checks of exercises, listings of tested source, still figures.

    from dlbook.page import figure, listing, verdict
    from dlbook.pages.neurons.from_the_cell_to_the_unit.exercises import check

Everything here works off-line in Jupyter, Colab and the built book, and prints plain text where there is no notebook.
"""

from dlbook.page.exercises import Exercises, Mistake, NotYet, as_array, call, same
from dlbook.page.listings import listing
from dlbook.page.steps import stepping
from dlbook.page.stills import StillError, figure
from dlbook.page.verdicts import VerdictError, definition, verdict

__all__ = [
    "Exercises",
    "Mistake",
    "NotYet",
    "StillError",
    "VerdictError",
    "as_array",
    "call",
    "definition",
    "figure",
    "listing",
    "same",
    "stepping",
    "verdict",
]
