"""What moves on the page "LSTM and GRU": an LSTM reads a sentence; the reader takes hold of one of its gates."""

from functools import cache

import altair as alt
import numpy as np

from dlbook.live import Choice, Frame, Handle, Predict, Sentence, Slider, live, table
from dlbook.pages.architectures.lstm_and_gru.experiment import INDEX, LENGTH, NAMES, NOBODY, UNITS, WORDS, read, reader
from dlcore.palette import LIGHT

SENTENCES = (
    "Anna who saw Tom thanked Ben because he helped her",
    "Tom often heard her . because he saw Eve who",
    "he saw Mary . Ruth . who helped Paul often",
)
SEED = 4
HOLDS = {
    "no gate": None,
    "forget gate at 0": (1, 0.0),
    "forget gate at 1": (1, 1.0),
    "input gate at 0": (0, 0.0),
    "input gate at 1": (0, 1.0),
    "output gate at 0": (3, 0.0),
    "output gate at 1": (3, 1.0),
}
PITCH = UNITS + 0.8  # from block to block, in widths of a column
ORDER = (1, 0, 3)  # forget, input, output: of the gates in PyTorch's order


@cache
def reading(sentence, hold, place):
    """The gates (4, T, H), the memory (T, H) and what is said after each word, as numbers of answers and chances."""
    words = [INDEX[word] for word in sentence.split()]
    gates, memory, chances = read(reader(SEED), words, HOLDS[hold], place - 1 if place else None)
    return gates, memory, chances.argmax(1), chances.max(1)


def last_named(sentence):
    """The right answers: the number of the last name since a full stop, or nobody."""
    last, answers = NOBODY, []
    for word in sentence.split():
        last = INDEX[word] if word in NAMES else NOBODY if word == "." else last
        answers.append(last)
    return np.array(answers)


@live(
    sentence=Sentence(*SENTENCES, vocabulary=WORDS, words=LENGTH, label="sentence"),
    hold=Choice(*HOLDS, value="no gate", label="hold"),
    place=Slider(0, LENGTH, value=0, label="at word (0: at every word)"),
    drag=Handle(y="place"),
    predict=Predict(
        "Hold the forget gate at 1 at every word: nothing is wiped out. Whom does it say after “Anna who saw Tom”?",
        "Tom, as before: a memory that loses nothing can only be better",
        "Anna still: the old name stays, and the new one is added to it",
        "nobody: with two names it cannot decide",
        answer="Anna still: the old name stays, and the new one is added to it",
        because={
            "Tom, as before: a memory that loses nothing can only be better": "Old and new share the same four "
            "numbers. Unless the old is wiped out, the sum of both is what is read.",
            "Anna still: the old name stays, and the new one is added to it": "In this network what Anna left is "
            "larger than what Tom adds. To remember the last name is also to forget the one before.",
            "nobody: with two names it cannot decide": "“Nobody” is what it says after a full "
            "stop, and the sum of two names is nearer to a name.",
        },
        see={"hold": "forget gate at 1"},
    ),
)
def gates_while_reading(sentence, hold, place):
    """Who was named last? Four cells of an LSTM. Blue: a gate is open. The memory is green above 0, orange below."""
    gates, memory, said, chance = reading(sentence, hold, place)
    answers = [*NAMES, "nobody"]
    true = last_named(sentence)
    words, row = sentence.split(), np.arange(1, LENGTH + 1)
    block, unit = np.arange(3).repeat(UNITS), np.tile(np.arange(UNITS), 3)
    at = np.tile(block * PITCH + unit, LENGTH)
    shown = gates[list(ORDER)].swapaxes(0, 1)
    return Frame(
        tables={
            "gates": {"row": row.repeat(3 * UNITS), "at": at, "open": shown.ravel().round(2)},
            "memory": {"row": row.repeat(UNITS), "at": np.tile(3 * PITCH + np.arange(UNITS), LENGTH),
                       "value": memory.ravel().clip(-3, 3).round(1)},
            "words": {"row": row, "word": words, "says": [answers[k] for k in said], "right": (said == true) * 1,
                      "held": (row == place) | ((place == 0) & (HOLDS[hold] is not None))},
        },
        says=_says(sentence, hold, place, gates, said, true, chance),
    )  # fmt: skip


