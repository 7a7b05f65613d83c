# ruff: noqa: E501 (tables)
"""The room for foreign scripts: where names are found, what is refused, and what must not be so."""

import gc
import io
import pickle
import subprocess
import sys
import zipfile
from importlib import import_module

import numpy as np
import pytest
import torch

import dlcore
from dlcore import nn, optim
from dlcore.absent import Absent, asked, nowhere
from dlcore.torchlike import SUBMODULES, TAUGHT, move_in, pth
from dlcore.torchlike.einops import Watcher, watch
from dlcore.torchlike.sentences import ABSENT

F = nn.functional


@pytest.mark.parametrize(
    "get, sentence",
    [
        (lambda: dlcore.jit, "torch.jit is PyTorch's; dlcore has no recorded programs; call the model itself"),
        (lambda: dlcore.fft, "torch.fft is PyTorch's; dlcore has no complex numbers; write real and imaginary part"),
        (
            lambda: dlcore.onnx.export,
            "torch.onnx.export is PyTorch's; dlcore has no export to ONNX; let PyTorch's twin",
        ),
        (lambda: nn.Conv3d, "torch.nn.Conv3d is PyTorch's; dlcore has no layers for volumes; treat depth as time"),
        (lambda: dlcore.ones(2).to_sparse(), "torch.Tensor.to_sparse is PyTorch's; dlcore has no sparse tensors"),
        (lambda: optim.Muon, "dlcore has no optim.Muon; if torch.optim.Muon is PyTorch's, write it with what there is"),
        (lambda: dlcore.nosuch, "dlcore has no nosuch; if torch.nosuch is PyTorch's, write it with what there is"),
        (lambda: dlcore.ones(2).nosuch, "'Tensor' object has no attribute 'nosuch'"),
        (lambda: dlcore.backends.cudnn.nosuch, "dlcore has no backends.cudnn.nosuch; if torch.backends.cudnn.nosuch"),
    ],
)
def test_what_is_not_there_is_said(get, sentence):
    with pytest.raises(AttributeError) as error:
        get()
    assert str(error.value).startswith(sentence)


@pytest.mark.parametrize("name", ["jit", "utils.tensorboard", "sparse", "multiprocessing", "nosuch"])
def test_an_absent_module_says_it_when_it_is_imported(name):
    with pytest.raises(ModuleNotFoundError, match=rf"torch\.{name} is PyTorch's"):
        __import__(f"dlcore.{name}")
    parent, _, last = f"dlcore.{name}".rpartition(".")
    with pytest.raises(ImportError, match=rf"torch\.{name} is PyTorch's"):
        exec(f"from {parent} import {last}")


def test_a_name_of_pythons_and_a_module_of_nobody(monkeypatch):
    assert not hasattr(dlcore, "__wrapped__") and not hasattr(dlcore.distributions, "__wrapped__")
    monkeypatch.setattr(Absent, "find", staticmethod(nowhere))
    with pytest.raises(AttributeError, match="module 'house' has no attribute 'door'"):
        asked("house")("door")
    with pytest.raises(ModuleNotFoundError, match="No module named 'housedoor'"):
        __import__("housedoor")


@pytest.mark.parametrize("name", SUBMODULES)
def test_submodules_can_be_imported_and_are_found_as_attributes(name):
    module = import_module(name)
    assert module.__name__ == name and (module.__all__ or name == "dlcore.onnx")
    found = dlcore
    for part in name.split(".")[1:]:
        found = getattr(found, part)
    assert found is module and all(hasattr(module, public) for public in module.__all__)


def test_every_sentence_tells_what_to_write():
    assert all(what and write for what, write in ABSENT.values()) and set(TAUGHT) < set(sys.modules) | {"dlcore.nn"}


def test_moving_in_twice_changes_nothing():
    before = list(sys.meta_path)
    move_in(vars(dlcore).copy())
    assert sys.meta_path == before


