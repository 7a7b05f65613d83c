"""What moves on the page "GPT and BERT in small": what the small model would say next, and what is drawn."""

from functools import cache

import altair as alt
import numpy as np

import dlcore
from dlbook.live import Choice, Frame, Predict, Slider, live, number_text, table
from dlbook.pages.architectures.gpt_and_bert_in_small.experiment import CONTEXT, MERGES, train
from dlcore import data
from dlcore.models import GPT
from dlcore.palette import LIGHT
from dlcore.rng import fork_rng

PROMPT, STEPS, TOP, SHOWN = "the network", 16, 8, 9
RULES = {"all": "all tokens", "k": "top-k: the 4 likeliest", "p": "top-p: the likeliest up to 80 %"}


@cache
def trained():
    """The page's tokens and its model of the primer, trained as the page trains it."""
    pieces = data.BPETokenizer.train(data.primer(), 256 + MERGES)
    x, y = data.contexts(pieces.encode(data.primer()), CONTEXT, stride=1)
    with fork_rng():
        dlcore.manual_seed(0)
        model = GPT(len(pieces), CONTEXT, dim=64, heads=4)
        train(model, x, y, 400)
    return pieces, model


def kept(shares, rule):
    """Which of the shares (V,) may be drawn."""
    order = np.argsort(-shares, kind="stable")
    count = {"all": len(shares), "k": 4, "p": 1 + int((shares[order].cumsum() < 0.8).sum())}[rule]
    out = np.zeros(len(shares), bool)
    out[order[:count]] = True
    return out


@cache
def written(temperature, rule):
    """Token by token: the text so far, the shares (V,), which are kept, and the token drawn."""
    pieces, model = trained()
    tokens, steps, rng = list(pieces.encode(PROMPT)), [], np.random.default_rng(5)
    for _ in range(STEPS):
        with dlcore.no_grad():
            logits = model(dlcore.tensor([tokens[-CONTEXT:]])).numpy()[0, -1].astype(float)
        powers = np.exp((logits - logits.max()) / temperature)
        shares = powers / powers.sum()
        keep = kept(shares, rule)
        order = np.argsort(-shares, kind="stable")
        chances = (shares * keep)[order].cumsum()
        drawn = int(order[np.searchsorted(chances, rng.random() * chances[-1])])
        steps.append((pieces.decode(tokens), shares, keep, drawn))
        tokens.append(drawn)
    return steps


def piece(token):
    """A token as it is shown: its space and its end of line seen."""
    return trained()[0].decode([token]).replace(" ", "␣").replace("\n", "¶")


@live(
    step=Slider(1, STEPS, value=1, label="token"),
    temperature=Slider([0.2, 0.5, 1, 1.5, 2.5], value=1, label="temperature"),
    rule=Choice(*RULES.values(), value=RULES["all"], label="draw from"),
    predict=Predict(
        "At temperature 2.5, drawn from all 400 tokens: how does the text go on?",
        "in circles: the likeliest piece again and again",
        "like the book, in another order",
        "in pieces that hardly make words",
        answer="in pieces that hardly make words",
        because={
            "in circles: the likeliest piece again and again": "That is the cold end. A high temperature makes the "
            "likely less likely.",
            "like the book, in another order": "Each token that hardly fits has a small share, but there are hundreds "
            "of them, and heat lends them most of the probability together.",
            "in pieces that hardly make words": "Heat evens the shares out. Hundreds of tokens that do not fit get "
            "more together than the few that do.",
        },
        see={"temperature": 2.5, "step": STEPS},
    ),
)
def next_token(step, temperature, rule):
    """What comes next? A small model of the book's own primer writes, token by token."""
    name = next(short for short, words in RULES.items() if words == rule)
    text, shares, keep, drawn = written(temperature, name)[step - 1]
    best = np.argsort(-shares, kind="stable")[:TOP]
    lines = _lines(text)
    says = (
        f"After “{text.strip()[-30:]}” the likeliest token is “{piece(best[0])}” with {100 * shares[best[0]]:.0f} %. "
        f"At temperature {number_text(temperature)}, {int(keep.sum())} of {len(shares)} tokens may be drawn; "
        f"“{piece(drawn)}” is, token {step}."
    )
    return Frame(
        tables={
            "bars": {"place": np.arange(1, TOP + 1), "token": [piece(t) for t in best], "share": shares[best],
                     "label": [f"{100 * shares[t]:.0f} %" for t in best], "kept": keep[best].astype(int),
                     "drawn": (best == drawn).astype(int)},
            "text": {"line": np.arange(1, 4), "words": lines},
            "drawn": {"words": [f"drawn: {piece(drawn)}"]},
        },
        says=says,
    )  # fmt: skip


def _lines(text, width=34):
    """The end of the text in three lines."""
    lines, line = [], ""
    for word in text.replace("\n", " ").split(" "):
        if len(line) + len(word) >= width:
            lines, line = [*lines, line], ""
        line += word + " "
    lines = [*lines, line.rstrip() + " …"][-3:]
    return [""] * (3 - len(lines)) + lines


@next_token.chart
def next_token_chart():
    across = alt.Scale(domain=(-0.28, 1.12))
    rows = alt.Scale(domain=(SHOWN + 1.2, -3.2))
    down = alt.Y("place:Q", scale=rows, axis=None)
    bars = alt.Chart(table("bars")).transform_calculate(top="datum.place - 0.36", bottom="datum.place + 0.36", zero="0")
    colour = alt.condition("datum.kept > 0.5", alt.value(LIGHT["activation"]), alt.value(LIGHT["grid"]))
    edge = alt.condition("datum.drawn > 0.5", alt.value(LIGHT["input"]), alt.value(LIGHT["muted"]))
    thick = alt.condition("datum.drawn > 0.5", alt.value(3), alt.value(0.5))
    rects = bars.mark_rect().encode(
        x=alt.X("zero:Q", scale=across, axis=None), x2="share:Q",
        y=alt.Y("top:Q", scale=rows, axis=None), y2="bottom:Q",
        color=colour, stroke=edge, strokeWidth=thick,
    )  # fmt: skip
    tokens = bars.transform_calculate(at="-0.03").mark_text(align="right", fontSize=14, color=LIGHT["ink"])
    tokens = tokens.encode(x=alt.X("at:Q", scale=across, axis=None), y=down, text="token:N")
    labels = bars.mark_text(align="left", dx=6, fontSize=13, color=LIGHT["muted"])
    labels = labels.encode(x=alt.X("share:Q", scale=across, axis=None), y=down, text="label:N")
    text = alt.Chart(table("text")).transform_calculate(at="-0.27", y="datum.line - 3.7")
    text = text.mark_text(align="left", fontSize=15, color=LIGHT["ink"])
    text = text.encode(x=alt.X("at:Q", scale=across, axis=None), y=alt.Y("y:Q", scale=rows, axis=None),
                       text="words:N")  # fmt: skip
    drawn = alt.Chart(table("drawn")).transform_calculate(at="-0.27", y=f"{SHOWN + 0.5}")
    drawn = drawn.mark_text(align="left", fontSize=15, fontWeight="bold", color=LIGHT["input"])
    drawn = drawn.encode(x=alt.X("at:Q", scale=across, axis=None), y=alt.Y("y:Q", scale=rows, axis=None),
                         text="words:N")  # fmt: skip
    return (rects + tokens + labels + text + drawn).properties(
        width=340, height=340, title="The text so far, and what may come next"
    )
