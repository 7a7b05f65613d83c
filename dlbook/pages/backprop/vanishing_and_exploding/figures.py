"""What moves on the page "Vanishing and exploding": the gradient on its way back."""

from functools import cache

import altair as alt
import numpy as np

from dlbook.live import Choice, Frame, Handle, Predict, Slider, live, number_text, powers_of_ten, table
from dlbook.live.frame import two_digits
from dlcore import Tensor
from dlcore.nn import functional as F
from dlcore.palette import LIGHT

SIZE, BATCH = 64, 64
DEPTHS = [2, 4, 8, 12, 16, 24, 32, 48]
SCALES = [0.25, 0.5, 0.7, 1.0, 1.2, 1.4, 1.7, 2.0, 3.0, 4.0]
BENDS = {"sigmoid": F.sigmoid, "tanh": F.tanh, "ReLU": F.relu}
REMEDIES = {
    "none": lambda h, w, bend: bend(h @ w),
    "normalisation": lambda h, w, bend: bend(F.layer_norm(h @ w, (SIZE,))),
    "residual": lambda h, w, bend: h + bend(h @ w),
    "both": lambda h, w, bend: h + bend(F.layer_norm(h, (SIZE,)) @ w),
}


@cache
def gradient_norms(depth, activation, scale, remedy):
    """(depth,) the norm of the loss's gradient with respect to each layer's output, divided by the last layer's."""
    rng = np.random.default_rng(0)
    h, target = Tensor(rng.normal(size=(BATCH, SIZE))), Tensor(rng.normal(size=(BATCH, SIZE)))
    probes = []  # a zero added to each layer's output: its gradient is the output's gradient
    for _ in range(depth):
        w = Tensor(rng.normal(0, scale / SIZE**0.5, (SIZE, SIZE)))
        probes.append(Tensor(np.zeros((BATCH, SIZE)), requires_grad=True))
        h = REMEDIES[remedy](h, w, BENDS[activation]) + probes[-1]
    (h * target).mean().backward()
    norms = np.array([np.linalg.norm(probe.grad.numpy()) for probe in probes])
    return norms / norms[-1]


@live(
    depth=Slider(DEPTHS, value=32, label="layers"),
    scale=Slider(SCALES, value=1.0, label="initial scale", unit="/ √n", log=True, between=True),
    activation=Choice(*BENDS, label="activation", value="ReLU"),
    remedy=Choice(*REMEDIES, label="remedy"),
    drag=[Handle(panel=1, x="scale")],
    predict=Predict(
        "Sixteen layers of sigmoids, weights of the usual size (1/√n). How much of the last layer's gradient "
        "reaches the first?",
        "about a tenth",
        "about a thousandth",
        "less than a millionth",
        answer="less than a millionth",
        because={
            "about a tenth": "Two sigmoids are enough for that: a quarter of a quarter is less than a tenth.",
            "about a thousandth": "Five sigmoids are enough for that: a quarter, five times over, is less than a "
            "thousandth.",
            "less than a millionth": "A sigmoid's slope is a quarter at most. Sixteen layers multiply sixteen such "
            "numbers.",
        },
        see={"depth": 16, "scale": 1.0, "activation": "sigmoid", "remedy": "none"},
    ),
)
def vanishing(depth, scale, activation, remedy):
    """The gradient on its way back: every layer multiplies it."""
    norms = gradient_norms(depth, activation, scale, remedy)
    word = "vanishes" if norms[0] < 0.01 else "explodes" if norms[0] > 100 else "arrives"
    by_scale = [gradient_norms(depth, activation, s, remedy)[0] for s in SCALES]
    return Frame(
        tables={
            "layers": {"layer": np.arange(1, depth + 1), "norm": norms.clip(1e-20, 1e20)},
            "sweep": {"scale": SCALES, "norm": np.clip(by_scale, 1e-20, 1e20)},
        },
        says=f"{depth} layers of {activation}, weights of {number_text(scale)}/√n, remedy: {remedy}. The gradient "
        f"{word}: the first layer gets {two_digits(norms[0])} times what the last one gets, a factor of "
        f"{number_text(norms[0] ** (1 / (depth - 1)))} for each layer on the way.",
    )


@vanishing.chart
def vanishing_chart():
    axis = powers_of_ten(-12, -6, 0, 6, 12)
    height = alt.Y(
        "norm:Q", title="gradient, last layer = 1", scale=alt.Scale(type="log", domain=(1e-13, 1e13)), axis=axis
    )
    layer = alt.X("layer:Q", title="layer, from the input", scale=alt.Scale(domain=(0, 49)))
    even = alt.Chart(table("layers")).mark_rule(color=LIGHT["grid"]).encode(y=alt.datum(1))
    layers = alt.Chart(table("layers")).encode(x=layer, y=height)
    path = layers.mark_line(color=LIGHT["gradient"], clip=True) + layers.mark_point(
        color=LIGHT["gradient"], clip=True, size=40, opacity=1
    )
    by_scale = alt.X(
        "scale:Q",
        title="initial scale of the weights, in 1/√n",
        scale=alt.Scale(type="log", domain=(0.25, 4)),
        axis=alt.Axis(values=[0.25, 0.5, 1, 2, 4], format="~g"),
    )
    sweep = alt.Chart(table("sweep")).encode(x=by_scale, y=height)
    curve = sweep.mark_line(color=LIGHT["gradient"], clip=True) + sweep.transform_filter(
        "datum.scale == scale"
    ).mark_point(color=LIGHT["weight"], size=110, opacity=1, clip=True)
    return [
        (even + path).properties(width=300, height=240, title="Gradient that reaches each layer"),
        (even + curve).properties(width=300, height=240, title="Gradient of the first layer, for every scale"),
    ]
