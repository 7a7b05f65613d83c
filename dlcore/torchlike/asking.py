"""What PyTorch's tensors say of themselves, make in their likeness and draw; where they could lie."""

import numpy as np

from dlcore.rng import numpy_generator
from dlcore.tensor import Tensor
from dlcore.tensor.create import multinomial
from dlcore.tensor.protocols import plain
from dlcore.torchlike.sentences import sentence

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
        return multinomial(self, num_samples, replacement, generator)


class Moving:
    """Where a tensor could lie: it stays, on the processor."""

    def pin_memory(self):
        return self

    def contiguous(self, memory_format=None):
        """The numbers in the order of their indices; a copy where they are not."""
        return self if self.array.flags.c_contiguous else self.reshape(-1).reshape(self.array.shape)

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
