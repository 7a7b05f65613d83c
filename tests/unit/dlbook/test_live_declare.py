"""What an author can get wrong is refused, with the place and the mend."""

import altair as alt
import numpy as np
import pytest

from dlbook.live import (
    REGISTRY,
    Choice,
    Field,
    FigureError,
    Frame,
    Handle,
    Mesh,
    Predict,
    Slider,
    Switch,
    Time,
    live,
    table,
)
from dlbook.live.replay import compute, grid, script

SIZE = dict(size=Slider(0, 3, value=1, label="size"))


@pytest.fixture(autouse=True)
def registry():
    """Figures of a test are forgotten after it."""
    before = dict(REGISTRY)
    yield
    REGISTRY.clear()
    REGISTRY.update(before)


def declared(tables, says="It is {size}.", chart=None, x="x:Q", name="curve", **options):
    """A figure whose tables are given by a function of its size."""

    @live(**(SIZE | options))
    def sample(size):
        """A title."""
        return Frame(tables=tables(size), says=says.format(size=size))

    @sample.chart
    def sample_chart():
        scale = alt.Scale(domain=(0, 3))
        return chart() if chart else alt.Chart(table(name)).mark_point().encode(x=alt.X(x, scale=scale))

    return sample


def good(size):
    return {"curve": {"x": [size]}}


def test_a_good_figure_has_frames_in_the_order_of_its_grid():
    frames = compute(declared(good))
    assert [frame.tables["curve"]["x"].item() for frame in frames] == [0, 1, 2, 3]
    assert frames[2].says == "It is 2."


def test_columns_of_unequal_length():
    figure = declared(lambda size: {"curve": {"x": np.zeros(3), "y": np.zeros(4)}})
    with pytest.raises(FigureError, match=r"'sample' at size=1, table 'curve': .* x has 3, y has 4\. Give each column"):
        figure()


def test_unknown_table():
    with pytest.raises(FigureError, match=r"the chart reads table 'other'; the frame has \['curve'\]"):
        _ = declared(good, name="other").panels


def test_unknown_column():
    with pytest.raises(FigureError, match=r"table 'curve': the chart reads column 'z'; it has \['x'\]"):
        _ = declared(good, x="z:Q").panels


def test_no_table_at_all():
    with pytest.raises(FigureError, match="no table"):
        _ = declared(good, chart=lambda: alt.Chart().mark_point().encode(x="x:Q")).panels


def test_a_layer_may_bring_data_of_its_own():
    x = alt.X("x:Q", scale=alt.Scale(domain=(0, 3)))
    own = alt.Chart(alt.InlineData(values=[{"x": 7}])).mark_rule().encode(x=x)
    figure = declared(good, chart=lambda: own + alt.Chart(table("curve")).mark_point().encode(x=x))
    assert [reading.table for reading in figure.panels[0][0].readings] == ["curve"]


def test_axis_without_domain():
    with pytest.raises(FigureError, match="the axis would jump .* Declare it: scale=alt.Scale"):
        _ = declared(good, chart=lambda: alt.Chart(table("curve")).mark_point().encode(x="x:Q")).panels


def test_data_leave_the_domain_as_it_opens():
    with pytest.raises(FigureError, match=r"column 'x': 11 leaves the domain of channel x, 0 … 3. Widen"):
        _ = declared(lambda size: {"curve": {"x": [size + 10]}}).panels


def test_data_leave_the_domain_somewhere_in_the_grid():
    figure = declared(lambda size: {"curve": {"x": [2 * size]}})
    with pytest.raises(FigureError, match=r"at size=2, table 'curve', column 'x': 4 leaves the domain"):
        compute(figure)


def test_a_clipped_mark_may_leave_the_domain():
    scale = alt.Scale(domain=(0, 3))
    figure = declared(
        lambda size: {"curve": {"x": [size + 10]}},
        chart=lambda: alt.Chart(table("curve")).mark_line(clip=True).encode(x=alt.X("x:Q", scale=scale)),
    )
    assert len(compute(figure)) == 4


def test_infinity_is_refused_and_nan_is_a_gap():
    with pytest.raises(FigureError, match="infinite"):
        declared(lambda size: {"curve": {"x": [np.inf]}})()
    assert np.isnan(declared(lambda size: {"curve": {"x": [np.nan]}})().tables["curve"]["x"]).all()


def test_says_must_say_something():
    with pytest.raises(FigureError, match="says is empty"):
        declared(good, says="")()


def test_says_with_unknown_braces():
    with pytest.raises(FigureError, match="'nothing' in braces"):
        _ = declared(good, says="{{nothing}}").panels


def test_not_a_frame():
    @live(**SIZE)
    def sample(size):
        """A title."""
        return {"curve": [1]}

    with pytest.raises(FigureError, match="must return a Frame"):
        sample()


def test_no_chart():
    @live(**SIZE)
    def sample(size):
        """A title."""

    with pytest.raises(FigureError, match="has no chart. Decorate a function with @sample.chart"):
        _ = sample.panels


def test_unknown_control_in_a_call():
    with pytest.raises(FigureError, match="no control 'sise'"):
        declared(good)(sise=1)


