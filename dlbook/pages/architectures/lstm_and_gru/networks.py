"""Many small recurrent networks side by side, in PyTorch: every array has an axis R of runs; and Adam for them.

Shapes: R runs, N sequences, T steps, H units, V symbols.
"""

from dataclasses import dataclass

import torch

BLOCKS = {"RNN": 1, "LSTM": 4, "GRU": 3}  # blocks of H rows of weights, in PyTorch's layout


@dataclass(frozen=True)
class Kind:
    """A recurrent layer: which, how its state's weights begin."""

    name: str = "RNN"
    begin: str = "usual"  # or "turned", "identity" (with ReLU)
    keep: float = 0.0  #: added to the first bias of the gate that keeps: an LSTM's forget, a GRU's update gate
    gain: float = 1.0  #: the state's weights are so many times larger


class Networks:
    """R networks of one kind, each from its own seed: symbols to H units to scores for K answers.

    Weights by block B, one for each of i f g o, or r z n: w (B, R, V, H), u (B, R, H, H), biases (B, R, 1, H).
    """

    def __init__(self, kinds, symbols, hidden, answers, seeds):
        kinds = [kinds] * len(seeds) if isinstance(kinds, Kind) else kinds
        self.name, self.hidden = kinds[0].name, hidden
        relu = [kind.begin == "identity" for kind in kinds]
        self.relu = torch.tensor(relu)[:, None, None] if any(relu) else None
        drawn = [
            first_weights(kind, hidden, torch.Generator().manual_seed(seed), symbols, answers)
            for kind, seed in zip(kinds, seeds, strict=True)
        ]
        parts = list(zip(*drawn, strict=True))
        blocks = [torch.stack(part, 1) for part in parts[:4]]
        self.w, self.u, self.b, self.b_hh = (part.requires_grad_() for part in blocks)
        self.v, self.d = (torch.stack(part)[None].requires_grad_() for part in parts[4:])

    def parameters(self):
        """Return the arrays that are learned; their second axis is the run."""
        return [self.w, self.u, self.b, self.b_hh, self.v, self.d]

    def states(self, x):
        """Read x (R, N, T): h after each step, and the memory that is handed on (an LSTM's c, else h)."""
        step = STEPS[self.name]
        (w, u, b, b_hh), (runs, n, _) = (side_by_side(part) for part in (self.w, self.u, self.b, self.b_hh)), x.shape
        given = w + (b if self.name == "GRU" else b + b_hh)  # (R, V, B H)
        rows = torch.nn.functional.one_hot(x.mT.flatten(1), given.shape[1]).to(given.dtype)  # (R, T N, V)
        gx = (rows @ given).unflatten(1, (-1, n))  # (R, T, N, B H)
        h = c = torch.zeros(runs, n, self.hidden)
        hs, cs = [], []
        for share in gx.unbind(1):
            h, c = step(self, share, h, c, u, b_hh)
            hs.append(h)
            cs.append(c)
        return hs, cs

    def scores(self, h):
        """From h (R, N, H) to scores (R, N, K)."""
        return h @ self.v[0] + self.d[0]


def first_weights(kind, h, generator, symbols, answers):
    """Draw one network as PyTorch does, U(±1/√H); the start of the state's weights is the kind's."""
    blocks = BLOCKS[kind.name]
    shapes = (blocks, symbols, h), (blocks, h, h), (blocks, 1, h), (blocks, 1, h), (h, answers), (1, answers)
    w, u, b, b_hh, v, d = ((2 * torch.rand(*s, generator=generator) - 1) / h**0.5 for s in shapes)
    if kind.begin != "usual":
        turned = torch.linalg.qr(torch.randn(blocks, h, h, generator=generator))[0]
        u, b, b_hh = torch.eye(h)[None] if kind.begin == "identity" else turned, 0 * b, 0 * b_hh
    if blocks > 1:
        b[1] += kind.keep  # an LSTM's forget gate, a GRU's update gate
    return w, kind.gain * u, b, b_hh, v, d


def side_by_side(part):
    """Lay the blocks side by side: (B, R, ., H) to (R, ., B H)."""
    return part.permute(1, 2, 0, 3).flatten(2)


def rnn(networks, share, h, c, u, b_hh):
    """One step of plain layers: the new state, twice."""
    a = torch.baddbmm(share, h, u)
    h = a.tanh() if networks.relu is None else torch.where(networks.relu, a.relu(), a.tanh())
    return h, h


def lstm(networks, share, h, c, u, b_hh):
    """One step of LSTMs: state and memory."""
    a = torch.baddbmm(share, h, u)
    i, f, _, o = a.sigmoid().chunk(4, -1)
    g = a[..., 2 * networks.hidden : 3 * networks.hidden].tanh()
    c = torch.addcmul(f * c, i, g)
    return o * c.tanh(), c


def gru(networks, share, h, c, u, b_hh):
    """One step of GRUs: the new state, twice."""
    two, from_h = 2 * networks.hidden, torch.baddbmm(b_hh, h, u)
    r, z = (share[..., :two] + from_h[..., :two]).sigmoid().chunk(2, -1)
    n = torch.addcmul(share[..., two:], r, from_h[..., two:]).tanh()
    h = n.lerp(h, z)
    return h, h


STEPS = {"RNN": rnn, "LSTM": lstm, "GRU": gru}


def weights(name, symbols, hidden, answers):
    """Count the numbers that are learned."""
    return BLOCKS[name] * hidden * (symbols + hidden + 2) + (hidden + 1) * answers


def gradient_over_time(networks, x, y):
    """How long the gradient of the loss is at the memory after each step, as a share of the last: (R, T)."""
    hs, cs = networks.states(x)
    for c in cs:
        c.retain_grad()
    loss = torch.nn.functional.cross_entropy(networks.scores(hs[-1]).flatten(0, 1), y.flatten(), reduction="sum")
    loss.backward()
    lengths = torch.stack([c.grad.square().sum((1, 2)).sqrt() for c in cs], 1)
    for p in networks.parameters():
        p.grad = None
    return (lengths / lengths[:, -1:]).numpy()


class Adam:
    """Adam with a rate for each run, and if asked each run's gradient clipped to a length."""

    def __init__(self, parameters, rates, limits):
        self.p, self.t = parameters, 0
        self.rates, self.limits = torch.tensor(rates)[:, None], torch.tensor(limits)[:, None]
        self.sizes = [p[:, 0].numel() for p in parameters]
        self.m, self.v = torch.zeros(2, len(rates), sum(self.sizes))

    def step(self):
        """Take a step and return how long each run's gradient was, before clipping: (R,)."""
        self.t += 1
        g = torch.cat([p.grad.transpose(0, 1).flatten(1) for p in self.p], 1)  # (R, all)
        length = g.norm(dim=1, keepdim=True)
        g *= (self.limits / length).clamp(max=1)
        self.m.lerp_(g, 0.1)
        self.v.mul_(0.999).addcmul_(g, g, value=0.001)
        steps = self.rates * (self.m / (1 - 0.9**self.t)) / ((self.v / (1 - 0.999**self.t)).sqrt() + 1e-8)
        with torch.no_grad():
            for p, part in zip(self.p, steps.split(self.sizes, 1), strict=True):
                p -= part.reshape(p.transpose(0, 1).shape).transpose(0, 1)
                p.grad = None
        return length[:, 0].numpy()
