import numpy as np
import torch
import torch.nn as nn

x = torch.tensor(1.0, requires_grad=True)
w = torch.tensor(2.0, requires_grad=True)
b = torch.tensor(3.0, requires_grad=True)
y = w * x + b
y.backward()
print(x.grad)
print(w.grad)
print(b.grad)
linear = nn.Linear(3, 2)
linear.weight.data.copy_(torch.tensor([[0.1, 0.2, 0.3], [-0.3, 0.2, 0.1]]))
linear.bias.data.zero_()
print("w: ", linear.weight)
print("b: ", linear.bias)
x, y = torch.arange(30.0).view(10, 3) / 10, torch.ones(10, 2)
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(linear.parameters(), lr=0.01)
loss = criterion(linear(x), y)
print("loss: {:.4f}".format(loss.item()))
loss.backward()
print("dL/dw: ", linear.weight.grad)
print("dL/db: ", linear.bias.grad)
optimizer.step()
print("loss after 1 step optimization: {:.4f}".format(criterion(linear(x), y).item()))
a = np.array([[1, 2], [3, 4]])
t = torch.from_numpy(a)
print(t.numpy() is a or np.shares_memory(t.numpy(), a), t.type())


class CustomDataset(torch.utils.data.Dataset):
    def __getitem__(self, index):
        return torch.tensor([index, index + 1])

    def __len__(self):
        return 6


loader = torch.utils.data.DataLoader(dataset=CustomDataset(), batch_size=4, shuffle=False)
for batch in loader:
    print(batch.tolist())
