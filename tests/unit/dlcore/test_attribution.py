"""Maps of which inputs mattered do what their definitions demand."""

import numpy as np
import pytest

import dlcore
from dlcore import nn
from dlcore.attribution import grad_cam, gradient, integrated_gradients, occlusion, scored

RNG = np.random.default_rng(0)
X, K = RNG.normal(size=(3, 1, 6, 6)).astype(np.float32), np.array([1, 0, 1])


def product(x):
    return (x[:, 0] * x[:, 1]).reshape(-1, 1)


def linear():
    dlcore.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(36, 2))


def network():
    dlcore.manual_seed(0)
    convolutions = [nn.Conv2d(1, 4, 3, padding=1), nn.Tanh(), nn.Conv2d(4, 5, 3, padding=1), nn.Tanh()]
    return nn.Sequential(*convolutions, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(5, 2))


def test_integrated_gradients_share_out_a_product_equally():
    x, k = np.array([[3, 2]], dtype="float32"), np.array([0])
    assert np.allclose(gradient(product, x, k), [[2, 3]])
    assert np.allclose(integrated_gradients(product, x, k), [[3, 3]])


def test_the_map_of_a_linear_network_is_weight_times_input():
    model = linear()
    weights = model[1].weight.detach().numpy()[K].reshape(X.shape)
    np.testing.assert_allclose(gradient(model, X, K), weights)
    np.testing.assert_allclose(integrated_gradients(model, X, K), weights * X, atol=1e-5)


def test_integrated_gradients_add_up_to_what_the_score_gains():
    model = network()
    gained = (scored(model, X) - scored(model, 0 * X))[np.arange(3), K]
    np.testing.assert_allclose(integrated_gradients(model, X, K, 256).sum((1, 2, 3)), gained, atol=1e-4)


def test_occlusion_of_a_linear_network_is_the_sum_of_what_is_covered():
    model = linear()
    parts = model[1].weight.detach().numpy()[K].reshape(X.shape) * X
    padded = np.pad(parts, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3)).sum((4, 5))
    np.testing.assert_allclose(occlusion(model, X, K), windows, atol=1e-5)


def test_grad_cam_weighs_the_maps_of_the_layer_that_is_asked_for():
    model = network()
    for layer, maps in ((2, 4), (4, 5)):
        weights = gradient(nn.Sequential(*model[layer:]), scored(nn.Sequential(*model[:layer]), X), K)
        assert weights.shape == (3, maps, 6, 6)
        cam = grad_cam(model, X, K, layer)
        assert cam.shape == X.shape and cam.min() >= 0
    # behind the last convolution the mean over all places makes every gradient the weight of its map, over 36
    slopes = model[6].weight.detach().numpy()[K] / 36  # (3, 5)
    want = np.maximum(np.einsum("nc,nchw->nhw", slopes, scored(nn.Sequential(*model[:4]), X)), 0)
    np.testing.assert_allclose(cam[:, 0], want, atol=1e-6)


def test_the_gradient_is_the_twins():
    torch = pytest.importorskip("torch")
    model = linear()
    twin = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(36, 2))
    twin.load_state_dict({name: torch.tensor(part.numpy()) for name, part in model.state_dict().items()})
    x = torch.tensor(X, requires_grad=True)
    twin(x)[range(3), K].sum().backward()
    np.testing.assert_allclose(gradient(model, X, K), x.grad.numpy(), atol=1e-7)
