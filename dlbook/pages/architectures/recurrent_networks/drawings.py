"""Drawings of the page "Recurrent networks": three steps of a single unit, there and back, with the page's numbers."""

from matplotlib.patches import FancyBboxPatch

from dlbook.page import stepping
from dlbook.pages.architectures.recurrent_networks.experiment import there_and_back
from dlbook.pages.ink import write
from dlcore.palette import LIGHT
from dlcore.viz import panels

X = (1.0, 0.0, 0.0)  # a cue, and then nothing
W_IH, WEAK, STRONG = 1.0, 0.5, 2.0


HAND, LATCH = there_and_back(WEAK, W_IH, X), there_and_back(STRONG, W_IH, X)
_AT, _STATE, _INPUT, _BACK = (9.0, 23.0, 37.0), 17.5, 8.5, 25.5


@stepping(
    f"The cue 1 comes in, the state before is 0. The new state is tanh(1·1 + ½·0) = {HAND['h'][0]:.2f}.",
    f"Nothing comes in. The same unit reads its own state: tanh(½·{HAND['h'][0]:.2f}) = {HAND['h'][1]:.2f}.",
    f"Once more: {HAND['h'][2]:.2f} of the cue is left.",
    f"Back. A gradient of 1 reaches the last state; through the slope of tanh there, 1 − h², "
    f"{HAND['delta'][2]:.2f} of it reaches the sum.",
    f"Through the weight ½ {HAND['reach'][1]:.2f} reaches the state before, and through its slope "
    f"{HAND['delta'][1]:.2f} its sum.",
    f"Once more: {HAND['reach'][0]:.2f} reaches the first state, {HAND['delta'][0]:.2f} its sum.",
    f"The weights were used three times, so their gradients are sums over the steps: {HAND['to_hh']:.2f} for the loop, "
    f"{HAND['to_ih']:.2f} for the input.",
    f"Now a loop of 2. The state holds the cue, it even grows to {LATCH['h'][2]:.2f}. And yet still less gradient "
    f"comes back: {LATCH['reach'][0]:.2f}.",
)
def through_time(step):
    """Draw the unit three times, once a step, with the gradient's way back above; what is new has a yellow ground."""
    [ax] = panels(1, size=(4.6, 3.3))
    ax.set(xlim=(0, 46), ylim=(-1, 32), position=(0, 0, 1, 1))
    ax.figure.set_layout_engine("none")
    ax.set_axis_off()
    strong = step == 8
    run, loop = (LATCH, "2") if strong else (HAND, "½")
    write(ax, 0.5, 30.5, f"loop w_hh = {loop}", ha="left", color=LIGHT["weight"], weight="bold")
    for i, x in enumerate(_AT):
        if step > i or step > 3:
            _unit(ax, i, x, run["h"][i], loop, new=step == i + 1 or strong)
        if step >= 6 - i:
            _back(ax, i, x, run, loop, new=step == 6 - i or strong)
    for y, line in zip((3.6, 0.6), _how(step), strict=False):
        write(ax, 45.6, y, line, ha="right", color=LIGHT["muted"])
    return ax.figure


def _line(ax, start, end, name, width=1.4):
    look = {"arrowstyle": "-|>", "color": LIGHT[name], "lw": width, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", xy=end, xytext=start, arrowprops=look)


def _unit(ax, i, x, h, loop, new):
    """One step: its input from below, the state before from the left, its state in the box."""
    ground = LIGHT["highlight"] if new else "none"
    box = FancyBboxPatch((x - 3.4, _STATE - 2.2), 6.8, 4.4, boxstyle="round,pad=0,rounding_size=0.8", lw=1.4,
                         ec=LIGHT["activation"], fc="none")  # fmt: skip
    tint = FancyBboxPatch((x - 3.4, _STATE - 2.2), 6.8, 4.4, boxstyle="round,pad=0,rounding_size=0.8", lw=0, fc=ground,
                          alpha=0.3)  # fmt: skip
    ax.add_patch(tint)
    ax.add_patch(box)
    write(ax, x, _STATE, f"{h:.2f}", color=LIGHT["activation"], weight="bold")
    write(ax, x, _INPUT - 1.6, f"x = {X[i]:g}", color=LIGHT["input"])
    _line(ax, (x, _INPUT), (x, _STATE - 2.3), "input")
    write(ax, x + 0.8, _INPUT + 2.9, "· 1", ha="left", color=LIGHT["weight"])
    left = x - 3.5
    _line(ax, (left - (5.4 if i == 0 else 7.0), _STATE), (left, _STATE), "activation")
    write(ax, left - 3.7, _STATE - 1.8, f"· {loop}", color=LIGHT["weight"])
    if i == 0:
        write(ax, left - 5.0, _STATE + 1.7, "0", color=LIGHT["activation"])


def _back(ax, i, x, run, loop, new):
    """The gradient that reaches a state, from the right, and what of it reaches the sum, below."""
    _line(ax, (x + (8.0 if i == 2 else 10.4), _BACK), (x + 2.6, _BACK), "gradient")
    look = {"color": LIGHT["gradient"]}
    if new:
        look["bbox"] = {"boxstyle": "square,pad=0.15", "fc": LIGHT["highlight"], "ec": "none", "alpha": 0.3}
    write(ax, x, _BACK, f"{run['reach'][i]:.2f}", weight="bold", **look)
    _line(ax, (x, _BACK - 1.6), (x, _STATE + 2.3), "gradient")
    write(ax, x + 0.8, _BACK - 3.6, f"· {run['slope'][i]:.2f}", ha="left", color=LIGHT["muted"])
    write(ax, x - 0.8, _BACK - 3.6, f"{run['delta'][i]:.2f}", ha="right", **look)
    if i < 2:
        write(ax, x + 6.6, _BACK + 1.8, f"· {loop}", color=LIGHT["weight"])


def _how(step):
    """The arithmetic of a step."""
    h, delta, reach = HAND["h"], HAND["delta"], HAND["reach"]
    return {
        1: [f"tanh(1·1 + ½·0) = {h[0]:.2f}"],
        2: [f"tanh(1·0 + ½·{h[0]:.2f}) = {h[1]:.2f}"],
        3: [f"tanh(1·0 + ½·{h[1]:.2f}) = {h[2]:.2f}"],
        4: [f"1·(1 − {h[2]:.2f}²) = {delta[2]:.2f}"],
        5: [f"½·{delta[2]:.2f} = {reach[1]:.2f}", f"{reach[1]:.2f}·(1 − {h[1]:.2f}²) = {delta[1]:.2f}"],
        6: [f"½·{delta[1]:.2f} = {reach[0]:.2f}", f"{reach[0]:.2f}·(1 − {h[0]:.2f}²) = {delta[0]:.2f}"],
        7: [f"loop: {delta[1]:.2f}·{h[0]:.2f} + {delta[2]:.2f}·{h[1]:.2f} = {HAND['to_hh']:.2f}",
            f"input: {delta[0]:.2f}·1 + {delta[1]:.2f}·0 + {delta[2]:.2f}·0 = {HAND['to_ih']:.2f}"],
        8: [f"1 → {LATCH['reach'][1]:.2f} → {LATCH['reach'][0]:.2f}"],
    }[step]  # fmt: skip
