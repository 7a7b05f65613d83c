"""Live figure of the page "Loss": how two losses judge one answer, and how hard each pushes back."""

import altair as alt
import numpy as np

from dlbook.live import Choice, Frame, Handle, Predict, Slider, live, number_text, table
from dlcore.palette import LIGHT

SCORES = np.linspace(-6, 6, 121)
NAMES = ["cross-entropy", "squared error"]


def judged(score, happened):
    """Both losses and their slopes for a unit with this score: dictionaries by the name of the loss.

    The unit answers p = sigmoid(score). With y = 1 if it happened, else 0: cross-entropy is -ln of the probability
    that it gave to what happened, and its slope is p - y; squared error is (p - y)², its slope 2 (p - y) p (1 - p).
    """
    sign = 1 if happened else -1
    p, off = 1 / (1 + np.exp(-score)), -sign / (1 + np.exp(sign * score))  # off = p - y, exact also near 0
    losses = {"cross-entropy": np.logaddexp(0, -sign * score), "squared error": off**2}
    slopes = {"cross-entropy": off, "squared error": 2 * off * p * (1 - p)}
    return losses, slopes


@live(
    score=Slider(-6.0, 6.0, step=0.25, value=2.0, label="score z of the unit", between=True),
    happened=Choice("it rained", "it stayed dry", value="it rained", label="what happened"),
    drag=Handle(x="score"),
    predict=Predict(
        "It rained, and the unit was almost sure that it would not: score −6. Which loss pushes the score harder?",
        "cross-entropy, about twice as hard",
        "cross-entropy, about two hundred times as hard",
        "squared error",
        answer="cross-entropy, about two hundred times as hard",
        because={
            "cross-entropy, about twice as hard": "So it is at score 0, where the unit is undecided. The surer it is, "
            "the less the square pushes.",
            "cross-entropy, about two hundred times as hard": "The slope of the squared error has the factor p(1 − p), "
            "and this is nearly 0 when the unit is sure, rightly or wrongly. Cross-entropy has no such factor: its "
            "slope is just the error p − y.",
            "squared error": "A square grows fast where errors are large. This error is a difference of probabilities: "
            "it is never more than 1.",
        },
        see={"score": -6},
    ),
)
def two_losses(score, happened):
    """How wrong is a forecast, and how hard does each loss push it?"""
    rained = happened == "it rained"
    p = 1 / (1 + np.exp(-score))
    losses, slopes = judged(score, rained)
    curves, pushes = judged(SCORES, rained)
    ce, se = (losses[name] for name in NAMES)
    says = (
        f"The unit says {100 * p:.1f} % rain, and {happened}: cross-entropy {ce:.2f} nats ({ce / np.log(2):.2f} bits), "
        f"with slope {number_text(float(slopes[NAMES[0]]))}; squared error {se:.2f}, with slope "
        f"{number_text(float(slopes[NAMES[1]]))}."
    )
    both = {"score": np.tile(SCORES, 2), "which": np.repeat([0, 1], len(SCORES))}
    here = {"score": [score, score], "which": [0, 1]}
    return Frame(
        tables={
            "loss": both | {"value": np.concatenate([curves[name] for name in NAMES])},
            "slope": both | {"value": np.concatenate([pushes[name] for name in NAMES])},
            "loss_here": here | {"value": [ce, se]},
            "slope_here": here | {"value": [slopes[name] for name in NAMES]},
        },
        says=says,
    )


@two_losses.chart
def two_losses_chart():
    x = alt.X("score:Q", title="score z", scale=alt.Scale(domain=(-6, 6)))
    names = f"{NAMES}[datum.value]"
    legend = alt.Legend(title=None, labelExpr=names, orient="top", symbolType="stroke")
    colour = alt.Color("which:O", scale=alt.Scale(domain=[0, 1], range=[LIGHT["loss"], LIGHT["sky"]]), legend=legend)
    dash = alt.StrokeDash("which:O", scale=alt.Scale(domain=[0, 1], range=[[1, 0], [5, 3]]), legend=None)

    def panel(name, title, domain):
        y = alt.Y("value:Q", title=title, scale=alt.Scale(domain=domain))
        line = alt.Chart(table(name)).mark_line(strokeWidth=2.5).encode(x=x, y=y, color=colour, strokeDash=dash)
        point = alt.Chart(table(f"{name}_here")).mark_point(filled=True, size=110, opacity=1)
        return (line + point.encode(x=x, y=y, color=colour)).properties(width=320, height=260)

    return [
        panel("loss", "loss", (0, 6.2)).properties(title="How wrong"),
        panel("slope", "slope: change of loss per unit of score", (-1, 1)).properties(title="How hard it pushes"),
    ]
