"""GPT in small: pre-norm blocks of causal attention and feed-forward network, the next character at every position."""

from dlcore import nn, optim, tensor

attention = nn.functional.scaled_dot_product_attention


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.out = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.mlp = nn.Sequential(nn.Linear(d, 4 * d), nn.GELU(), nn.Linear(4 * d, d))

    def forward(self, x):
        n, t, d = x.shape
        qkv = self.qkv(self.norm1(x)).reshape(n, t, 3, self.heads, d // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)  # each (N, h, T, D/h)
        mixed = attention(q, k, v, is_causal=True)
        x = x + self.out(mixed.transpose(1, 2).reshape(n, t, d))
        return x + self.mlp(self.norm2(x))


class GPT(nn.Module):
    def __init__(self, vocabulary, context, d, heads, layers):
        super().__init__()
        self.token = nn.Embedding(vocabulary, d)
        self.position = nn.Embedding(context, d)
        self.blocks = nn.Sequential(*[Block(d, heads) for _ in range(layers)])
        self.norm = nn.LayerNorm(d)
        self.head = nn.Linear(d, vocabulary)

    def forward(self, ids):  # (N, T) -> (N, T, V)
        x = self.token(ids) + self.position.weight[: ids.shape[1]]
        return self.head(self.norm(self.blocks(x)))


def start(weights, data, *, vocabulary, context, d, heads, layers, lr, compile=lambda function: function):
    """Build the network from given weights and return the function that makes one training step."""
    model = GPT(vocabulary, context, d, heads, layers)
    model.load_state_dict({name: tensor(w) for name, w in weights.items()})
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.AdamW(model.parameters(), lr=lr)
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
