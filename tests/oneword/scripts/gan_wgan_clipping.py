import numpy as np
import torch
import torch.nn as nn
from torch.autograd import Variable

np.random.seed(1)
FloatTensor, LongTensor = torch.FloatTensor, torch.LongTensor
generator = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
discriminator = nn.Sequential(nn.Linear(2, 4), nn.LeakyReLU(0.2), nn.Linear(4, 1))
for i, p in enumerate([*generator.parameters(), *discriminator.parameters()]):
    p.data = torch.linspace(-0.2, 0.2, p.numel()).view(p.size()) + 0.05 * i
optimizer_G = torch.optim.RMSprop(generator.parameters(), lr=0.005)
optimizer_D = torch.optim.RMSprop(discriminator.parameters(), lr=0.005)
real = Variable(FloatTensor(np.random.normal(1, 0.1, (16, 2))))
for step in range(12):
    optimizer_D.zero_grad()
    z = Variable(FloatTensor(np.random.normal(0, 1, (16, 3))))
    fake_imgs = generator(z).detach()
    loss_D = -torch.mean(discriminator(real)) + torch.mean(discriminator(fake_imgs))
    loss_D.backward()
    optimizer_D.step()
    for p in discriminator.parameters():
        p.data.clamp_(-0.3, 0.3)
    if step % 4 == 0:
        optimizer_G.zero_grad()
        loss_G = -torch.mean(discriminator(generator(z)))
        loss_G.backward()
        optimizer_G.step()
        print("[D loss: %.4f] [G loss: %.4f]" % (loss_D.item(), loss_G.item()))
labels = Variable(LongTensor(np.random.randint(0, 4, 5)))
print(nn.Embedding(4, 4)(labels).size(1), max(p.abs().max().item() for p in discriminator.parameters()) <= 0.3)