def test_loading_dlcore_loads_none_of_its_rooms_but_the_first():
    script = "import sys, dlcore; print(*sorted(m for m in sys.modules if m.startswith('dlcore.torchlike.')))"
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert out == [
        f"dlcore.torchlike.{name}"
        for name in (
            "asking",
            "einops",
            "keywords",
            "methods",
            "picking",
            "sentences",
            "several",
            "special",
            "steps",
            "words",
        )
    ]


REFUSALS = [
    (
        lambda: optim.lr_scheduler.ReduceLROnPlateau(optim.SGD([dlcore.ones(1)]), threshold_mode="abs"),
        ValueError,
        'should be "rel" here',
    ),
    (lambda: dlcore.ones(1).cuda(), RuntimeError, "dlcore has no graphics cards; leave .cuda() out"),
    (lambda: nn.Linear(1, 1).cuda(), RuntimeError, "computes on the processor only; leave .cuda() out"),
    (lambda: dlcore.zeros(1, device="cuda"), RuntimeError, "expected 'cpu', but got 'cuda'"),
    (lambda: nn.Linear(1, 1, device="cuda"), RuntimeError, "expected 'cpu', but got 'cuda'"),
    (lambda: dlcore.set_default_device("cuda"), RuntimeError, "expected 'cpu', but got 'cuda'"),
    (lambda: dlcore.cuda.get_device_name(0), RuntimeError, "there is no graphics card to ask for"),
    (lambda: dlcore.complex(1, 2), RuntimeError, "dlcore has no complex numbers"),
    (
        lambda: dlcore.set_default_dtype(dlcore.float16),
        RuntimeError,
        "expected float32 or float64, but got torch.float16",
    ),
    (lambda: dlcore.Generator(device="cuda"), RuntimeError, "expected 'cpu', but got 'cuda'"),
    (lambda: dlcore.autograd.functional.hessian(len, (1, 2)), TypeError, "hessian: expected one tensor"),
    (
        lambda: dlcore.ones(1, requires_grad=True).sum().backward(create_graph=True),
        NotImplementedError,
        "dlcore has no graph of a gradient",
    ),
    (
        lambda: dlcore.ones(1, requires_grad=True).sum().backward(inputs=[]),
        NotImplementedError,
        "write grads = autograd.grad(loss, leaves)",
    ),
    (
        lambda: dlcore.autograd.backward(dlcore.ones(1), create_graph=True),
        NotImplementedError,
        "take differences of gradients",
    ),
    (lambda: dlcore.linalg.matrix_norm(dlcore.eye(2), 2), ValueError, 'ord should be "fro" here, but got 2'),
    (
        lambda: dlcore.zeros(2).scatter_reduce(0, dlcore.tensor([0]), dlcore.ones(1), "amax"),
        ValueError,
        'reduce should be "sum" or "mean"',
    ),
    (lambda: dlcore.utils.data.DataLoader(range(3), shuffle=True, sampler=[0]), ValueError, "leave out shuffle"),
    (
        lambda: optim.lr_scheduler.CyclicLR(optim.SGD([dlcore.ones(1)]), 0.1, 1),
        ValueError,
        "write cycle_momentum=False",
    ),
    (lambda: dlcore.amp.autocast("cpu", dtype=dlcore.float16), RuntimeError, "no mixed precision, but got dtype="),
    (lambda: dlcore.distributed.init_process_group(), RuntimeError, "dlcore has no several processes; leave the call"),
    (
        lambda: optim.LBFGS([dlcore.ones(1)], line_search_fn="wolfe"),
        ValueError,
        'LBFGS: line_search_fn should be None or "strong_wolfe"',
    ),
    (lambda: optim.LBFGS([dlcore.ones(1)]).step(), ValueError, "LBFGS: step needs a closure"),
    (lambda: F.interpolate(dlcore.ones(1, 1, 2, 2), 3, mode="bicubic"), ValueError, 'expected mode "nearest"'),
    (lambda: F.grid_sample(dlcore.ones(1, 1, 2, 2), None, "nearest"), ValueError, 'expected "bilinear" and "zeros"'),
    (lambda: F.max_pool2d(dlcore.ones(1, 1, 2, 2), 2, return_indices=True), ValueError, "return_indices is not there"),
    (lambda: nn.InstanceNorm2d(1, track_running_stats=True), ValueError, "running statistics are not there"),
    (lambda: nn.LazyLinear(2).parameters(), RuntimeError, "LazyLinear: it has no parameters before the first batch"),
    (lambda: nn.Embedding(3, 2, sparse=True), TypeError, "sparse"),
    (lambda: nn.Sequential(torch.nn.ReLU()), TypeError, "expected dlcore's modules, got <class 'torch.nn"),
    (lambda: dlcore.linalg.inv(dlcore.eye(2, requires_grad=True)), RuntimeError, "linalg.inv: dlcore has no slope"),
    (lambda: dlcore.distributions.Categorical(), ValueError, "Categorical: give either probs or logits"),
    (lambda: dlcore.distributions.Bernoulli(), ValueError, "Bernoulli: give either probs or logits"),
    (lambda: dlcore.distributions.Distribution().rsample(), NotImplementedError, "a draw has no slope here"),
    (lambda: dlcore.distributions.Distribution().log_prob(1), NotImplementedError, "has no log_prob"),
    (lambda: dlcore.distributions.kl_divergence(1, 2), NotImplementedError, "no formula for int and int"),
    (
        lambda: dlcore.distributions.MultivariateNormal(dlcore.ones(2), dlcore.ones(2, 2)),
        ValueError,
        "the covariance must be diagonal here",
    ),
]


