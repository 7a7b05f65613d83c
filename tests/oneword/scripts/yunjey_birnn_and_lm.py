import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils import clip_grad_norm_


class BiRNN(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers, num_classes):
        super(BiRNN, self).__init__()
        self.hidden_size, self.num_layers = hidden_size, num_layers
        self.lstm = nn.LSTM(input_size, hidden_size, num_layers, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(hidden_size * 2, num_classes)

    def forward(self, x):
        h0 = torch.zeros(self.num_layers * 2, x.size(0), self.hidden_size)
        c0 = torch.zeros(self.num_layers * 2, x.size(0), self.hidden_size)
        out, _ = self.lstm(x, (h0, c0))
        return self.fc(out[:, -1, :])


class RNNLM(nn.Module):
    def __init__(self, vocab_size, embed_size, hidden_size):
        super(RNNLM, self).__init__()
        self.embed = nn.Embedding(vocab_size, embed_size)
        self.lstm = nn.LSTM(embed_size, hidden_size, 1, batch_first=True)
        self.linear = nn.Linear(hidden_size, vocab_size)

    def forward(self, x, h):
        out, (h, c) = self.lstm(self.embed(x), h)
        out = out.reshape(out.size(0) * out.size(1), out.size(2))
        return self.linear(out), (h, c)


def fill(model):
    for i, p in enumerate(model.parameters()):
        p.data = torch.from_numpy(np.sin(np.arange(p.numel()) * 0.7 + i) * 0.3).float().view_as(p)


model = BiRNN(4, 3, 2, 2)
fill(model)
x, y = torch.sin(torch.arange(5 * 6 * 4).float()).reshape(-1, 6, 4), torch.tensor([0, 1, 1, 0, 1])
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for i in range(4):
    loss = nn.CrossEntropyLoss()(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print("Loss: {:.4f}".format(loss.item()))
ids = (torch.arange(60) ** 2 % 7).view(3, 20)
lm = RNNLM(7, 4, 5)
fill(lm)
optimizer = torch.optim.Adam(lm.parameters(), lr=0.02)
states = (torch.zeros(1, 3, 5), torch.zeros(1, 3, 5))
for i in range(0, ids.size(1) - 6, 6):
    inputs, targets = ids[:, i : i + 6], ids[:, (i + 1) : (i + 1) + 6]
    states = [state.detach() for state in states]
    outputs, states = lm(inputs, states)
    loss = nn.CrossEntropyLoss()(outputs, targets.reshape(-1))
    lm.zero_grad()
    loss.backward()
    norm = clip_grad_norm_(lm.parameters(), 0.5)
    optimizer.step()
    print("Step, Loss: {:.4f}, Perplexity: {:5.2f}, norm {:.3f}".format(loss.item(), np.exp(loss.item()), norm))
prob = outputs[-1].exp()
print(torch.multinomial(torch.eye(7)[3], num_samples=1).unsqueeze(1).tolist(), prob.numel())
