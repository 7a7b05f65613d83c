"""What moves on the page "The perceptron": a line that learns from mistakes, and a picture made of misread digits."""

from functools import cache

import altair as alt
import numpy as np

from dlbook.live import Choice, Frame, Handle, Predict, Slider, Time, live, number_text, table
from dlbook.pages.neurons.the_perceptron.experiment import digits, most_mistakes
from dlbook.pages.neurons.the_perceptron.rule import right, with_one
from dlcore.palette import CLASSES, LIGHT

MOST = 24  # mistakes shown
NAMES = {"w₁": LIGHT["weight"], "w₂": LIGHT["weight"], "b": LIGHT["ink"]}
PLACES = np.round(np.arange(-2.0, 2.01, 0.4), 1).tolist()

#: name → the other points and their labels, in the order in which they are looked at; the large one comes fourth
POINTS = {
    "two groups": (
        [[0.4, -1.6], [1.6, 1.2], [-0.8, -0.8], [-0.8, 1.6], [1.6, -0.4], [0.0, -0.8], [0.8, -0.4]],
        [0, 1, 0, 0, 1, 0, 1],
    ),
    "exclusive or": ([[-1.2, -1.2], [-1.2, 1.2], [1.2, 1.2]], [0, 1, 0]),
}


def path(x, y, most=np.inf):
    """Every mistake of a perceptron on x (N, D), at most so many: which example; and the weights (mistakes + 1, D + 1).

    The examples come in their order, again and again, until a pass has no mistake.
    """
    x, wrong = with_one(x), []
    w = [np.zeros(x.shape[1])]
    while True:
        before = len(wrong)
        for row in range(len(x)):
            if (x[row] @ w[-1] >= 0) != y[row] and len(wrong) < most:
                wrong.append(row)
                w.append(w[-1] + (1 if y[row] else -1) * x[row])
        if len(wrong) in (before, most):
            return np.array(wrong, dtype=int), np.array(w)


def lines(w):
    """Two ends of each border w1·x + w2·y + b = 0, and its arrow, from the foot; gaps where there are no weights."""
    length = np.hypot(w[:, 0], w[:, 1])
    with np.errstate(all="ignore"):
        normal = w[:, :2] / length[:, None]
        foot = -w[:, 2:] / length[:, None] * normal
    normal[length < 1e-9] = foot[length < 1e-9] = np.nan
    along = 6 * np.column_stack([-normal[:, 1], normal[:, 0]])
    ends = np.column_stack([foot - along, foot + along, foot, foot + 0.7 * normal])
    return dict(zip(("x", "y", "x2", "y2", "foot_x", "foot_y", "tip_x", "tip_y"), ends.T, strict=True))


def shape(label):
    """What a point with this label is drawn as."""
    return "square" if label else "circle"


def told(x, y, wrong, misread):
    """A sentence for every mistake that the figure shows, and for none at all."""
    words = ["No mistake yet: all weights are 0, and everything is called a square."]
    for n, row in enumerate(wrong, 1):
        place = f"({number_text(x[row, 0])}, {number_text(x[row, 1])})"
        change = "gain" if y[row] else "lose"
        left = f"Misread now: {misread[n]} of {len(x)}."
        words.append(f"Mistake {n}: the {shape(y[row])} at {place}. The weights {change} its inputs. {left}")
    return words + [f"After mistake {len(wrong)} no other follows."] * (MOST + 1 - len(words))