@pytest.mark.parametrize("call, error, sentence", REFUSALS)
def test_refused_with_a_sentence(call, error, sentence):
    with pytest.raises(error) as raised:
        call()
    assert sentence in str(raised.value)


@pytest.mark.parametrize(
    "make",
    [
        lambda o, p: o.Adagrad(p, lr=0.1, lr_decay=0.01, weight_decay=0.1),
        lambda o, p: o.Adadelta(p, lr=0.7, weight_decay=0.1),
        lambda o, p: o.Adamax(p, weight_decay=0.1),
        lambda o, p: o.LBFGS(p, lr=0.5, max_iter=4, history_size=2),
        lambda o, p: o.LBFGS(p, lr=1.0, max_iter=30, max_eval=6),
        lambda o, p: o.LBFGS(p, lr=1.0, max_iter=30, tolerance_change=1e-3),
        lambda o, p: o.LBFGS(p, max_iter=4, line_search_fn="strong_wolfe"),
        lambda o, p: o.LBFGS(p, lr=5, max_iter=2, line_search_fn="strong_wolfe"),
        lambda o, p: o.LBFGS(p, lr=0.1, max_iter=9, line_search_fn="strong_wolfe"),
        lambda o, p: o.NAdam(p, weight_decay=0.1, lr=0.1),
        lambda o, p: o.RAdam(p, weight_decay=0.1, lr=0.1),
        lambda o, p: o.Rprop(p),
        lambda o, p: o.SGD(p, lr=0.001, momentum=0.9, weight_decay=0.1, maximize=True),
    ],
)
def test_optimisers_walk_as_pytorchs(make):
    def walk(lib):
        w = lib.tensor([3.0, -2.0, 0.5], requires_grad=True)
        unused = lib.tensor([1.0], requires_grad=True)
        optimizer, losses = make(lib.optim, [w, unused]), []

        def closure():
            optimizer.zero_grad()
            loss = ((w - 1) ** 4 + (w - 1) ** 2 * lib.tensor([1.0, 5.0, 0.1])).sum()
            loss.backward()
            return loss

        for _ in range(5):
            losses.append(optimizer.step(closure).item())
        return [*losses, *w.tolist()]

    np.testing.assert_allclose(walk(dlcore), walk(torch), rtol=2e-4, atol=1e-5)


