"""Methods that PyTorch's tensors have beside those of dlcore, put onto Tensor in one place: `attach`, at the end."""

from typing import Any

import numpy as np

from dlcore import ops
from dlcore.cuda import device
from dlcore.rng import numpy_generator
from dlcore.tensor import Tensor
from dlcore.tensor.create import where
from dlcore.tensor.protocols import plain
from dlcore.tensor.reducing import Extremes
from dlcore.torchlike.keywords import foreign
from dlcore.torchlike.sentences import ABSENT, sentence

#: The old names of tensors by their kind of numbers.
OLD_TYPES = {
    "FloatTensor": "float32", "DoubleTensor": "float64", "HalfTensor": "float16", "LongTensor": "int64",
    "IntTensor": "int32", "ShortTensor": "int16", "CharTensor": "int8", "ByteTensor": "uint8", "BoolTensor": "bool",
}  # fmt: skip


class Asking:
    """What a tensor says of itself, in PyTorch's other words."""

    is_cuda = is_sparse = is_mps = is_quantized = property(lambda self: False)
    itemsize = property(lambda self: self.array.itemsize)
    nbytes = property(lambda self: self.array.nbytes)

    def nelement(self):
        return self.numel()

    ndimension = Tensor.dim

    def element_size(self):
        return self.array.itemsize

    def get_device(self):
        return -1

    def is_contiguous(self, memory_format=None):
        return bool(self.array.flags.c_contiguous)

    def stride(self, dim=None):
        strides = tuple([step // self.array.itemsize for step in self.array.strides])
        return strides if dim is None else strides[dim]

    def data_ptr(self):
        return self.array.ctypes.data

    def is_same_size(self, other):
        return self.array.shape == plain(other).shape

    def isclose(self, other, rtol=1e-5, atol=1e-8, equal_nan=False):
        return self.wrap(np.isclose(self.array, plain(other), rtol, atol, equal_nan))

    def type(self, dtype=None, non_blocking=False):
        """The old name of this kind of tensor; or this tensor in another kind, by dtype, old name or old class."""
        if dtype is None:
            return "torch." + {kind: name for name, kind in OLD_TYPES.items()}[self.array.dtype.name]
        old = OLD_TYPES.get(str(getattr(dtype, "__name__", dtype)).rsplit(".", 1)[-1])
        return self.to(np.dtype(old) if old else dtype)

    def cuda(self, device=None, non_blocking=False):
        raise RuntimeError(sentence("dlcore.Tensor", "cuda"))


class Making:
    """Tensors in the dtype of this one, or in another."""

    def half(self):
        return self.to(np.float16)

    def short(self):
        return self.to(np.int16)

    def byte(self):
        return self.to(np.uint8)

    def type_as(self, other):
        return self.to(other)

    def new_full(self, size, fill_value, dtype=None, device=None, requires_grad=False):
        array = np.full(size, plain(fill_value), self.array.dtype if dtype is None else dtype)
        return self.wrap(array).requires_grad_(requires_grad)

    def new_zeros(self, *size, **named):
        return self.new_full(size[0] if isinstance(size[0], tuple | list) else size, 0, **named)

    def new_ones(self, *size, **named):
        return self.new_full(size[0] if isinstance(size[0], tuple | list) else size, 1, **named)

    def new_empty(self, *size, **named):
        return self.new_zeros(*size, **named)

    def new(self, *size):
        return self.wrap(np.array(size[0], self.array.dtype)) if size and np.ndim(size[0]) else self.new_zeros(size)

    def new_tensor(self, data, dtype=None, device=None, requires_grad=False):
        return self.wrap(np.array(plain(data), dtype or self.array.dtype)).requires_grad_(requires_grad)


class Functions:
    """Functions of each number that no page of the book needs; what has a slope is made of what has one."""

    def log10(self):
        return self.log() / np.log(10)

    def log2(self):
        return self.log() / np.log(2)

    def exp2(self):
        return (self * np.log(2)).exp()

    def expm1(self):
        return self.sinh() + self.cosh() - 1 if self.requires_grad else self.wrap(np.expm1(self.float().array))

    def tan(self):
        return self.sin() / self.cos()

    def sinh(self):
        return (self.exp() - (-self).exp()) / 2

    def cosh(self):
        return (self.exp() + (-self).exp()) / 2

    def arctan(self):
        return _angle(self, np.arctan, lambda x: 1 / (1 + x * x))

    def arcsin(self):
        return _angle(self, np.arcsin, lambda x: (1 - x * x) ** -0.5)

    def arccos(self):
        return _angle(self, np.arccos, lambda x: -((1 - x * x) ** -0.5))

    atan, asin, acos = arctan, arcsin, arccos

    def trunc(self):
        return self.apply(ops.step, self, function=np.trunc)

    fix = trunc

    def frac(self):
        return self - self.trunc()

    def clamp_min(self, min):
        return self.clamp(min=min)

    def clamp_max(self, max):
        return self.clamp(max=max)

    def lerp(self, end, weight):
        return self + weight * (end - self)

    def addcmul(self, tensor1, tensor2, value=1):
        return self + value * tensor1 * tensor2

    def addcdiv(self, tensor1, tensor2, value=1):
        return self + value * tensor1 / tensor2

    def hypot(self, other):
        return (self * self + other * other).sqrt()

    def true_divide(self, other):
        return self / other

    divide, multiply, subtract, negative, absolute = (
        Tensor.div, Tensor.mul, Tensor.sub, Tensor.neg, Tensor.abs
    )  # fmt: skip
    greater, greater_equal, less, less_equal, not_equal = Tensor.gt, Tensor.ge, Tensor.lt, Tensor.le, Tensor.ne

    def floor_divide(self, other):
        return self // other

    def remainder(self, other):
        return self % other

    def fmod(self, other):
        return self.wrap(np.fmod(self.array, plain(other)))

    def maximum(self, other):
        return self.max(other)

    def minimum(self, other):
        return self.min(other)

    def logical_xor(self, other):
        return self.constant(np.logical_xor, other)

    def softmax(self, dim=None, dtype=None):
        return _softmax(self if dtype is None else self.to(dtype), -1 if dim is None else dim)

    def heaviside(self, values):
        return self.wrap(np.heaviside(self.array, plain(values)).astype(self.array.dtype))


def _softmax(x, dim):
    return x.floating(ops.softmax, axis=dim)


def _angle(x, function, slope):
    """An angle: computed by NumPy, with its slope's formula carried by a term that is zero."""
    known = x.detach().float() if not x.is_floating_point() else x.detach()
    value = x.wrap(function(known.array))
    return value + (x - known) * slope(known) if x.requires_grad else value


class Picking:
    """Parts, diagonals, shapes and orders."""

    def narrow(self, dim, start, length):
        return self[(slice(None),) * (dim % self.ndim) + (slice(start, start + length),)]

    def select(self, dim, index):
        return self[(slice(None),) * (dim % self.ndim) + (index,)]

    def take(self, index):
        return self.reshape(-1)[index]

    def diagonal(self, offset=0, dim1=0, dim2=1):
        x = self.transpose(0, dim1).transpose(1, dim2) if (dim1, dim2) != (0, 1) else self
        rows = np.arange(max(min(x.shape[0] + min(offset, 0), x.shape[1] - max(offset, 0)), 0))
        picked = x[rows + max(-offset, 0), rows + max(offset, 0)]
        return picked.permute(*range(1, picked.ndim), 0)

    def diag(self, diagonal=0):
        """A vector as the diagonal of a matrix; of a matrix its diagonal."""
        if self.ndim == 2:
            return self.diagonal(diagonal)
        n, rows = len(self) + abs(diagonal), np.arange(len(self))
        index = rows + max(-diagonal, 0), rows + max(diagonal, 0)
        return self.binary(ops.setitem, self.new_zeros(n, n), self, index=index)

    def trace(self):
        return self.diagonal().sum()

    def unfold(self, dimension, size, step):
        """Windows of `size` numbers along an axis, `step` apart, as a new last axis."""
        starts = np.arange(0, self.shape[dimension] - size + 1, step)
        windows = self.index_select(dimension, (starts[:, None] + np.arange(size)).reshape(-1))
        dim, shape = dimension % self.ndim, self.shape
        windows = windows.reshape(*shape[:dim], len(starts), size, *shape[dim + 1 :])
        return windows.permute(*[d for d in range(windows.ndim) if d != dim + 1], dim + 1)

    def unflatten(self, dim, sizes):
        dim %= self.ndim
        return self.reshape(*self.shape[:dim], *sizes, *self.shape[dim + 1 :])

    def movedim(self, source, destination):
        order = [d for d in range(self.ndim) if d != source % self.ndim]
        order.insert(destination % self.ndim, source % self.ndim)
        return self.permute(*order)

    moveaxis, swapdims = movedim, Tensor.transpose

    def fliplr(self):
        return self.flip(1)

    def flipud(self):
        return self.flip(0)

    def tile(self, *times):
        times = times[0] if isinstance(times[0], tuple | list) else times
        return self.repeat((1,) * (self.ndim - len(times)) + tuple(times))

    def ravel(self):
        return self.reshape(-1)

    def reshape_as(self, other):
        return self.reshape(other.shape)

    def argwhere(self):
        return self.nonzero()

    def index_add(self, dim, index, source, alpha=1):
        index = plain(index)
        places = (slice(None),) * (dim % self.ndim) + (index,)
        spread = self.new_zeros(self.shape).array
        np.add.at(spread, places, alpha * plain(source))
        if not getattr(source, "requires_grad", False):
            return self + self.wrap(spread)
        return self + alpha * _collected(source, dim, index, self.shape[dim])

    def index_fill(self, dim, index, value):
        return self.binary(ops.setitem, self, value, index=(slice(None),) * (dim % self.ndim) + (plain(index),))

    def index_copy(self, dim, index, source):
        return self.binary(ops.setitem, self, source, index=(slice(None),) * (dim % self.ndim) + (plain(index),))

    def scatter_add(self, dim, index, src):
        """x with src added at one index per place along dim, also where an index comes twice."""
        index = plain(index)
        places = list(np.indices(index.shape, sparse=True))
        places[dim] = index
        numbers = np.arange(self.array.size).reshape(self.shape)[tuple(places)].reshape(-1)
        part = src if np.ndim(plain(src)) == 0 else src[tuple([slice(n) for n in index.shape])]
        part = self.new_zeros(index.shape) + part
        return (self.reshape(-1) + _collected(part.reshape(-1), 0, numbers, self.array.size)).reshape(self.shape)

    def masked_scatter(self, mask, source):
        mask = np.broadcast_to(plain(mask), self.shape)
        return self.binary(ops.setitem, self, source.reshape(-1)[: int(mask.sum())], index=mask)

    def put(self, index, source):
        flat = self.reshape(-1)
        return flat.binary(ops.setitem, flat, source, index=plain(index)).reshape(self.shape)


def _collected(source, dim, index, n):
    """The sum of the slices of source that have one index, for each of n: a product with ones and zeros."""
    ones = (np.arange(n)[:, None] == index).astype(source.array.dtype)  # (n, slices)
    moved = source.movedim(dim, 0)
    return (source.wrap(ones) @ moved.reshape(len(index), -1)).reshape(n, *moved.shape[1:]).movedim(0, dim)


class Counting:
    """Statistics beyond sums and means."""

    def median(self, dim=None, keepdim=False):
        if dim is None:
            return self.reshape(-1).sort().values[(self.numel() - 1) // 2]
        values, order = self.sort(dim)
        middle = ((slice(None),) * (dim % self.ndim)) + (slice((self.shape[dim] - 1) // 2, (self.shape[dim] + 1) // 2),)
        found = values[middle], order[middle]
        return Extremes(*(found if keepdim else [x.squeeze(dim) for x in found]))

    def quantile(self, q, dim=None, keepdim=False):
        return self.wrap(np.asarray(np.quantile(self.array, plain(q), dim, keepdims=keepdim), self.array.dtype))

    def bincount(self, weights=None, minlength=0):
        return self.wrap(np.bincount(self.array, plain(weights), minlength))

    def unique(self, sorted=True, return_inverse=False, return_counts=False, dim=None):
        found = np.unique(self.array, return_inverse=return_inverse, return_counts=return_counts, axis=dim)
        return tuple([self.wrap(x) for x in found]) if isinstance(found, tuple) else self.wrap(found)

    def histc(self, bins=100, min=0, max=0):
        edges = (min, max) if min != max else (self.array.min(), self.array.max())
        return self.wrap(np.histogram(self.array, bins, edges)[0].astype(self.array.dtype))

    def histogram(self, bins, density=False):
        counts, edges = np.histogram(self.array, plain(bins), density=density)
        return self.wrap(counts.astype(self.array.dtype)), self.wrap(edges.astype(self.array.dtype))

    def count_nonzero(self, dim=None):
        return self.wrap(np.asarray(np.count_nonzero(self.array, dim)))

    def aminmax(self, dim=None, keepdim=False):
        return self.amin(dim, keepdim), self.amax(dim, keepdim)

    def nansum(self, dim=None, keepdim=False):
        return where(self.isnan(), self.new_zeros(self.shape), self).sum(dim, keepdim)

    def nan_to_num(self, nan=0.0):
        return where(self.isnan(), self.new_full(self.shape, nan), self)

    def dist(self, other, p=2):
        return (self - other).norm(p)

    def cov(self):
        x = self - self.mean(1, keepdim=True)
        return x @ x.t() / (self.shape[1] - 1)

    def ger(self, other):
        return self.outer(other)

    def addmm(self, mat1, mat2, beta=1, alpha=1):
        return beta * self + alpha * (mat1 @ mat2)

    addmv = baddbmm = addmm

    def kthvalue(self, k, dim=-1):
        values, order = self.sort(dim)
        return Extremes(values.select(dim, k - 1), order.select(dim, k - 1))

    def renorm(self, p, dim, maxnorm):
        others = tuple([d for d in range(self.ndim) if d != dim % self.ndim])
        length = self.norm(p, others, keepdim=True)
        return where(length > maxnorm, self * (maxnorm / (length + 1e-7)), self)


class Random:
    """Draws in place."""

    def bernoulli_(self, p=0.5, generator=None):
        return self.copy_(self.wrap(numpy_generator(generator).random(self.shape) < plain(p)).to(self.array.dtype))

    def random_(self, low=0, high=None, generator=None):
        low, high = (0, low) if high is None and low else (low, high or 2**24)
        return self.copy_(self.wrap(numpy_generator(generator).integers(low, high, self.shape)))

    def exponential_(self, lambd=1, generator=None):
        return self.copy_(self.wrap(numpy_generator(generator).exponential(1 / lambd, self.shape)))

    def log_normal_(self, mean=1, std=2, generator=None):
        return self.copy_(self.wrap(numpy_generator(generator).lognormal(mean, std, self.shape)))

    def bernoulli(self, p=None, generator=None):
        return self.clone().detach().bernoulli_(self.array if p is None else p, generator)

    def multinomial(self, num_samples, replacement=False, generator=None):
        from dlcore.tensor.create import multinomial

        return multinomial(self, num_samples, replacement, generator)


class Moving:
    """Where a tensor could lie: it stays, on the processor."""

    def pin_memory(self):
        return self

    def contiguous(self, memory_format=None):
        """The numbers in the order of their indices; a copy where they are not."""
        return self if self.array.flags.c_contiguous else self.clone()

    def detach_(self):
        self.grad_fn, self.requires_grad = None, False
        return self

    def apply_(self, function):
        return self.copy_(self.wrap(np.vectorize(function, otypes=[self.array.dtype])(self.array)))

    def map_(self, other, function):
        return self.copy_(self.wrap(np.vectorize(function, otypes=[self.array.dtype])(self.array, plain(other))))

    def set_(self, source):
        self.array = plain(source)
        return self

    def resize_(self, *sizes):
        sizes = sizes[0] if isinstance(sizes[0], tuple | list) else sizes
        self.array = np.resize(self.array, sizes)
        return self

    resize_as_ = lambda self, other: self.resize_(other.shape)  # noqa: E731


#: Functions that PyTorch has as methods in place too: x.sqrt_() is x.copy_(x.sqrt()).
IN_PLACE = """
abs addcdiv addcmul addmm ceil clamp_max clamp_min clip cos cumsum div exp floor index_add index_copy index_fill lerp log
log10 log1p logical_not masked_scatter mul neg pow put reciprocal relu remainder round rsqrt scatter_add sigmoid sign sin
softmax sqrt square tanh tril triu trunc true_divide nan_to_num floor_divide fmod logical_and logical_or multiply subtract
""".split()
#: The same for what changes the shape: the tensor takes over the new one.
RESHAPED = ("squeeze", "t", "transpose", "unsqueeze", "swapaxes")
#: Methods that PyTorch lets be called with `axis` and `keepdims`.
ALONG = """
all amax amin any argmax argmin argsort cumprod cumsum flatten gather index_select log_softmax logsumexp max mean median min
norm prod sort split squeeze std sum topk unbind unsqueeze var chunk roll nansum quantile unflatten select
""".split()


def _in_place(name: str) -> Any:
    def method(self, *args, **named):
        return self._become(getattr(self, name)(*args, **named))

    return method


def _reshaped(name: str) -> Any:
    def method(self, *args):
        new = getattr(self, name)(*args)
        self.array, self.grad_fn, self.requires_grad = new.array, new.grad_fn, new.requires_grad
        return self

    return method


def _missing(self: Tensor, name: str) -> Any:
    """Say what to do where PyTorch's tensors have an attribute that ours have not."""
    said = sentence("dlcore.Tensor", name) if name in ABSENT else f"'Tensor' object has no attribute {name!r}"
    raise AttributeError(said, name=name, obj=None if name.startswith("_") else self)


METHODS: dict[str, Any] = {
    name: method
    for group in (Asking, Making, Functions, Picking, Counting, Random, Moving)
    for name, method in vars(group).items()
    if not name.startswith("__")
}
METHODS.update({f"{name}_": _in_place(name) for name in IN_PLACE})
METHODS.update({f"{name}_": _reshaped(name) for name in RESHAPED})


def attach() -> None:
    """Put the methods of this file onto Tensor; let those that go along an axis understand `axis` and `keepdims`."""
    for name, method in METHODS.items():
        setattr(Tensor, name, method)
    for name in ALONG:
        setattr(Tensor, name, foreign(getattr(Tensor, name)))
    Tensor.__getattr__ = _missing  # type: ignore[attr-defined]


__all__ = ["ALONG", "METHODS", "OLD_TYPES", "attach", "device"]