@live(
    place_1=Slider(PLACES, value=1.2, label="large square, x₁", between=True),
    place_2=Slider(PLACES, value=-1.2, label="large square, x₂", between=True),
    points=Choice(*POINTS, label="points"),
    step=Time(MOST, value=3, label="mistake", per_second=2),
    drag=Handle(x="place_1", y="place_2"),
    predict=Predict(
        "Drag the large square in among the circles, so that no straight line parts the two kinds. What will the line "
        "do?",
        "rest where it misreads fewest",
        "rest somewhere, perhaps badly",
        "go on jumping for ever",
        answer="go on jumping for ever",
        because={
            "rest where it misreads fewest": "It does not know how many it misreads. It sees one point at a time, and "
            "every mistake moves it, also away from a line that was nearly right.",
            "rest somewhere, perhaps badly": "To rest it needs a whole pass without a mistake, and if no line parts "
            "the points, every line makes one.",
            "go on jumping for ever": "Every line misreads at least one point, and every mistake moves the line. "
            "It has no way of knowing that it was nearly right.",
        },
        see={"place_1": -0.8, "place_2": 0.4, "step": 24},
    ),
)
def mistake_by_mistake(place_1, place_2, points):
    """A line learns to part squares from circles, one mistake at a time."""
    others, labels = POINTS[points]
    x = np.insert(np.array(others), 3, (place_1, place_2), axis=0)
    y = np.insert(np.array(labels), 3, 1)
    bound = most_mistakes(x, y)
    wrong, w = path(x, y, MOST if np.isinf(bound) else np.inf)
    total, wrong, w = len(wrong), wrong[:MOST], w[: MOST + 1]
    misread = ((with_one(x) @ w.T >= 0) != (y[:, None] == 1)).sum(0)  # (mistakes + 1,)
    held = np.minimum(np.arange(MOST + 1), len(wrong))  # after the last mistake all stays
    culprit = np.full((MOST + 1, 2), np.nan)
    culprit[1 : len(wrong) + 1] = x[wrong]
    most = 0 if np.isinf(bound) else int(bound + 1e-6)
    end = f"It makes {total} mistakes in all, and no order of the points makes it more than {most:,}."
    if np.isinf(bound):
        end = "No line parts these points, and so there is no last mistake."
    steps = np.arange(MOST + 1)
    return Frame(
        tables={
            "points": {"x": x[:, 0], "y": x[:, 1], "label": y},
            "moved": {"x": place_1, "y": place_2},
            "line": {"step": steps} | {name: column[held] for name, column in lines(w).items()},
            "culprit": {"step": steps, "x": culprit[:, 0], "y": culprit[:, 1]},
            "course": {"step": steps, "misread": misread[held], "told": told(x, y, wrong, misread)},
            "weights": {"step": np.repeat(steps, 3), "name": [*NAMES] * len(steps), "size": w[held].ravel()},
        },
        says=f"{points.capitalize()}. {{course.told}} {end}",
    )


