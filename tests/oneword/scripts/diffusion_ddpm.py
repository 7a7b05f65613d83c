import math

import torch
import torch.nn.functional as F
from torch import nn


def linear_beta_schedule(timesteps):
    return torch.linspace(0.0001, 0.02, timesteps)


def cosine_beta_schedule(timesteps, s=0.008):
    x = torch.linspace(0, timesteps, timesteps + 1)
    alphas_cumprod = torch.cos(((x / timesteps) + s) / (1 + s) * torch.pi * 0.5) ** 2
    alphas_cumprod = alphas_cumprod / alphas_cumprod[0]
    return torch.clip(1 - (alphas_cumprod[1:] / alphas_cumprod[:-1]), 0.0001, 0.9999)


timesteps = 20
betas = linear_beta_schedule(timesteps)
alphas = 1.0 - betas
alphas_cumprod = torch.cumprod(alphas, axis=0)
alphas_cumprod_prev = F.pad(alphas_cumprod[:-1], (1, 0), value=1.0)
sqrt_recip_alphas = torch.sqrt(1.0 / alphas)
posterior_variance = betas * (1.0 - alphas_cumprod_prev) / (1.0 - alphas_cumprod)


def extract(a, t, x_shape):
    out = a.gather(-1, t.cpu())
    return out.reshape(t.shape[0], *((1,) * (len(x_shape) - 1))).to(t.device)


class SinusoidalPositionEmbeddings(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.dim = dim

    def forward(self, time):
        half_dim = self.dim // 2
        embeddings = math.log(10000) / (half_dim - 1)
        embeddings = torch.exp(torch.arange(half_dim, device=time.device) * -embeddings)
        embeddings = time[:, None] * embeddings[None, :]
        return torch.cat((embeddings.sin(), embeddings.cos()), dim=-1)


class Denoiser(nn.Module):
    def __init__(self):
        super().__init__()
        self.time_mlp = nn.Sequential(SinusoidalPositionEmbeddings(8), nn.Linear(8, 8), nn.GELU())
        self.down = nn.Conv2d(1, 8, 4, 2, 1)
        self.norm = nn.GroupNorm(2, 8)
        self.up = nn.ConvTranspose2d(8, 1, 4, 2, 1)
        self.act = nn.SiLU()

    def forward(self, x, t):
        h = self.act(self.norm(self.down(x)))
        return self.up(h + self.time_mlp(t)[(...,) + (None,) * 2]) + x


model = Denoiser()
for i, p in enumerate(model.parameters()):
    p.data = 0.2 * torch.sin(torch.arange(p.numel()) * 0.8 + i).view(p.shape)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
x0 = torch.cos(torch.arange(4 * 64) * 0.2).view(4, 1, 8, 8)
for step in range(4):
    t = torch.tensor([step, 3 + step, 7 + step, 15 + step]).long()
    noise = torch.sin(torch.arange(4 * 64) * 1.9 + step).view_as(x0)
    x_noisy = extract(alphas_cumprod.sqrt(), t, x0.shape) * x0 + extract((1.0 - alphas_cumprod).sqrt(), t, x0.shape) * noise
    loss = F.smooth_l1_loss(noise, model(x_noisy, t))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"Loss: {loss.item():.5f}")


@torch.no_grad()
def p_sample(x, t, t_index):
    model_mean = extract(sqrt_recip_alphas, t, x.shape) * (x - extract(betas, t, x.shape) * model(x, t) / extract((1 - alphas_cumprod).sqrt(), t, x.shape))
    if t_index == 0:
        return model_mean
    return model_mean + torch.sqrt(extract(posterior_variance, t, x.shape)) * torch.randn_like(x) * 0


img = x0 * 0.1
for i in reversed(range(0, timesteps)):
    img = p_sample(img, torch.full((4,), i, device="cpu", dtype=torch.long), i)
print(round(img.std().item(), 3), [round(v, 4) for v in cosine_beta_schedule(10).tolist()[:3]])
