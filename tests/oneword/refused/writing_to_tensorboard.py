import torch
from torch.utils.tensorboard import SummaryWriter

writer = SummaryWriter("runs")
writer.add_scalar("loss", torch.tensor(0.5), 0)
