"""Layers and losses as functions: no state, everything is an argument. Names and arguments are those of
torch.nn.functional; each checks shapes first, so that a mistake is named where it is made.

This file gathers what is spread over four by subject: dense layers and activations, convolution and pooling,
normalisation and attention, losses.
"""

from dlcore.absent import asked
from dlcore.nn.functions.attention import (
    batch_norm,
    group_norm,
    layer_norm,
    rms_norm,
    scaled_dot_product_attention,
)
from dlcore.nn.functions.convolution import (
    adaptive_avg_pool2d,
    avg_pool1d,
    avg_pool2d,
    conv1d,
    conv2d,
    conv_transpose2d,
    max_pool1d,
    max_pool2d,
)
from dlcore.nn.functions.dense import (
    dropout,
    dropout2d,
    elu,
    embedding,
    gelu,
    leaky_relu,
    linear,
    log_softmax,
    normalize,
    one_hot,
    pad,
    relu,
    sigmoid,
    silu,
    softmax,
    softplus,
    tanh,
)
from dlcore.nn.functions.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cosine_similarity,
    cross_entropy,
    hinge_loss,
    huber_loss,
    kl_div,
    l1_loss,
    mse_loss,
    nll_loss,
    smooth_l1_loss,
)

__getattr__ = asked(__name__)  # what else PyTorch has here
