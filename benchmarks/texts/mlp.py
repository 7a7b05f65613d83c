"""Multi-layer perceptron: the text of the first three workloads."""

from dlcore import nn, optim, tensor


def start(weights, data, *, sizes, activation, loss, optimiser, lr, compile=lambda function: function):
    """Build the network from given weights and return the function that makes one training step."""
    layers = []
    for i, (fan_in, fan_out) in enumerate(zip(sizes, sizes[1:], strict=False)):
        layers += [nn.Linear(fan_in, fan_out)] + ([getattr(nn, activation)()] if i < len(sizes) - 2 else [])
    model = nn.Sequential(*layers)
    model.load_state_dict({name: tensor(w) for name, w in weights.items()})
    criterion = getattr(nn, loss)()
    optimizer = getattr(optim, optimiser)(model.parameters(), lr=lr)
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
