import copy
import math
from typing import List, Optional, Tuple, Union

import torch
from torch import nn
from torch.nn import Module, Parameter


class PrepareForMultiHeadAttention(Module):
    def __init__(self, d_model: int, heads: int, d_k: int, bias: bool):
        super().__init__()
        self.linear = nn.Linear(d_model, heads * d_k, bias=bias)
        self.heads, self.d_k = heads, d_k

    def forward(self, x: torch.Tensor):
        head_shape = x.shape[:-1]
        return self.linear(x).view(*head_shape, self.heads, self.d_k)


class MultiHeadAttention(Module):
    def __init__(self, heads: int, d_model: int, dropout_prob: float = 0.0, bias: bool = True):
        super().__init__()
        self.d_k, self.heads = d_model // heads, heads
        self.query = PrepareForMultiHeadAttention(d_model, heads, self.d_k, bias=bias)
        self.key = PrepareForMultiHeadAttention(d_model, heads, self.d_k, bias=bias)
        self.value = PrepareForMultiHeadAttention(d_model, heads, self.d_k, bias=True)
        self.softmax = nn.Softmax(dim=1)
        self.output = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout_prob)
        self.scale = 1 / math.sqrt(self.d_k)

    def forward(self, *, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: Optional[torch.Tensor] = None):
        seq_len, batch_size, _ = query.shape
        query, key, value = self.query(query), self.key(key), self.value(value)
        scores = torch.einsum("ibhd,jbhd->ijbh", query, key)
        scores *= self.scale
        if mask is not None:
            scores = scores.masked_fill(mask == 0, float("-inf"))
        attn = self.dropout(self.softmax(scores))
        x = torch.einsum("ijbh,jbhd->ibhd", attn, value)
        self.attn = attn.detach()
        return self.output(x.reshape(seq_len, batch_size, -1))


class LayerNorm(Module):
    def __init__(self, normalized_shape: Union[int, List[int], torch.Size], *, eps: float = 1e-5, elementwise_affine: bool = True):
        super().__init__()
        if isinstance(normalized_shape, int):
            normalized_shape = torch.Size([normalized_shape])
        elif isinstance(normalized_shape, list):
            normalized_shape = torch.Size(normalized_shape)
        assert isinstance(normalized_shape, torch.Size)
        self.normalized_shape, self.eps = normalized_shape, eps
        self.gain, self.bias = nn.Parameter(torch.ones(normalized_shape)), nn.Parameter(torch.zeros(normalized_shape))

    def forward(self, x: torch.Tensor):
        assert self.normalized_shape == x.shape[-len(self.normalized_shape) :]
        dims = [-(i + 1) for i in range(len(self.normalized_shape))]
        mean = x.mean(dim=dims, keepdim=True)
        mean_x2 = (x**2).mean(dim=dims, keepdim=True)
        x_norm = (x - mean) / torch.sqrt(mean_x2 - mean**2 + self.eps)
        return self.gain * x_norm + self.bias


class Generator(Module):
    def __init__(self, n_vocab: int, d_model: int):
        super().__init__()
        self.projection = nn.Linear(d_model, n_vocab)

    def forward(self, x):
        return self.projection(x)


def clone_module_list(module: Module, n: int) -> nn.ModuleList:
    return nn.ModuleList([copy.deepcopy(module) for _ in range(n)])


def subsequent_mask(seq_len):
    mask = torch.tril(torch.ones(seq_len, seq_len, dtype=torch.bool))
    return mask.unsqueeze(-1).unsqueeze(-1)


attn, norm, head = MultiHeadAttention(2, 6), LayerNorm(6), Generator(5, 6)
layers = clone_module_list(attn, 2)
for layer in [*layers, norm, head]:
    for i, p in enumerate(layer.parameters()):
        if p.dim() > 1:
            nn.init.xavier_uniform_(p)
            p.data.copy_(0.4 * torch.sin(torch.arange(p.numel()).float() + i).view(p.shape))
        elif i > 1 or layer is not norm:
            nn.init.constant_(p, 0.1)
x = torch.cos(torch.arange(4 * 2 * 6) * 0.5).view(4, 2, 6)
for layer in layers:
    h = norm(x)
    x = x + layer(query=h, key=h, value=h, mask=subsequent_mask(len(x)))
out = head(norm(x))
loss = nn.CrossEntropyLoss()(out.view(-1, out.shape[-1]), torch.tensor([0, 1, 2, 3, 4, 0, 1, 2]))
loss.backward()
print(f"{loss.item():.5f}", round(layers[0].query.linear.weight.grad.norm().item(), 5), tuple(layers[1].attn.shape))
print(layers[0].attn[0, :, 0, 0].tolist())
