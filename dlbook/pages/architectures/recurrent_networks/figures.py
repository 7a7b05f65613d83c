"""What moves on the page "Recurrent networks": which earlier letters moved the prediction of a letter."""

from functools import cache

import altair as alt
import numpy as np

import dlcore
from dlbook.live import Choice, FigureError, Frame, Handle, Predict, Sentence, Slider, live, powers_of_ten, table
from dlbook.pages.architectures.attention_and_the_transformer.experiment import WORDS
from dlbook.pages.architectures.recurrent_networks.reader import over_the_past, reader, replaced
from dlcore.palette import LIGHT

WIDE, LINES, WORDS_IN = 14, 5, 10  # letters in a line, lines, words in a sentence
SENTENCES = (
    "anna who saw tom thanked ben because he helped her",
    "because she helped him tom thanked anna who saw ben",
    "yesterday anna was thanked by ben because she helped him",
)
NUDGE, OTHER = "a small nudge (the gradient)", "another letter in its place"
KINDS = ("nudge", "other letter")
LEAST = 1e-4  # below that the lower picture shows nothing


@cache
def reading(sentence):
    """How each letter moved each later one (2, T, T), by a nudge and by replacing it; p of each, three likeliest."""
    model, letters = reader()
    tokens = letters.encode(f"\n{sentence}.")
    others = letters.encode("abcdefghijklmnopqrstuvwxyz")
    with dlcore.no_grad():
        p = model(dlcore.tensor(tokens[None, :-1]))[0].softmax(dim=-1).numpy()[0]  # (T, V)
    best = [[(letters.decode([i]), row[i]) for i in np.argsort(-row)[:3]] for row in p]
    return np.array([over_the_past(model, tokens), replaced(model, tokens, others)]), best


@cache
def places(sentence):
    """Line and column of every letter of the sentence, broken between words."""
    line, column, found = 1, 1, []
    for word in f"{sentence}.".split():
        if column > 1 and column + len(word) > WIDE + 1:
            line, column = line + 1, 1
        found += [(line, column + i) for i in range(len(word) + 1)]  # a blank after each word
        column += len(word) + 1
    if line > LINES:
        raise FigureError(f"the sentence takes {line} lines; there is room for {LINES}. Take shorter words")
    return np.array(found[:-1])


def shown(letter):
    """A letter as a sentence writes it."""
    return {" ": "a blank", "\n": "a new line"}.get(letter, f"“{letter}”")


@live(
    sentence=Sentence(*SENTENCES, vocabulary=[word.lower() for word in WORDS[1:]], words=WORDS_IN, label="sentence"),
    place=Slider(1, WIDE + 1, value=8, label="letter of the line"),
    line=Slider(1, LINES, value=2, label="line"),
    by=Choice(NUDGE, OTHER, value=NUDGE, label="move each letter by"),
    drag=Handle(x="place", y="line"),
    predict=Predict(
        "Of the last word, “her”, the network has read the h. It now expects e, not the i of “him”, all but surely. "
        "How far back do nudges still move that by at least a tenth of the largest move?",
        "two or three letters",
        "about a dozen letters",
        "the whole sentence",
        answer="about a dozen letters",
        because={
            "two or three letters": "Then it could not know: it takes the “he” before “helped” to tell her from him, "
            "ten letters and more back.",
            "about a dozen letters": "It has to know who helps, and that “he” ends ten letters "
            "back. Before it the moves get smaller with every letter.",
            "the whole sentence": "Anna decides it for you. The network gets by with the nearer “he”; and "
            "with each letter further back less of a nudge is left.",
        },
        see={"sentence": SENTENCES[0], "line": 4, "place": 9, "by": NUDGE},
    ),
)
def which_letter(sentence, place, line, by):
    """Which earlier letters moved the prediction of this letter?"""
    where = places(sentence)
    rows = np.flatnonzero(where[:, 0] == min(line, where[-1, 0]))
    at = int(rows[min(place, len(rows)) - 1])  # the letter that is predicted, from those before it
    moved, best = reading(sentence)
    all_moves = moved[:, at, 1 : at + 1]  # (2, at): without the new line at the start
    moves = all_moves[0 if by == NUDGE else 1]
    share = np.zeros(len(where))
    share[:at] = moves / max(moves.max(initial=0), 1e-30)
    letters = list(f"{sentence}.")
    says = f"After “{sentence[max(0, at - 12) : at]}”" if at else "At the start"
    says += " the network gives " + ", ".join(f"{shown(c)} {100 * p:.0f} %" for c, p in best[at][:2]) + "."
    if at:
        most = int(moves.argmax())
        says += (
            f" What comes is {shown(letters[at])}: {'a nudge' if by == NUDGE else 'another letter'} moves it most at "
        )
        says += f"{shown(letters[most])}, {at - most} back."
    return Frame(
        tables={
            "letters": {"line": where[:, 0], "place": where[:, 1], "letter": letters, "share": share.round(3),
                        "by": [KINDS[by != NUDGE]] * len(where),
                        "later": (np.arange(len(where)) > at).astype(int)},
            "chosen": {"line": where[at : at + 1, 0], "place": where[at : at + 1, 1]},
            "back": {"back": np.tile(np.arange(at, 0, -1), 2) if at else np.array([99, 99]),
                     "move": all_moves.ravel().clip(LEAST / 10, None).round(5) if at else np.array([1.0, 1.0]),
                     "by": np.repeat(KINDS, max(at, 1))},
        },
        says=says,
    )  # fmt: skip


