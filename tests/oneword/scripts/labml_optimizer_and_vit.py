from typing import Dict

import torch
from torch import nn
from torch.optim.optimizer import Optimizer


class PatchEmbeddings(nn.Module):
    def __init__(self, d_model: int, patch_size: int, in_channels: int):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, d_model, patch_size, stride=patch_size)

    def forward(self, x: torch.Tensor):
        x = self.conv(x)
        bs, c, h, w = x.shape
        return x.permute(2, 3, 0, 1).view(h * w, bs, c)


class ClassificationHead(nn.Module):
    def __init__(self, d_model: int, n_classes: int):
        super().__init__()
        self.linear1, self.act, self.linear2 = nn.Linear(d_model, 8), nn.ReLU(), nn.Linear(8, n_classes)

    def forward(self, x):
        return self.linear2(self.act(self.linear1(x)))


patches, head = PatchEmbeddings(4, 4, 1), ClassificationHead(4, 3)
cls = nn.Parameter(torch.zeros(1, 1, 4), requires_grad=True)
encoding = nn.Parameter(torch.zeros(5, 1, 4), requires_grad=True)
encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, dim_feedforward=8, dropout=0.0), num_layers=1)
for i, p in enumerate([*patches.parameters(), *head.parameters(), *encoder.parameters(), cls, encoding]):
    p.data = 0.3 * torch.sin(torch.arange(p.numel()) * 0.9 + i).view(p.shape)
params = [p for m in (patches, head, encoder) for p in m.parameters()] + [cls, encoding]
optimizer = torch.optim.Adagrad(params, lr=0.05)
x, y = torch.cos(torch.arange(3 * 64) * 0.3).view(3, 1, 8, 8), torch.tensor([0, 2, 1])
for _ in range(4):
    h = patches(x)
    h = torch.cat([cls.expand(-1, h.shape[1], -1), h + encoding[1:]])
    loss = nn.functional.cross_entropy(head(encoder(h)[0]), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(round(loss.item(), 4))
