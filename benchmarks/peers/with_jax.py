"""JAX, compiled: what a compiler makes of the whole step. A different kind of peer, shown for its distance."""

from functools import partial

import jax
import jax.numpy as jnp

from benchmarks.peers import functional


def adam(decay=0.0, beta1=0.9, beta2=0.999, eps=1e-8):
    def update(p, g, m, v, t, lr):
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
        change = m / (1 - beta1**t) / (jnp.sqrt(v / (1 - beta2**t)) + eps)
        return p * (1 - lr * decay) - lr * change, m, v

    return update


def sgd():
    return lambda p, g, m, v, t, lr: (p - lr * g, m, v)


def trainer(weights, update, lr, objective, *data, **options):
    data = tuple(jnp.asarray(a) for a in data)

    @partial(jax.jit, donate_argnums=0)
    def train(state):
        weights, m, v, t = state
        value, grads = jax.value_and_grad(lambda p: objective(jnp, p, *data, **options))(weights)
        new = {k: update(w, grads[k], m[k], v[k], t, lr) for k, w in weights.items()}
        return value, (
            {k: a[0] for k, a in new.items()},
            {k: a[1] for k, a in new.items()},
            {k: a[2] for k, a in new.items()},
            t + 1,
        )

    zeros = {k: jnp.zeros_like(w) for k, w in weights.items()}
    state = (
        {k: jnp.array(w) for k, w in weights.items()},
        zeros,
        {k: jnp.array(z) for k, z in zeros.items()},
        jnp.ones(()),
    )

    def step():
        nonlocal state
        value, state = train(state)
        return float(value)  # waits for the result

    return step


def mlp(weights, data, *, sizes, activation, loss, optimiser, lr):
    x, y = data
    y = y if loss == "BCEWithLogitsLoss" else jax.nn.one_hot(y, sizes[-1])
    update = {"SGD": sgd, "Adam": adam}[optimiser]()
    return trainer(weights, update, lr, functional.mlp, x, y, sizes=sizes, activation=activation, loss=loss)


def cnn_loss(np, p, x, y):
    for i in ("0", "3"):
        x = jax.lax.conv_general_dilated(x, p[f"{i}.weight"], (1, 1), "SAME") + p[f"{i}.bias"][:, None, None]
        x = jax.lax.reduce_window(np.maximum(x, 0), -np.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
    return functional.cross_entropy(np, x.reshape(len(x), -1) @ p["7.weight"].T + p["7.bias"], y)


def cnn(weights, data, *, side, channels, classes, lr):
    return trainer(weights, sgd(), lr, cnn_loss, data[0], jax.nn.one_hot(data[1], classes))


def lstm(weights, data, *, vocabulary, embedding, hidden, lr):
    x, y = (jax.nn.one_hot(a.T, vocabulary) for a in data)
    return trainer(weights, adam(), lr, functional.lstm, x, y, hidden=hidden, scan=jax.lax.scan)


def gpt(weights, data, *, vocabulary, context, d, heads, layers, lr):
    x, y = (jax.nn.one_hot(a, vocabulary) for a in data)
    gelu = partial(jax.nn.gelu, approximate=False)
    return trainer(weights, adam(decay=0.01), lr, functional.gpt, x, y, d=d, heads=heads, layers=layers, gelu=gelu)


STARTS = {"mlp": mlp, "cnn": cnn, "lstm": lstm, "gpt": gpt}
