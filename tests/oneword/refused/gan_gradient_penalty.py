import torch
from torch import autograd, nn

critic = nn.Linear(2, 1)
x = torch.ones(4, 2, requires_grad=True)
d = critic(x)
(g,) = autograd.grad(d, x, grad_outputs=torch.ones_like(d), create_graph=True, retain_graph=True)
((g.norm(2, dim=1) - 1) ** 2).mean().backward()
