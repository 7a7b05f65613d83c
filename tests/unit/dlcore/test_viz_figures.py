"""What each figure shows: the numbers drawn are the numbers given; bad arguments are named."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_hex

import dlcore
from dlcore import nn, viz
from dlcore.palette import CLASSES, LIGHT
from dlcore.viz.grids import VECTOR
from dlcore.viz.look import number, tint
from dlcore.viz.plots import spread

fast = settings(max_examples=80, deadline=None, derandomize=True)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def squares(ax):
    (grid,) = [c for c in ax.collections if isinstance(c, PolyCollection)]
    centres = np.array([p.vertices[:4].mean(axis=0) for p in grid.get_paths()])
    return centres, grid.get_facecolors()


# ------------------------------------------------------------------ curves, histogram, bars


def test_curves_draw_the_values_and_name_the_ends():
    ax = viz.curves({"training": [3.0, 2.0], "validation": ([0, 10], dlcore.tensor([3.0, np.nan]))}, x="epoch")
    assert ax.lines[0].get_xydata().tolist() == [[0, 3], [1, 2]]
    assert ax.lines[1].get_xydata()[0].tolist() == [0, 3]
    assert {t.get_text(): t.get_color() for t in ax.texts} == {"training": CLASSES[0], "validation": CLASSES[1]}


def test_one_curve_needs_no_name_and_a_series_without_finite_values_gets_none():
    assert not viz.curves({"loss": [1.0, 2.0]}).texts
    ax = viz.curves({"a": [1.0, 2.0], "nothing": [np.nan, np.nan]})
    assert [t.get_text() for t in ax.texts] == ["a"]


def test_curves_take_logarithmic_axes_and_fixed_colours():
    ax = viz.curves({"a": ([1, 10], [1, 10]), "b": ([1, 10], [2, 20])}, log="xy", colors={"b": LIGHT["loss"]})
    assert ax.get_xscale() == ax.get_yscale() == "log"
    assert ax.lines[1].get_color() == LIGHT["loss"]


def test_end_names_do_not_overlap():
    ax = viz.curves({name: [0, 1 + i * 1e-4] for i, name in enumerate("abcd")})
    ax.figure.canvas.draw()
    boxes = sorted((t.get_window_extent() for t in ax.texts), key=lambda b: b.y0)
    assert all(low.y1 <= high.y0 + 1.5 for low, high in zip(boxes, boxes[1:], strict=False))


@fast
@given(st.lists(st.floats(-50, 50), max_size=12), st.floats(0.1, 5))
def test_spread_keeps_order_and_distance_and_moves_no_more_than_needed(positions, gap):
    positions = np.array(positions)
    moved = spread(positions, gap)
    order = np.argsort(positions, kind="stable")
    assert (np.diff(moved[order]) >= gap - 1e-9).all()
    if len(positions):
        assert np.isclose(moved.mean(), positions.mean())
    if (np.diff(positions[order]) >= gap).all():
        assert np.allclose(moved, positions)


def test_histogram_shares_add_up_and_leave_out_what_is_not_finite():
    ax = viz.histogram({"a": [0, 1, 2, np.nan, np.inf], "b": np.arange(10.0)}, bins=5)
    heights = [p.get_data().values for p in ax.patches]
    assert all(h.sum() == pytest.approx(1) for h in heights)
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["a", "b"]
    assert viz.histogram([1.0, 2.0]).get_legend() is None
    with pytest.raises(ValueError, match="histogram: sample 'b' holds no finite number"):
        viz.histogram({"a": [1.0], "b": [np.nan]})


def test_bars_start_at_zero_and_say_their_value():
    ax = viz.bars({"up": 0.5, "down": -0.25}, x="change", spread={"up": 0.1})
    assert [(p.get_x(), p.get_width()) for p in ax.patches] == [(0, 0.5), (0, -0.25)]
    assert [t.get_text() for t in ax.texts] == ["0.5", "−0.25"]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["up", "down"] and ax.yaxis_inverted()
    lines = next(c for c in ax.collections if isinstance(c, LineCollection)).get_segments()
    assert np.allclose(lines[0][:, 0], [0.4, 0.6]) and np.allclose(lines[1][:, 0], -0.25)


def test_reliability_leaves_out_empty_bins():
    result = (np.array([np.nan, 0.9]), np.array([np.nan, 0.7]), np.array([0, 4]))
    ax = viz.reliability(result)
    assert ax.collections[-1].get_offsets().tolist() == [[0.9, 0.7]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: viz.curves({}), "curves: there is nothing to draw"),
        (lambda: viz.curves({"a": ([1, 2], [1])}), r"curves: 'a' needs x and y of shape \(S,\).*got \(2,\), \(1,\)"),
        (lambda: viz.curves({"a": np.zeros((2, 2))}), "curves: 'a' needs x and y"),
        (lambda: viz.points(np.zeros((3, 3))), r"x of shape \(N, 2\) and y of shape \(N,\); got \(3, 3\)"),
        (lambda: viz.points(np.zeros((3, 2)), np.zeros(2)), r"got \(3, 2\) and \(2,\)"),
        (lambda: viz.points(np.zeros((1, 2)), np.array([6])), "classes must be 0 to 5; got 6 to 6"),
        (lambda: viz.regions(lambda x: x[:3]), r"answer 14400 points with \(14400, K\) logits, K from 2 to 6"),
        (lambda: viz.density(np.zeros(4)), r"expected samples of shape \(N, 2\); got \(4,\)"),
        (lambda: viz.heat(np.zeros(3)), r"heat: expected a matrix .* got shape \(3,\)"),
        (lambda: viz.heat(np.zeros((0, 3))), "heat: expected a matrix"),
        (lambda: viz.heat(np.zeros((2, 3)), rows=["a"]), "heat: 2 rows need 2 names, got 1"),
        (lambda: viz.attention(np.zeros((2, 3)), list("ab"), list("ab")), "attention: 3 columns need 3 names, got 2"),
        (lambda: viz.confusion(np.zeros((2, 3))), r"confusion: expected a square matrix \(K, K\); got \(2, 3\)"),
        (lambda: viz.images(np.zeros((2, 4, 8, 8))), r"channels first; got \(2, 4, 8, 8\). One colour photograph"),
        (lambda: viz.images(np.zeros((0, 8, 8))), "images: expected shape"),
        (lambda: viz.images(np.zeros((2, 8, 8)), captions=["a"]), "images: 2 pictures need 2 captions; got 1"),
        (lambda: viz.filters(np.zeros(3)), r"filters: expected weights of shape .* got \(3,\)"),
        (lambda: viz.network([]), r"network: layers must be .* got \[\]"),
        (lambda: viz.network([2, 0]), "each at least 1; got"),
        (lambda: viz.network([2, 1], inputs=["x"]), r"network: layers \[2, 1\] need 2 inputs; got 1"),
        (lambda: viz.network([2, 1], weights=[]), "need 1 weights; got 0"),
        (lambda: viz.network([2, 1], weights=[np.zeros((2, 1))]), r"weights 0 must have shape \(1, 2\), \(out, in\)"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# ------------------------------------------------------------------ the plane


def filled(ax, x, y):
    """The colours of the contour areas that cover a point."""
    hit = []
    for area in ax.collections:
        if len(area.get_facecolor()) and any(path.contains_point((x, y)) for path in area.get_paths()):
            hit.append(to_hex(area.get_facecolor()[0]))
    return hit


@pytest.mark.parametrize("kind", ["function", "column", "dlcore", "torch"])
def test_regions_have_the_colour_of_the_class_that_wins(kind):
    weight, bias = np.array([[-4.0, 0.0], [4.0, 0.0]], np.float32), np.zeros(2, np.float32)
    if kind == "function":
        model = lambda x: x @ weight.T  # noqa: E731
    elif kind == "column":
        model = lambda x: x[:, :1]  # noqa: E731
    else:
        package, layers = (torch, torch.nn) if kind == "torch" else (dlcore, nn)
        model = layers.Sequential(layers.Linear(2, 2), layers.Dropout(0.5))
        model.load_state_dict({"0.weight": package.tensor(weight), "0.bias": package.tensor(bias)})
        model.train()
    ax = viz.regions(model, limits=(-1, 1, -1, 1), resolution=40)
    assert set(filled(ax, -0.8, 0.1)) == {CLASSES[0]} and set(filled(ax, 0.8, 0.1)) == {CLASSES[1]}
    if kind in ("dlcore", "torch"):
        assert model.training and all(p.grad is None for p in model.parameters())


def test_surer_regions_are_more_opaque():
    ax = viz.regions(lambda x: 20 * x[:, 0], limits=(-1, 1, -1, 1), resolution=60)
    assert len(filled(ax, 0.9, 0.0)) > len(filled(ax, 0.02, 0.0)) >= 1


def test_a_model_that_always_answers_the_same_has_one_region_and_no_border():
    ax = viz.regions(lambda x: np.tile([1.0, 0.0, 0.0], (len(x), 1)), np.array([[0.0, 0.0]]), resolution=10)
    assert set(filled(ax, 0.0, 0.0)) == {CLASSES[0]}
    assert ax.get_xlim()[0] < 0 < ax.get_xlim()[1]


def test_points_keep_their_class():
    x, y = np.arange(8.0).reshape(4, 2), np.array([1, 0, 1, 0])
    ax = viz.points(torch.tensor(x), y, names=["no", "yes"])
    for k, marks in enumerate(ax.collections):
        assert np.array_equal(marks.get_offsets(), x[y == k]) and to_hex(marks.get_facecolor()[0]) == CLASSES[k]
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["no", "yes"]
    assert len(viz.points(np.zeros((0, 2))).collections) == 0


def test_density_counts_what_is_inside():
    ax = viz.density([[0.5, 0.5]] * 4 + [[-0.5, 0.5], [9, 9]], limits=(-1, 1, -1, 1), bins=2)
    centres, colours = squares(ax)
    assert {tuple(c): k[3] for c, k in zip(centres, colours, strict=True)} == {(0.5, 0.5): 1, (-0.5, 0.5): 0.5}
    assert not viz.density(np.zeros((1, 2)), limits=(1, 2, 1, 2)).collections[0].get_paths()


def test_surface_draws_levels_and_the_path():
    path = np.array([[1.0, 1.0], [0.5, 0.0]])
    ax = viz.surface(lambda u, v: u + v, (-1, 1, -1, 1), path, levels=[0.0])
    assert np.array_equal(ax.lines[0].get_xydata(), path)
    line = ax.collections[0].get_paths()[0].vertices
    assert np.allclose(line.sum(axis=1), 0, atol=1e-9)


# ------------------------------------------------------------------ grids


@fast
@given(st.lists(st.floats(-3, 3), min_size=1, max_size=20))
def test_tint_is_opaque_as_the_number_is_large_and_coloured_as_its_sign(values):
    colours = tint(np.array(values))
    assert np.allclose(colours[:, 3], np.clip(np.abs(values), 0, 1))
    for value, colour in zip(values, colours, strict=True):
        assert to_hex(colour[:3]) == (LIGHT["input"] if value >= 0 else LIGHT["loss"])


def test_heat_puts_each_number_in_its_cell():
    v = np.array([[1.0, -2.0, 0.0], [0.5, 0.25, 2.0]])
    ax = viz.heat(v, rows=["r0", "r1"], columns=["c0", "c1", "long name"])
    centres, colours = squares(ax)
    for (x, y), colour in zip(centres, colours, strict=True):
        value = v[round(y), round(x)]
        assert colour[3] == pytest.approx(abs(value) / 2)
        assert to_hex(colour[:3]) == (LIGHT["input"] if value >= 0 else LIGHT["loss"])
    assert len(centres) == 5  # nothing is drawn for 0
    texts = {(t.get_position()[1], t.get_position()[0]): t.get_text() for t in ax.texts}
    assert texts == {i: number(value, 2) for i, value in np.ndenumerate(v)}
    assert ax.get_xticklabels()[0].get_rotation() == 45


def test_heat_of_many_cells_has_no_numbers_and_of_very_many_is_a_picture():
    assert not viz.heat(np.ones((13, 2))).texts
    assert viz.heat(np.ones((13, 2)), numbers=True).texts
    large = viz.heat(np.ones((VECTOR + 1, 1)))
    assert len(large.images) == 1 and not large.collections


def test_heat_of_zeros_nan_and_a_fixed_limit():
    assert not viz.heat(np.zeros((2, 2)), numbers=False).collections[0].get_paths()
    _, colours = squares(viz.heat([[1.0, np.nan]], limit=4, numbers=False))
    assert colours[:, 3].tolist() == [0.25]


def test_confusion_shows_right_in_blue_and_wrong_in_vermilion_and_leaves_zeros_blank():
    ax = viz.confusion([[3, 1], [0, 4]])
    centres, colours = squares(ax)
    look = {tuple(np.round(c).astype(int)): to_hex(k[:3]) for c, k in zip(centres, colours, strict=True)}
    assert look == {(0, 0): LIGHT["input"], (1, 0): LIGHT["loss"], (1, 1): LIGHT["input"]}
    assert sorted(t.get_text() for t in ax.texts) == ["1", "3", "4"]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["0", "1"]


def test_attention_is_not_rescaled():
    _, colours = squares(viz.attention([[0.25, 0.5], [0.0, 0.1]], keys=["somewhat", "long"]))
    assert np.allclose(colours[:, 3], [0.25, 0.5, 0.1])
    assert {to_hex(c[:3]) for c in colours} == {LIGHT["activation"]}


def test_one_grey_picture_is_ink_and_rows_run_downwards():
    picture = np.zeros((2, 3))
    picture[0, 2] = 1.0
    ax = viz.images(picture)
    centres, colours = squares(ax)
    assert np.allclose(centres, [[2.5, 0.5]]) and to_hex(colours[0][:3]) == LIGHT["ink"]
    assert ax.yaxis_inverted()


def test_many_pixels_become_pictures_on_their_own_paper():
    ax = viz.images(np.zeros((3, 1, 40, 40)), limits=(0, 1), columns=2)
    assert len(ax.images) == 3 and to_hex(ax.images[0].get_array()[0, 0]) == LIGHT["paper"]


def test_colour_photographs_keep_their_colours():
    photo = np.zeros((1, 3, 50, 60))
    photo[0, 1] = 1.0
    ax = viz.images(photo, captions=["green"])
    assert np.allclose(ax.images[0].get_array()[0, 0], [0, 1, 0]) and not ax.patches


def test_filters_share_one_scale_and_channels_lie_in_rows():
    w = np.zeros((2, 3, 2, 2))
    w[0, 0, 0, 0], w[1, 2, 1, 1] = 1.0, -0.5
    ax = viz.filters(w)
    cells = [c for c in ax.collections if len(c.get_paths())]
    assert len(cells) == 2 and len(ax.patches) == 6
    assert [c.get_facecolors()[0][3] for c in cells] == [1, 0.5]
    assert len({p.get_y() for p in ax.patches}) == 2 and len({p.get_x() for p in ax.patches}) == 3
    assert len(viz.filters(np.ones((2, 2))).patches) == 1


# ------------------------------------------------------------------ a network


def test_a_network_shows_sizes_signs_and_values_of_what_it_is_given():
    w = [np.array([[1.0, -2.0], [0.5, 0.0], [1.0, 1.0]]), np.array([[1.0, 1.0, -1.0]])]
    values = [[1, 2], [0.1, 0.2, 0.3], [0.5]]
    ax = viz.network([2, 3, 1], w, inputs=["a", "b"], outputs=["y"], values=values, names=["x", "h", "y"])
    first, second = (c for c in ax.collections if isinstance(c, LineCollection))
    assert len(first.get_segments()) == 6 and len(second.get_segments()) == 3
    width = np.array(first.get_linewidth()).reshape(2, 3).T
    assert np.array_equal(np.argsort(width.ravel()), np.argsort(np.abs(w[0]).ravel()))
    dashed = [style[1] is not None for style in first.get_linestyle()]
    assert dashed == (w[0].T < 0).ravel().tolist()
    assert {"a", "b", "y", "1", "2", "0.1", "0.5", "h"} <= {t.get_text() for t in ax.texts}
    assert len(ax.patches) == 6


def test_a_wide_layer_is_cut_and_says_how_wide_it_is():
    ax = viz.network([9, 8], outputs=[f"y{i}" for i in range(8)], inputs=[f"x{i}" for i in range(9)])
    texts = [t.get_text() for t in ax.texts]
    assert "⋮ 9" in texts and "⋮ 8" not in texts
    assert len(ax.patches) == 7 + 8 and "x0" in texts and "x8" in texts and "x4" not in texts