@mistake_by_mistake.chart
def mistake_by_mistake_chart():
    scale = alt.Scale(domain=(-2.2, 2.2), nice=False)
    x, y = alt.X("x:Q", title="input x₁", scale=scale), alt.Y("y:Q", title="input x₂", scale=scale)
    now = alt.Chart(table("line")).transform_filter("datum.step == step")
    before = alt.Chart(table("line")).transform_filter("datum.step == step - 1")
    kinds = {"domain": [0, 1]}
    fill = alt.Fill("label:O", scale=alt.Scale(**kinds, range=CLASSES[:2]), legend=None)
    form = alt.Shape("label:O", scale=alt.Scale(**kinds, range=["circle", "square"]), legend=None)
    points = alt.Chart(table("points")).mark_point(stroke=LIGHT["paper"], strokeWidth=0.7, size=120, opacity=1)
    large = alt.Chart(table("moved")).mark_point(shape="square", fill=CLASSES[1], size=520, strokeWidth=0, opacity=1)
    ring = alt.Chart(table("culprit")).transform_filter("datum.step == step")
    ring = ring.mark_point(filled=False, color=LIGHT["ink"], size=900, strokeWidth=2, opacity=1)
    arrow = {"x": alt.X("foot_x:Q", scale=scale), "x2": "tip_x", "y": alt.Y("foot_y:Q", scale=scale), "y2": "tip_y"}
    tip = {"x": alt.X("tip_x:Q", scale=scale), "y": alt.Y("tip_y:Q", scale=scale)}
    plane = (
        before.mark_rule(color=LIGHT["muted"], strokeDash=[3, 4], clip=True).encode(x=x, x2="x2", y=y, y2="y2")
        + now.mark_rule(color=LIGHT["ink"], strokeWidth=2, clip=True).encode(x=x, x2="x2", y=y, y2="y2")
        + now.mark_rule(color=LIGHT["weight"], strokeWidth=3, clip=True).encode(**arrow)
        + now.mark_point(color=LIGHT["weight"], filled=True, size=60, opacity=1, clip=True).encode(**tip)
        + large.encode(x=x, y=y)
        + points.encode(x=x, y=y, fill=fill, shape=form)
        + ring.encode(x=x, y=y)
    )
    steps = alt.X("step:Q", title="mistake", scale=alt.Scale(domain=(0, MOST)))
    height = alt.Y("misread:Q", title="misread", scale=alt.Scale(domain=(0, 8)), axis=alt.Axis(tickCount=4))
    course = alt.Chart(table("course")).encode(x=steps, y=height)
    misread = (
        course.mark_line(color=LIGHT["grid"])
        + course.transform_filter("datum.step <= step").mark_line(color=LIGHT["loss"], strokeWidth=2.5)
        + course.transform_filter("datum.step == step").mark_point(color=LIGHT["loss"], filled=True, size=70, opacity=1)
    )
    row = alt.Y("name:N", sort=list(NAMES), title=None, axis=alt.Axis(ticks=False))
    size = alt.X("size:Q", title="size", scale=alt.Scale(domain=(-8, 8), nice=False), axis=alt.Axis(tickCount=5))
    ink = alt.Color("name:N", scale=alt.Scale(domain=list(NAMES), range=list(NAMES.values())), legend=None)
    now, before = (alt.Chart(table("weights")).transform_filter(f"datum.step == {n}") for n in ("step", "step - 1"))
    bars = now.mark_bar(size=16, clip=True).encode(x=size, y=row, color=ink)
    old = before.mark_tick(thickness=2, size=24, color=LIGHT["muted"], clip=True)
    said = now.mark_text(align="right", color=LIGHT["ink"]).encode(
        x=alt.value(286), y=row, text=alt.Text("size:Q", format=".1f")
    )
    weights = bars + old.encode(x=size, y=row) + said
    return [
        plane.properties(width=330, height=330, title="The points, and the line now (dashed: before)"),
        [
            misread.properties(width=290, height=100, title="Points misread after each mistake"),
            weights.properties(width=290, height=100, title="Weights and bias now (tick: before)"),
        ],
    ]


# The picture of the weights ----------------------------------------------------------------------------------------

ORDERS = {"one order": 2, "another": 6, "a third": 3}
SHOWN = 46  # mistakes


@cache
def misread_digits(seed):
    """The training digits that a perceptron misread, in that order (K,), and its weights after each, (K + 1, 65).

    Also the sums of its weights over all digits looked at by then, (K + 1, 65): averaged perceptrons.
    """
    x, y, _, _ = digits("3 or 8")
    rng, w, wrong = np.random.default_rng(seed), [np.zeros(65)], []
    sums = [np.zeros(65)]
    total = np.zeros(65)
    while True:
        before = len(wrong)
        for row in rng.permutation(len(x)):
            mistaken = (np.append(x[row], 1) @ w[-1] >= 0) != y[row]
            if mistaken:
                w.append(w[-1] + (1 if y[row] else -1) * np.append(x[row], 1))
                wrong.append(row)
            total = total + w[-1]
            if mistaken:
                sums.append(total)
        if len(wrong) == before:
            return np.array(wrong), np.array(w), np.array(sums)


