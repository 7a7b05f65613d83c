"""A CNN tells upright from flat bars: batch norm, Adam, a cosine schedule, train and eval."""

import numpy as np

import dlcore
import dlcore.nn.functional as F  # noqa: N812
from dlcore import nn
from dlcore.optim import Adam
from dlcore.optim.lr_scheduler import CosineAnnealingLR


def batch(step, dtype=dlcore.float32):
    rng = np.random.default_rng(step)
    images, labels = 0.3 * rng.standard_normal((16, 1, 12, 12)), rng.integers(0, 2, 16)
    for image, label, place in zip(images, labels, rng.integers(2, 10, 16), strict=True):
        image[0, place, 2:10] += label
        image[0, 2:10, place] += 1 - label
    return dlcore.tensor(images, dtype=dtype), dlcore.tensor(labels)


class Net(nn.Module):
    def __init__(self, channels=4):
        super().__init__()
        self.conv1 = nn.Conv2d(1, channels, kernel_size=3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, 2 * channels, kernel_size=3, stride=2, bias=False)
        self.norm2 = nn.BatchNorm2d(2 * channels)
        self.pool = nn.MaxPool2d(2)
        self.head = nn.Linear(2 * channels * 4, 2)

    def forward(self, x):
        x = self.pool(F.relu(self.norm1(self.conv1(x))))  # (N, C, 6, 6)
        x = F.relu(self.norm2(self.conv2(x)))  # (N, 2C, 2, 2)
        return self.head(x.flatten(1))


def build():
    return Net()


def loss_of(model, x, y):
    return F.cross_entropy(model(x), y, label_smoothing=0.05)


def train(model, steps, dtype=dlcore.float32):
    optimizer = Adam(model.parameters(), lr=0.02)
    schedule = CosineAnnealingLR(optimizer, T_max=steps)
    losses = []
    model.train()
    for step in range(steps):
        x, y = batch(step, dtype)
        loss = loss_of(model, x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses


def score(model):
    model.eval()
    x, y = batch(10_000)
    with dlcore.no_grad():
        return (model(x).argmax(dim=1) == y).float().mean().item()


if __name__ == "__main__":
    dlcore.manual_seed(0)
    model = build()
    losses = train(model, 60)
    print(f"loss {losses[0]:.3f} to {losses[-1]:.3f}, accuracy {score(model):.2f}")