@which_letter.chart
def which_letter_chart():
    across, down = alt.Scale(domain=(0.4, WIDE + 1.6), nice=False), alt.Scale(domain=(LINES + 0.3, 0.15), nice=False)
    box = {"left": "datum.place - 0.5", "right": "datum.place + 0.5", "top": "datum.line - 0.8"}
    box |= {"bottom": "datum.line - 0.06", "middle": "datum.line - 0.48"}  # the grip lies below
    edges = {"x": alt.X("left:Q", scale=across, axis=None), "x2": "right", "y": alt.Y("top:Q", scale=down, axis=None)}
    edges["y2"] = "bottom"
    # of a nudge it is a gradient that is shown, of another letter what an input does
    hues = alt.Scale(domain=KINDS, range=[LIGHT["gradient"], LIGHT["input"]])
    tint = {"color": alt.Color("by:N", scale=hues, legend=None)}
    tint["opacity"] = alt.Opacity("share:Q", scale=alt.Scale(domain=(0, 1), range=(0, 1)), legend=None)
    cells = alt.Chart(table("letters")).transform_calculate(**box).mark_rect().encode(**edges, **tint)
    frame = alt.Chart(table("chosen")).transform_calculate(**box)
    frame = frame.mark_rect(fillOpacity=0, stroke=LIGHT["ink"], strokeWidth=3).encode(**edges)
    middle = {"x": alt.X("place:Q", scale=across, axis=None), "y": alt.Y("middle:Q", scale=down, axis=None)}
    ink = alt.condition("datum.later > 0.5", alt.value(LIGHT["muted"]), alt.value(LIGHT["ink"]))
    words = (
        alt.Chart(table("letters"))
        .transform_calculate(**box)
        .mark_text(fontSize=17, font="monospace")
        .encode(**middle, text="letter:N", color=ink)
    )
    x = alt.X("back:Q", title="letters back", scale=alt.Scale(domain=(0, 50)))
    y = alt.Y("move:Q", title="move of the log-odds", scale=alt.Scale(type="log", domain=(LEAST, 30)),
              axis=powers_of_ten(-4, -2, 0))  # fmt: skip
    colour = alt.Color("by:N", scale=hues, legend=alt.Legend(title=None, orient="top"))
    shape = alt.Shape("by:N", scale=alt.Scale(domain=KINDS, range=["circle", "diamond"]), legend=None)
    fall = alt.Chart(table("back")).encode(x=x, y=y, color=colour)
    fall = fall.mark_line(clip=True) + fall.mark_point(clip=True, filled=True, size=28, opacity=1).encode(shape=shape)
    return [
        (cells + frame + words).properties(width=330, height=225, title="Framed: the letter that is predicted"),
        fall.properties(width=290, height=180, title="The move, by how far back"),
    ]
