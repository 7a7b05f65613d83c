"""Module, containers, state_dict: the tree and what is kept in it."""

import copy
import pickle
import re
from collections import OrderedDict

import numpy as np
import pytest
import torch
from nn_twins import assert_same_state

import dlcore
from dlcore import nn
from dlcore.tensor.tensor import clear_gradients


def define(nn):
    """Define the same network in either library: nested, with a shared layer, a buffer, and one that is not saved."""

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(3, 4)
            self.blocks = nn.ModuleList([nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4)) for _ in range(2)])
            self.again = self.first
            self.scale = nn.Parameter(self.first.bias.detach().clone())
            self.tied = nn.Linear(3, 4, bias=False)
            self.tied.weight = self.first.weight
            self.mask = nn.Buffer(self.first.bias.detach().clone() * 0 + 2)
            self.register_buffer("scratch", self.first.bias.detach().clone(), persistent=False)

        def forward(self, x):
            x = self.first(x) * self.scale + self.mask + self.tied(x)
            for block in self.blocks:
                x = block(x)
            return x

    return Net()


def both():
    dlcore.manual_seed(0)
    return define(nn), define(torch.nn)


class TestTree:
    def test_names_are_those_of_the_twin(self):
        ours, theirs = both()
        for walk in ("named_parameters", "named_buffers", "named_modules", "named_children"):
            mine = [name for name, _ in getattr(ours, walk)()]
            twin = [name for name, _ in getattr(theirs, walk)()]
            if walk in ("named_parameters", "named_buffers"):  # PyTorch keeps kinds apart; we keep the order
                assert sorted(mine) == sorted(twin), walk
            else:
                assert mine == twin, walk
            assert len(list(getattr(ours, walk.removeprefix("named_"))())) == len(mine)

    def test_a_shared_parameter_comes_once(self):
        ours, _ = both()
        parameters = list(ours.parameters())
        assert len({id(p) for p in parameters}) == len(parameters)
        assert nn.utils.count_parameters(ours) == 16 + 4 + 2 * (20 + 8)
        ours.first.requires_grad_(False)
        assert nn.utils.count_parameters(ours, trainable=True) == 4 + 2 * (20 + 8)

    def test_a_shared_layer_comes_once_in_apply_and_parts_before_the_whole(self):
        ours, theirs = both()
        order = []
        assert ours.apply(lambda module: order.append(type(module).__name__)) is ours
        assert order.count("Linear") == 4
        assert order[-1] == "Net" and order[0] == "Linear"
        twin = []
        theirs.apply(lambda module: twin.append(type(module).__name__))
        assert order == twin

    def test_modules_hold_no_tensor_but_parameters_and_buffers(self):
        for module in (
            both()[0],
            nn.MultiheadAttention(4, 2),
            nn.LSTM(3, 4),
            nn.BatchNorm2d(3),
            nn.SinusoidalEncoding(4),
        ):
            for part in module.modules():
                for name, value in vars(part).items():
                    assert not isinstance(value, dlcore.Tensor) or isinstance(value, (nn.Parameter, nn.Buffer)), name

    def test_a_misspelt_attribute_is_an_error(self):
        with pytest.raises(AttributeError, match="wieght"):
            _ = nn.Linear(2, 2).wieght

    def test_train_and_eval_reach_every_part(self):
        ours, _ = both()
        assert ours.eval() is ours
        assert not any(module.training for module in ours.modules())
        assert ours.train() is ours
        assert all(module.training for module in ours.modules())
        ours.train(False)
        assert not ours.blocks[0][1].training

    def test_zero_grad(self):
        ours, _ = both()
        ours(dlcore.ones(5, 3)).sum().backward()
        assert all(p.grad is not None for p in ours.parameters())
        ours.zero_grad(set_to_none=False)
        assert not any(p.grad.array.any() for p in ours.parameters())
        ours.zero_grad()
        assert all(p.grad is None for p in ours.parameters())
        clear_gradients(ours.parameters(), set_to_none=False)
        assert all(p.grad is None for p in ours.parameters())

    def test_frozen_parameters_get_no_gradient(self):
        ours, _ = both()
        ours.first.requires_grad_(False)
        ours(dlcore.ones(5, 3)).sum().backward()
        assert ours.first.weight.grad is None and ours.scale.grad is not None

    def test_dtypes(self):
        ours, _ = both()
        assert ours.double() is ours
        assert all(p.dtype == np.float64 for p in ours.parameters())
        assert ours.mask.dtype == np.float64
        assert ours.blocks[0][1].num_batches_tracked.dtype == np.int64
        assert ours(dlcore.ones(5, 3, dtype=dlcore.float64)).dtype == np.float64
        assert ours.float().first.weight.dtype == np.float32
        assert ours.first.weight is ours.tied.weight

    def test_forward_must_be_written(self):
        class Empty(nn.Module):
            pass

        with pytest.raises(NotImplementedError) as error:
            Empty()(1)
        assert str(error.value) == "Empty has no forward(): write what it computes from its inputs."
        assert repr(Empty()) == "Empty()"

    def test_a_copy_and_a_pickle_are_whole(self):
        ours, _ = both()
        x, twin = dlcore.ones(5, 3), copy.deepcopy(ours.eval())
        np.testing.assert_array_equal(twin(x).detach().numpy(), ours(x).detach().numpy())
        assert twin.first.weight is twin.tied.weight and twin.again is twin.first
        twin.first.weight.array[...] = 0
        assert ours.first.weight.array.any()
        row = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)).eval()
        twin = pickle.loads(pickle.dumps(row))
        np.testing.assert_array_equal(twin(x).detach().numpy(), row(x).detach().numpy())
        assert isinstance(twin[0].weight, nn.Parameter) and twin[0].weight.requires_grad


