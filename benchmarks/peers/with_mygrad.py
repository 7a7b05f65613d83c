"""MyGrad: NumPy with a tape. Memory guarding off, as its documentation advises where speed counts."""

import mygrad as mg
import numpy as np
from mygrad.nnet.activations import relu, sigmoid, tanh
from mygrad.nnet.layers import conv_nd, max_pool
from mygrad.nnet.losses import softmax_crossentropy

from benchmarks import by_hand

mg.turn_memory_guarding_off()


def trainer(weights, loss, update):
    """One training step: `loss` of the tensors, backward, `update` of the arrays they hold."""
    tensors = {name: mg.tensor(w, copy=False) for name, w in weights.items()}

    def step():
        value = loss(tensors)
        value.backward()
        update({name: p.grad for name, p in tensors.items()})
        for p in tensors.values():
            p.null_grad()
        return value.item()

    return step


def mlp(weights, data, *, sizes, activation, loss, optimiser, lr):
    x, y = data
    act = {"Tanh": tanh, "ReLU": relu}[activation]
    last = 2 * (len(sizes) - 2)

    def bce(z):
        return (mg.maximum(z, 0) - z * y + mg.log1p(mg.exp(-mg.abs(z)))).mean()

    def forward(p):
        a = x
        for i in range(0, last + 2, 2):
            a = a @ p[f"{i}.weight"].T + p[f"{i}.bias"]
            a = act(a) if i != last else a
        return bce(a) if loss == "BCEWithLogitsLoss" else softmax_crossentropy(a, y)

    return trainer(weights, forward, {"SGD": by_hand.sgd, "Adam": by_hand.adam}[optimiser](weights, lr))


def cnn(weights, data, *, side, channels, classes, lr):
    x, y = data

    def forward(p):
        a = x
        for i in ("0", "3"):
            a = conv_nd(a, p[f"{i}.weight"], stride=1, padding=1) + p[f"{i}.bias"].reshape(1, -1, 1, 1)
            a = max_pool(relu(a), (2, 2), 2)
        return softmax_crossentropy(a.reshape(len(x), -1) @ p["7.weight"].T + p["7.bias"], y)

    return trainer(weights, forward, by_hand.sgd(weights, lr))


def lstm(weights, data, *, vocabulary, embedding, hidden, lr):
    ids, y = data[0].T.copy(), data[1].T.reshape(-1)  # time first
    (T, N), D = ids.shape, hidden  # noqa: N806

    def forward(p):
        x = p["embedding.weight"][ids] @ p["lstm.weight_ih_l0"].T + (p["lstm.bias_ih_l0"] + p["lstm.bias_hh_l0"])
        w_h, states = p["lstm.weight_hh_l0"].T, []
        h = c = np.zeros((N, D), np.float32)
        for t in range(T):
            a = x[t] + mg.matmul(h, w_h)
            c = sigmoid(a[:, D : 2 * D]) * c + sigmoid(a[:, :D]) * tanh(a[:, 2 * D : 3 * D])
            h = sigmoid(a[:, 3 * D :]) * tanh(c)
            states.append(h)
        states = mg.concatenate(states)
        return softmax_crossentropy(states @ p["head.weight"].T + p["head.bias"], y)

    return trainer(weights, forward, by_hand.adam(weights, lr))


STARTS = {"mlp": mlp, "cnn": cnn, "lstm": lstm}
