import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 8, 5)
        self.fc1 = nn.Linear(8 * 5 * 5, 12)
        self.fc2 = nn.Linear(12, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = torch.flatten(x, 1)
        return self.fc2(F.relu(self.fc1(x)))


net = Net()
for i, p in enumerate(net.parameters()):
    p.data = 0.2 * torch.sin(torch.arange(p.numel()) * 1.7 + i).view(p.shape)
images = torch.cos(torch.arange(8 * 3 * 32 * 32) * 0.37).view(8, 3, 32, 32)
labels = torch.tensor([3, 8, 8, 0, 6, 6, 1, 6])
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
running_loss = 0.0
for epoch in range(3):
    for i in range(0, 8, 4):
        optimizer.zero_grad()
        loss = criterion(net(images[i : i + 4]), labels[i : i + 4])
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
    print(f"[{epoch + 1}] loss: {running_loss / 2:.3f}")
    running_loss = 0.0
_, predicted = torch.max(net(images).data, 1)
print("Predicted: ", " ".join(f"{predicted[j]:5d}" for j in range(4)), (predicted == labels).sum().item())
params = list(net.parameters())
print(len(params), tuple(params[0].size()))
out = net(images[:1])
net.zero_grad()
print(out.grad_fn is not None, len(out.grad_fn.next_functions) > 0)
out.backward(torch.ones(1, 10))
print(net.conv1.bias.grad.numel())
