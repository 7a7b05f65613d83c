import os

import torch
from torch import nn

with torch.serialization.safe_globals([]):
    state = torch.load(os.environ["WEIGHTS"], map_location=torch.device("cpu"), weights_only=True)
model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(18, 3))
print(model.load_state_dict(state["model"]), state["epoch"])
model.eval()
out = model(torch.linspace(-1, 1, 50).view(2, 1, 5, 5))
print([round(v, 4) for v in out.flatten().tolist()], state["model"]["1.num_batches_tracked"].item())
