import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

sequences = [torch.sin(torch.arange(n * 3).float()).view(n, 3) for n in (5, 3, 2)]
padded = pad_sequence(sequences, batch_first=True)
print(padded.shape[1], padded[2, 2:].abs().sum().item())
for kind in (nn.GRU, nn.LSTM):
    net = kind(3, 4, batch_first=True, bidirectional=True)
    for i, p in enumerate(net.parameters()):
        p.data = 0.3 * torch.cos(torch.arange(p.numel()) + i).view(p.shape)
    net.flatten_parameters()
    packed = pack_padded_sequence(padded, torch.tensor([5, 3, 2]), batch_first=True, enforce_sorted=False)
    output, hidden = net(packed)
    hidden = hidden[0] if isinstance(hidden, tuple) else hidden
    output, lengths = pad_packed_sequence(output, batch_first=True)
    (output.sum() + hidden.pow(2).sum()).backward()
    print(lengths.tolist(), [round(v, 4) for v in hidden[:, 1, 0].tolist()], round(net.weight_ih_l0.grad.norm().item(), 4))
    print([round(v, 4) for v in output[1, :, 0].tolist()])
