import torch
from torch import nn
from torch.nn import functional as F


def init_cnn(module):
    if type(module) == nn.Linear or type(module) == nn.Conv2d:
        nn.init.xavier_uniform_(module.weight)


net = nn.Sequential(
    nn.LazyConv2d(4, kernel_size=5, padding=2), nn.Sigmoid(), nn.AvgPool2d(kernel_size=2, stride=2),
    nn.LazyConv2d(6, kernel_size=3), nn.Sigmoid(), nn.AvgPool2d(kernel_size=2, stride=2),
    nn.Flatten(), nn.LazyLinear(12), nn.LazyBatchNorm1d(), nn.Sigmoid(), nn.LazyLinear(10),
)
X = torch.rand(size=(2, 1, 16, 16), dtype=torch.float32)
for layer in net:
    X = layer(X)
    print(layer.__class__.__name__, "output shape:\t", tuple(X.shape))
net.apply(init_cnn)
print(len(list(net.parameters())), net[0].weight.shape[1], net[-1].in_features)


def corr2d(X, K):
    h, w = K.shape
    Y = torch.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


X = torch.ones((6, 8))
X[:, 2:6] = 0
K = torch.tensor([[1.0, -1.0]])
Y = corr2d(X, K)
print(Y)
conv2d = nn.Conv2d(1, 1, kernel_size=(1, 2), bias=False)
conv2d.weight.data = torch.tensor([[[[0.3, -0.2]]]])
X, Y = X.reshape((1, 1, 6, 8)), Y.reshape((1, 1, 6, 7))
for i in range(6):
    l = (conv2d(X) - Y) ** 2
    conv2d.zero_grad()
    l.sum().backward()
    conv2d.weight.data[:] -= 3e-2 * conv2d.weight.grad
print(f"loss {l.sum():.3f}", conv2d.weight.data.reshape((1, 2)))
rnn = nn.RNN(5, 4)
for i, p in enumerate(rnn.parameters()):
    p.data = 0.3 * torch.sin(torch.arange(p.numel()) + i).view(p.shape)
state = torch.zeros((1, 2, 4))
outputs, state_new = rnn(F.one_hot(torch.tensor([[0, 2, 1], [1, 4, 3]]).T, 5).type(torch.float32), state)
print(tuple(outputs.shape), [round(v, 4) for v in state_new[0, 0].tolist()])


def sequence_mask(X, valid_len, value=0):
    maxlen = X.size(1)
    mask = torch.arange((maxlen), dtype=torch.float32, device=X.device)[None, :] < valid_len[:, None]
    X[~mask] = value
    return X


print(sequence_mask(torch.tensor([[1, 2, 3], [4, 5, 6]]), torch.tensor([1, 2])))
print(torch.bmm(torch.ones((2, 1, 4)), torch.ones((2, 4, 6))).shape[2], torch.repeat_interleave(torch.tensor([1.0, 2.0]), 2))
