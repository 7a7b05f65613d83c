"""What moves on the page "Attention and the Transformer": a trained network reads a sentence; the reader asks where."""

from functools import cache

import altair as alt
import numpy as np

import dlcore
from dlbook.live import Choice, Frame, Handle, Predict, Sentence, Slider, Switch, live, table
from dlbook.pages.architectures.attention_and_the_transformer.experiment import (
    INDEX,
    MAIN,
    NAMES,
    PRONOUNS,
    WORDS,
    Reader,
    looks,
    trained,
)
from dlcore import nn
from dlcore.palette import LIGHT

LENGTH = 10  # words in the figure's sentences
SENTENCES = (
    "Anna who saw Tom thanked Ben because he helped her",
    "because he helped her Anna who saw Tom thanked Ben",
    "yesterday Anna was thanked by Ben because she helped him",
)


@cache
def at_temperature(temperature, causal):
    """The reader that was trained with this mask, with every query divided by a temperature: so are all its scores."""
    model = Reader()
    model.load_state_dict(trained(causal=causal).state_dict())
    for block in model.blocks:
        for part in (block.self_attn.in_proj_weight, block.self_attn.in_proj_bias):
            part.data[: len(part) // 3] /= temperature
    return model


@cache
def reading(sentence, temperature, causal):
    """The words, where each head of each block looks (blocks, h, T, T), and the answers' probabilities (T, 2, K)."""
    words = sentence.split()
    tokens = dlcore.tensor([[INDEX[word] for word in words]])
    mask = nn.causal_mask(LENGTH) if causal else None
    model = at_temperature(temperature, causal)
    with dlcore.no_grad():
        answers = model(tokens, mask).softmax(dim=-1)
    return words, looks(model, tokens, mask)[0], answers.numpy()[0]


def answered(word, chances):
    """What the network says when it is asked about a word, with its probabilities (2, K)."""
    who, whom = (" or ".join(_named(row)) for row in chances)
    if word in PRONOUNS:
        return f"Asked who “{word}” is, the network says {who}."
    if word in MAIN:
        return f"Asked who {word} whom, it says {who} and {whom}."
    return f"Nothing is ever asked about “{word}”."


def _named(row):
    """The names that get most of the probability, until it is nine tenths: not more than four."""
    order = np.argsort(-row)[:4]
    least = 1 + int((row[order].cumsum() < 0.9).sum())
    return [f"{NAMES[i]} ({100 * row[i]:.0f} %)" for i in order[:least]]


@live(
    sentence=Sentence(*SENTENCES, vocabulary=WORDS[1:], words=LENGTH, label="sentence"),
    asks=Slider(1, LENGTH, value=5, label="asking word"),
    block=Choice("1", "2", value="1", label="block"),
    head=Choice("1", "2", value="1", label="head"),
    temperature=Slider([0.5, 1, 2], value=1, label="temperature", between=True),
    causal=Switch(False, label="causal mask: look back only"),
    drag=Handle(y="asks"),
    predict=Predict(
        "In “because he helped her Anna …” both names come after “he”. Another network was trained with the causal "
        "mask, which hides all later words. What does that one say when it is asked who “he” is?",
        "Ben: it has learned to do without",
        "it spreads its bet over several names",
        "it can no longer say anything",
        answer="it spreads its bet over several names",
        because={
            "Ben: it has learned to do without": "What “he” may see is “because” and itself, in every sentence that "
            "begins so. No training finds in them whom the rest will name.",
            "it spreads its bet over several names": "All that is left to learn is which names go with “he”, and that "
            "each is the answer about equally often.",
            "it can no longer say anything": "There is no way to say nothing: the shares of what “he” may see still "
            "sum to 1, and so do the probabilities of the names.",
        },
        see={"sentence": SENTENCES[1], "asks": 2, "causal": True},
    ),
)
def who_looks_where(sentence, asks, block, head, temperature, causal):
    """Where does each word look? Queries and keys of two trained Transformer blocks."""
    words, weights, answers = reading(sentence, temperature, causal)
    seen = weights[int(block) - 1, int(head) - 1]  # (T, T)
    at = asks - 1
    place = np.arange(1, LENGTH + 1)
    best = int(seen[at].argmax())
    most = "itself" if best == at else f"“{words[best]}”"
    says = (
        f"In block {block}, head {head}, “{words[at]}” gives {100 * seen[at, best]:.0f} % of its attention to {most}. "
        f"{answered(words[at], answers[at])}"
    )
    return Frame(
        tables={
            "lines": {"from": np.full(LENGTH, 0.03), "to": np.full(LENGTH, 0.97), "asks": np.full(LENGTH, asks),
                      "key": place, "weight": seen[at]},
            "left": {"x": np.full(LENGTH, -0.06), "place": place, "word": words, "asked": place == asks},
            "right": {"x": np.full(LENGTH, 1.06), "place": place, "word": words, "weight": seen[at],
                      "share": [f"{100 * w:.0f} %" for w in seen[at]]},
            "map": {"query": np.repeat(place, LENGTH), "key": np.tile(place, LENGTH), "weight": seen.ravel()},
            "row": {"query": asks},
        },
        says=says,
    )  # fmt: skip


ABOVE = 11  # pixels: the words stand above the line of the grip, which underlines the one that asks


@who_looks_where.chart
def who_looks_where_chart():
    x = alt.Scale(domain=(-0.9, 2.15))
    across = alt.X("x:Q", scale=x, axis=None)
    scale = alt.Scale(domain=(LENGTH + 0.4, 0.2))
    y = alt.Y("place:Q", scale=scale, axis=None)
    width = alt.StrokeWidth("weight:Q", scale=alt.Scale(domain=(0, 1), range=[0, 14]), legend=None)
    lines = (
        alt.Chart(table("lines"))
        .mark_rule(color=LIGHT["activation"], strokeCap="butt", opacity=0.85, yOffset=-ABOVE, y2Offset=-ABOVE)
        .encode(
            x=alt.X("from:Q", scale=x, axis=None),
            x2="to",
            y=alt.Y("asks:Q", scale=scale, axis=None),
            y2="key",
            strokeWidth=width,
        )
    )
    asked = alt.condition("datum.asked > 0.5", alt.value(LIGHT["input"]), alt.value(LIGHT["muted"]))
    left = alt.Chart(table("left")).mark_text(align="right", fontSize=14, dy=-ABOVE)
    left = left.encode(x=across, y=y, text="word:N", color=asked)
    right = alt.Chart(table("right")).mark_text(align="left", fontSize=14, dy=-ABOVE, color=LIGHT["ink"])
    right = right.encode(x=across, y=y, text="word:N")
    share = alt.Chart(table("right")).mark_text(
        align="right", fontSize=13, dx=118, dy=-ABOVE, color=LIGHT["activation"]
    )
    share = share.encode(x=across, y=y, text="share:N")
    web = (lines + left + right + share).properties(width=320, height=300, title="The asking word, and where it looks")
    return [web, _all_words().properties(width=300, height=300, title="All words at once")]


def _all_words():
    """The map of a head, a row for each word that asks and a column for each that is looked at, with their words."""
    across, down = alt.Scale(domain=(-2.6, LENGTH + 0.5)), alt.Scale(domain=(LENGTH + 0.5, -2.6))
    corners = {"left": "datum.key - 0.5", "right": "datum.key + 0.5", "top": "datum.query - 0.5",
               "bottom": "datum.query + 0.5"}  # fmt: skip
    cells = alt.Chart(table("map")).transform_calculate(**corners)
    edges = {"x": alt.X("left:Q", scale=across, axis=None), "x2": "right:Q",
             "y": alt.Y("top:Q", scale=down, axis=None), "y2": "bottom:Q"}  # fmt: skip
    cells = cells.mark_rect(stroke=LIGHT["grid"], strokeWidth=0.5).encode(
        **edges,
        color=alt.Color(
            "weight:Q", scale=alt.Scale(domain=(0, 1), range=[LIGHT["paper"], LIGHT["activation"]]), legend=None
        ),
    )
    row = alt.Chart(table("row")).transform_calculate(
        left="0.5", right=f"{LENGTH + 0.5}", top=corners["top"], bottom=corners["bottom"]
    )
    row = row.mark_rect(fillOpacity=0, stroke=LIGHT["input"], strokeWidth=2.5).encode(**edges)
    asked = alt.condition("datum.asked > 0.5", alt.value(LIGHT["input"]), alt.value(LIGHT["muted"]))
    words = alt.Chart(table("left")).transform_calculate(edge="0.3")
    asking = words.mark_text(align="right", fontSize=12).encode(
        x=alt.X("edge:Q", scale=across, axis=None),
        y=alt.Y("place:Q", scale=down, axis=None),
        text="word:N",
        color=asked,
    )
    seen = words.mark_text(align="left", fontSize=12, angle=270, color=LIGHT["ink"]).encode(
        x=alt.X("place:Q", scale=across, axis=None), y=alt.Y("edge:Q", scale=down, axis=None), text="word:N"
    )
    return cells + row + asking + seen
