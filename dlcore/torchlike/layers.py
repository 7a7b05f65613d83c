"""Layers that no page of the book needs."""

from typing import Any

import numpy as np

from dlcore.nn import functional as F  # noqa: N812 (PyTorch's custom)
from dlcore.nn import init
from dlcore.nn.containers import ModuleDict, ModuleList
from dlcore.nn.conv import Conv1d, Conv2d, ConvTranspose2d, tuple_of
from dlcore.nn.dropout import Dropout2d
from dlcore.nn.linear import Embedding, Linear
from dlcore.nn.module import Module, layout
from dlcore.nn.normalisation import BatchNorm1d, BatchNorm2d
from dlcore.nn.parameter import Parameter, empty
from dlcore.nn.pooling import AdaptiveAvgPool2d
from dlcore.nn.transformer import (
    LayerNorm,
    TransformerDecoder,
    TransformerDecoderLayer,
    TransformerEncoder,
    TransformerEncoderLayer,
)
from dlcore.tensor import Tensor, wrap
from dlcore.tensor.create import einsum
from dlcore.torchlike import functional as G  # noqa: N812


class Lazy(Module):
    """A layer that learns how wide its input is from the first batch, and then becomes the ordinary layer."""

    kind: Any

    def __init__(self, *settings: Any, **named: Any):
        super().__init__()
        self.settings, self.named = settings, named

    def __call__(self, x: Tensor) -> Tensor:
        kind, settings, named = self.kind, self.settings, self.named
        vars(self).clear()
        self.__class__ = kind
        kind.__init__(self, x.shape[-1 if kind is Linear else 1], *settings, **named)
        return self(x)

    def __repr__(self) -> str:
        return repr(self.kind(0, *self.settings, **self.named)).replace(self.kind.__name__, type(self).__name__, 1)

    def parameters(self) -> Any:
        """Refuse: there are none yet."""
        raise RuntimeError(f"{type(self).__name__}: it has no parameters before the first batch; call the model once.")


def _lazy(kind: type[Module]) -> type[Lazy]:
    return type(f"Lazy{kind.__name__}", (Lazy,), {"kind": kind, "__doc__": Lazy.__doc__})


LazyLinear, LazyConv1d, LazyConv2d = _lazy(Linear), _lazy(Conv1d), _lazy(Conv2d)
LazyConvTranspose2d, LazyBatchNorm1d, LazyBatchNorm2d = _lazy(ConvTranspose2d), _lazy(BatchNorm1d), _lazy(BatchNorm2d)


class PixelShuffle(Module):
    """(N, C·r², H, W) to (N, C, H·r, W·r). Twin: torch.nn.PixelShuffle."""

    def __init__(self, upscale_factor: int):
        super().__init__()
        self.upscale_factor = upscale_factor

    def forward(self, x: Tensor) -> Tensor:
        return G.pixel_shuffle(x, self.upscale_factor)

    def extra_repr(self) -> str:
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """The way back. Twin: torch.nn.PixelUnshuffle."""

    def __init__(self, downscale_factor: int):
        super().__init__()
        self.downscale_factor = downscale_factor

    def forward(self, x: Tensor) -> Tensor:
        return G.pixel_unshuffle(x, self.downscale_factor)

    def extra_repr(self) -> str:
        return f"downscale_factor={self.downscale_factor}"


class Upsample(Module):
    """The last axes stretched. Twin: torch.nn.Upsample."""

    def __init__(self, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: Any = None):
        super().__init__()
        self.size, self.scale_factor, self.mode, self.align_corners = size, scale_factor, mode, align_corners

    def forward(self, x: Tensor) -> Tensor:
        return G.interpolate(x, self.size, self.scale_factor, self.mode, self.align_corners)

    def extra_repr(self) -> str:
        what = f"size={self.size}" if self.scale_factor is None else f"scale_factor={float(self.scale_factor)}"
        return f"{what}, mode={self.mode!r}"


def UpsamplingNearest2d(size: Any = None, scale_factor: Any = None) -> Upsample:  # noqa: N802
    """Upsample with mode "nearest"."""
    return Upsample(size, scale_factor)


def UpsamplingBilinear2d(size: Any = None, scale_factor: Any = None) -> Upsample:  # noqa: N802
    """Upsample with mode "bilinear" and aligned corners."""
    return Upsample(size, scale_factor, "bilinear", True)


