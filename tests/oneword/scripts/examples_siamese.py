import torch
import torch.nn as nn
import torch.nn.functional as F


class SiameseNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.cnn = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(inplace=True), nn.MaxPool2d(2, stride=2))
        self.fc = nn.Sequential(nn.Linear(2 * 3 * 3 * 2, 8), nn.ReLU(inplace=True), nn.Linear(8, 1))
        self.sigmoid = nn.Sigmoid()
        self.cnn.apply(self.init_weights)
        self.fc.apply(self.init_weights)

    def init_weights(self, m):
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            m.weight.data.uniform_(-0.1, 0.1)
            m.weight.data.mul_(0).add_(torch.cos(torch.arange(m.weight.numel()).float()).view(m.weight.shape) / 3)
            m.bias.data.fill_(0.01)

    def forward_once(self, x):
        output = self.cnn(x)
        return output.view(output.size()[0], -1)

    def forward(self, a, b):
        return self.sigmoid(self.fc(torch.cat((self.forward_once(a), self.forward_once(b)), 1)))


x = (torch.arange(6 * 64) % 13).float().view(6, 1, 8, 8) / 13
model = SiameseNetwork()
optimizer = torch.optim.Adadelta(model.parameters(), lr=1.0)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.7)
for epoch in range(4):
    optimizer.zero_grad()
    outputs = model(x, x.flip(0)).squeeze()
    loss = nn.BCELoss()(outputs, torch.tensor([1.0, 0, 0, 0, 0, 1.0]))
    loss.backward()
    optimizer.step()
    scheduler.step()
    print(f"{loss.item():.5f}", torch.where(outputs > 0.5, 1, 0).tolist())
anchor, positive, negative = x[:2].flatten(1), x[2:4].flatten(1), x[4:].flatten(1)
print(round(nn.TripletMarginLoss(margin=1.0)(anchor, positive, negative).item(), 4), F.pairwise_distance(anchor, positive).shape[0])
