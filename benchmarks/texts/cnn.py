"""Convolutional network: convolution, pooling, convolution, pooling, linear."""

from dlcore import nn, optim, tensor


def start(weights, data, *, side, channels, classes, lr, compile=lambda function: function):
    """Build the network from given weights and return the function that makes one training step."""
    c0, c1, c2 = channels
    model = nn.Sequential(
        nn.Conv2d(c0, c1, 3, padding=1),  # (N, c1, side, side)
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(c1, c2, 3, padding=1),  # (N, c2, side/2, side/2)
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(c2 * (side // 4) ** 2, classes),
    )
    model.load_state_dict({name: tensor(w) for name, w in weights.items()})
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=lr)
    x, y = (tensor(a) for a in data)

    @compile
    def objective(x, y):
        return criterion(model(x), y)

    def step():
        optimizer.zero_grad()
        loss = objective(x, y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step
