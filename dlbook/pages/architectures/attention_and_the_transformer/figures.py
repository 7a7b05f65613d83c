"""What moves on the page "Attention and the Transformer": a trained block reads a sentence; the reader asks where."""

from functools import cache

import altair as alt
import numpy as np

import dlcore
from dlbook.live import Choice, Frame, Handle, Predict, Slider, Switch, live, table
from dlbook.pages.architectures.attention_and_the_transformer.experiment import (
    INDEX,
    LENGTH,
    MAIN,
    NAMES,
    PRONOUNS,
    Reader,
    divided,
)
from dlcore import nn
from dlcore.palette import LIGHT


@cache
def at_temperature(temperature):
    """That reader with every query divided by a temperature, so that all its scores are."""
    model = Reader()
    model.load_state_dict(divided().state_dict())
    for part in (model.block.self_attn.in_proj_weight, model.block.self_attn.in_proj_bias):
        part.data[: len(part) // 3] /= temperature
    return model


SENTENCES = {
    "names first": "Anna thanked Ben because he helped her",
    "pronouns first": "because he helped her Anna thanked Ben",
    "another": "friends called Ruth because she heard them",
}


@cache
def reading(order, temperature, causal):
    """The words, where each head looks (h, T, T), and the two answers in probabilities (T, 2, names)."""
    words = SENTENCES[order].split()
    tokens = dlcore.tensor([[INDEX[word] for word in words]])
    mask = nn.causal_mask(LENGTH) if causal else None
    model = at_temperature(temperature)
    with dlcore.no_grad():
        weights, answers = model.weights(tokens, mask), model(tokens, mask).softmax(dim=-1)
    return words, weights.numpy()[0], answers.numpy()[0]


def answered(word, chances):
    """What the model says when it is asked about a word, with its probabilities (2, names)."""
    said = [f"{NAMES[row.argmax()]} ({100 * row.max():.0f} %)" for row in chances]
    if word in PRONOUNS:
        return f"Asked who “{word}” is, the model says {said[0]}."
    if word in MAIN:
        return f"Asked who {word} whom, the model says {said[0]} and {said[1]}."
    return f"Nothing is ever asked about “{word}”, so nothing taught this word where to look."


@live(
    order=Choice(*SENTENCES, label="sentence"),
    asks=Slider(1, LENGTH, value=5, label="asking word"),
    head=Choice("1", "2", value="2", label="head"),
    temperature=Slider([0.25, 0.5, 1, 2, 4], value=1, label="temperature"),
    causal=Switch(False, label="causal mask: look back only"),
    drag=Handle(y="asks"),
    predict=Predict(
        "Take the sentence in which the pronouns come first, “because he helped her Anna thanked Ben”. The causal mask "
        "forbids every word to look at later ones. With it on, what will the model say when asked who “he” is?",
        "Ben, as before",
        "somebody, but not reliably Ben",
        "it can no longer say anything",
        answer="somebody, but not reliably Ben",
        because={
            "Ben, as before": "In this sentence Ben comes after “he”, and the mask hides whatever comes after.",
            "somebody, but not reliably Ben": "“he” may now look at “because” and at itself. The name it needs lies in "
            "the future. It answers all the same: a model always answers.",
            "it can no longer say anything": "There is no way to say nothing: the shares of what “he” may see still "
            "sum to 1, and some answer scores highest.",
        },
        see={"order": "pronouns first", "asks": 2, "causal": True},
    ),
)
def who_looks_where(order, asks, head, temperature, causal):
    """Where does each word look? Queries and keys of a trained Transformer block."""
    words, weights, answers = reading(order, temperature, causal)
    seen = weights[int(head) - 1]  # (T, T)
    at = asks - 1
    place = np.arange(1, LENGTH + 1)
    best = int(seen[at].argmax())
    query, key = np.repeat(place, LENGTH), np.tile(place, LENGTH)
    most = "itself" if best == at else f"“{words[best]}”"
    says = (
        f"In head {head}, “{words[at]}” gives {100 * seen[at, best]:.0f} % of its attention to {most}. "
        f"{answered(words[at], answers[at])}"
    )
    return Frame(
        tables={
            "lines": {"from": np.full(LENGTH, 0.03), "to": np.full(LENGTH, 0.97), "asks": np.full(LENGTH, asks),
                      "key": place, "weight": seen[at]},
            "left": {"x": np.full(LENGTH, -0.06), "place": place, "word": words, "asked": place == asks},
            "right": {"x": np.full(LENGTH, 1.06), "place": place, "word": words, "weight": seen[at],
                      "share": [f"{100 * w:.0f} %" for w in seen[at]]},
            "map": {"query": query, "key": key, "weight": seen.ravel()},
            "row": {"query": asks},
        },
        says=says,
    )  # fmt: skip


ABOVE = 12  # pixels: the words stand above the line of the grip, which underlines the one that asks


@who_looks_where.chart
def who_looks_where_chart():
    x = alt.Scale(domain=(-0.75, 2.0))
    y = alt.Y("place:Q", scale=alt.Scale(domain=(7.4, 0.2)), axis=None)
    width = alt.StrokeWidth("weight:Q", scale=alt.Scale(domain=(0, 1), range=[0, 14]), legend=None)
    lines = (
        alt.Chart(table("lines"))
        .mark_rule(color=LIGHT["activation"], strokeCap="butt", opacity=0.85, yOffset=-ABOVE, y2Offset=-ABOVE)
        .encode(
            x=alt.X("from:Q", scale=x, axis=None),
            x2="to",
            y=alt.Y("asks:Q", scale=alt.Scale(domain=(7.4, 0.2)), axis=None),
            y2="key",
            strokeWidth=width,
        )
    )
    asked = alt.condition("datum.asked > 0.5", alt.value(LIGHT["input"]), alt.value(LIGHT["muted"]))
    left = alt.Chart(table("left")).mark_text(align="right", fontSize=14, dy=-ABOVE)
    left = left.encode(x=alt.X("x:Q", scale=x, axis=None), y=y, text="word:N", color=asked)
    right = alt.Chart(table("right")).mark_text(align="left", fontSize=14, dy=-ABOVE, color=LIGHT["ink"])
    right = right.encode(x=alt.X("x:Q", scale=x, axis=None), y=y, text="word:N")
    share = alt.Chart(table("right")).mark_text(
        align="right", fontSize=13, dx=118, dy=-ABOVE, color=LIGHT["activation"]
    )
    share = share.encode(x=alt.X("x:Q", scale=x, axis=None), y=y, text="share:N")
    web = (lines + left + right + share).properties(width=320, height=280, title="The asking word, and where it looks")

    across = alt.X("key:O", title="is looked at (word number)", axis=alt.Axis(labelAngle=0, orient="bottom"))
    down = alt.Y("query:O", title="asks (word number)")
    shades = alt.Scale(domain=(0, 1), range=[LIGHT["paper"], LIGHT["activation"]])
    cells = alt.Chart(table("map")).mark_rect(stroke=LIGHT["grid"], strokeWidth=0.5)
    cells = cells.encode(x=across, y=down, color=alt.Color("weight:Q", scale=shades, legend=None))
    row = alt.Chart(table("row")).mark_rect(fillOpacity=0, stroke=LIGHT["input"], strokeWidth=2.5).encode(y=down)
    return [web, (cells + row).properties(width=280, height=280, title="All words at once")]
