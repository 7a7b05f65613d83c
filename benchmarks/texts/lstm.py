"""Character LSTM: embedding, LSTM, linear; the next character at every position."""

from dlcore import nn, optim, tensor


class CharLSTM(nn.Module):
    def __init__(self, vocabulary, embedding, hidden):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, embedding)
        self.lstm = nn.LSTM(embedding, hidden, batch_first=True)
        self.head = nn.Linear(hidden, vocabulary)

    def forward(self, ids):
        states, _ = self.lstm(self.embedding(ids))  # (N, T, D)
        return self.head(states)  # (N, T, V)


def start(weights, data, *, vocabulary, embedding, hidden, lr, compile=lambda function: function):
    """Build the network from given weights and return the function that makes one training step."""
    model = CharLSTM(vocabulary, embedding, hidden)
    model.load_state_dict({name: tensor(w) for name, w in weights.items()})
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr=lr)
    x, y = (tensor(a) for a in data)

    @compile
    def objective(x, y):
        return criterion(model(x).reshape(-1, vocabulary), y.reshape(-1))

    def step():
        optimizer.zero_grad()
        loss = objective(x, y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step
