import torch
import torch.nn.functional as F

words = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "amelia", "ella"]
chars = sorted(list(set("".join(words))))
stoi = {s: i + 1 for i, s in enumerate(chars)}
stoi["."] = 0
block_size, V = 3, len(stoi)
X, Y = [], []
for w in words:
    context = [0] * block_size
    for ch in w + ".":
        X.append(context)
        Y.append(stoi[ch])
        context = context[1:] + [stoi[ch]]
X, Y = torch.tensor(X), torch.tensor(Y)
print(X.shape[0], Y.dtype)
g = torch.Generator().manual_seed(2147483647)
C = torch.randn((V, 2), generator=g)
W1, b1 = torch.randn((6, 12), generator=g) * 0.2, torch.randn(12, generator=g) * 0.01
W2, b2 = torch.randn((12, V), generator=g) * 0.01, torch.randn(V, generator=g) * 0
bngain, bnbias = torch.ones((1, 12)), torch.zeros((1, 12))
parameters = [C, W1, b1, W2, b2, bngain, bnbias]
for i, p in enumerate(parameters[:5]):
    p.copy_(0.3 * torch.sin(torch.arange(p.nelement()).float() + i).view(p.shape))
print(sum(p.nelement() for p in parameters))
for p in parameters:
    p.requires_grad = True
for i in range(40):
    ix = (torch.arange(16) * 3 + i) % X.shape[0]
    emb = C[X[ix]]
    hpreact = emb.view(emb.shape[0], -1) @ W1 + b1
    hpreact = bngain * (hpreact - hpreact.mean(0, keepdim=True)) / hpreact.std(0, keepdim=True) + bnbias
    h = torch.tanh(hpreact)
    logits = h @ W2 + b2
    loss = F.cross_entropy(logits, Y[ix])
    for p in parameters:
        p.grad = None
    loss.backward()
    lr = 0.1 if i < 30 else 0.01
    for p in parameters:
        p.data += -lr * p.grad
    if i % 10 == 0:
        print(f"{i:7d}: {loss.item():.4f} {loss.log10().item():.4f}")
counts = torch.zeros((V, V), dtype=torch.int32)
for w in words:
    for a, b in zip("." + w, w + "."):
        counts[stoi[a], stoi[b]] += 1
P = (counts + 1).float()
P /= P.sum(1, keepdims=True)
print(round(-P[X[:, -1], Y].log().mean().item(), 4), torch.multinomial(P[0], num_samples=1, replacement=True, generator=g).item() < V)
