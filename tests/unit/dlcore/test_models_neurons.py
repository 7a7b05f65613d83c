"""The artificial unit, the threshold unit of 1943 and the spiking cell."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from dlcore.models.neurons import Cell, lif, lif_rate, mcculloch_pitts, relu, step, unit

PAIRS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


def test_unit_by_hand():
    mornings = np.array([[1.0, 0.5], [0.5, 1.0]])
    assert_allclose(unit(mornings, [2, -3], 0.25, activation=lambda z: z), [0.75, -1.75])
    assert_allclose(unit(mornings, [2, -3], 0.25), [0.75, 0.0])
    assert_allclose(unit(mornings, [2, -3], 0.25, activation=step), [1.0, 0.0])


def test_unit_equals_its_twin():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    layer, x = torch.nn.Linear(7, 1), torch.randn(50, 7)
    theirs = torch.relu(layer(x)).squeeze(-1).detach().numpy()
    ours = unit(x.numpy(), layer.weight.detach().numpy()[0], layer.bias.detach().numpy()[0])
    assert ours.dtype == np.float32
    assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize(("x", "w"), [((2, 3), (2,)), ((3,), (3, 1)), ((), (1,))])
def test_unit_refuses_shapes_that_do_not_fit(x, w):
    with pytest.raises(ValueError, match=r"unit: expected x \(…, D\) and w \(D,\), received"):
        unit(np.ones(x), np.ones(w), 0.0)


def test_step_fires_at_the_threshold_itself():
    assert step(np.array([-1e-12, 0.0, 1e-12])).tolist() == [0, 1, 1]
    assert relu(np.array([-1.0, 0.0, 2.0])).tolist() == [0, 0, 2]


def test_logic_of_1943():
    none = np.zeros((4, 0))
    assert mcculloch_pitts(PAIRS, none, 2).tolist() == [0, 0, 0, 1]
    assert mcculloch_pitts(PAIRS, none, 1).tolist() == [0, 1, 1, 1]
    assert mcculloch_pitts(PAIRS[:, :1], PAIRS[:, 1:], 1).tolist() == [0, 0, 1, 0]


def test_one_inhibiting_input_vetoes_any_number():
    assert mcculloch_pitts(np.ones(100), np.array([0, 0, 1]), 1) == 0


def test_cell_by_hand():
    voltage, spikes = lif(np.full(3, 2.0), dt=1.0)
    assert_allclose(voltage, [-63.0, -61.2, -59.58])
    assert not spikes.any()


def test_cell_relaxes_exponentially_to_where_the_current_holds_it():
    voltage, _ = lif(np.full(10_000, 1.4), dt=0.01)
    t = 0.01 * np.arange(1, 10_001)
    assert_allclose(voltage, -51 - 14 * np.exp(-t / 10), atol=0.01)


@pytest.mark.parametrize("current", [0.0, 1.0, 1.49, 1.51, 2.0, 3.0, 10.0, 200.0])
def test_counted_rate_is_the_exact_rate(current):
    _, spikes = lif(np.full(100_000, current), dt=0.02)  # 2 s
    assert_allclose(spikes.sum() / 2, lif_rate(current), atol=1 + 0.02 * lif_rate(current))


def test_no_current_beats_the_refractory_time():
    assert lif_rate(1e9) == pytest.approx(500, rel=1e-6)
    _, spikes = lif(np.full(1000, 1e6), dt=0.1)
    gaps = np.diff(np.flatnonzero(spikes))
    assert gaps.min() == 21  # deaf for 20 steps of 0.1 ms, spiking in the next


def test_after_a_spike_the_cell_waits_at_its_reset():
    cell = Cell(reset=-70.0)
    voltage, spikes = lif(np.full(1000, 4.0), dt=0.1, cell=cell)
    first = np.flatnonzero(spikes)[0]
    assert voltage[first] >= cell.threshold
    assert (voltage[first + 1 : first + 21] == -70.0).all() and voltage[first + 21] > -70.0


def test_many_cells_at_once_equal_one_by_one():
    current = np.random.default_rng(0).uniform(0, 5, (400, 3))
    voltage, spikes = lif(current)
    for k in range(3):
        one_voltage, one_spikes = lif(current[:, k])
        assert_allclose(voltage[:, k], one_voltage)
        assert (spikes[:, k] == one_spikes).all()


@given(st.floats(0.1, 50), st.floats(0.1, 50))
@settings(deadline=None, derandomize=True)
def test_more_current_never_means_fewer_spikes(a, b):
    low, high = sorted((a, b))
    assert lif_rate(low) <= lif_rate(high) < 500


def test_rate_starts_exactly_above_the_threshold_current():
    assert lif_rate([1.5, np.nextafter(1.5, 2)]).tolist()[0] == 0
    assert lif_rate(1.5001) > 0
    assert lif_rate(np.full((2, 3), 3.0)).shape == (2, 3)


@pytest.mark.parametrize("dt", [0.0, -0.1, 10.0])
def test_impossible_steps_are_refused(dt):
    with pytest.raises(ValueError, match=r"lif: expected 0 < dt < 10.0, received "):
        lif(np.zeros(3), dt=dt)
