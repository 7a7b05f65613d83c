import random

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils import data


def synthetic_data(w, b, num_examples):
    X = torch.normal(0, 1, (num_examples, len(w)))
    y = torch.matmul(X, w) + b
    y += torch.normal(0, 0.01, y.shape)
    return X, y.reshape((-1, 1))


def data_iter(batch_size, features, labels):
    num_examples = len(features)
    indices = list(range(num_examples))
    random.shuffle(indices)
    for i in range(0, num_examples, batch_size):
        batch_indices = torch.tensor(indices[i : min(i + batch_size, num_examples)])
        yield features[batch_indices], labels[batch_indices]


def linreg(X, w, b):
    return torch.matmul(X, w) + b


def sgd(params, lr, batch_size):
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad / batch_size
            param.grad.zero_()


true_w, true_b = torch.tensor([2, -3.4]), 4.2
features, labels = synthetic_data(true_w, true_b, 400)
w = torch.normal(0, 0.01, size=(2, 1), requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for epoch in range(3):
    for X, y in data_iter(10, features, labels):
        l = (linreg(X, w, b) - y.reshape(y.shape)) ** 2 / 2
        l.sum().backward()
        sgd([w, b], 0.1, 10)
print(f"found: {bool((true_w - w.reshape(true_w.shape)).abs().max() < 0.05)} {abs(true_b - b.item()) < 0.05}")


def softmax(X):
    X_exp = torch.exp(X)
    partition = X_exp.sum(1, keepdim=True)
    return X_exp / partition


def cross_entropy(y_hat, y):
    return -torch.log(y_hat[range(len(y_hat)), y])


def accuracy(y_hat, y):
    if len(y_hat.shape) > 1 and y_hat.shape[1] > 1:
        y_hat = y_hat.argmax(axis=1)
    cmp = y_hat.type(y.dtype) == y
    return float(cmp.type(y.dtype).sum())


y, y_hat = torch.tensor([0, 2]), torch.tensor([[0.1, 0.3, 0.6], [0.3, 0.2, 0.5]])
print(cross_entropy(y_hat, y), accuracy(y_hat, y) / len(y), torch.allclose(softmax(y_hat).sum(axis=1), torch.ones(2)))
net = nn.Sequential(nn.Flatten(), nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))


def init_weights(m):
    if type(m) == nn.Linear:
        nn.init.normal_(m.weight, std=0.01)
        m.weight.data[:] = torch.linspace(-1, 1, m.weight.numel()).view(m.weight.shape)


net.apply(init_weights)
net[1].bias.data.fill_(0.1)
net[3].bias.data = torch.zeros(3)
loss, trainer = nn.CrossEntropyLoss(reduction="none"), torch.optim.SGD(net.parameters(), lr=0.1)
X, y = torch.arange(24, dtype=torch.float32).reshape((6, 2, 2)) / 24, torch.tensor([0, 1, 2, 0, 1, 2])
for X_, y_ in data.DataLoader(data.TensorDataset(X, y), 3, shuffle=False):
    l = loss(net(X_), y_)
    trainer.zero_grad()
    l.mean().backward()
    trainer.step()
    print(f"{float(l.sum()):.4f}", accuracy(net(X_), y_))
A = torch.arange(20, dtype=torch.float32).reshape(5, 4)
print(A.sum(axis=[0, 1]), A.mean(axis=0), A.cumsum(axis=0)[-1], torch.norm(torch.ones((4, 9))), A.numel())
x = torch.arange(4.0)
x.requires_grad_(True)
y = 2 * torch.dot(x, x)
y.backward()
print(x.grad == 4 * x, id(x) == id(x), F.one_hot(torch.tensor([0, 2]), 3))
