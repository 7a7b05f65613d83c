import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.distributions import Bernoulli, Normal, kl_divergence

body, actor, critic = nn.Linear(3, 4), nn.Linear(4, 1), nn.Linear(4, 1)
for i, p in enumerate([*body.parameters(), *actor.parameters(), *critic.parameters()]):
    p.data.copy_(torch.linspace(-0.5, 0.5, p.nelement()).view_as(p) + 0.05 * i)
states = torch.linspace(-1, 1, 15).view(5, 3)
rewards = torch.tensor([1.0, 0.0, 2.0, 1.0, 0.5])
h = F.relu(body(states))
dist = Normal(actor(h).squeeze(-1), torch.full((5,), 0.7))
actions = torch.tensor([0.1, -0.2, 0.3, 0.0, 1.0])
value = critic(h).squeeze(-1)
advantage = rewards - value
loss = -(dist.log_prob(actions) * advantage.detach()).mean() + F.smooth_l1_loss(value, rewards) - 0.01 * dist.entropy().mean()
loss.backward()
print("loss %.5f" % loss.item(), [round(g, 4) for g in body.weight.grad.norm(dim=1).tolist()])
old = Normal(dist.mean.detach() + 0.1, dist.stddev * 1.1)
ratio = (dist.log_prob(actions) - old.log_prob(actions)).exp()
print([round(v, 4) for v in torch.min(ratio, ratio.clamp(0.8, 1.2)).tolist()], round(kl_divergence(dist, old).mean().item(), 5))
coin = Bernoulli(logits=actor(h).squeeze(-1))
print([round(v, 4) for v in coin.log_prob(torch.ones(5)).tolist()], coin.sample().shape[0], round(coin.entropy().sum().item(), 4))
