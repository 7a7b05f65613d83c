"""What moves on the page "Adversarial examples": an attack on one digit."""

from functools import cache

import altair as alt
import numpy as np

from dlbook.live import Choice, Frame, Predict, Slider, live, number_text, table
from dlbook.pages.challenges.adversarial_examples.experiment import (
    LEVEL,
    digits,
    probabilities,
    trained,
)
from dlcore.attacks import at_random, fgsm, pgd
from dlcore.palette import LIGHT, SHEET

MODELS = {"plain": "nothing", "trained against attacks": "attacks"}

GAP = 8.8  # from the left edge of one picture to that of the next, in pixels

SURE = 0.99  # the figure shows digits of which both networks begin by being rather sure


@cache
def shown(digit):
    """The first test digit of its kind that the plain network reads rightly and surely, and the other one rightly."""
    _, _, x, y = digits()
    plain, robust = (probabilities(trained(against=kind), x) for kind in MODELS.values())
    good = (y == digit) & (plain[:, digit] > SURE) & (robust.argmax(1) == digit)
    return x[np.flatnonzero(good)[:1]]  # (1, 64)


@cache
def attacked(digit, levels, attack, model):
    """The digit (64,) after the attack."""
    x, y, network = shown(digit), np.array([digit]), trained(against=MODELS[model])
    size, rng = levels * LEVEL, np.random.default_rng(digit)
    if attack == "at random":
        return at_random(x, size, rng)[0]
    return (fgsm(network, x, y, size) if attack == "one step (FGSM)" else pgd(network, x, y, size, steps=20))[0]


def pixels(image, left=0.0):
    """The pixels (64,) as squares of a picture of 8 by 8, so far to the right."""
    row, column = np.divmod(np.arange(64), 8)
    x = column + left
    return {"left": x, "right": x + 1, "top": row, "bottom": row + 1, "value": image}


@live(
    levels=Slider(0.0, 4.0, step=0.25, value=1.0, label="size of the change, in grey levels of 16", between=True),
    attack=Choice("at random", "one step (FGSM)", "many steps (PGD)", value="at random", label="change"),
    model=Choice(*MODELS, label="network"),
    digit=Slider(0, 9, value=5, label="digit"),
    predict=Predict(
        "The network is sure of this 5. Every pixel may change by at most 2 of the scanner’s 16 grey levels. You "
        "throw a coin for each: up or down. What becomes of the network’s probability of a 5?",
        "it stays close to 100 %",
        "it falls to about a half",
        "it falls to about a tenth",
        answer="it stays close to 100 %",
        because={
            "it stays close to 100 %": "Chance pushes the sum up at one pixel and down at the next; the pushes nearly "
            "cancel. Now choose an attack of the very same size: it knows which way to push each pixel.",
            "it falls to about a half": "It would if the 64 pushes added up. But every other coin falls the wrong way.",
            "it falls to about a tenth": "To get there somebody must know, for each pixel, which way to push. A coin "
            "does not know.",
        },
        see={"attack": "at random", "levels": 2.0, "digit": 5, "model": "plain"},
    ),
)
def attack_on_a_digit(levels, attack, model, digit):
    """The same digit, a little changed: by chance, or by somebody who knows the network."""
    before, after = shown(digit)[0], attacked(digit, levels, attack, model)
    p = probabilities(trained(against=MODELS[model]), after[None])[0]
    change, winner = (after - before) / LEVEL, int(p.argmax())
    size = f"{number_text(levels)} grey level{'s' * (levels != 1)}"
    name = "plain network" if model == "plain" else "network that was trained against attacks"
    end = "still right" if winner == digit else f"wrong; for the {digit} it leaves {100 * p[digit]:.1f} %"
    what = f"by at most {size}, {attack}" if levels else "by nothing"
    return Frame(
        tables={
            "image": pixels(after),
            "up": pixels(np.maximum(change, 0) / 4, left=GAP),
            "down": pixels(np.maximum(-change, 0) / 4, left=GAP),
            "classes": {"digit": range(10), "probability": 100 * p, "right": np.arange(10) == digit},
        },
        says=f"Every pixel of this {digit} is changed {what}. The {name} reads a {winner}, "
        f"{100 * p[winner]:.1f} % sure: {end}.",
    )


def picture(name, colour=None):
    """Eight by eight pixels: ink on paper, or in one colour, the more opaque the larger their value from 0 to 1."""
    x = alt.X("left:Q", axis=None, scale=alt.Scale(domain=(0, 8 + GAP), nice=False))
    y = alt.Y("top:Q", axis=None, scale=alt.Scale(domain=(8, 0), nice=False))
    scale = alt.Scale(domain=(0, 1), range=(0, 1))
    place = alt.Chart(table(name)).encode(x=x, x2="right", y=y, y2="bottom")
    if colour:
        return place.mark_rect(color=colour).encode(opacity=alt.Opacity("value:Q", scale=scale, legend=None))
    ink = alt.Scale(domain=(0, 1), range=list(SHEET))
    return place.mark_rect().encode(color=alt.Color("value:Q", scale=ink, legend=None))


@attack_on_a_digit.chart
def attack_on_a_digit_chart():
    colour = alt.condition("datum.right", alt.value(LIGHT["activation"]), alt.value(LIGHT["loss"]))
    x = alt.X("digit:O", title="digit that the network reads", axis=alt.Axis(labelAngle=0))
    y = alt.Y("probability:Q", title="probability (%)", scale=alt.Scale(domain=(0, 100)))
    bars = alt.Chart(table("classes")).mark_bar().encode(x=x, y=y, color=colour)
    pair = picture("image") + picture("up", LIGHT["input"]) + picture("down", LIGHT["loss"])
    return [
        pair.properties(width=403, height=192, title="What the network sees; the change, 4 times as strong"),
        bars.properties(width=230, height=192, title="What it answers"),
    ]