class TestPrinting:
    def test_as_the_twin_prints(self):
        assert repr(both()[0].blocks) == repr(both()[1].blocks)

        def make(nn):
            return nn.Sequential(
                OrderedDict(stem=nn.Conv2d(1, 2, 3), body=nn.Sequential(nn.ReLU(), nn.Sequential(), nn.Flatten()))
            )

        assert repr(make(nn)) == repr(make(torch.nn))

        def lists(nn):
            return nn.ModuleList([nn.Sequential(nn.ReLU()), nn.Sequential(nn.ReLU()), nn.Tanh(), nn.Tanh(), nn.ReLU()])

        assert repr(lists(nn)) == repr(lists(torch.nn))
        assert repr(nn.ModuleList()) == repr(torch.nn.ModuleList())
        named = {"a": nn.ReLU(), "b": nn.Tanh()}, {"a": torch.nn.ReLU(), "b": torch.nn.Tanh()}
        assert repr(nn.ModuleDict(named[0])) == repr(torch.nn.ModuleDict(named[1]))

    def test_settings_and_parts_together(self):
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.part = nn.ReLU()

            def extra_repr(self):
                return "width=3"

        assert repr(Net()) == "Net(\n  width=3\n  (part): ReLU()\n)"


class TestState:
    def test_both_ways(self):
        ours, theirs = both()
        assert str(theirs.load_state_dict(ours.state_dict())) == "<All keys matched successfully>"
        assert sorted(ours.state_dict()) == sorted(theirs.state_dict())
        for p in theirs.parameters():
            torch.nn.init.normal_(p)
        theirs(torch.randn(5, 3))
        assert str(ours.load_state_dict(theirs.state_dict())) == "<All keys matched successfully>"
        mine, twin = ours.state_dict(), theirs.state_dict()
        for key in mine:
            np.testing.assert_array_equal(mine[key].numpy(), twin[key].numpy())
        assert ours.blocks[0][1].num_batches_tracked.dtype == np.int64

    def test_float32_into_float64_and_back(self):
        ours, theirs = both()
        ours.double()
        theirs.load_state_dict(ours.state_dict())
        assert theirs.first.weight.dtype == torch.float32
        ours.load_state_dict(theirs.state_dict())
        assert ours.first.weight.dtype == np.float64

    def test_copied_and_pickled_states_load_too(self):
        ours, theirs = both()
        theirs.load_state_dict(pickle.loads(pickle.dumps(ours.state_dict())))
        theirs.load_state_dict(copy.deepcopy(ours.state_dict()))
        ours.load_state_dict({key: value.numpy() for key, value in ours.state_dict().items()})

    def test_memory_is_shared_with_the_module_but_not_after_loading(self):
        ours, theirs = both()
        state = ours.state_dict()
        ours.first.weight.array[0, 0] = 7
        assert state["first.weight"].array[0, 0] == 7
        theirs.load_state_dict(state)
        ours.first.weight.array[0, 0] = 8
        assert theirs.first.weight[0, 0] == 7
        other, _ = both()
        other.load_state_dict(state)
        assert other.first.weight.array is not ours.first.weight.array

    def test_pytorch_cannot_compute_with_our_state(self):
        state = nn.Linear(2, 2).state_dict()
        with pytest.raises(
            TypeError, match=re.escape("PyTorch cannot compute with dlcore's tensors: use torch.from_numpy")
        ):
            torch.nn.functional.linear(torch.ones(1, 2), state["weight"])

    def test_all_faults_are_named_and_nothing_is_loaded(self):
        model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
        before = {key: value.numpy().copy() for key, value in model.state_dict().items()}
        state = {
            "0.weight": np.zeros((2, 3)),
            "0.bias": np.zeros(3),
            "1.weight": np.zeros((1, 3)),
            "2.bias": np.zeros(1),
        }
        with pytest.raises(RuntimeError) as error:
            model.load_state_dict(state)
        assert str(error.value) == (
            "load_state_dict of Sequential:\n"
            "  '0.weight': expected shape (3, 2), got (2, 3)\n"
            "  missing key '1.bias', expected with shape (1,)\n"
            "  unexpected key '2.bias'\n"
            "Nothing was loaded."
        )
        for key, value in model.state_dict().items():
            np.testing.assert_array_equal(value.numpy(), before[key])

    def test_not_strict(self):
        model = nn.Linear(2, 3)
        keys = model.load_state_dict({"weight": np.ones((3, 2)), "other": np.ones(1)}, strict=False)
        assert keys == (["bias"], ["other"])
        assert repr(keys) == "_IncompatibleKeys(missing_keys=['bias'], unexpected_keys=['other'])"
        assert (model.weight.array == 1).all()
        with pytest.raises(RuntimeError, match=re.escape("'weight': expected shape (3, 2), got (2,)")):
            model.load_state_dict({"weight": np.ones(2)}, strict=False)

    def test_a_module_instead_of_its_state(self):
        with pytest.raises(TypeError) as error:
            nn.Linear(2, 2).load_state_dict(nn.Linear(2, 2))
        assert str(error.value) == (
            "load_state_dict of Linear: expected a mapping from keys to values, got Linear. "
            "For a module's values write module.state_dict()."
        )


