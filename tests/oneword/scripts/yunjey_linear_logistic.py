import numpy as np
import torch
import torch.nn as nn

x_train = np.array([[3.3], [4.4], [5.5], [6.71], [6.93], [4.168], [9.779]], dtype=np.float32)
y_train = np.array([[1.7], [2.76], [2.09], [3.19], [1.694], [1.573], [3.366]], dtype=np.float32)
model = nn.Linear(1, 1)
nn.init.constant_(model.weight, 0.5)
nn.init.constant_(model.bias, 0.0)
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
for epoch in range(60):
    inputs = torch.from_numpy(x_train)
    targets = torch.from_numpy(y_train)
    outputs = model(inputs)
    loss = criterion(outputs, targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if (epoch + 1) % 20 == 0:
        print("Epoch [{}/{}], Loss: {:.4f}".format(epoch + 1, 60, loss.item()))
predicted = model(torch.from_numpy(x_train)).detach().numpy()
print(predicted.shape, round(float(predicted[0, 0]), 4))
logistic = nn.Linear(4, 3)
logistic.weight.data.zero_()
logistic.bias.data.zero_()
images, labels = torch.eye(4).repeat(3, 1), torch.arange(12) % 3
optimizer = torch.optim.SGD(logistic.parameters(), lr=0.5)
for i in range(5):
    loss = nn.CrossEntropyLoss()(logistic(images.reshape(-1, 4)), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print("Step [{}], Loss: {:.4f}".format(i + 1, loss.item()))
with torch.no_grad():
    _, predicted = torch.max(logistic(images).data, 1)
    correct = (predicted == labels).sum()
print("Accuracy: {} %".format(100 * correct.item() // 12))
