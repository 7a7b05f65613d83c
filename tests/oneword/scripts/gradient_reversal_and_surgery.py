import torch
from torch import nn
from torch.autograd import Function


class GradReverse(Function):
    @staticmethod
    def forward(ctx, x, lambd):
        ctx.lambd = lambd
        return x.view_as(x)

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output.neg() * ctx.lambd, None


class BinaryActivation(Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return (input > 0).float() - (input < 0).float()

    @staticmethod
    def backward(ctx, grad_output):
        (input,) = ctx.saved_tensors
        grad_input = grad_output.clone()
        grad_input[input.abs() > 1] = 0
        return grad_input


features, domain = nn.Linear(3, 4), nn.Linear(4, 2)
for i, p in enumerate([*features.parameters(), *domain.parameters()]):
    p.data = torch.linspace(-0.7, 0.8, p.numel()).view(p.shape)
x = torch.linspace(-1, 1, 15).view(5, 3)
h = BinaryActivation.apply(features(x))
loss = nn.functional.cross_entropy(domain(GradReverse.apply(h, 0.3)), torch.tensor([0, 1, 1, 0, 1]))
loss.backward()
print(round(loss.item(), 5), features.weight.grad)
h = torch.tanh(features(x))
table = torch.zeros(5, 4)
table[0] = h[0] * 2
table[1:3] += h[1:3]
table[3, 1:] -= h[3, :3].detach()
table[:, 0] *= 3
features.zero_grad()
table.pow(2).sum().backward()
print(features.weight.grad)
seen = []
handle = features.weight.register_hook(lambda g: seen.append(g.norm().item()) or g.clamp(-0.1, 0.1))
features.zero_grad()
torch.tanh(features(x)).sum().backward()
handle.remove()
print([round(v, 4) for v in seen], features.weight.grad.max())
g1, g2 = torch.autograd.grad(torch.tanh(features(x)).pow(2).sum(), [features.weight, features.bias])
print(tuple(g1.shape), [round(v, 4) for v in g2.tolist()])
nn.utils.clip_grad_value_(features.parameters(), 0.05)
print(features.bias.grad.abs().max())