class TestContainers:
    def test_sequential(self):
        model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
        assert len(model) == 3 and model[-1] is list(model)[2]
        assert [key for key, _ in model[1:].named_parameters()] == ["1.weight", "1.bias"]
        x = dlcore.ones(4, 2)
        np.testing.assert_array_equal(model(x).detach().numpy(), model[2](model[1](model[0](x))).detach().numpy())
        assert model.append(nn.Tanh()) is model and len(model) == 4
        named = nn.Sequential(OrderedDict(a=nn.Linear(2, 2), b=nn.ReLU()))
        assert named.a is named[0] and list(named.state_dict()) == ["a.weight", "a.bias"]
        empty = nn.Sequential()
        assert empty(x) is x

    def test_the_same_module_twice(self):
        layer = nn.Linear(2, 2)
        ours, theirs = nn.Sequential(layer, layer), torch.nn.Sequential(*[torch.nn.Linear(2, 2)] * 2)
        assert len(ours) == 2 and repr(ours) == repr(theirs)
        assert list(ours.state_dict()) == list(theirs.state_dict())
        assert len(list(ours.parameters())) == 2
        assert_same_state(ours, theirs if not theirs.load_state_dict(ours.state_dict()).missing_keys else None, 0)

    def test_module_list(self):
        layers = nn.ModuleList([nn.Linear(2, 2) for _ in range(4)])
        assert len(layers[1:3]) == 2 and layers[1:3][0] is layers[1]
        assert layers.extend([nn.ReLU()]) is layers and isinstance(layers[4], nn.ReLU)
        assert len(list(layers.parameters())) == 8
        with pytest.raises(TypeError) as error:
            layers.append(dlcore.relu)
        assert str(error.value) == (
            "ModuleList: expected dlcore's modules, got <class 'function'> at 5. What is built on PyTorch, as einops' "
            "layers are, does not know dlcore's tensors: write a Module of your own."
        )

    def test_module_dict(self):
        heads = nn.ModuleDict({"a": nn.Linear(2, 2)})
        heads["b"] = nn.ReLU()
        assert list(heads) == ["a", "b"] and len(heads) == 2
        assert list(heads.keys()) == ["a", "b"] and list(heads.values())[1] is heads["b"]
        assert dict(heads.items())["a"] is heads["a"]
        assert list(heads.state_dict()) == ["a.weight", "a.bias"]
        with pytest.raises(KeyError, match="the name 'forward' is taken by a method; choose another."):
            heads["forward"] = nn.ReLU()
        with pytest.raises(KeyError, match="missing"):
            heads["missing"]