@pytest.mark.parametrize(
    "name, settings",
    [
        ("CosineAnnealingWarmRestarts", {"T_0": 2, "T_mult": 2, "eta_min": 0.1}),
        ("PolynomialLR", {"total_iters": 4, "power": 2.0}),
        ("ConstantLR", {"factor": 0.5, "total_iters": 3}),
        ("CyclicLR", {"base_lr": 0.1, "max_lr": 1.0, "step_size_up": 3, "step_size_down": 1, "cycle_momentum": False}),
        (
            "CyclicLR",
            {"base_lr": 0.1, "max_lr": 1.0, "step_size_up": 2, "mode": "triangular2", "cycle_momentum": False},
        ),
        (
            "CyclicLR",
            {
                "base_lr": 0.1,
                "max_lr": 1.0,
                "step_size_up": 2,
                "mode": "exp_range",
                "gamma": 0.9,
                "cycle_momentum": False,
            },
        ),
        ("MultiplicativeLR", {"lr_lambda": lambda t: 0.9 - 0.1 * t}),
    ],
)
def test_schedules_are_pytorchs(name, settings):
    def rates(lib):
        optimizer = lib.optim.SGD([lib.tensor([1.0], requires_grad=True)], lr=0.8)
        schedule, found = getattr(lib.optim.lr_scheduler, name)(optimizer, **settings), []
        for _ in range(8):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step()
        return found

    np.testing.assert_allclose(rates(dlcore), rates(torch), rtol=1e-6)


def written(value):
    file = io.BytesIO()
    torch.save(value, file)
    file.seek(0)
    return file


def test_a_file_of_weights_that_pytorch_wrote():
    kinds = [
        torch.float32,
        torch.float64,
        torch.float16,
        torch.int64,
        torch.int32,
        torch.int16,
        torch.int8,
        torch.uint8,
    ]
    theirs = {str(kind): torch.arange(6).reshape(2, 3).to(kind).t()[1:] for kind in [*kinds, torch.bool]}
    theirs |= {"p": torch.nn.Parameter(torch.ones(2)), "empty": torch.zeros(0, 3), "size": torch.Size([2]), "n": 3}
    ours = dlcore.load(written(theirs), map_location="cpu")
    assert (
        list(ours) == list(theirs) and ours["n"] == 3 and ours["size"] == (2,) and isinstance(ours["p"], nn.Parameter)
    )
    for key, value in theirs.items():
        if isinstance(value, torch.Tensor):
            assert str(ours[key].dtype) == str(value.dtype) and ours[key].tolist() == value.tolist()
    with dlcore.serialization.safe_globals([set]):
        dlcore.serialization.add_safe_globals([set])
    device = dlcore.load(written({"d": torch.device("cpu")}))
    assert device == {"d": "cpu"}


def test_a_file_that_asks_for_more_than_weights_is_refused(tmp_path):
    with pytest.raises(pickle.UnpicklingError, match=r"asks for torch.nn.modules.linear.Linear, which is no weight"):
        dlcore.load(written(torch.nn.Linear(1, 1)))
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "a")
    with pytest.raises(pickle.UnpicklingError, match="this zip holds no weights of PyTorch's"):
        dlcore.load(path)
    for damaged in ((0, (5,), (1,)), (-1, (1,), (1,)), (0, (2,), (-1,)), (3, (2,), (1,))):
        with pytest.raises(pickle.UnpicklingError, match="lies outside of its storage"):
            pth.rebuilt(np.zeros(4, np.float32), *damaged)


def test_set_printoptions_and_back():
    x = dlcore.tensor([1.23456, 1e6])
    dlcore.set_printoptions(precision=2, sci_mode=False)
    assert repr(x) == "tensor([1.23e+00, 1.00e+06])" or "1.23" in repr(x)
    dlcore.set_printoptions(profile="default")
    assert "1.2346" in repr(x)


