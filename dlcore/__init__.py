"""Deep learning from scratch in NumPy, one word away from PyTorch.

>>> import dlcore as torch
>>> x = torch.tensor([[1.0, 2.0]], requires_grad=True)
>>> (x @ x.T).backward()
>>> x.grad
tensor([[2., 4.]])

Different on purpose: `x.array` is the NumPy array itself; losses refuse shapes that PyTorch would broadcast with a
warning; everything is computed on the processor.
"""

from importlib import import_module
from typing import Any

import numpy as np

from dlcore import cuda, ops, torchlike
from dlcore.absent import asked
from dlcore.cuda import device
from dlcore.dtypes import bool, dtype, float16, float32, float64, int8, int16, int32, int64, uint8  # noqa: A004
from dlcore.memory import keep_freed_memory
from dlcore.rng import Generator, manual_seed
from dlcore.saving import load, save
from dlcore.shapes import ShapeError, expect
from dlcore.tensor import Tensor, enable_grad, is_grad_enabled, no_grad, set_grad_enabled
from dlcore.tensor.create import (
    arange,
    as_tensor,
    bernoulli,
    cat,
    einsum,
    empty,
    eye,
    from_numpy,
    full,
    full_like,
    linspace,
    meshgrid,
    multinomial,
    normal,
    ones,
    ones_like,
    rand,
    rand_like,
    randint,
    randn,
    randn_like,
    randperm,
    stack,
    tensor,
    where,
    zeros,
    zeros_like,
)
from dlcore.tensor.functions import *  # noqa: F403

float, double, half, long = float32, float64, float16, int64  # noqa: A001
inf, nan, pi = np.inf, np.nan, np.pi
concat, inference_mode = cat, no_grad  # PyTorch's second names

keep_freed_memory()
torchlike.move_in(globals())  # names, methods and keywords that only foreign scripts need

__all__ = [  # and the functions of dlcore.tensor.functions
    "Generator",
    "ShapeError",
    "Tensor",
    "arange",
    "as_tensor",
    "bernoulli",
    "bool",
    "cat",
    "compile",  # noqa: F822
    "concat",
    "cuda",
    "device",
    "dtype",
    "einsum",
    "empty",
    "enable_grad",
    "expect",
    "eye",
    "from_numpy",
    "full",
    "full_like",
    "inference_mode",
    "int8",
    "int16",
    "int32",
    "is_grad_enabled",
    "keep_freed_memory",
    "linspace",
    "load",
    "manual_seed",
    "meshgrid",
    "multinomial",
    "no_grad",
    "normal",
    "ones",
    "ones_like",
    "ops",
    "rand",
    "rand_like",
    "randint",
    "randn",
    "randn_like",
    "randperm",
    "save",
    "set_grad_enabled",
    "stack",
    "tensor",
    "uint8",
    "where",
    "zeros",
    "zeros_like",
]


def __getattr__(name: str) -> Any:
    """`dlcore.nn` and `dlcore.optim` without a second import, as in torch; loaded when first asked for."""
    if name in ("nn", "optim", "models", "data", "train", "utils", "autograd"):
        return import_module(f"dlcore.{name}")
    if name == "compile":
        return import_module("dlcore.compiler").compile
    return asked("dlcore")(name)
