"""LeNet and a residual network in PyTorch."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (PyTorch's custom)


def convolution(inputs: int, outputs: int, padding: int = 0) -> tuple[nn.Module, ...]:
    """A convolution of 5 × 5, ReLU, and pooling that halves height and width."""
    return nn.Conv2d(inputs, outputs, 5, padding=padding), nn.ReLU(inplace=True), nn.MaxPool2d(2)


class LeNet(nn.Module):
    """Two convolutions, each followed by pooling, then three linear layers; (N, channels, 28, 28) to (N, classes).

    >>> import torch
    >>> LeNet()(torch.zeros(5, 1, 28, 28)).shape
    torch.Size([5, 10])
    """

    def __init__(self, classes: int = 10, channels: int = 1):
        super().__init__()
        self.features = nn.Sequential(*convolution(channels, 6, padding=2), *convolution(6, 16))
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Linear(400, 120),
            nn.ReLU(inplace=True),
            nn.Linear(120, 84),
            nn.ReLU(inplace=True),
            nn.Linear(84, classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x))


class ResidualBlock(nn.Module):
    """Two convolutions whose result is added to the input; (N, inputs, H, W) to (N, outputs, H/stride, W/stride).

    >>> import torch
    >>> ResidualBlock(4, 8, stride=2)(torch.zeros(5, 4, 6, 6)).shape
    torch.Size([5, 8, 3, 3])
    """

    def __init__(self, inputs: int, outputs: int, stride: int = 1):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Sequential()
        if stride > 1 or inputs != outputs:
            self.shortcut.append(nn.Conv2d(inputs, outputs, 1, stride, bias=False))
            self.shortcut.append(nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.norm1(self.conv1(x)), inplace=True)
        y = self.norm2(self.conv2(y))
        return F.relu(y + self.shortcut(x), inplace=True)


class ResNet(nn.Module):
    """A stem, stages of residual blocks, a mean over all places, a linear layer; (N, channels, H, W) to (N, classes).

    >>> import torch
    >>> ResNet(widths=(4, 8))(torch.zeros(5, 1, 8, 8)).shape
    torch.Size([5, 10])
    """

    def __init__(self, classes: int = 10, channels: int = 1, widths: Sequence[int] = (16, 32, 64), blocks: int = 1):
        super().__init__()
        first = widths[0]
        self.stem = nn.Sequential(
            nn.Conv2d(channels, first, 3, padding=1, bias=False), nn.BatchNorm2d(first), nn.ReLU(inplace=True)
        )
        self.stages = nn.Sequential()
        for before, width in zip((first, *widths), widths, strict=False):
            self.stages.append(ResidualBlock(before, width, stride=2 if len(self.stages) else 1))
            self.stages.extend(ResidualBlock(width, width) for _ in range(blocks - 1))
        self.head = nn.Linear(widths[-1], classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stages(self.stem(x))
        return self.head(x.mean(dim=(2, 3)))