def test_no_ops_do_nothing():
    t = dlcore
    with t.autograd.set_detect_anomaly(True), t.amp.autocast("cpu"), t.backends.cuda.sdp_kernel(), t.cuda.stream(None):
        pass
    start, end = t.cuda.Event(enable_timing=True), t.cuda.Event()
    start.record()
    end.record()
    assert end.at >= start.at and start.elapsed_time(end) >= 0
    assert (
        t.accelerator.current_accelerator() is None
        and t.cuda.memory_allocated() == 0
        and not t.set_flush_denormal(True)
    )
    assert [f() for f in (t.cuda.synchronize, t.backends.cudnn.version)] == [None, None] and t.cuda.set_device(
        0
    ) is None
    assert (t.distributed.get_rank(), t.distributed.get_world_size()) == (
        0,
        1,
    ) and t.distributed.is_available() is False
    assert t.set_num_interop_threads(1) is None
    scaler = t.amp.GradScaler(enabled=False)
    assert scaler.update() is None and t.get_default_dtype() == np.float32
    assert t.ones(2).pin_memory().tolist() == [1, 1] and t.FloatTensor().shape == (0,)


def test_random_numbers_in_place_and_the_state_of_the_generator():
    t = dlcore
    assert set(t.zeros(200).bernoulli_(0.5).tolist()) == {0.0, 1.0} and t.zeros(50).random_(3, 5).max() <= 4
    assert (
        t.zeros(50).random_(3).max() <= 2
        and t.zeros(50).random_().max() > 3
        and t.ones(3).bernoulli().tolist() == [1.0] * 3
    )
    assert t.zeros(9).exponential_(2.0).min() >= 0 and t.zeros(9).log_normal_().min() > 0
    assert t.ones(3).bernoulli(0.0).tolist() == [0.0] * 3 and t.tensor([0.0, 1.0]).multinomial(1).tolist() == [1]
    state = t.get_rng_state()
    first = t.rand(2).tolist()
    t.set_rng_state(state)
    with t.fork_rng():
        assert t.rand(2).tolist() == first
    assert t.rand(2).tolist() == first and isinstance(t.seed(), int) and t.initial_seed() is not None
    assert nn.init.xavier_uniform(t.empty(2, 3)).shape == (2, 3)


def test_weight_norm_and_vectors_of_parameters():
    t = dlcore
    layer = nn.utils.weight_norm(nn.Linear(2, 3))
    twin = nn.Linear(2, 3)
    assert {name for name, _ in layer.named_parameters()} == {"bias", "weight_g", "weight_v"}
    twin.load_state_dict({"bias": layer.bias, "weight": layer.weight_v})
    x = t.ones(4, 2)
    assert np.abs((layer(x) - twin(x)).detach().numpy()).max() < 1e-6  # of sums of three numbers below 1
    layer(x).sum().backward()
    assert layer.weight_g.grad.shape == (3, 1)
    nn.utils.vector_to_parameters(t.arange(9.0), twin.parameters())
    assert twin.weight.tolist() == [[0, 1], [2, 3], [4, 5]] and twin.bias.tolist() == [6, 7, 8]


def test_whole_channels_are_dropped():
    dlcore.manual_seed(0)
    for layer in (nn.Dropout2d(0.5), nn.Dropout1d(0.5)):
        y = layer(dlcore.ones(8, 8, 3)).sum(-1)
        assert set(y.flatten().tolist()) == {0.0, 6.0} and 10 < (y == 0).sum() < 54
        assert layer.eval()(dlcore.ones(1, 1, 2)).tolist() == [[[1.0, 1.0]]]
    assert str(nn.Dropout2d(0.2)) == str(torch.nn.Dropout2d(0.2))


def test_a_packed_sequence_starts_from_a_state_of_its_own():
    layer, t = nn.GRU(2, 3), dlcore
    packed = nn.utils.rnn.pack_padded_sequence(t.ones(4, 2, 2), [4, 2])
    y, h = layer(packed, t.ones(1, 2, 3))
    y, lengths = nn.utils.rnn.pad_packed_sequence(y)
    alone, end = layer(t.ones(2, 1, 2), t.ones(1, 1, 3))
    assert lengths.tolist() == [4, 2] and h[:, 1:].tolist() == end.tolist() and y[:2, 1:].tolist() == alone.tolist()
    lstm = nn.LSTM(2, 3)
    y, (h, c) = lstm(packed, (t.zeros(1, 2, 3), t.zeros(1, 2, 3)))
    assert h.shape == c.shape == (1, 2, 3)


