"""micrograd's demonstration: two moons, a hinge loss, and a penalty on every weight; all points at once."""

from dlcore import nn, optim, tensor


def start(weights, data, *, lr, alpha, compile=lambda function: function):
    """Build the network from given weights and return the function that makes one training step."""
    model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))
    model.load_state_dict({name: tensor(w) for name, w in weights.items()})
    optimizer = optim.SGD(model.parameters(), lr=lr)
    x, y = (tensor(a) for a in data)

    @compile
    def objective(x, y):
        margins = (1 - y * model(x)).relu()  # (N, 1)
        return margins.mean() + alpha * sum((p * p).sum() for p in model.parameters())

    def step():
        optimizer.zero_grad()
        loss = objective(x, y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step
