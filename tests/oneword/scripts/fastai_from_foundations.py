from functools import partial

import torch
from torch import nn, optim, tensor
from torch.nn import init
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, SequentialSampler, default_collate


class Dataset:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


class Module:
    def __call__(self, *args):
        self.args = args
        self.out = self.forward(*args)
        return self.out

    def backward(self):
        self.bwd(self.out, *self.args)


class Relu(Module):
    def forward(self, inp):
        return inp.clamp_min(0.0)

    def bwd(self, out, inp):
        inp.g = (inp > 0).float() * out.g


class Lin(Module):
    def __init__(self, w, b):
        self.w, self.b = w, b

    def forward(self, inp):
        return inp @ self.w + self.b

    def bwd(self, out, inp):
        inp.g = out.g @ self.w.t()
        self.w.g = inp.t() @ out.g
        self.b.g = out.g.sum(0)


class Mse(Module):
    def forward(self, inp, targ):
        return (inp.squeeze() - targ).pow(2).mean()

    def bwd(self, out, inp, targ):
        inp.g = 2 * (inp.squeeze() - targ).unsqueeze(-1) / targ.shape[0]


x, y = torch.linspace(-1, 1, 40).view(10, 4), torch.linspace(0, 1, 10)
w1, w2 = torch.sin(torch.arange(12.0)).view(4, 3), torch.cos(torch.arange(3.0)).view(3, 1)
layers, loss = [Lin(w1, torch.zeros(3)), Relu(), Lin(w2, torch.zeros(1))], Mse()
h = x
for l in layers:
    h = l(h)
out = loss(h, y)
loss.backward()
for l in reversed(layers):
    l.backward()
w1g, w2g = w1.clone().requires_grad_(True), w2.clone().requires_grad_(True)
((torch.relu(x @ w1g) @ w2g).squeeze() - y).pow(2).mean().backward()
print(torch.allclose(w1.g, w1g.grad, atol=1e-6), torch.allclose(w2.g, w2g.grad, atol=1e-6), round(out.item(), 5))


def fit(epochs, model, loss_func, opt, train_dl, valid_dl):
    for epoch in range(epochs):
        model.train()
        for xb, yb in train_dl:
            loss = loss_func(model(xb), yb)
            loss.backward()
            opt.step()
            opt.zero_grad()
        model.eval()
        with torch.no_grad():
            tot_loss, tot_acc, count = 0.0, 0.0, 0
            for xb, yb in valid_dl:
                pred = model(xb)
                n = len(xb)
                count += n
                tot_loss += loss_func(pred, yb).item() * n
                tot_acc += (pred.argmax(dim=1) == yb).float().mean().item() * n
        print(epoch, round(tot_loss / count, 4), round(tot_acc / count, 4))


train_ds = Dataset(torch.sin(torch.arange(160) * 0.7).view(40, 4), torch.arange(40) % 2)
samp = BatchSampler(SequentialSampler(train_ds), batch_size=8, drop_last=False)
train_dl = DataLoader(train_ds, batch_sampler=samp, collate_fn=default_collate)
valid_dl = DataLoader(train_ds, 16, sampler=SequentialSampler(train_ds))
acts = {}


def append_stats(i, mod, inp, outp):
    acts.setdefault(i, []).append((round(outp.mean().item(), 3), round(outp.std().item(), 3)))


model = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 2))
for i, p in enumerate(model.parameters()):
    p.data = torch.linspace(-0.5, 0.6, p.numel()).view(p.shape)
hooks = [m.register_forward_hook(partial(append_stats, i)) for i, m in enumerate(model)]
opt = optim.SGD(model.parameters(), lr=0.5)
fit(3, model, nn.functional.cross_entropy, opt, train_dl, valid_dl)
for hook in hooks:
    hook.remove()
print(acts[1][-1], len(acts[0]), sorted(RandomSampler(train_ds))[:3])
sched = optim.lr_scheduler.OneCycleLR(opt, 0.1, total_steps=10)
lrs = []
for _ in range(9):
    opt.step()
    sched.step()
    lrs.append(round(opt.param_groups[0]["lr"], 5))
print(lrs[:4], init.kaiming_normal_(torch.empty(3, 3)).shape[0], tensor([1.0, 2.0]).histc(2, 0, 3).tolist())
