"""@stepping: a drawing and a sentence for each step, nothing that jumps, and errors that say what to do."""

import re
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import pytest

from dlbook.page import StillError, stepping, steps
from dlcore.palette import LIGHT

ALT = "A line that grows to the right, one point at a time."
SAYS = (
    "The line begins at the point zero.",
    "It has come to *one*, where `x < y`.",
    "It reaches two, and there it ends.",
)


@pytest.fixture(autouse=True)
def agg():
    plt.switch_backend("Agg")
    yield
    plt.close("all")


def line(step):
    """A line that grows."""
    fig, ax = plt.subplots(figsize=(3, 2))
    ax.plot(range(step), range(step), color=LIGHT["input"], marker="o")
    ax.set(xlim=(0, 3), ylim=(0, 3))
    if step == 3:
        ax.text(4, 1, "beside the axes")
    return fig


def shown(draw, monkeypatch, **words):
    bundles = []
    monkeypatch.setattr(steps, "publish", bundles.append)
    draw.show(**{"alt": ALT, **words})
    return bundles[0]


def test_a_step_is_drawn_when_asked_for():
    grow = stepping(*SAYS)(line)
    assert (len(grow), grow.__name__, grow.__doc__) == (3, "line", "A line that grows.")
    assert len(grow(2).axes[0].lines[0].get_xdata()) == 2


def test_the_output_holds_every_step_with_its_sentence(monkeypatch):
    bundle = shown(stepping(*SAYS)(line), monkeypatch, caption="Where does it *end*?")
    html = bundle["text/html"]
    assert html.count('<div class="dl-step"><svg role="img"') == html.count("</svg><p><b>Step ") == 3
    assert "<p><b>Step 2 of 3.</b> It has come to <em>one</em>, where <code>x &lt; y</code>.</p>" in html
    assert 'aria-label="It has come to one, where x &lt; y."' in html
    assert f'class="dl-figure dl-stepping" id="line" aria-label="{ALT}"' in html
    assert "<figcaption>Where does it <em>end</em>?</figcaption></figure>" in html
    assert bundle["text/plain"].splitlines() == [
        f"[Figure in 3 steps: {ALT}]",
        "1. The line begins at the point zero.",
        "2. It has come to one, where x < y.",
        "3. It reaches two, and there it ends.",
    ]
    assert bundle["image/png"].startswith("iVBORw0KGgo")
    assert plt.get_fignums() == []


def test_the_output_loads_nothing_and_repeats_no_id(monkeypatch):
    html = shown(stepping(*SAYS)(line), monkeypatch)["text/html"]
    assert not re.search(r"\b(src|link|import)\b=?", html)
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids)) > 1


def test_all_steps_have_one_frame_that_holds_whatever_any_of_them_draws(monkeypatch):
    html = shown(stepping(*SAYS)(line), monkeypatch)["text/html"]
    boxes = re.findall(r'viewBox="([^"]+)"', html)
    assert len(boxes) == 3 and len(set(boxes)) == 1
    assert float(boxes[0].split()[2]) > 3 * 72  # wider than the figure, for the words beside it in the last step
    spines = [re.findall(r"<path[^>]*stroke-linejoin: ?miter[^>]*>", svg) for svg in html.split("<svg")[1:]]
    assert len(spines[0]) == 4 and spines[0] == spines[1] == spines[2]


def test_each_picture_is_an_element_that_stands_alone(monkeypatch):
    html = shown(stepping(*SAYS)(line), monkeypatch)["text/html"]
    for svg in re.findall(r"<svg.*?</svg>", html, re.DOTALL):
        ElementTree.fromstring(svg)


@pytest.mark.parametrize(
    ("says", "said"),
    [
        (SAYS[:1], "line: expected a sentence for each of its steps, received 1"),
        ((*SAYS, SAYS[0]), "line: step 4 says the same as an earlier one, 'The line begins"),
        ((SAYS[0], "It grows."), "line, step 2, 'It grows.': say what is to be seen, in a sentence of at least six"),
        ((SAYS[0], "Picture of a line that has grown to one."), "step 2.*begin with what is to be seen"),
    ],
)
def test_poor_sentences_are_refused(says, said):
    with pytest.raises(StillError, match=said):
        stepping(*says)(line)


@pytest.mark.parametrize("draw", [lambda: None, lambda step, other: None, lambda n: None])
def test_a_function_of_anything_but_the_step_is_refused(draw):
    with pytest.raises(StillError, match=r"expected a function <lambda>\(step\), which draws the step"):
        stepping(*SAYS)(draw)


@pytest.mark.parametrize("step", [0, 4, "2"])
def test_a_step_that_does_not_exist_is_refused(step):
    with pytest.raises(StillError, match=rf"line\({step!r}\): there are steps 1 to 3"):
        stepping(*SAYS)(line)(step)


def test_a_function_that_returns_no_figure_is_refused():
    with pytest.raises(StillError, match=r"<lambda>\(1\): return a matplotlib Figure; this is NoneType"):
        stepping(*SAYS)(lambda step: None)(1)


def test_poor_words_for_the_whole_are_refused():
    grow = stepping(*SAYS)(line)
    with pytest.raises(StillError, match=r"line.show\(…, alt='A line'\): say what is to be seen"):
        grow.show(alt="A line")
    with pytest.raises(StillError, match="the caption asks, the alternative text describes"):
        grow.show(alt=ALT, caption=ALT)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda fig: fig.set_size_inches(3, 2.5),
            r"line\(2\): its inches are \(3.0, 2.5\), those of step 1 \(3.0, 2.0\)",
        ),
        (lambda fig: fig.axes[0].set_xlim(0, 4), r"line\(2\): its limits of axes are .*4.0, .*same limits"),
        (lambda fig: fig.axes[0].set_position((0.2, 0.2, 0.5, 0.5)), r"line\(2\): its places of axes are .*0.5"),
        (lambda fig: fig.add_axes((0, 0, 0.1, 0.1)), r"line\(2\): its places of axes are .*0.1"),
    ],
)
def test_what_would_jump_is_refused(change, said):
    def line(step):
        fig = globals()["line"](step)
        if step == 2:
            change(fig)
        return fig

    with pytest.raises(StillError, match=said):
        stepping(*SAYS)(line).show(alt=ALT)


def test_what_weighs_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(steps, "BUDGET", 1000)
    with pytest.raises(StillError, match=r"line: its steps weigh \d kB compressed, more than 1\. Draw with"):
        stepping(*SAYS)(line).show(alt=ALT)
