"""Which inputs mattered? Four maps of what the score of a class owes to each input.

Each takes a model from inputs x (N, …) to scores (N, K), the inputs, and for each of them a class k (N,), and returns
an array; the pixels' maps want images (N, C, H, W).
"""

import numpy as np

import dlcore
from dlcore import nn
from dlcore.autograd import grad


def gradient(model, x, k):
    """How steeply the score of class k[n] grows with each input of x[n]; the shape of x.

    Source: Simonyan, Vedaldi & Zisserman (2014), Deep inside convolutional networks, section 3.
    """
    x = dlcore.tensor(x, requires_grad=True)
    scores = model(x)  # (N, K)
    (slopes,) = grad(scores[np.arange(len(k)), k].sum(), x)
    return slopes.numpy()


def integrated_gradients(model, x, k, points=32):
    """The mean gradient on the straight way from 0 to x, times x; its sum is what the score gains on that way.

        x · mean over t of gradient(t·x),  t = ½/points, 1½/points, …

    Source: Sundararajan, Taly & Yan (2017), Axiomatic attribution for deep networks, section 3.
    """
    total = np.zeros_like(x)
    for i in range(points):
        t = (i + 0.5) / points  # the middle of each stretch
        total += gradient(model, x * np.float32(t), k)
    return x * total / points


def occlusion(model, x, k):
    """How far the score falls when the 3 × 3 window around a pixel is set to 0: (N, 1, H, W).

    Source: Zeiler & Fergus (2014), Visualizing and understanding convolutional networks, section 4.2.
    """
    rows, before = np.arange(len(k)), scored(model, x)
    falls = np.zeros_like(x[:, :1])  # (N, 1, H, W)
    for i in range(x.shape[2]):
        for j in range(x.shape[3]):
            hidden = x.copy()
            hidden[:, :, max(i - 1, 0) : i + 2, max(j - 1, 0) : j + 2] = 0
            falls[:, 0, i, j] = (before - scored(model, hidden))[rows, k]
    return falls


def grad_cam(model, x, k, layer=4):
    """The feature maps after the model's first `layer` layers, weighted with their mean gradients; at least 0.

    Args:
        model: an nn.Sequential; maps (N, C, H, W) come out of its first `layer` layers.

    Returns:
        (N, 1, H, W)

    Source: Selvaraju et al. (2017), Grad-CAM: visual explanations from deep networks, section 3.
    """
    below, above = nn.Sequential(*model[:layer]), nn.Sequential(*model[layer:])
    maps = scored(below, x)  # (N, C, H, W)
    weights = gradient(above, maps, k).mean((2, 3), keepdims=True)
    return np.maximum((weights * maps).sum(1, keepdims=True), 0)


def scored(model, x):
    """What the model answers to x, as an array, without keeping a graph."""
    with dlcore.no_grad():
        return model(dlcore.tensor(x)).numpy()