class InstanceNorm2d(Module):
    """Each channel of each example brought to mean 0 and variance 1. Twin: torch.nn.InstanceNorm2d."""

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, affine: bool = False,
        track_running_stats: bool = False,
    ):  # fmt: skip
        super().__init__()
        if track_running_stats:
            raise ValueError("InstanceNorm: running statistics are not there; use BatchNorm2d, or leave them out.")
        self.num_features, self.eps = num_features, eps
        self.weight = init.ones_(empty(num_features)) if affine else None
        self.bias = empty(num_features) if affine else None

    def forward(self, x: Tensor) -> Tensor:
        return F.group_norm(x, self.num_features, self.weight, self.bias, self.eps)


class InstanceNorm1d(InstanceNorm2d):
    """The same for signals (N, C, T)."""


class ConvTranspose1d(ConvTranspose2d):
    """ConvTranspose2d for signals (N, C, T). Twin: torch.nn.ConvTranspose1d."""

    axes = 1
    output_padding: tuple[int, ...] = (0,)

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0,
        output_padding: Any = 0, groups: int = 1, bias: bool = True, dilation: Any = 1,
    ):  # fmt: skip
        super(ConvTranspose2d, self).__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias
        )
        self.output_padding = tuple_of(output_padding, 1)

    def forward(self, x: Tensor) -> Tensor:
        sizes = self.stride, self.padding, self.output_padding
        return G.conv_transpose1d(x, self.weight, self.bias, *sizes, self.groups, self.dilation)


class AdaptiveAvgPool1d(AdaptiveAvgPool2d):
    """The mean of each of so many windows. Twin: torch.nn.AdaptiveAvgPool1d."""

    def forward(self, x: Tensor) -> Tensor:
        return G.adaptive_avg_pool1d(x, self.output_size)


class AdaptiveMaxPool2d(AdaptiveAvgPool2d):
    """The largest of each of so many windows. Twin: torch.nn.AdaptiveMaxPool2d."""

    def forward(self, x: Tensor) -> Tensor:
        return G.adaptive_max_pool2d(x, self.output_size)


class ConstantPad2d(Module):
    """A margin of one value: (left, right, above, below). Twin: torch.nn.ConstantPad2d."""

    axes, mode = 2, "constant"

    def __init__(self, padding: Any, value: float = 0.0):
        super().__init__()
        self.padding = (padding,) * 2 * self.axes if isinstance(padding, int) else tuple(padding)
        self.value = value

    def forward(self, x: Tensor) -> Tensor:
        return F.pad(x, self.padding, self.mode, self.value)

    def extra_repr(self) -> str:
        said = f"padding={self.padding}, value={self.value}"
        return said if "Constant" in type(self).__name__ else str(self.padding)


def _margin(name: str, axes: int, mode: str) -> Any:
    return type(name, (ConstantPad2d,), {"axes": axes, "mode": mode, "__doc__": f"A margin. Twin: torch.nn.{name}."})


ConstantPad1d, ZeroPad1d, ZeroPad2d = [
    _margin(name, axes, "constant") for name, axes in (("ConstantPad1d", 1), ("ZeroPad1d", 1), ("ZeroPad2d", 2))
]
ReflectionPad1d, ReflectionPad2d = [_margin(f"ReflectionPad{n}d", n, "reflect") for n in (1, 2)]
ReplicationPad1d, ReplicationPad2d = [_margin(f"ReplicationPad{n}d", n, "replicate") for n in (1, 2)]
CircularPad1d, CircularPad2d = [_margin(f"CircularPad{n}d", n, "circular") for n in (1, 2)]


class EmbeddingBag(Embedding):
    """The mean of the vectors of each bag of symbols. Twin: torch.nn.EmbeddingBag."""

    def __init__(self, num_embeddings: int, embedding_dim: int, *, mode: str = "mean", sparse: bool = False):
        super().__init__(num_embeddings, embedding_dim)
        self.mode = mode

    def forward(self, input: Any, offsets: Any = None) -> Tensor:
        return G.embedding_bag(input, self.weight, offsets, self.mode)


class Bilinear(Module):
    """x1ᵀ W x2 + b. Twin: torch.nn.Bilinear."""

    def __init__(self, in1_features: int, in2_features: int, out_features: int, bias: bool = True):
        super().__init__()
        bound = in1_features**-0.5
        self.weight = init.uniform_(Parameter(np.zeros((out_features, in1_features, in2_features))), -bound, bound)
        self.bias = init.uniform_(empty(out_features), -bound, bound) if bias else None

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        y = einsum("ni,oij,nj->no", x1, self.weight, x2)
        return y if self.bias is None else y + self.bias


