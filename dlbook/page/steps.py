"""A drawing that walks through a mechanism: one picture and one sentence a step, in notebooks, the book and on paper.

    @stepping("First …", "Then …")
    def look_up(step):
        return fig  # the drawing as it stands after `step` steps, of 1, 2, …

    look_up.show(alt="what is to be seen in all", caption="The question that it answers.")

The output holds every step, one below the other, each with its sentence: that is the strip which paper, and whoever
runs no scripts, gets. The script beside this file lays the pictures over one another and adds what steps through them.
"""

import base64
import functools
import html
import inspect
import io
import zlib
from pathlib import Path

import numpy as np

from dlbook.page.show import dark_rules, inline, publish, unmarked
from dlbook.page.stills import FALLBACK_DPI, StillError, close, refuse_empty_words, svg_of
from dlcore.palette import LIGHT

#: What the pictures and sentences of one drawing may weigh, in bytes, compressed as a server sends them.
BUDGET = 60_000
_HERE = Path(__file__).parent
_MARGIN = 0.02  # inches around what is drawn


def stepping(*says):
    """Declare a drawing in steps, over the function that draws one of them.

    Args:
        says: one sentence for each step: what happens in it. It stands below the picture, is what a screen reader
            says, and the alternative text. Numbers in it are computed; `code` and *emphasis* are understood.

    Returns:
        a decorator for a function that takes the step, 1 for the first, and returns a matplotlib Figure in the
        palette's LIGHT colours. Every step has the same size and the same axes.

    Raises:
        StillError: if there are fewer than two sentences, one says too little, or two are the same; if the function
            takes anything but the step.
    """
    return lambda draw: Stepping(draw, says)


class Stepping:
    """A drawing in steps: `drawing(3)` is the figure of its third step, `drawing.show(…)` puts all on a page."""

    def __init__(self, draw, says):
        functools.update_wrapper(self, draw)
        self.draw, self.says, self.name = draw, [" ".join(one.split()) for one in says], draw.__name__
        if list(inspect.signature(draw).parameters) != ["step"]:
            raise StillError(f"@stepping: expected a function {self.name}(step), which draws the step that it is told.")
        if len(says) < 2:
            raise StillError(
                f"@stepping, {self.name}: expected a sentence for each of its steps, received {len(says)}."
            )
        _refuse_poor_sentences(self.name, self.says)

    def __len__(self):
        return len(self.says)

    def __call__(self, step):
        """Draw one step, 1 for the first."""
        if step not in range(1, len(self) + 1):
            raise StillError(f"{self.name}({step!r}): there are steps 1 to {len(self)}.")
        fig = self.draw(step)
        if not hasattr(fig, "savefig") or not hasattr(fig, "axes"):
            raise StillError(f"{self.name}({step}): return a matplotlib Figure; this is {type(fig).__name__}.")
        return fig

    def show(self, alt, caption=""):
        """Show all steps, and close their figures.

        Args:
            alt: what is to be seen in the whole, in a sentence, for who cannot see it.
            caption: the question that the drawing answers, shown below it; `code` and *emphasis* are understood.

        Raises:
            StillError: if `alt` says too little, if something that should stay moves from one step to another, or if
                the whole weighs too much.
        """
        alt = " ".join(str(alt).split())
        refuse_empty_words(f"{self.name}.show(…, alt={alt!r})", alt, caption)
        figures = [self(step) for step in range(1, len(self) + 1)]
        _refuse_jumps(self.name, figures)
        shown = _strip(figures, self.says)
        _refuse_weight(self.name, shown)
        text = "\n".join(f"{step}. {unmarked(one)}" for step, one in enumerate(self.says, start=1))
        bundle = {"text/html": self._html(shown, alt, caption), "image/png": _png(figures)}
        for fig in figures:
            close(fig)
        publish(bundle | {"text/plain": f"[Figure in {len(self)} steps: {alt}]\n{text}"})

    def _html(self, shown, alt, caption):
        below = f"<figcaption>{inline(caption)}</figcaption>" if caption else ""
        return (
            f"<style>{dark_rules()}\n{_beside('steps.css')}</style>"
            f'<figure class="dl-figure dl-stepping" id="{self.name}" aria-label="{html.escape(alt)}" '
            f'data-lm-suppress-shortcuts="true"><div class="dl-steps">{shown}</div>{below}</figure>'
            f"<script>{_beside('steps.js')}</script>"
        )


def _refuse_poor_sentences(name, says):
    """Raise StillError if a step's sentence could not stand in for its picture, or is one of another step."""
    for step, one in enumerate(says, start=1):
        refuse_empty_words(f"@stepping, {name}, step {step}, {one!r}", unmarked(one))
        if one in says[: step - 1]:
            raise StillError(f"@stepping, {name}: step {step} says the same as an earlier one, {one!r}.")


def _strip(figures, says):
    """Return all steps as HTML, each picture cut to the same frame: the one that holds what is drawn in any of them."""
    from matplotlib.transforms import Bbox

    frame = Bbox.union([fig.get_tightbbox() for fig in figures]).padded(_MARGIN)
    parts = []
    for step, (fig, one) in enumerate(zip(figures, says, strict=True), start=1):
        count = f"<b>Step {step} of {len(says)}.</b>"
        parts.append(
            f'<div class="dl-step">{svg_of(fig, unmarked(one), frame=frame)}<p>{count} {inline(one)}</p></div>'
        )
    return "".join(parts)


def _refuse_jumps(name, figures):
    """Raise StillError if the ground of the drawing is not the same in all steps."""
    grounds = [_ground(fig) for fig in figures]
    for step, ground in enumerate(grounds, start=1):
        for what, here in ground.items():
            first = grounds[0][what]
            if here != first:
                raise StillError(
                    f"{name}({step}): its {what} are {here}, those of step 1 {first}, so the picture would jump. "
                    "Draw every step at the same size, on the same axes with the same limits."
                )


def _ground(fig):
    """What every step must share, rounded so that it can be compared and read."""
    fig.draw_without_rendering()  # a layout settles when it is drawn
    return {
        "inches": tuple(fig.get_size_inches().round(2).tolist()),
        "places of axes": [tuple(np.round(ax.get_position().bounds, 3).tolist()) for ax in fig.axes],
        "limits of axes": [tuple(np.round([*ax.get_xlim(), *ax.get_ylim()], 6).tolist()) for ax in fig.axes],
    }


def _refuse_weight(name, shown):
    """Raise StillError if the pictures and sentences are more than a page should carry."""
    weight = len(zlib.compress(shown.encode(), 9))
    if weight > BUDGET:
        raise StillError(
            f"{name}: its steps weigh {weight / 1000:.0f} kB compressed, more than {BUDGET / 1000:.0f}. Draw with "
            "fewer points, or in fewer steps."
        )


def _png(figures):
    """Return all pictures in one, below one another on paper, for front ends that show no HTML."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.image import imsave

    pictures = []
    for fig in figures:
        fig.set(dpi=FALLBACK_DPI, facecolor=LIGHT["paper"])
        fig.patch.set_alpha(1)
        canvas = FigureCanvasAgg(fig)
        canvas.draw()
        pictures.append(np.asarray(canvas.buffer_rgba()))
    buffer = io.BytesIO()
    imsave(buffer, np.vstack(pictures), format="png")
    return base64.b64encode(buffer.getvalue()).decode()


@functools.cache
def _beside(name):
    """Return the text of a file beside this one."""
    return (_HERE / name).read_text(encoding="utf-8")
