# ruff: noqa
"""Another right solution of assignment 7: whatever dlcore has, dlcore does; answers are its tensors."""

import dlcore
from dlcore import nn, optim, tensor
from dlcore.models import transformers
from dlcore.nn import functional as F

shares_q1 = F.softmax(tensor([key_1, key_2]).double() @ tensor(query).double() / 4**0.5, dim=0)

blend_q2 = F.softmax(tensor(scores_q2[:2]).double(), dim=0) @ tensor(values_q2[:2]).double()


def attention(q, k, v):
    return F.scaled_dot_product_attention(tensor(q), tensor(k), tensor(v))


def causal_weights(scores):
    hidden = dlcore.full(scores.shape[-2:], float("-inf")).triu(1)
    return F.softmax(tensor(scores) + hidden, dim=-1)


def split_heads(x, h):
    return tensor(x).reshape(len(x), h, -1).transpose(0, 1)


def merge_heads(y):
    return tensor(y).transpose(0, 1).flatten(1)


def layer_norm(x, weight, bias, eps=1e-5):
    return F.layer_norm(tensor(x), (x.shape[1],), tensor(weight), tensor(bias), eps)


def feed_forward(x, w1, b1, w2, b2):
    first = F.gelu(F.linear(tensor(x), tensor(w1), tensor(b1)), approximate="tanh")
    return F.linear(first, tensor(w2), tensor(b2))


def block(x, weights, h):
    layer = transformers.Block(x.shape[1], h).double()
    layer.load_state_dict({name: tensor(weight) for name, weight in weights.items()})
    return layer(tensor(x)[None])[0]


def gpt(tokens, weights, h):
    (v, d), n = weights["embed.weight"].shape, len({name.split(".")[1] for name in weights if name[:6] == "blocks"})
    model = transformers.GPT(v, len(weights["position.weight"]), d, h, n).double()
    model.head.weight = nn.Parameter(tensor(weights["head.weight"]))
    model.load_state_dict({name: tensor(weight) for name, weight in weights.items()})
    return model(tensor(tokens)[None])[0]


def choose(logits, temperature, u):
    if temperature == 0:
        return tensor(logits).argmax()
    return (F.softmax(tensor(logits) / temperature, dim=0).cumsum(0) <= u).sum()


model = transformers.GPT(len(words), context=8, dim=48, heads=2, layers=2)
optimiser = optim.AdamW(model.parameters(), lr=0.003)
for step in range(250):
    optimiser.zero_grad()
    F.cross_entropy(model(tensor(windows[:, :8])).transpose(1, 2), tensor(windows[:, 1:])).backward()
    optimiser.step()
learned_q12 = {name: weight.tolist() for name, weight in model.state_dict().items()} | {"tokens": tokens.tolist()}
