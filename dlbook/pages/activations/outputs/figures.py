"""What moves on the page "Outputs": scores, a temperature, and the shares that come out."""

import altair as alt
import numpy as np

from dlbook.live import Frame, Predict, Slider, live, number_text, table
from dlcore.palette import LIGHT

ANIMALS, SCORES = ["cat", "fox", "dog", "hen", "owl"], np.array([3.0, 2.0, 1.5, 0.5, -1.0])


def softmax(scores):
    """Scores (K,) to probabilities (K,); the largest score is subtracted first, so that none overflows."""
    e = np.exp(scores - scores.max())
    return e / e.sum()


@live(
    temperature=Slider(0.1, 10.0, log=True, steps=41, value=1.0, label="temperature"),
    predict=Predict(
        "Divide all five scores by a very large temperature before the softmax. How likely is the cat then?",
        "almost certain",
        "one in five",
        "impossible",
        answer="one in five",
        because={
            "almost certain": "That is the other end: at a temperature near 0 the highest score takes nearly all.",
            "one in five": "Scores divided by a large number are all nearly 0, and equal scores get equal shares.",
            "impossible": "Softmax leaves each animal something at any temperature, for a power of e is never 0.",
        },
        see={"temperature": 10},
    ),
)
def softmax_temperature(temperature):
    """Softmax turns scores into shares; the temperature says how strictly."""
    shares = softmax(SCORES / temperature)
    entropy = -(shares * np.log2(shares)).sum()
    return Frame(
        tables={
            "scores": {"animal": ANIMALS, "score": SCORES / temperature},
            "shares": {"animal": ANIMALS, "share": shares},
        },
        says=f"At temperature {number_text(temperature)} the cat gets {100 * shares[0]:.1f} %, the owl "
        f"{100 * shares[-1]:.1f} %; {entropy:.2f} bits of doubt are left, of {np.log2(len(SCORES)):.2f} at most.",
    )


@softmax_temperature.chart
def softmax_temperature_chart():
    animal = alt.X("animal:N", title=None, sort=None, axis=alt.Axis(labelAngle=0))
    score = alt.Y("score:Q", title="score / temperature", scale=alt.Scale(domain=(-2, 6)))
    share = alt.Y("share:Q", title="probability", scale=alt.Scale(domain=(0, 1)))
    before = alt.Chart(table("scores")).mark_bar(color=LIGHT["input"], clip=True).encode(x=animal, y=score)
    after = alt.Chart(table("shares")).mark_bar(color=LIGHT["activation"]).encode(x=animal, y=share)
    return [
        before.properties(width=300, height=220, title="Before the softmax"),
        after.properties(width=300, height=220, title="After it"),
    ]
