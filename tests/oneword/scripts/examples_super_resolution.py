import torch
import torch.nn as nn
import torch.nn.init as init
import torch.optim as optim


class Net(nn.Module):
    def __init__(self, upscale_factor):
        super(Net, self).__init__()
        self.relu = nn.ReLU()
        self.conv1 = nn.Conv2d(1, 8, (5, 5), (1, 1), (2, 2))
        self.conv2 = nn.Conv2d(8, upscale_factor**2, (3, 3), (1, 1), (1, 1))
        self.pixel_shuffle = nn.PixelShuffle(upscale_factor)
        self._initialize_weights()

    def forward(self, x):
        return self.pixel_shuffle(self.conv2(self.relu(self.conv1(x))))

    def _initialize_weights(self):
        init.orthogonal_(self.conv1.weight, init.calculate_gain("relu"))
        init.orthogonal_(self.conv2.weight)


torch.manual_seed(0)
big = torch.sin(torch.arange(2 * 64).float() / 9).view(2, 1, 8, 8)
small = nn.functional.interpolate(big, scale_factor=0.5, mode="nearest")
model, criterion = Net(upscale_factor=2), nn.MSELoss()
optimizer = optim.Adam(model.parameters(), lr=0.01)
first = criterion(model(small), big).item()
for _ in range(40):
    optimizer.zero_grad()
    loss = criterion(model(small), big)
    loss.backward()
    optimizer.step()
print(tuple(model(small).shape), loss.item() < 0.3 * first)
print([round(v, 4) for v in nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)(small)[0, 0, 3].tolist()])
