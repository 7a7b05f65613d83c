import torch

edges, values = torch.tensor([[0, 1], [1, 0]]), torch.ones(2)
adjacency = torch.sparse_coo_tensor(edges, values, (2, 2))
print(torch.spmm(adjacency, torch.eye(2)))
