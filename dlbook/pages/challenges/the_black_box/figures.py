"""What moves on the page "The black box": which pixels mattered."""

from functools import cache

import altair as alt
import numpy as np

from dlbook.live import Choice, Frame, Predict, Slider, live, table
from dlbook.pages.challenges.the_black_box.experiment import (
    BLANK,
    METHODS,
    against,
    agreement,
    delete,
    mean_digit,
    order_of,
    probability,
    randomised,
    shown,
    trained,
)
from dlcore.palette import LIGHT, SHEET

MOST = 24  # pixels that can be replaced
FROM_MEAN = "integrated gradients from the mean digit"
MAPS = METHODS | {FROM_MEAN: against(mean_digit(), METHODS["integrated gradients"])}
FILLS = {"blank paper": BLANK, "the mean digit": mean_digit()}


@cache
def explained(digit, method, layers):
    """The map (8, 8), scaled to at most 1 in size."""
    m = MAPS[method](randomised(0, layers), shown(digit), np.array([digit]))[0, 0]
    return m / max(np.abs(m).max(), 1e-9)


def curve(digit, importance, fill):
    """Probability in percent after 0, 1, … MOST replacements."""
    x = shown(digit)
    images = np.concatenate([delete(x, importance[None, None], n, FILLS[fill]) for n in range(MOST + 1)])
    return 100 * probability(trained(), images, np.full(MOST + 1, digit))


@cache
def chance(digit, fill, tries=30):
    """The mean curve when pixels with ink are replaced in random order."""
    rng = np.random.default_rng(0)
    ink = shown(digit)[0, 0] > 0
    return np.mean([curve(digit, ink * (1 + rng.uniform(size=ink.shape)), fill) for _ in range(tries)], axis=0)


@live(
    digit=Choice("0", "3", "4", "5", "8", "9", value="8", label="digit"),
    method=Choice(*MAPS, value="integrated gradients", label="map"),
    deleted=Slider(0, MOST, value=2, label="pixels replaced, the strongest for the digit first"),
    fill=Choice(*FILLS, label="replaced by"),
    layers=Slider(0, 3, value=0, label="layers with random weights, from the top"),
    predict=Predict(
        "All three layers of the network get random weights: it knows nothing any more. Will the map by integrated "
        "gradients still show the shape of the 8?",
        "no, only noise",
        "yes",
        answer="yes",
        because={
            "no, only noise": "One should hope so, of a map that explains the network. But it is not made of the "
            "network alone.",
            "yes": "The map is the gradient times the pixel, so it is blank wherever the paper is. You see the digit, "
            "and take it for a reason. Only the colours have changed.",
        },
        see={"method": "integrated gradients", "digit": "8", "layers": 3, "deleted": 0, "fill": "blank paper"},
    ),
)
def which_pixels_mattered(digit, method, fill, layers):
    """Which pixels mattered? Replace them and see."""
    k = int(digit)
    m, image = explained(k, method, layers), shown(k)[0, 0]
    order = order_of(m.reshape(1, 64))[0]
    place = np.empty(64, dtype=int)
    place[order] = np.arange(1, 65)
    paper = np.concatenate([[0], np.cumsum(image.ravel()[order] == 0)])[: MOST + 1]
    column, row = np.meshgrid(np.arange(8), np.arange(8))
    cells = {"column": column.ravel(), "row": row.ravel(), "place": place}
    filled = np.broadcast_to(FILLS[fill], (1, 8, 8))[0]
    by_map, by_chance = curve(k, m, fill), chance(k, fill)
    return Frame(
        tables={
            "pixels": cells
            | {"ink": image.ravel().round(2), "new": filled.ravel().round(2), "map": m.ravel().round(2)},
            "curve": {"n": range(MOST + 1), "map": by_map.round(1), "chance": by_chance.round(1), "paper": paper},
        },
        says=f"{{deleted}} pixels are replaced by {fill}; {{curve.paper}} of them were empty paper. The trained "
        f"network’s probability for the {digit} is {{curve.map}} %; with as many random pixels of ink replaced, "
        f"{{curve.chance}} %.{randomly(k, method, layers)}",
    )


