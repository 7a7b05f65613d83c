"""The maps of the page "The black box" do what their definitions demand."""

import numpy as np
import pytest

import dlcore
from dlbook.figures import the_black_box as box


def product(x):
    return (x[:, 0] * x[:, 1]).reshape(-1, 1)


def test_integrated_gradients_share_out_a_product_equally():
    x, k = np.array([[3, 2]], dtype="float32"), np.array([0])
    assert np.allclose(box.gradient(product, x, k), [[2, 3]])
    assert np.allclose(box.integrated_gradients(product, x, k), [[3, 3]])


@pytest.mark.parametrize("digit", [0, 5, 8])
def test_integrated_gradients_are_complete_on_the_network(digit):
    x, model = box.shown(digit), box.trained()
    shares = box.integrated_gradients(model, x, np.array([digit]), points=256)
    climb = (box.answers(model, x) - box.answers(model, 0 * x))[0, digit]
    assert shares.sum() == pytest.approx(climb, abs=0.05)


def test_the_map_of_a_linear_network_is_weight_times_pixel():
    dlcore.manual_seed(0)
    linear = dlcore.nn.Sequential(dlcore.nn.Flatten(), dlcore.nn.Linear(64, 10))
    x, k = box.shown(8), np.array([8])
    terms = linear[1].weight.detach().numpy()[8].reshape(8, 8) * x
    assert np.allclose(box.integrated_gradients(linear, x, k), terms, atol=1e-5)


def test_randomising_leaves_the_lower_layers_alone():
    old, new = box.trained().state_dict(), box.randomised(0, 1).state_dict()
    assert [name for name in old if not np.array_equal(old[name].numpy(), new[name].numpy())] == ["6.weight", "6.bias"]
    now = box.randomised(0, 3).state_dict()
    assert not any(np.array_equal(old[name].numpy(), now[name].numpy()) for name in old)


def test_agreement_knows_the_same_order_the_reverse_and_ties():
    m = np.arange(64.0).reshape(1, 8, 8)
    assert box.agreement(m, m**3) == pytest.approx(1)
    assert box.agreement(m, -m) == pytest.approx(-1)
    assert box.agreement(m, np.zeros_like(m)) == 0
    assert box.ranks(np.array([[5.0, 1.0, 5.0]])).tolist() == [[2.0, 0.5, 2.0]]


def test_delete_takes_the_most_important_first():
    x, m = np.ones((1, 1, 2, 2)), np.array([0.1, 0.4, -0.9, 0.2]).reshape(1, 1, 2, 2)
    assert box.delete(x, m, 2).ravel().tolist() == [1, 0, 1, 0]
    assert x.min() == 1
