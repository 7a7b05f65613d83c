"""Models for images: LeNet, and a residual network in small."""

from collections.abc import Sequence

from dlcore import Tensor, nn


class LeNet(nn.Module):
    """Two convolutions, each followed by pooling, then three linear layers.

    Shapes: x (N, channels, 28, 28) to logits (N, classes).
    Source: LeCun, Bottou, Bengio & Haffner (1998), Gradient-based learning applied to document recognition, section II,
    with ReLU and max pooling in place of what was usual then.

    >>> import dlcore
    >>> LeNet()(dlcore.zeros(5, 1, 28, 28)).shape
    torch.Size([5, 10])
    """

    def __init__(self, classes: int = 10, channels: int = 1):
        super().__init__()
        first = nn.Conv2d(channels, 6, kernel_size=5, padding=2)  # to (N, 6, 28, 28), pooled (N, 6, 14, 14)
        second = nn.Conv2d(6, 16, kernel_size=5)  # to (N, 16, 10, 10), pooled (N, 16, 5, 5)
        self.features = nn.Sequential(first, nn.ReLU(), nn.MaxPool2d(2), second, nn.ReLU(), nn.MaxPool2d(2))
        hidden = nn.Linear(16 * 5 * 5, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU()
        self.classifier = nn.Sequential(nn.Flatten(), *hidden, nn.Linear(84, classes))

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x))


class ResidualBlock(nn.Module):
    """Two convolutions whose result is added to the block's input: `relu(x + f(x))`.

    Where the block changes the number of channels or the size, a convolution of size 1 makes x fit.

    Shapes: x (N, inputs, H, W) to (N, outputs, H/stride, W/stride).
    Source: He, Zhang, Ren & Sun (2016), Deep residual learning for image recognition, figure 2.

    >>> import dlcore
    >>> ResidualBlock(4, 8, stride=2)(dlcore.zeros(5, 4, 6, 6)).shape
    torch.Size([5, 8, 3, 3])
    """

    def __init__(self, inputs: int, outputs: int, stride: int = 1):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, kernel_size=3, stride=stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, kernel_size=3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU()
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            fit = nn.Conv2d(inputs, outputs, kernel_size=1, stride=stride, bias=False)
            self.shortcut = nn.Sequential(fit, nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.norm1(self.conv1(x)))
        y = self.norm2(self.conv2(y))
        return self.relu(y + self.shortcut(x))


class ResNet(nn.Module):
    """A stem, stages of residual blocks, the mean over all places, one linear layer.

    Each stage after the first halves height and width.

    Shapes: x (N, channels, H, W) to logits (N, classes).
    Source: He, Zhang, Ren & Sun (2016), section 4.2; `widths=(16, 32, 64), blocks=3` is their network of 20 layers.

    >>> import dlcore
    >>> ResNet(widths=(4, 8), blocks=1)(dlcore.zeros(5, 1, 8, 8)).shape
    torch.Size([5, 10])
    """

    def __init__(self, classes: int = 10, channels: int = 1, widths: Sequence[int] = (16, 32, 64), blocks: int = 1):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(channels, widths[0], kernel_size=3, padding=1, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU()
        )
        stages, inputs = [], widths[0]
        for stage, width in enumerate(widths):
            for block in range(blocks):
                stages.append(ResidualBlock(inputs, width, stride=2 if stage and not block else 1))
                inputs = width
        self.stages = nn.Sequential(*stages)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(inputs, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stages(self.stem(x))  # (N, C, h, w)
        return self.head(self.pool(x).flatten(1))
