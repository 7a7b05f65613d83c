import torch
import torch.nn as nn


def weights_init_normal(m):
    classname = m.__class__.__name__
    if classname.find("Conv") != -1:
        torch.nn.init.normal_(m.weight.data, 0.0, 0.02)
    elif classname.find("BatchNorm2d") != -1:
        torch.nn.init.normal_(m.weight.data, 1.0, 0.02)
        torch.nn.init.constant_(m.bias.data, 0.0)


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.label_emb = nn.Embedding(3, 5)
        self.init_size = 2
        self.l1 = nn.Sequential(nn.Linear(5, 8 * self.init_size**2))
        self.conv_blocks = nn.Sequential(
            nn.BatchNorm2d(8),
            nn.Upsample(scale_factor=2),
            nn.Conv2d(8, 4, 3, stride=1, padding=1),
            nn.BatchNorm2d(4, 0.8),
            nn.LeakyReLU(0.2, inplace=True),
            nn.ReflectionPad2d(1),
            nn.Conv2d(4, 1, 3),
            nn.InstanceNorm2d(1),
            nn.Tanh(),
        )

    def forward(self, noise, labels):
        gen_input = torch.mul(self.label_emb(labels), noise)
        out = self.l1(gen_input).view(-1, 8, self.init_size, self.init_size)
        return self.conv_blocks(out)


discriminator = nn.Sequential(
    nn.Conv2d(1, 4, 3, 2, 1), nn.LeakyReLU(0.2), nn.Dropout2d(0.25), nn.BatchNorm2d(4, 0.8), nn.Flatten(), nn.Linear(16, 1), nn.Sigmoid()
)
generator = Generator()
generator.apply(weights_init_normal)
discriminator.apply(weights_init_normal)
loss_fn = nn.BCELoss()
optimizer = torch.optim.Adam([*generator.parameters(), *discriminator.parameters()], lr=0.001)
labels = torch.arange(6) % 3
for _ in range(3):
    optimizer.zero_grad()
    images = generator(torch.randn(6, 5), labels)
    loss = loss_fn(discriminator(images), torch.ones(6, 1))
    loss.backward()
    optimizer.step()
print(tuple(images.shape), bool(images.abs().max() <= 1), loss.item() > 0)
print(generator.conv_blocks[1], generator.label_emb, discriminator[2])