def randomly(k, method, layers):
    """What is left of the map after some layers were randomised."""
    if not layers:
        return ""
    if not explained(k, method, layers).any():
        return " The map now comes from a network with random layers, and it is empty."
    now, before = explained(k, method, layers)[None, None], explained(k, method, 0)[None, None]
    signed, strength = agreement(now, before), agreement(np.abs(now), np.abs(before))
    after = f" The map now comes from a network with {layers} random layer{'s' if layers > 1 else ''}: "
    if method in ("gradient", "Grad-CAM"):
        return after + f"it agrees with the true one by {signed:.2f}.".replace("-", "−")
    both = f"it agrees with the true one by {signed:.2f}, its mere size by {strength:.2f}."
    return after + both.replace("-", "−")


def pixels(field, colours, domain):
    """The 8 × 8 pixels, coloured by one column."""
    across = alt.Scale(domain=(-0.5, 7.5), nice=False)
    down = alt.Scale(domain=(7.5, -0.5), nice=False)
    x, y = alt.X("left:Q", axis=None, scale=across), alt.Y("top:Q", axis=None, scale=down)
    edges = {"left": "datum.column - 0.5", "right": "datum.column + 0.5"}
    edges |= {"top": "datum.row - 0.5", "bottom": "datum.row + 0.5"}
    cells = alt.Chart(table("pixels")).transform_calculate(**edges).encode(x=x, x2="right", y=y, y2="bottom")
    colour = alt.Color(f"{field}:Q", scale=alt.Scale(domain=domain, range=colours), legend=None)
    gone = alt.Chart(table("pixels")).transform_filter("datum.place <= deleted")
    at = {"x": alt.X("column:Q", axis=None, scale=across), "y": alt.Y("row:Q", axis=None, scale=down)}
    cross = gone.mark_text(text="×", fontSize=22, fontWeight=600, color=LIGHT["weight"]).encode(**at)
    if field == "map":
        return cells.mark_rect(stroke=LIGHT["grid"], strokeWidth=0.5).encode(color=colour)
    new = alt.Color("new:Q", scale=alt.Scale(domain=domain, range=colours), legend=None)
    replaced = cells.transform_filter("datum.place <= deleted").mark_rect().encode(color=new)
    return cells.mark_rect().encode(color=colour) + replaced + cross


@which_pixels_mattered.chart
def which_pixels_mattered_chart():
    image = pixels("ink", list(SHEET), (0, 1))
    signed = pixels("map", [LIGHT["loss"], LIGHT["paper"], LIGHT["input"]], (-1, 0, 1))
    n = alt.X("n:Q", title="pixels replaced", scale=alt.Scale(domain=(0, MOST)))
    percent = alt.Scale(domain=(0, 100))
    y = alt.Y("map:Q", title="probability (%)", scale=percent)
    base = alt.Chart(table("curve")).encode(x=n)
    by_chance = alt.Y("chance:Q", title="probability (%)", scale=percent)
    random = base.mark_line(color=LIGHT["muted"], strokeDash=[5, 4]).encode(y=by_chance)
    chosen = base.mark_line(color=LIGHT["activation"], strokeWidth=2.5).encode(y=y)
    now = base.transform_filter("datum.n == deleted").mark_point(
        color=LIGHT["activation"], size=110, opacity=1, filled=True
    )
    square = {"width": 210, "height": 210}
    right = random + chosen + now.encode(y=y)
    return [
        image.properties(**square, title="The image, × replaced"),
        signed.properties(**square, title="The map: blue for, orange against"),
        right.properties(width=230, height=180, title="By the map; dashed: random ink"),
    ]
