"""`python -m benchmarks.sweep`: single rules, forward and back, over sizes that pages use, the slowest first.

One line a case: how many times PyTorch's time dlcore takes (median of rounds), and both in milliseconds. Words after
the command choose the cases whose names hold one of them.
"""

import sys
import time

ROUNDS, SHARE = 12, 0.002  # so many rounds, each of at least so many seconds
SIZES = ((128, 64), (256, 512))
POWERS = (2, 3, 4, 5, 7, 9, 0.5, 1.5, -1, -2)
METHODS = "exp log tanh sigmoid sin abs sqrt".split()
FUNCTIONS = "relu leaky_relu elu silu gelu softplus".split()
#: Images: how many, channels in and out, side, kernel.
CONVOLUTIONS = (
    *((64, 1, 16, 28, 3), (64, 16, 32, 14, 3), (64, 1, 16, 8, 3), (64, 16, 32, 8, 3), (64, 16, 16, 8, 1)),
    *((64, 1, 6, 28, 5), (64, 6, 16, 14, 5), (64, 16, 16, 8, 7), (64, 8, 8, 16, 7), (64, 16, 16, 16, 7)),
)


def cases():
    """Yield (name, function of the library, its functional part and tensors, shapes of the tensors)."""
    for n, c, o, side, k in CONVOLUTIONS:
        shapes = (n, c, side, side), (o, c, k, k), (o,)
        yield (
            f"conv2d {c}-{o} {k}x{k}, {n} of {side}x{side}",
            lambda t, f, x, w, b, k=k: f.conv2d(x, w, b, padding=k // 2),
            shapes,
        )
    for k in (3, 7):
        yield (
            f"conv1d 16-16 {k}, 64 of 64",
            lambda t, f, x, w, b, k=k: f.conv1d(x, w, b, padding=k // 2),
            ((64, 16, 64), (16, 16, k), (16,)),
        )
    for name in ("max_pool1d", "avg_pool1d"):
        yield f"{name} 2, 64x16x64", lambda t, f, x, name=name: getattr(f, name)(x, 2), ((64, 16, 64),)
    for name in ("max_pool2d", "avg_pool2d"):
        yield f"{name} 2, 64x16x28x28", lambda t, f, x, name=name: getattr(f, name)(x, 2), ((64, 16, 28, 28),)
    yield (
        "conv_transpose2d 32-16 4x4, 64 of 8x8",
        lambda t, f, x, w, b: f.conv_transpose2d(x, w, b, 2, 1),
        ((64, 32, 8, 8), (32, 16, 4, 4), (16,)),
    )
    yield "batch_norm 256x64", lambda t, f, x, w, b: f.batch_norm(x, None, None, w, b, True), ((256, 64), (64,), (64,))
    yield "group_norm 64x16x14x14", lambda t, f, x, w, b: f.group_norm(x, 4, w, b), ((64, 16, 14, 14), (16,), (16,))
    yield "einsum bhtd,bhsd->bhts", lambda t, f, x, y: t.einsum("bhtd,bhsd->bhts", x, y), ((16, 4, 32, 16),) * 2
    yield (
        "attention 16x4x32x16",
        lambda t, f, q, k, v: f.scaled_dot_product_attention(q, k, v, is_causal=True),
        ((16, 4, 32, 16),) * 3,
    )
    for size in SIZES:
        yield from flat(size)


def flat(size):
    """Cases on a matrix."""
    for p in POWERS:
        yield f"x**{p} {size}", lambda t, f, x, p=p: (x * x + 0.1) ** p, (size,)
    for name in METHODS:
        yield f"{name} {size}", lambda t, f, x, name=name: getattr(x * x + 0.1, name)(), (size,)
    for name in FUNCTIONS:
        yield f"{name} {size}", lambda t, f, x, name=name: getattr(f, name)(x), (size,)
    for name in ("softmax", "log_softmax", "logsumexp", "sum", "mean", "var", "std", "prod", "cumsum", "norm"):
        yield f"{name} {size}", lambda t, f, x, name=name: getattr(x, name)(dim=1), (size,)
    for name in ("max", "sort"):
        yield f"{name} {size}", lambda t, f, x, name=name: getattr(x, name)(dim=1)[0], (size,)
    yield f"layer_norm {size}", lambda t, f, x, w, b: f.layer_norm(x, (len(w),), w, b), (size, size[1:], size[1:])
    yield f"maximum {size}", lambda t, f, x, y: t.maximum(x, y), (size, size)
    yield f"cat {size}", lambda t, f, x, y: t.cat([x, y], 1), (size, size)
    yield f"where {size}", lambda t, f, x, y: t.where(x > 0, x, y), (size, size)
    yield f"rows {size}", lambda t, f, x: x[[1, 2, 3, 1] * 8], (size,)


def step_of(library, function, arrays):
    """The function that goes forward and back once."""
    xs = [library.tensor(a, requires_grad=True) for a in arrays]
    functional = library.nn.functional
    ones = library.ones_like(function(library, functional, *xs).detach())

    def step():
        for x in xs:
            x.grad = None
        function(library, functional, *xs).backward(ones)

    return step


def compare(function, shapes, clock=time.process_time):
    """Median ratio of times and both libraries' median milliseconds."""
    import numpy as np
    import torch

    import dlcore

    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(shape).astype(np.float32) for shape in shapes]
    steps = [step_of(library, function, arrays) for library in (torch, dlcore)]
    begin = clock()
    for step in steps:
        step()
    several, times = max(1, int(SHARE / max(clock() - begin, 1e-6))), []
    for _ in range(ROUNDS):
        for step in steps:
            begin = clock()
            for _ in range(several):
                step()
            times.append((clock() - begin) / several)
    theirs, ours = np.array(times[::2]), np.array(times[1::2])
    return float(np.median(ours / theirs)), 1e3 * float(np.median(theirs)), 1e3 * float(np.median(ours))


def main(words):
    from benchmarks.__main__ import prepare

    prepare()
    import torch

    torch.set_num_threads(1)
    chosen = [case for case in cases() if not words or any(word in case[0] for word in words)]
    rows = sorted([(compare(function, shapes), name) for name, function, shapes in chosen], reverse=True)
    for (ratio, theirs, ours), name in rows:
        print(f"{ratio:6.2f}  {name:40s} torch {theirs:8.3f} ms  dlcore {ours:8.3f} ms")


if __name__ == "__main__":
    main(sys.argv[1:])