def _says(sentence, hold, place, gates, said, true, chance):
    """One sentence on what the reader did and what became of the answers."""
    words, answers = sentence.split(), [*NAMES, "nobody"]
    if HOLDS[hold] is None and place:
        kept, written, shown = (100 * gates[which, place - 1].mean() for which in ORDER)
        name = answers[said[place - 1]]
        return (
            f"At “{words[place - 1]}” (word {place}) the forget gate is open by {kept:.0f} % on average, the input "
            f"gate by {written:.0f} %, the output gate by {shown:.0f} %, and the network says {name}."
        )
    wrong = np.flatnonzero(said != true)
    where = "at every word" if place == 0 else f"at “{words[place - 1]}” (word {place})"
    start = "Left alone" if HOLDS[hold] is None else f"With the {hold} {where}"
    if not len(wrong):
        return f"{start}, the network is right after every word; last it says {answers[said[-1]]}."
    first = wrong[0]
    return (
        f"{start}, the network is wrong after {len(wrong)} of {LENGTH} words, first after “{words[first]}”, where it "
        f"says {answers[said[first]]} ({100 * chance[first]:.0f} %) and not {answers[true[first]]}."
    )


@gates_while_reading.chart
def gates_while_reading_chart():
    down, across = alt.Scale(domain=(LENGTH + 0.3, -1)), alt.Scale(domain=(-6.8, 25.6))
    corners = {"left": "datum.at", "right": "datum.at + 1", "top": "datum.row - 0.9", "bottom": "datum.row - 0.1"}
    edges = {"x": alt.X("left:Q", scale=across, axis=None), "x2": "right:Q",
             "y": alt.Y("top:Q", scale=down, axis=None), "y2": "bottom:Q"}  # fmt: skip
    gates = alt.Chart(table("gates")).transform_calculate(**corners)
    gates = gates.mark_rect(stroke=LIGHT["muted"], strokeWidth=0.5, fill=LIGHT["input"]).encode(
        **edges, fillOpacity=alt.FillOpacity("open:Q", scale=alt.Scale(domain=(0, 1), range=[0, 1]), legend=None)
    )
    colours = alt.Scale(domain=(-3, 0, 3), range=[LIGHT["weight"], LIGHT["paper"], LIGHT["activation"]])
    memory = alt.Chart(table("memory")).transform_calculate(**corners)
    memory = memory.mark_rect(stroke=LIGHT["muted"], strokeWidth=0.5).encode(
        **edges, color=alt.Color("value:Q", scale=colours, legend=None)
    )
    held = alt.condition("datum.held > 0.5", alt.value(LIGHT["gradient"]), alt.value(LIGHT["ink"]))
    right = alt.condition("datum.right > 0.5", alt.value(LIGHT["ink"]), alt.value(LIGHT["loss"]))
    words = alt.Chart(table("words")).transform_calculate(
        x="-0.5", y="datum.row - 0.5", after="18.9", said="datum.right > 0.5 ? datum.says : '✗ ' + datum.says"
    )
    y = alt.Y("y:Q", scale=down, axis=None)
    picture = gates + memory
    picture += words.mark_text(align="right", fontSize=13).encode(
        x=alt.X("x:Q", scale=across, axis=None), y=y, text="word:N", color=held
    )
    picture += words.mark_text(align="left", fontSize=13).encode(
        x=alt.X("after:Q", scale=across, axis=None), y=y, text="said:N", color=right
    )
    for at, text in ((2, "forget"), (6.8, "input"), (11.6, "output"), (16.4, "memory"), (21.2, "says")):
        head = alt.Chart(table("words")).transform_filter("datum.row == 1")
        head = head.transform_calculate(at=f"{at}", y="-0.5", text=f"'{text}'")
        head = head.mark_text(fontSize=12, color=LIGHT["muted"])
        picture += head.encode(x=alt.X("at:Q", scale=across, axis=None), y=y, text="text:N")
    return picture.properties(width=400, height=330, title="Each word: gates, memory, and what it says")
