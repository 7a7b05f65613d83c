"""Every rule of differentiation that the book needs, in plain NumPy.

The files in order of difficulty: rule, arithmetic, activations, reductions, layout, linear, losses, convolution,
pooling, normalisation, attention, recurrent; special holds the error function.

A rule takes arrays and returns its value and its pullbacks, one per differentiable input (see rule.py). Rules know
nothing of tensors, so each can be called, plotted and checked on its own.

>>> import numpy as np
>>> value, (to_x, to_y) = mul(np.array([2.0, 3.0]), np.array([5.0, 7.0]))
>>> to_x(np.ones(2))
array([5., 7.])

A network of two layers that learns a sine, with rules alone: the chain rule by hand, from the last one to the first.

>>> random = np.random.default_rng(0)
>>> x = np.linspace(-3, 3, 64)[:, None]  # (N, 1)
>>> w1, b1 = random.normal(size=(16, 1)), random.normal(size=16)
>>> w2, b2 = np.zeros((1, 16)), np.zeros(1)
>>> losses = []
>>> for step in range(500):
...     z, (_, to_w1, to_b1) = linear(x, w1, b1)
...     h, (to_z,) = tanh(z)
...     y, (to_h, to_w2, to_b2) = linear(h, w2, b2)
...     loss, (to_y, _) = mse(y, np.sin(x))
...     gy = to_y(np.ones(()))
...     gz = to_z(to_h(gy))
...     for w, gradient in (w1, to_w1(gz)), (b1, to_b1(gz)), (w2, to_w2(gy)), (b2, to_b2(gy)):
...         w -= 0.1 * gradient
...     losses.append(loss)
>>> bool(losses[-1] < losses[0] / 20)
True
"""

from dlcore.ops.activations import (
    elu,
    gelu,
    gelu_tanh,
    leaky_relu,
    log_softmax,
    relu,
    sigmoid,
    silu,
    softmax,
    softplus,
    tanh,
)
from dlcore.ops.arithmetic import (
    abs,
    add,
    cast,
    clamp,
    cos,
    div,
    exp,
    log,
    log1p,
    maximum,
    minimum,
    mul,
    neg,
    pow,
    remainder,
    sin,
    sqrt,
    square,
    step,
    sub,
)
from dlcore.ops.attention import attention
from dlcore.ops.convolution import conv2d, conv_transpose2d
from dlcore.ops.layout import (
    broadcast_to,
    cat,
    flip,
    gather,
    getitem,
    pad,
    reshape,
    setitem,
    split,
    stack,
    swapaxes,
    transpose,
    tril,
    triu,
    unbind,
    where,
)
from dlcore.ops.linear import einsum, embedding, linear, matmul
from dlcore.ops.losses import bce, bce_with_logits, cross_entropy, huber, mse, nll, xlogx
from dlcore.ops.normalisation import batch_norm, dropout, layer_norm
from dlcore.ops.pooling import avg_pool2d, max_pool2d
from dlcore.ops.recurrent import gru, gru_cell, lstm, lstm_cell, rnn
from dlcore.ops.reductions import amax, amin, cumprod, cumsum, logsumexp, mean, norm, prod, std, sum, var
from dlcore.ops.rule import RULES, once, op
