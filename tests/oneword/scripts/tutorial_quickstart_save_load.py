import os
import tempfile

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Squares(Dataset):
    def __init__(self, n, transform=None, target_transform=None):
        self.n, self.transform, self.target_transform = n, transform, target_transform

    def __len__(self):
        return self.n

    def __getitem__(self, idx):
        image = torch.full((1, 4, 4), idx / self.n)
        label = idx % 3
        if self.transform:
            image = self.transform(image)
        return image, label


class NeuralNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.flatten = nn.Flatten()
        self.linear_relu_stack = nn.Sequential(nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 3))

    def forward(self, x):
        return self.linear_relu_stack(self.flatten(x))


device = torch.accelerator.current_accelerator().type if torch.accelerator.is_available() else "cpu"
print(f"Using {device} device")
dataloader = DataLoader(Squares(12, transform=lambda im: im * 2), batch_size=5)
for X, y in dataloader:
    print(f"Shape of X [N, C, H, W]: {tuple(X.shape)}")
    print(f"Shape of y: {tuple(y.shape)} {y.dtype}")
    break
model = NeuralNetwork().to(device)
print(model)
for name, param in model.named_parameters():
    param.data = torch.linspace(-1, 1, param.numel()).reshape(param.shape)
    print(f"Layer: {name} | Size: {tuple(param.size())} | Values : {param[:2]} \n")
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=1e-1)
for epoch in range(3):
    for batch, (X, y) in enumerate(dataloader):
        loss = loss_fn(model(X), y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    print(f"loss: {loss.item():>7.4f}  [{(batch + 1) * len(X):>5d}]")
path = os.path.join(tempfile.mkdtemp(), "checkpoint.tar")
torch.save({"epoch": epoch, "model_state_dict": model.state_dict(), "optimizer_state_dict": optimizer.state_dict(), "loss": loss.item()}, path)
other = NeuralNetwork()
checkpoint = torch.load(path, weights_only=True)
print(other.load_state_dict(checkpoint["model_state_dict"]), checkpoint["epoch"])
other.eval()
print(torch.equal(other(X), model(X)), list(model.state_dict())[:2])
print(type(optimizer).__name__, optimizer.param_groups[0]["lr"])