@pytest.mark.parametrize(
    ("controls", "message"),
    [
        (dict(size=Slider(0, 3)), "control 'size': no label"),
        (dict(size=3), "expected Slider, Choice, Switch or Time"),
        (dict(other=Switch(label="other")), "argument 'size' has no control"),
        (SIZE | dict(width=Slider(0, 3, label="w")), "charts have a signal of that name"),
        (SIZE | dict(far=Slider(0.0, 1.0, label="far", between=True)), "for what the function takes, not the chart"),
        (SIZE | dict(drag=Handle(x="other")), "no control 'other' to drag"),
        (SIZE | dict(predict=Predict("?", see={"other": 1})), "no control 'other'"),
    ],
)
def test_declarations_that_cannot_work(controls, message):
    def sample(size):
        """A title."""

    with pytest.raises(FigureError, match=message):
        live(**controls)(sample)


def test_title_is_demanded():
    with pytest.raises(FigureError, match="no docstring"):
        live(**SIZE)(lambda size: None)


def test_one_name_is_one_figure():
    declared(good)
    REGISTRY["sample"].module = "elsewhere"
    with pytest.raises(FigureError, match="elsewhere declares a figure of that name already"):
        declared(good)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Slider(3, 1, label="a"), "low 3 must lie below high 1"),
        (lambda: Slider(0, 1, log=True, label="a"), "logarithmic scale starts above 0"),
        (lambda: Slider(0, 1, value=2, label="a"), "value 2 lies outside"),
        (lambda: Slider([1, 3, 2], label="a"), "must rise"),
        (lambda: Slider(0, 3, label="a", between=True), "nothing lies between whole numbers"),
        (lambda: Choice("a", label="a"), "two or more"),
        (lambda: Choice("a", "b", value="c", label="a"), "'c' is none of"),
        (lambda: Time([1], label="a"), "two or more"),
        (lambda: Time(3, value=7, label="a"), "7 is none"),
        (lambda: Predict("?", "a", "b", answer="c"), "'c' is none of"),
        (
            lambda: Predict("?", "a", "b", answer="a", because="Why."),
            r"a sentence for each of \('a', 'b'\), got 'Why.'",
        ),
        (lambda: Predict("?", "a", "b", answer="a", because={"a": "Why."}), r"for each of .* got \['a'\]"),
        (lambda: Predict("?", "a", "b", answer="a", because={"a": "Why.", "b": ""}), "the sentence for 'b' is empty"),
        (
            lambda: Predict("?", "a", "b", answer="a", because={"a": "A.", "b": "B."}, low="x"),
            "low and high are for num",
        ),
        (lambda: Predict("?", answer="word"), "needs options"),
        (lambda: Predict("?", answer=2), "because"),
        (lambda: Predict("?", answer=2, because={"2": "Why."}), "a sentence for each option needs options"),
        (lambda: Mesh((0, 1), (0, 1), 3).field(np.zeros(8)), r"3² = 9 values to be joined 1 by 1, got shape \(8,\)"),
    ],
)
def test_controls_that_cannot_work(make, message):
    with pytest.raises(FigureError, match=message):
        make()


def test_slider_values_are_round_and_hold_the_default():
    values = Slider(0.001, 3.0, log=True, value=0.1, label="rate").positions()
    assert len(values) == 21
    assert 0.1 in values
    assert values == sorted(values)
    assert all(float(f"{v:.3g}") == v for v in values)


def test_a_function_that_fails_in_the_build_says_where():
    figure = declared(lambda size: {"curve": {"x": [1 // (3 - size)]}})
    with pytest.raises(FigureError, match="figure 'sample' at size=3: ZeroDivisionError"):
        compute(figure)


def test_grid_over_budget_says_by_how_much():
    figure = declared(good, other=Slider(0, 9, label="other"))
    assert len(list(grid(figure))) == 4  # a control that the function does not take costs no frames

    @live(a=Slider(0, 99, label="a"), b=Slider(0, 99, label="b"))
    def large(a, b):
        """A title."""

    with pytest.raises(FigureError, match="100 a × 100 b = 10,000 frames, 8,000 over the budget of 2,000"):
        compute(large)


def test_bytes_over_budget_say_by_how_much():
    noise = np.random.default_rng(0)
    figure = declared(lambda size: {"curve": {"x": noise.uniform(0, 3, 60_000)}})
    with pytest.raises(FigureError, match=r"4 frames take [\d,]+ bytes compressed, [\d,]+ over the budget of 300,000"):
        script(figure, compute(figure), {})


def test_field_needs_a_number_for_each_colour():
    def heat():
        x, y = (alt.X("x:Q", scale=alt.Scale(domain=(0, 1))), alt.Y("y:Q", scale=alt.Scale(domain=(0, 1))))
        return alt.Chart(table("curve")).mark_rect().encode(x=x, x2="x2", y=y, y2="y2", color="value:Q")

    with pytest.raises(FigureError, match="colours need a number each"):
        _ = declared(lambda size: {"curve": Field(np.zeros((2, 2)), (0, 1, 0, 1))}, chart=heat).panels


def test_logarithmic_axis_wants_positive_numbers():
    scale = alt.Scale(type="log", domain=(0.1, 3))
    figure = declared(
        lambda size: {"curve": {"x": np.linspace(size - 1, 2, 99)}},
        chart=lambda: alt.Chart(table("curve")).mark_line(clip=True).encode(x=alt.X("x:Q", scale=scale)),
    )
    with pytest.raises(FigureError, match="table 'curve', column 'x': a logarithmic axis"):
        script(figure, compute(figure), {})
