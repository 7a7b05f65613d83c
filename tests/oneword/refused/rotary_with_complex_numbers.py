import torch

freqs = torch.outer(torch.arange(4).float(), torch.ones(2))
freqs_cis = torch.polar(torch.ones_like(freqs), freqs)
x = torch.view_as_complex(torch.ones(4, 2, 2))
print(torch.view_as_real(x * freqs_cis))
