import torch
import torch.nn.functional as F


def cmp(s, dt, t):
    ex = torch.all(dt == t.grad).item()
    app = torch.allclose(dt, t.grad, atol=1e-6)
    print(f"{s:10s} | approximate: {str(app):5s} | small: {(dt - t.grad).abs().max().item() < 1e-6}")


x = torch.linspace(-2, 2, 24).view(8, 3)
W = torch.linspace(-0.5, 0.5, 12).view(3, 4).requires_grad_()
b = torch.zeros(4, requires_grad=True)
y = torch.tensor([0, 1, 2, 3, 0, 1, 2, 3])
logits = x @ W + b
logit_maxes = logits.max(1, keepdim=True).values
norm_logits = logits - logit_maxes
counts = norm_logits.exp()
counts_sum = counts.sum(1, keepdims=True)
probs = counts * counts_sum**-1
logprobs = probs.log()
loss = -logprobs[range(8), y].mean()
for t in [logits, logprobs, probs, counts]:
    t.retain_grad()
loss.backward()
dlogprobs = torch.zeros_like(logprobs)
dlogprobs[range(8), y] = -1.0 / 8
dprobs = (1.0 / probs) * dlogprobs
dlogits = F.softmax(logits, 1)
dlogits[range(8), y] -= 1
dlogits /= 8
cmp("logprobs", dlogprobs, logprobs)
cmp("probs", dprobs, probs)
cmp("logits", dlogits, logits)
cmp("W", x.T @ dlogits, W)
cmp("b", dlogits.sum(0), b)
print(f"{loss.item():.5f}", f"{F.cross_entropy(x @ W + b, y).item():.5f}")