def test_data_that_comes_by_itself():
    class Three(dlcore.utils.data.IterableDataset):
        def __iter__(self):
            return iter([dlcore.tensor(n) for n in (1, 2, 3)])

    loader = dlcore.utils.data.DataLoader
    assert [b.tolist() for b in loader(Three(), batch_size=2)] == [[1, 2], [3]]
    assert [b.tolist() for b in loader(Three(), batch_size=2, drop_last=True)] == [[1, 2]]


def test_samplers_in_annotations():
    assert dlcore.utils.data.Sampler[int] is dlcore.utils.data.Sampler


def test_generators_of_a_device():
    a, b = dlcore.Generator(device="cpu").manual_seed(3), dlcore.Generator("cpu").manual_seed(3)
    assert dlcore.rand(2, generator=a).tolist() == dlcore.rand(2, generator=b).tolist()


def test_a_place_in_a_row_of_modules_is_filled_anew():
    net = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    net[-1] = nn.Tanh()
    assert [type(part).__name__ for part in net] == ["Linear", "Tanh"]


def test_a_sampler_that_is_asked_for_more_than_memory_holds():
    draws = iter(dlcore.utils.data.RandomSampler(range(3), replacement=True, num_samples=10**10))
    assert {next(draws) for _ in range(2000)} == {0, 1, 2}
    more = list(dlcore.utils.data.RandomSampler(range(3), num_samples=7))
    assert sorted(more[:3]) == sorted(more[3:6]) == [0, 1, 2] and len(more) == 7
    assert len(list(torch.utils.data.RandomSampler(range(3), num_samples=7))) == 7


def test_layers_take_the_device_and_the_kind_of_numbers_without_their_names():
    for t in (dlcore, torch):

        class Layer(t.nn.Linear):
            def __init__(self, n, m, bias=True, device=None, dtype=None):
                super().__init__(n, m, bias, device, dtype)

        assert Layer(2, 3).weight.dtype == t.float32 and t.nn.LayerNorm(2, 1e-5, True, True, "cpu").bias is not None
        assert Layer(2, 3, True, "cpu", t.float64).to(memory_format=t.channels_last).weight.dtype == t.float64
        with pytest.raises(TypeError):
            t.nn.Linear(2, 3, True, None, None, None)


def test_sizes_are_saved_as_tuples():
    assert type(pickle.loads(pickle.dumps(dlcore.ones(2, 3).shape))) is tuple


def test_an_export_that_is_only_imported():
    from dlcore import onnx

    with dlcore.autocast("cpu", enabled=False):
        assert not onnx.__all__


EINOPS = """
class AbstractBackend:
    pass

def get_backend(tensor):
    for kind in AbstractBackend.__subclasses__():
        if kind().is_appropriate_type(tensor):
            return kind
"""


def test_einops_is_taught_to_refuse_our_tensors(tmp_path, monkeypatch):
    (tmp_path / "einops").mkdir()
    (tmp_path / "einops" / "__init__.py").write_text("")
    (tmp_path / "einops" / "_backends.py").write_text(EINOPS)
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("einops", "einops._backends"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    backends = import_module("einops._backends")
    assert backends.get_backend(np.ones(2)) is None
    for _ in range(2):
        with pytest.raises(TypeError, match="einops does not know dlcore's tensors; write reshape, permute and expand"):
            backends.get_backend(dlcore.ones(2))
        del backends.Refusing
        gc.collect()
        monkeypatch.setattr(sys, "meta_path", [])
        watch()  # einops was there first
    monkeypatch.setattr(sys, "meta_path", [])
    monkeypatch.delitem(sys.modules, "einops._backends")
    watch()
    assert [type(finder) for finder in sys.meta_path] == [Watcher]
