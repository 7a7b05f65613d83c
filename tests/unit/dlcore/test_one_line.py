# ruff: noqa: E501 (tables)
"""One line each, with PyTorch and with the one word replaced: what is printed is the same."""

import contextlib
import io
import warnings

import pytest
import torch

import dlcore

#: Names in the lines: `a` (2, 3) holds 0 … 5, `i` the same integers, `b` booleans. A `¶` ends a line.
LINES = """
print(torch.mode(i, 1), torch.tensor([[1,2,2,1],[3,3,3,0]]).mode(), torch.mode(torch.tensor([[1,2,2,1],[3,3,3,0]]), 0, keepdim=True))
print(torch.tensor([1,1,2,2,0]).cummax(0), torch.tensor([[1,1,2,0,0]]).cummin(1), a.aminmax(), torch.histogram(a, 3))
print(torch.var_mean(a), torch.std_mean(a, 0), a.nanmean(), torch.diff(a), torch.diff(a, 2), torch.rot90(a), torch.cross(a[:1], a[1:], dim=1))
print(torch.kron(torch.eye(2), a), a.take_along_dim(torch.tensor([[0],[1]]), 1), torch.float_power(a, 2))
print(torch.zeros(2,3).scatter_reduce(0, i%2, a, 'sum'), torch.ones(2,3).scatter_reduce(0, i%2, a, 'mean'), torch.ones(2,3).scatter_reduce(0, i%2, a, 'mean', include_self=False))
print(torch.erf(a), torch.erfc(a), torch.special.expit(a), torch.logit(a/10), torch.logit(a, 0.1), torch.lgamma(a+1), torch.xlogy(a,a+1), torch.logaddexp(a,a))
print(torch.deg2rad(a), torch.rad2deg(a), torch.sgn(a), torch.erf(i), a.storage_offset(), a.char(), 3. in a, 9. in a, complex(a[0,1]))
w=a.clone().requires_grad_(); (torch.erf(w)+torch.erfc(2*w)+torch.sinc(w)+torch.xlogy(w, w+1)+torch.logaddexp(w, 2*w)+torch.logit(w/10+.1)).sum().backward(); print(w.grad)
print(torch.tensor_split(a, 2), torch.tensor_split(a, [1], 1), torch.hsplit(a, 3), torch.vsplit(a, 2), torch.block_diag(a, a), torch.poisson(torch.zeros(2)))
print(torch.atleast_2d(a[0]), torch.atleast_1d(a[0,0]), torch.atleast_2d(a), torch.atleast_1d(a), torch.can_cast(torch.float32, torch.int64), torch.can_cast(torch.int32, torch.float32))
print(torch.int, torch.short, torch.tensor([1], dtype=torch.int), torch.inverse(torch.eye(2)), torch.det(torch.eye(2)), torch.logdet(torch.eye(2)), torch.pinverse(torch.eye(2)))
print(torch.svd(torch.tensor([[2.,0.],[0.,1.]])), torch.linalg.svd(torch.tensor([[2.,0.],[0.,1.]])), torch.linalg.eigh(torch.eye(2)), torch.linalg.slogdet(torch.eye(2)))
print(torch.matrix_power(torch.eye(2), 2), torch.linalg.matrix_norm(a), torch.linalg.lstsq(torch.eye(2), torch.ones(2,1)).solution)
print(torch.autograd.functional.jacobian(lambda x: x**2, torch.tensor([1.,2.])), torch.autograd.functional.jacobian(lambda x, y: x*y.sum(), (torch.tensor([1.,2.]), torch.tensor([3.]))))
print(torch.autograd.functional.jacobian(lambda x, y: 2 * x, (torch.tensor([1.,2.]), torch.tensor([3.]))))
print(torch.autograd.functional.hessian(lambda x: (x**3).sum(), torch.tensor([1.,2.])), torch.autograd.functional.hessian(lambda x: (x**3).sum()*x[0,0], a+1))
w = torch.ones(2, requires_grad=True); y=(w*2).sum(); y.backward(retain_graph=True); y.backward(None, True); print(w.grad)
w = torch.ones(2, requires_grad=True); torch.autograd.backward((w*2).sum()); torch.autograd.backward([(w*2).sum(), w*3], [None, torch.ones(2)]); print(w.grad)
from torch.utils.checkpoint import checkpoint¶print(checkpoint(torch.exp, a), torch.utils.checkpoint.checkpoint(lambda x: x*2, a, use_reentrant=False))
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn¶m=nn.Linear(1,1); nn.init.ones_(m.weight); e=AveragedModel(m, multi_avg_fn=get_ema_multi_avg_fn(.9)); e.update_parameters(m)¶nn.init.zeros_(m.weight); e.update_parameters(m); print(e.module.weight, e(torch.ones(1,1)).shape)
from torch.optim.swa_utils import AveragedModel¶m=nn.Linear(1,1); nn.init.ones_(m.weight); e=AveragedModel(m); e.update_parameters(m); nn.init.zeros_(m.weight); e.update_parameters(m); e.update_parameters(m); print(e.module.weight)
from torch.nn.modules.container import ModuleList¶from torch.nn.modules.batchnorm import BatchNorm2d¶from torch.nn.modules.utils import _pair¶print(_pair(3), _pair((1, 2)))
m = nn.Sequential(nn.Linear(2,3), nn.ReLU()); m.append(nn.Tanh()); m.insert(0, nn.Identity()); m.extend([nn.ReLU()]); print(m, m.get_submodule("1"), m.get_submodule("") is m)
m = nn.ParameterDict({'a': nn.Parameter(torch.zeros(2)), 'c': torch.ones(1)}); print(m, len(m), list(m.keys()), m['a'], len(list(m.parameters())), m.state_dict()); m['b']=nn.Parameter(torch.ones(1)); print(len(m), m.apply(len) is m)
print(nn.ParameterList([nn.Parameter(torch.zeros(2)), nn.Parameter(torch.ones(1, 2))]))
m = nn.Sequential(nn.Linear(1,1), nn.ReLU()); m[1] = nn.Tanh(); del m[0]; print(m, len(m)); print(m.append(nn.ReLU()).pop(0), m)
m = nn.Sequential(nn.Linear(2,2)); print(list(m._modules), list(m._parameters), list(m[0]._parameters), list(nn.BatchNorm1d(2)._buffers))
p = nn.utils.rnn.pack_sequence([torch.ones(3,1), torch.ones(2,1)]); print(nn.utils.rnn.pad_packed_sequence(p))
torch.random.manual_seed(3); print(torch.random.initial_seed())
m = nn.Linear(2,2); m.half(); print(m.weight.dtype)
m = nn.Linear(2,2); nn.init.ones_(m.weight); nn.init.zeros_(m.bias); h = m.register_forward_pre_hook(lambda mod, i: i[0]+1); m.register_forward_pre_hook(lambda mod, i: (i[0]*2,)); m.register_forward_pre_hook(lambda mod, i: None); print(m(torch.zeros(1,2))); h.remove(); print(m(torch.zeros(1,2)))
m = nn.Linear(2,2); h = m.register_full_backward_hook(lambda mod, gi, go: print('bh', go, gi[0] is None)); m(torch.zeros(1,2)).sum().backward(); h.remove()
m = nn.Linear(2,2); nn.init.ones_(m.weight); w=torch.ones(1,2,requires_grad=True); h = m.register_full_backward_hook(lambda mod, gi, go: (gi[0]*3,)); m(w).sum().backward(); print(w.grad); h.remove(); m(w).sum().backward(); print(w.grad)
m = nn.ReLU(); m.register_full_backward_hook(lambda mod, gi, go: print("never")); print(m(a), m(a.clone().requires_grad_()).detach())
m = nn.Linear(2,2); print(m.load_state_dict(m.state_dict()), m.load_state_dict({}, strict=False))
print(nn.ZeroPad2d(1), nn.ReflectionPad2d(1), nn.ReplicationPad2d((1,0,0,1)), nn.ConstantPad1d(1, 0.), nn.ConstantPad2d(1, 2.), nn.ReflectionPad1d(1), nn.CircularPad1d(1), nn.PixelUnshuffle(2), nn.Softmax2d())
print(nn.ZeroPad1d(1)(a[None]), nn.ReflectionPad1d(1)(a[None]), nn.ReplicationPad1d((2,1))(a[None]), nn.CircularPad1d(2)(a[None]), nn.PixelUnshuffle(2)(torch.arange(16.).reshape(1,1,4,4)))
print(nn.Hardshrink(1.)(a-1.5), nn.Softshrink()(a-2), nn.ReflectionPad2d((1,0,1,0))(a[None,None]), nn.ConstantPad1d((0,1), 7.)(a[None]))
print(F.pad(a[None], (1,1), mode='reflect'), F.pad(a[None,None], (1,1,1,1), mode='replicate'), F.pad(a[None], (1,1), 'circular'), F.pad(a, (1,1), "constant", 5), F.pad(a, (1,1), value=None))
from torch.distributions import Categorical, Normal, Bernoulli, Uniform¶print(Normal(torch.zeros(2), torch.ones(2)), Normal(0.,1.), Uniform(0.,1.))
l = nn.LazyLinear(4); print(l); l(a); print(l, l.weight.shape, nn.LazyBatchNorm1d(), nn.LazyConv2d(4,3), nn.LazyConv2d(4,3,padding=1))
from torch.utils.data import ChainDataset, IterableDataset¶class Count(IterableDataset):¶    def __iter__(self): return iter([1, 2])¶print(list(ChainDataset([Count(), Count()])))
w = torch.ones(2, requires_grad=True); f = (w*2).sum().grad_fn; print(f.name(), f.next_functions[0][0].name(), f.next_functions[0][0].next_functions[0][0].variable is w, f.next_functions[0][0].next_functions[0][0].next_functions)
torch.set_default_dtype(torch.float64)¶print(nn.Linear(2,2).weight.dtype, torch.zeros(2), torch.arange(3.).dtype, torch.randn(2).dtype, torch.linspace(0,1,3), torch.eye(2), torch.tensor([1.]), torch.ones(2).float(), torch.logspace(0, 1, 2).dtype)
torch.set_default_dtype(torch.float64)¶print((torch.arange(3)/2).dtype, torch.tensor([1,2]).sqrt().dtype, (torch.arange(3)*1.5).dtype, torch.Tensor([1]).dtype, torch.get_default_dtype(), nn.BatchNorm1d(2).running_mean, torch.zeros(0), torch.zeros(0).float())
torch.set_default_dtype(torch.float64)¶m=nn.Sequential(nn.Linear(3,4), nn.Tanh(), nn.Dropout(.1), nn.LayerNorm(4), nn.Linear(4,1)); o=optim.Adam(m.parameters()); l=m(torch.ones(2,3)).sum(); l.backward(); o.step(); print(l.dtype, nn.LSTM(2,3)(torch.zeros(1,1,2))[0].dtype)
print(torch.get_default_dtype(), torch.__version__ > "1.0")
print(torch.pow(2., a), torch.pow(a, 2), torch.pow(a, a), torch.pow(2, i), torch.pow(3, torch.tensor([1.,2.])))
s = optim.lr_scheduler.CosineAnnealingLR(optim.SGD(nn.Linear(1,1).parameters(), lr=1.), T_max=4, eta_min=.1, last_epoch=-1); s.optimizer.step(); s.step(); print(f"{s.get_last_lr()[0]:.6f}", s.last_epoch)
o = optim.SGD([{"params": [torch.ones(1, requires_grad=True)], "lr": 0.25, "initial_lr": 1.0}], lr=1.)¶for s in (optim.lr_scheduler.StepLR(o, 2, .5, 4), optim.lr_scheduler.StepLR(o, 2, .5, last_epoch=4)): print(s.get_last_lr(), s.last_epoch)
s = optim.lr_scheduler.ReduceLROnPlateau(optim.SGD(nn.Linear(1,1).parameters(), lr=1.), 'min', factor=.5, patience=1, threshold=1e-4, cooldown=2, min_lr=0)¶for v in (1, 1, 1, 1, 1, 1, 1, .5, .5, .5, .5, .4, .4, .4, .4, .4, .4): s.step(v); print(s.optimizer.param_groups[0]['lr'], s.num_bad_epochs, s.best)
s = optim.lr_scheduler.ReduceLROnPlateau(optim.SGD(nn.Linear(1,1).parameters(), lr=1.), 'max', .5, 0, 1e-4, 'rel', 1, 0.2)¶for v in (1, 1, 1, 1, 1, 1, 1, 1): s.step(v); print(s.optimizer.param_groups[0]['lr'])¶d = s.state_dict(); s.load_state_dict(d); print(d['best'], d['cooldown'])
print(*[line for line in repr(optim.AdamW([{"params": [torch.ones(1)], "weight_decay": .1}, {"params": [torch.ones(2)]}])).splitlines() if "lr" in line or "Group" in line or not line], sep="|")
o=optim.SGD([torch.ones(1, requires_grad=True)], lr=.1, maximize=True); print(o.step(lambda: 3.))
w=torch.tensor([-1.5,1.], dtype=torch.float64).requires_grad_(); o=optim.LBFGS([w], max_iter=4, line_search_fn="strong_wolfe")¶def c():¶    o.zero_grad(); l=(1-w[0])**2+100*(w[1]-w[0]**2)**2; l.backward(); return l¶for _ in range(12): print(f"{o.step(c).item():.9f}")
w=torch.tensor([3.,-2., 1.], dtype=torch.float64).requires_grad_(); o=optim.LBFGS([w], lr=5, max_iter=30, line_search_fn="strong_wolfe")¶def c():¶    o.zero_grad(); l=(w.abs()**1.5).sum()+ (w*3).sin().sum()*.5; l.backward(); return l¶for _ in range(4): print(f"{o.step(c).item():.7f}")
w=torch.tensor([30.,-2., 1.], dtype=torch.float64).requires_grad_(); o=optim.LBFGS([w], lr=.001, max_iter=30, line_search_fn="strong_wolfe")¶def c():¶    o.zero_grad(); l=((w*.1)**4).sum()+ (w*3).cos().sum()*.5; l.backward(); return l¶for _ in range(3): print(f"{o.step(c).item():.7f}")
w=torch.tensor([3.], dtype=torch.float64).requires_grad_(); o=optim.LBFGS([w], max_iter=3, line_search_fn="strong_wolfe")¶def c():¶    o.zero_grad(); l=(-w).sum(); l.backward(); return l¶for _ in range(2): print(f"{o.step(c).item():.9e}")
w=torch.tensor([3.], dtype=torch.float64).requires_grad_(); o=optim.LBFGS([w], max_iter=30, line_search_fn="strong_wolfe")¶def c():¶    o.zero_grad(); l=w.abs().sum(); l.backward(); return l¶for _ in range(2): print(f"{o.step(c).item():.5e}")
""".strip().splitlines()

FIRST = """
import {word} as torch
import {word}.nn as nn
import {word}.nn.functional as F
import {word}.optim as optim
a, i, b = torch.arange(6.0).reshape(2, 3), torch.arange(6).reshape(2, 3), torch.tensor([True, False, True])
"""


def printed(word, line):
    text = FIRST.format(word=word) + line.replace("¶", "\n").replace("from torch.", f"from {word}.")
    out = io.StringIO()
    with contextlib.redirect_stdout(out), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(text, "line", "exec"), {"__name__": "line"})
    return out.getvalue()


@pytest.fixture
def single():
    """Both libraries make float32 again."""
    yield
    torch.set_default_dtype(torch.float32)
    dlcore.set_default_dtype(dlcore.float32)


@pytest.mark.usefixtures("single")
@pytest.mark.parametrize("line", LINES, ids=range(len(LINES)))
def test_prints_the_same(line):
    torch.manual_seed(0)
    theirs = printed("torch", line)
    torch.set_default_dtype(torch.float32)
    assert theirs.strip()
    assert printed("dlcore", line) == theirs
