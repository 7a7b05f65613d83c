"""An MLP learns two rings: momentum, binary cross-entropy, accuracy on new points."""

import numpy as np

import dlcore
from dlcore import nn, optim


def batch(step, dtype=dlcore.float32):
    rng = np.random.default_rng(step)
    angle, ring = rng.uniform(0, 2 * np.pi, 64), rng.integers(0, 2, 64)
    radius = 1 + ring + 0.1 * rng.standard_normal(64)
    x = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return dlcore.tensor(x, dtype=dtype), dlcore.tensor(ring, dtype=dtype)


def build():
    return nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1))


def loss_of(model, x, y):
    return nn.BCEWithLogitsLoss()(model(x).squeeze(1), y)


def train(model, steps, dtype=dlcore.float32):
    optimizer = optim.SGD(model.parameters(), lr=0.3, momentum=0.9, nesterov=True, weight_decay=1e-4)
    losses = []
    for step in range(steps):
        x, y = batch(step, dtype)
        optimizer.zero_grad()
        loss = loss_of(model, x, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def score(model):
    x, y = batch(-1 % 2**32)
    with dlcore.no_grad():
        return ((model(x).squeeze(1) > 0) == (y > 0.5)).float().mean().item()


if __name__ == "__main__":
    dlcore.manual_seed(0)
    model = build()
    losses = train(model, 120)
    print(f"loss {losses[0]:.3f} to {losses[-1]:.3f}, accuracy {score(model):.2f}")
