import time

import torch
from torch import nn
from torch.utils.data import DataLoader
from torch.utils.data.dataset import random_split

samples = [(i % 4, [(i * 3 + j) % 9 for j in range(2 + i % 3)]) for i in range(32)]


def collate_batch(batch):
    label_list, text_list, offsets = [], [], [0]
    for _label, _text in batch:
        label_list.append(int(_label))
        processed_text = torch.tensor(_text, dtype=torch.int64)
        text_list.append(processed_text)
        offsets.append(processed_text.size(0))
    return torch.tensor(label_list, dtype=torch.int64), torch.cat(text_list), torch.tensor(offsets[:-1]).cumsum(dim=0)


class TextClassificationModel(nn.Module):
    def __init__(self, vocab_size, embed_dim, num_class):
        super(TextClassificationModel, self).__init__()
        self.embedding = nn.EmbeddingBag(vocab_size, embed_dim, sparse=False)
        self.fc = nn.Linear(embed_dim, num_class)
        self.init_weights()

    def init_weights(self):
        initrange = 0.5
        self.embedding.weight.data.uniform_(-initrange, initrange)
        self.embedding.weight.data.copy_(torch.linspace(-0.5, 0.5, 54).view(9, 6))
        self.fc.weight.data.copy_(torch.linspace(-0.5, 0.5, 24).view(4, 6))
        self.fc.bias.data.zero_()

    def forward(self, text, offsets):
        return self.fc(self.embedding(text, offsets))


model = TextClassificationModel(9, 6, 4)
optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1.0, gamma=0.1)
start_time = time.time()
for epoch in range(3):
    total_acc = 0
    for label, text, offsets in DataLoader(samples, batch_size=8, shuffle=False, collate_fn=collate_batch):
        optimizer.zero_grad()
        predicted_label = model(text, offsets)
        loss = nn.CrossEntropyLoss()(predicted_label, label)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.1)
        optimizer.step()
        total_acc += (predicted_label.argmax(1) == label).sum().item()
    scheduler.step()
    print("| epoch {:3d} | accuracy {:8.3f} | loss {:.4f}".format(epoch, total_acc / 32, loss.item()), time.time() >= start_time)
train, valid = random_split(samples, [24, 8], generator=torch.Generator(device="cpu").manual_seed(0))
print(len(train), len(valid))
