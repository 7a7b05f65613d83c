import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import optim

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
random.seed(0)


class EncoderRNN(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.embedding = nn.Embedding(input_size, hidden_size)
        self.gru = nn.GRU(hidden_size, hidden_size)

    def forward(self, input, hidden):
        embedded = self.embedding(input).view(1, 1, -1)
        return self.gru(embedded, hidden)

    def initHidden(self):
        return torch.zeros(1, 1, self.hidden_size, device=device)


class AttnDecoderRNN(nn.Module):
    def __init__(self, hidden_size, output_size, max_length=6):
        super().__init__()
        self.embedding = nn.Embedding(output_size, hidden_size)
        self.attn = nn.Linear(hidden_size * 2, max_length)
        self.attn_combine = nn.Linear(hidden_size * 2, hidden_size)
        self.gru = nn.GRU(hidden_size, hidden_size)
        self.out = nn.Linear(hidden_size, output_size)

    def forward(self, input, hidden, encoder_outputs):
        embedded = self.embedding(input).view(1, 1, -1)
        attn_weights = F.softmax(self.attn(torch.cat((embedded[0], hidden[0]), 1)), dim=1)
        attn_applied = torch.bmm(attn_weights.unsqueeze(0), encoder_outputs.unsqueeze(0))
        output = F.relu(self.attn_combine(torch.cat((embedded[0], attn_applied[0]), 1)).unsqueeze(0))
        output, hidden = self.gru(output, hidden)
        return F.log_softmax(self.out(output[0]), dim=1), hidden, attn_weights


encoder, decoder = EncoderRNN(7, 5).to(device), AttnDecoderRNN(5, 8).to(device)
for i, p in enumerate([*encoder.parameters(), *decoder.parameters()]):
    p.data.copy_(0.4 * torch.sin(torch.arange(p.numel()).float() * 0.9 + i).view(p.shape))
encoder_optimizer, decoder_optimizer = optim.SGD(encoder.parameters(), lr=0.1), optim.SGD(decoder.parameters(), lr=0.1)
criterion = nn.NLLLoss()
source, goal = torch.tensor([[2], [3], [4], [1]]), torch.tensor([[5], [6], [1]])
for it in range(8):
    hidden, loss = encoder.initHidden(), 0
    encoder_optimizer.zero_grad()
    decoder_optimizer.zero_grad()
    encoder_outputs = torch.zeros(6, 5, device=device)
    for ei in range(source.size(0)):
        output, hidden = encoder(source[ei], hidden)
        encoder_outputs[ei] = output[0, 0]
    decoder_input = torch.tensor([[0]], device=device)
    for di in range(goal.size(0)):
        decoder_output, hidden, attention = decoder(decoder_input, hidden, encoder_outputs)
        topv, topi = decoder_output.topk(1)
        decoder_input = goal[di] if random.random() < 0.5 else topi.squeeze().detach()
        loss += criterion(decoder_output, goal[di])
    loss.backward()
    encoder_optimizer.step()
    decoder_optimizer.step()
    print(round(loss.item() / goal.size(0), 4))
print(attention.data.shape[1], round(attention.sum().item(), 4))
