"""tinygrad, its step compiled by TinyJit. MLP and CNN."""

from tinygrad import Tensor, TinyJit
from tinygrad.nn import optim


def trainer(weights, optimiser, lr, loss):
    p = {k: Tensor(w).realize() for k, w in weights.items()}
    for w in p.values():
        w.requires_grad = True
    optimizer = getattr(optim, optimiser)(list(p.values()), lr=lr)

    @TinyJit
    @Tensor.train()
    def train():
        optimizer.zero_grad()
        value = loss(p).backward()
        return value.realize(*optimizer.schedule_step())

    return lambda: train().item()


def mlp(weights, data, *, sizes, activation, loss, optimiser, lr):
    x, y = (Tensor(a).realize() for a in data)
    last = 2 * (len(sizes) - 2)

    def forward(p):
        a = x
        for i in range(0, last + 2, 2):
            a = a.linear(p[f"{i}.weight"].T, p[f"{i}.bias"])
            if i != last:
                a = a.tanh() if activation == "Tanh" else a.relu()
        if loss == "BCEWithLogitsLoss":
            return a.binary_crossentropy_logits(y)
        return a.sparse_categorical_crossentropy(y)

    return trainer(weights, optimiser, lr, forward)


def cnn(weights, data, *, side, channels, classes, lr):
    x, y = (Tensor(a).realize() for a in data)

    def forward(p):
        a = x
        for i in ("0", "3"):
            a = a.conv2d(p[f"{i}.weight"], p[f"{i}.bias"], padding=1).relu().max_pool2d(2)
        return a.flatten(1).linear(p["7.weight"].T, p["7.bias"]).sparse_categorical_crossentropy(y)

    return trainer(weights, "SGD", lr, forward)


STARTS = {"mlp": mlp, "cnn": cnn}
