import torch
from torch.utils.data import DataLoader, Dataset


class GPTDatasetV1(Dataset):
    def __init__(self, token_ids, max_length, stride):
        self.input_ids, self.target_ids = [], []
        for i in range(0, len(token_ids) - max_length, stride):
            self.input_ids.append(torch.tensor(token_ids[i : i + max_length]))
            self.target_ids.append(torch.tensor(token_ids[i + 1 : i + max_length + 1]))

    def __len__(self):
        return len(self.input_ids)

    def __getitem__(self, idx):
        return self.input_ids[idx], self.target_ids[idx]


def create_dataloader_v1(ids, batch_size=4, max_length=4, stride=4, shuffle=True, drop_last=True, num_workers=0):
    return DataLoader(GPTDatasetV1(ids, max_length, stride), batch_size=batch_size, shuffle=shuffle, drop_last=drop_last, num_workers=num_workers)


ids = [(i * i + 3 * i) % 10 for i in range(70)]
loader = create_dataloader_v1(ids, shuffle=False)
data_iter = iter(loader)
inputs, targets = next(data_iter)
print("Inputs:\n", inputs)
print("\nTargets:\n", targets)
token_embedding_layer = torch.nn.Embedding(10, 6)
pos_embedding_layer = torch.nn.Embedding(4, 6)
with torch.no_grad():
    token_embedding_layer.weight.copy_(torch.sin(torch.arange(60).float()).view(10, 6))
    pos_embedding_layer.weight.copy_(torch.cos(torch.arange(24).float()).view(4, 6))
input_embeddings = token_embedding_layer(inputs) + pos_embedding_layer(torch.arange(4))
print(input_embeddings[0])
logits = input_embeddings @ token_embedding_layer.weight.T
probas = torch.softmax(logits, dim=-1)
print(torch.argmax(probas, dim=-1, keepdim=True)[0].flatten())
text_idx = 0
target_probas_1 = probas[text_idx, [0, 1, 2, 3], targets[text_idx]]
print(target_probas_1)
loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
print(loss, torch.exp(loss))


def generate(logits, temperature, top_k):
    top_logits, _ = torch.topk(logits, top_k)
    min_val = top_logits[:, -1]
    logits = torch.where(logits < min_val, torch.tensor(float("-inf")).to(logits.device), logits)
    return torch.softmax(logits / temperature, dim=-1)


print(generate(logits[:1, -1, :].detach(), 1.5, 3))
torch.manual_seed(123)
sample = [torch.multinomial(generate(logits[:1, -1, :], 1.5, 3)[0], num_samples=1).item() for i in range(50)]
print(torch.bincount(torch.tensor(sample), minlength=10).sum())