class TestParametersAndBuffers:
    def test_parameter(self):
        p = nn.Parameter(dlcore.ones(2, 3))
        assert p.requires_grad and p.is_leaf and isinstance(p, dlcore.Tensor)
        assert not nn.Parameter([1.0], requires_grad=False).requires_grad
        assert nn.Parameter(np.zeros(2)).dtype == np.float64 and nn.Parameter([1.0]).dtype == np.float32

    def test_buffer(self):
        assert nn.Buffer([1.0]).dtype == np.float32
        assert nn.Buffer(np.array(3)).dtype == np.int64
        assert not nn.Buffer(dlcore.ones(2)).requires_grad


@pytest.mark.parametrize("library", ["dlcore", "torch"])
def test_parts_by_name(library):
    n = {"dlcore": nn, "torch": torch.nn}[library]
    ones = {"dlcore": dlcore, "torch": torch}[library].ones
    model = n.Sequential()
    model.add_module("first", n.Linear(2, 3))
    model.register_module("second", n.ReLU())
    model.register_parameter("scale", n.Parameter(ones(3)))
    model.register_parameter("shift", None)
    model.register_buffer("mask", None)
    assert [name for name, _ in model.named_children()] == ["first", "second"]
    assert set(model.state_dict()) == {"scale", "first.weight", "first.bias"}
    assert model.shift is None and model.mask is None and tuple(model(ones(4, 2)).shape) == (4, 3)


