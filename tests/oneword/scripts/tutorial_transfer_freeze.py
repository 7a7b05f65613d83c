import copy

import torch
import torch.nn as nn
from torch.optim import lr_scheduler

backbone = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d((2, 2)), nn.Flatten())
for i, p in enumerate(backbone.parameters()):
    p.data = torch.linspace(-1, 1, p.numel()).view(p.shape) + 0.1 * i
model = nn.ModuleDict({"features": backbone, "fc": nn.Linear(16, 10)})
for param in model["features"].parameters():
    param.requires_grad = False
num_ftrs = model["fc"].in_features
model["fc"] = nn.Linear(num_ftrs, 2)
with torch.no_grad():
    model["fc"].weight.copy_(torch.linspace(-0.2, 0.2, 32).view(2, 16))
    model["fc"].bias.zero_()
optimizer = torch.optim.SGD(filter(lambda p: p.requires_grad, model.parameters()), lr=0.5, momentum=0.9)
scheduler = lr_scheduler.StepLR(optimizer, step_size=3, gamma=0.1)
x, y = torch.sin(torch.arange(8 * 36).float()).view(8, 1, 6, 6), torch.tensor([0, 1] * 4)
best_acc, best = 0.0, copy.deepcopy(model.state_dict())
for epoch in range(5):
    for phase in ("train", "val"):
        model.train() if phase == "train" else model.eval()
        with torch.set_grad_enabled(phase == "train"):
            outputs = model["fc"](model["features"](x))
            _, preds = torch.max(outputs, 1)
            loss = nn.functional.cross_entropy(outputs, y)
            if phase == "train":
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        acc = torch.sum(preds == y.data).double() / len(y)
        print(f"{phase} Loss: {loss.item():.4f} Acc: {acc:.4f}")
        if phase == "val" and acc > best_acc:
            best_acc, best = acc, copy.deepcopy(model.state_dict())
    scheduler.step()
model.load_state_dict(best)
print(f"Best val Acc: {best_acc:4f}", scheduler.get_last_lr(), sum(p.numel() for p in model.parameters() if p.requires_grad))