@live(
    order=Choice(*ORDERS, label="order of the digits"),
    step=Time(SHOWN, value=1, label="mistake", per_second=4),
    predict=Predict(
        "It calls a 3 an 8. What happens to the picture of the weights?",
        "the 3 is taken away from it",
        "an average 8 is added to it",
        "the pixels that misled it are erased",
        answer="the 3 is taken away from it",
        because={
            "the 3 is taken away from it": "The error is 0 − 1 = −1, so the weights lose this very image, pixel by "
            "pixel. A misread 8 is added. There is nothing else in the picture.",
            "an average 8 is added to it": "It knows no average 8. All it has at this moment is the image that it "
            "misread.",
            "the pixels that misled it are erased": "It cannot tell which pixels misled it. Every pixel with ink is "
            "changed, by as much as it has ink.",
        },
        see={"step": 5},
    ),
)
def made_of_mistakes(order):
    """A perceptron for 3 or 8: its weights are a picture made of the digits that it misread."""
    x, y, new, answer = digits("3 or 8")
    wrong, w, sums = misread_digits(ORDERS[order])
    steps = np.arange(SHOWN + 1)
    held = np.minimum(steps, len(wrong))
    rows, columns = np.indices((8, 8)).reshape(2, -1)
    images = np.vstack([np.zeros(64), x[wrong]])[held]
    score, mean = (np.array([right(each, new, answer) for each in several])[held] for several in (w, sums))
    largest = np.abs(w[held, :64]).max(1, keepdims=True)
    words = ["No mistake yet: every weight is 0, and everything is called 8."]
    for n, row in enumerate(wrong, 1):
        name, deed = ("8", "added") if y[row] else ("3", "taken away")
        words.append(f"Mistake {n}: it misread this {name}, so the {name} is {deed}.")
    words += [f"After {len(wrong)} mistakes it reads all {len(x)} rightly."] * (SHOWN + 1 - len(words))
    place = {"row": np.tile(rows, len(steps)), "column": np.tile(columns, len(steps)), "step": np.repeat(steps, 64)}
    return Frame(
        tables={
            "weights": place | {"weight": (w[held, :64] / np.maximum(largest, 1e-9)).round(2).ravel()},
            "digit": place | {"ink": images.ravel()},
            "score": {
                "step": steps,
                "right": score,
                "mean": mean,
                "told": words,
                "percent": [f"{s:.0f} %, the mean of its weights {m:.0f} %" for s, m in zip(score, mean, strict=True)],
            },
        },
        says=f"{order.capitalize()}. {{score.told}} Of {len(new)} new digits it reads {{score.percent}} "
        f"rightly. In all it makes {len(wrong)} mistakes.",
    )


def pixels(name, value, colours, width=8.0):
    """An 8 × 8 image of one step, at the left of a panel that is `width` pixels wide."""
    ends = {"x": (-0.5, width - 0.5), "y": (7.5, -0.5)}
    scale = {axis: alt.Scale(domain=both, nice=False) for axis, both in ends.items()}
    edges = {"left": "datum.column - 0.5", "right": "datum.column + 0.5"}
    edges |= {"top": "datum.row - 0.5", "bottom": "datum.row + 0.5"}
    x, y = alt.X("left:Q", axis=None, scale=scale["x"]), alt.Y("top:Q", axis=None, scale=scale["y"])
    cells = alt.Chart(table(name)).transform_filter("datum.step == step").transform_calculate(**edges).mark_rect()
    return cells.encode(x=x, x2="right", y=y, y2="bottom", color=alt.Color(f"{value}:Q", scale=colours, legend=None))


@made_of_mistakes.chart
def made_of_mistakes_chart():
    signed = alt.Scale(domain=(-1, 0, 1), range=[LIGHT["loss"], "#fff", LIGHT["input"]])
    grey = alt.Scale(domain=(0, 1), range=["#fff", "#000"])
    steps = alt.X("step:Q", title="mistake", scale=alt.Scale(domain=(0, SHOWN)))
    height = alt.Y("right:Q", title="% right", scale=alt.Scale(domain=(40, 100)), axis=alt.Axis(tickCount=3))
    score = alt.Chart(table("score")).encode(x=steps, y=height)
    so_far = score.transform_filter("datum.step <= step")
    course = (
        score.mark_line(color=LIGHT["grid"])
        + so_far.mark_line(color=LIGHT["ink"], strokeDash=[5, 3]).encode(y=alt.Y("mean:Q"))
        + so_far.mark_line(color=LIGHT["activation"], strokeWidth=2)
        + score.transform_filter("datum.step == step").mark_point(
            color=LIGHT["activation"], filled=True, size=70, opacity=1
        )
    )
    return [
        pixels("weights", "weight", signed)
        .properties(width=280, height=280, title="Weights: ink on blue says 8, on vermilion 3")
        .configure_view(fill="#fff", stroke=None),
        [
            pixels("digit", "ink", grey, 8 * 300 / 130).properties(
                width=300, height=130, title="What it has just misread"
            ),
            course.properties(
                width=300, height=95, title="New digits read rightly (dashed: by the mean of its weights)"
            ),
        ],
    ]
