import string

import torch
import torch.nn as nn

all_letters = string.ascii_letters + " .,;'"
n_letters = len(all_letters)
categories = ["vowels", "consonants"]


def lineToTensor(line):
    tensor = torch.zeros(len(line), 1, n_letters)
    for li, letter in enumerate(line):
        tensor[li][0][all_letters.find(letter)] = 1
    return tensor


class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super(RNN, self).__init__()
        self.hidden_size = hidden_size
        self.i2h = nn.Linear(input_size, hidden_size)
        self.h2h = nn.Linear(hidden_size, hidden_size)
        self.h2o = nn.Linear(hidden_size, output_size)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, input, hidden):
        hidden = torch.tanh(self.i2h(input) + self.h2h(hidden))
        return self.softmax(self.h2o(hidden)), hidden

    def initHidden(self):
        return torch.zeros(1, self.hidden_size)


rnn, criterion, learning_rate = RNN(n_letters, 16, 2), nn.NLLLoss(), 0.05
for i, p in enumerate(rnn.parameters()):
    p.data = 0.2 * torch.sin(torch.arange(p.numel()).float() + i).view(p.shape)


def train(category_tensor, line_tensor):
    hidden = rnn.initHidden()
    rnn.zero_grad()
    for i in range(line_tensor.size()[0]):
        output, hidden = rnn(line_tensor[i], hidden)
    loss = criterion(output, category_tensor)
    loss.backward()
    for p in rnn.parameters():
        p.data.add_(p.grad.data, alpha=-learning_rate)
    return output, loss.item()


total = 0
for it, word in enumerate(["aei", "bcd", "oua", "fgh", "eio", "klm"] * 8):
    category = torch.tensor([it % 2], dtype=torch.long)
    output, loss = train(category, lineToTensor(word))
    top_n, top_i = output.topk(1)
    total += loss
    if it % 12 == 11:
        print("%d %.4f %s / %s" % (it, total / 12, word, categories[top_i[0].item()]))
        total = 0