class ParameterList(ModuleList):
    """A list of parameters that a module looks into. Twin: torch.nn.ParameterList."""

    def append(self, parameter: Any) -> Any:
        """Add a parameter at the end."""
        setattr(self, str(len(self)), parameter)
        return self

    def _parts(self) -> list[Any]:
        return [part for part in vars(self).values() if isinstance(part, Parameter)]

    def __repr__(self) -> str:
        return _listed("ParameterList", [(i, p.dtype, p) for i, p in enumerate(self)])


def _listed(kind: str, parts: list[tuple[Any, Any, Parameter]]) -> str:
    """Parameters by their sizes, as PyTorch prints them."""
    said = [f"  ({name}): Parameter containing: [{of} of size {'x'.join(map(str, p.shape))}]" for name, of, p in parts]
    return f"{kind}({said[0]})" if len(said) == 1 else layout(kind, "", said)


class ParameterDict(ModuleDict):
    """Parameters by name, for a module to look into. Twin: torch.nn.ParameterDict."""

    def add_module(self, name: str, module: Any) -> None:
        """Keep a parameter under this name."""
        setattr(self, name, module if isinstance(module, Parameter) else Parameter(module))

    def named_children(self) -> Any:
        """The parameters."""
        return ((name, p) for name, p in vars(self).items() if isinstance(p, Parameter))

    def apply(self, fn: Any) -> Any:
        """Call it on this one, which has no parts."""
        fn(self)
        return self

    def __repr__(self) -> str:
        return _listed("ParameterDict", [(name, p.type(), p) for name, p in self.items()])


class Transformer(Module):
    """An encoder and a decoder that asks it. Twin: torch.nn.Transformer. Source: Vaswani et al. (2017)."""

    def __init__(
        self, d_model: int = 512, nhead: int = 8, num_encoder_layers: int = 6, num_decoder_layers: int = 6,
        dim_feedforward: int = 2048, dropout: float = 0.1, activation: Any = "relu", batch_first: bool = False,
        norm_first: bool = False,
    ):  # fmt: skip
        super().__init__()
        sizes = (d_model, nhead, dim_feedforward, dropout, activation, 1e-5, batch_first, norm_first)
        encoder, decoder = TransformerEncoderLayer(*sizes), TransformerDecoderLayer(*sizes)
        self.encoder = TransformerEncoder(encoder, num_encoder_layers, LayerNorm(d_model))
        self.decoder = TransformerDecoder(decoder, num_decoder_layers, LayerNorm(d_model))
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first
        for p in self.parameters():
            if p.ndim > 1:
                init.xavier_uniform_(p)

    def forward(
        self, src: Tensor, tgt: Tensor, src_mask: Any = None, tgt_mask: Any = None, memory_mask: Any = None,
        src_key_padding_mask: Any = None, tgt_key_padding_mask: Any = None, memory_key_padding_mask: Any = None,
    ) -> Tensor:  # fmt: skip
        memory = self.encoder(src, src_mask, src_key_padding_mask)
        return self.decoder(tgt, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask)

    @staticmethod
    def generate_square_subsequent_mask(sz: int, device: Any = None, dtype: Any = None) -> Tensor:
        """-inf above the diagonal, 0 elsewhere."""
        return wrap(np.triu(np.full((sz, sz), -np.inf, np.float32), 1))


class Unfold(Module):
    """Windows as columns. Twin: torch.nn.Unfold."""

    def __init__(self, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1):
        super().__init__()
        self.sizes = kernel_size, dilation, padding, stride

    def forward(self, x: Tensor) -> Tensor:
        return G.unfold(x, *self.sizes)


def _pair(x: Any) -> tuple:
    """One number twice; several as they are."""
    return tuple(x) if isinstance(x, tuple | list) else (x, x)


Dropout3d = Dropout2d

__all__ = [
    "AdaptiveAvgPool1d", "AdaptiveMaxPool2d", "Bilinear", "CircularPad1d", "CircularPad2d", "ConstantPad1d",
    "ConstantPad2d", "ConvTranspose1d", "Dropout3d", "EmbeddingBag", "InstanceNorm1d", "InstanceNorm2d",
    "LazyBatchNorm1d", "LazyBatchNorm2d", "LazyConv1d", "LazyConv2d", "LazyConvTranspose2d", "LazyLinear",
    "ParameterDict", "ParameterList", "PixelShuffle", "PixelUnshuffle", "ReflectionPad1d", "ReflectionPad2d",
    "ReplicationPad1d", "ReplicationPad2d", "Transformer", "Unfold", "Upsample", "UpsamplingBilinear2d",
    "UpsamplingNearest2d", "ZeroPad1d", "ZeroPad2d", "_pair",
]  # fmt: skip