class TestForwardHooks:
    @pytest.mark.parametrize("library", ["dlcore", "torch"])
    def test_they_see_and_replace_outputs_in_order(self, library):
        n = {"dlcore": nn, "torch": torch.nn}[library]
        x = {"dlcore": dlcore, "torch": torch}[library].ones(4, 2)
        model, seen = n.Sequential(n.Linear(2, 3), n.ReLU()), []
        model[0].register_forward_hook(lambda module, args, output: seen.append((module, args, output)))
        double = model[0].register_forward_hook(lambda module, args, output: output * 0 + 2)
        add = model[0].register_forward_hook(lambda module, args, output: output + 1)
        model.register_forward_hook(lambda module, args, output: seen.append(output))
        y = model(x)
        assert (y.detach().numpy() == 3).all() and seen[1] is y
        assert seen[0][0] is model[0] and seen[0][1] == (x,) and tuple(seen[0][2].shape) == (4, 3)
        add.remove()
        assert (model(x).detach().numpy() == 2).all()
        double.remove(), double.remove()
        np.testing.assert_array_equal(model[0](x).detach().numpy(), model[0].forward(x).detach().numpy())
        assert len(seen) == 5

    def test_gradients_go_through_them(self):
        model, seen = nn.Linear(2, 3), []
        model.register_forward_hook(lambda module, args, output: seen.append(output) or output * 3)
        model(dlcore.ones(1, 2)).sum().backward()
        assert model.bias.grad.tolist() == [3.0] * 3 and seen[0].requires_grad

    def test_keywords_reach_forward(self):
        class Scale(nn.Module):
            def forward(self, x, by=1):
                return x * by

        model, seen = Scale(), []
        model.register_forward_hook(lambda module, args, output: seen.append((args, output)))
        assert model(2, by=3) == 6 and seen == [((2,), 6)]

    def test_hooks_belong_to_one_module_and_are_no_part_of_its_state(self):
        model, other, seen = nn.Linear(2, 2), nn.Linear(2, 2), []
        before = repr(model), list(model.state_dict())
        model.register_forward_hook(lambda module, args, output: seen.append(module))
        other(dlcore.ones(1, 2))
        assert not seen and (repr(model), list(model.state_dict())) == before

    def test_a_copy_has_hooks_of_its_own(self):
        model, seen = nn.Linear(2, 2), []
        handle = model.register_forward_hook(lambda module, args, output: seen.append(module))
        twin = copy.deepcopy(model)
        handle.remove()
        model(dlcore.ones(1, 2))
        assert not seen
        twin(dlcore.ones(1, 2))
        assert seen == [twin]


class Running(nn.Module):
    """A batch norm as many write it: its statistics are assigned anew at every step."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", dlcore.zeros(2))
        self.register_buffer("mask", dlcore.zeros(2), persistent=False)
        self.scale = nn.Parameter(dlcore.ones(2))

    def forward(self, x):
        self.mean = 0.5 * self.mean + 0.5 * x.mean(0)
        self.mask = self.mask + 1
        return (x - self.mean) * self.scale


def test_a_buffer_assigned_anew_is_still_saved():
    module = Running()
    y = module(dlcore.tensor([[2.0, 4.0]], requires_grad=True))
    assert list(module.state_dict()) == ["scale", "mean"]
    assert module.state_dict()["mean"].tolist() == [1.0, 2.0]
    assert [name for name, _ in module.named_buffers()] == ["mean", "mask"]
    assert module.mean.requires_grad and y.requires_grad  # as in PyTorch, its history is kept
    module.mean = nn.Buffer([5.0, 5.0])
    assert module.state_dict()["mean"].tolist() == [5.0, 5.0]
    module.mean = None
    assert list(module.state_dict()) == ["scale"]


@pytest.mark.parametrize(
    "make, name, value, kind",
    [
        (lambda: nn.Linear(2, 1), "weight", dlcore.zeros(1, 2), "Parameter"),
        (lambda: nn.Linear(2, 1), "weight", nn.Buffer(np.zeros((1, 2))), "Parameter"),
        (lambda: nn.Sequential(nn.ReLU()), "0", 3, "ReLU"),
        (lambda: nn.BatchNorm1d(2), "running_mean", np.zeros(2), "Buffer"),
    ],
)
def test_what_is_no_like_cannot_take_a_place(make, name, value, kind):
    module = make()
    before = getattr(module, name)
    with pytest.raises(TypeError, match=f"{name} is a {kind}, so expected one like it or None, but got"):
        setattr(module, name, value)
    assert getattr(module, name) is before
    setattr(module, name, None)
    assert getattr(module, name) is None


def test_a_forgotten_super_is_said():
    class Net(nn.Module):
        def __init__(self):
            self.layer = nn.Linear(1, 1)

    with pytest.raises(AttributeError, match=r"Net: write super\(\).__init__\(\) in __init__, before self.layer"):
        Net()


def test_state_dict_is_in_the_order_of_pytorch():
    ours, theirs = (
        lib.nn.Sequential(lib.nn.BatchNorm1d(2), lib.nn.Sequential(lib.nn.Linear(2, 2), lib.nn.BatchNorm1d(2)))
        for lib in (dlcore, torch)
    )
    state = ours.state_dict()
    assert isinstance(state, OrderedDict)
    assert list(state) == list(theirs.state_dict())
