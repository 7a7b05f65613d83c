"""Every model beside its PyTorch twin: same names, same arguments, weights load both ways, same numbers."""

import inspect

import numpy as np
import pytest
import torch

import dlcore
from dlcore import models, nn, reference
from dlcore.models import generative as models_generative
from dlcore.reference import generative as reference_generative

rng = np.random.default_rng(0)
TOKENS = rng.integers(0, 11, (3, 7))
PADDING = np.arange(7) >= np.array([[7], [5], [4]])


@pytest.fixture(autouse=True)
def seeds():
    dlcore.manual_seed(0)
    torch.manual_seed(0)


def floats(*shape):
    return rng.normal(size=shape).astype(np.float32)


#: name of a case -> (class, arguments, inputs)
CASES = {
    "MLP": ("MLP", dict(sizes=[5, 8, 6, 3]), [floats(4, 5)]),
    "MLP tanh": ("MLP", dict(sizes=[5, 3]), [floats(4, 5)]),
    "LeNet": ("LeNet", dict(classes=4, channels=2), [floats(2, 2, 28, 28)]),
    "ResidualBlock": ("ResidualBlock", dict(inputs=3, outputs=3), [floats(2, 3, 6, 6)]),
    "ResidualBlock wider": ("ResidualBlock", dict(inputs=3, outputs=5), [floats(2, 3, 6, 6)]),
    "ResidualBlock stride": ("ResidualBlock", dict(inputs=3, outputs=4, stride=2), [floats(2, 3, 6, 6)]),
    "ResNet": ("ResNet", dict(classes=3, widths=(4, 6), blocks=2), [floats(3, 1, 8, 8)]),
    "CharRNN": ("CharRNN", dict(vocabulary=11, embedding=4, hidden=6), [TOKENS]),
    "CharLSTM": ("CharLSTM", dict(vocabulary=11, embedding=4, hidden=6, layers=2), [TOKENS]),
    "CharGRU": ("CharGRU", dict(vocabulary=11, embedding=4, hidden=6), [TOKENS]),
    "GPT": ("GPT", dict(vocabulary=11, context=9, dim=8, heads=2, layers=2), [TOKENS]),
    "BERT": ("BERT", dict(vocabulary=11, context=9, dim=8, heads=2, layers=2, dropout=0.0), [TOKENS]),
    "BERT padding": ("BERT", dict(vocabulary=11, context=7, dim=8, dropout=0.0), [TOKENS, PADDING]),
    "Autoencoder": ("Autoencoder", dict(sizes=[6, 4, 2]), [floats(4, 6)]),
    "Diffusion": ("Diffusion", dict(hidden=8, steps=5), [floats(4, 2), np.array([0, 4, 2, 2])]),
}


def twins(name):
    """Our model and theirs with one set of weights, and the inputs for each."""
    kind, arguments, inputs = CASES[name]
    ours, theirs = getattr(models, kind)(**arguments), getattr(reference, kind)(**arguments)
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs, [dlcore.tensor(x) for x in inputs], [torch.tensor(x) for x in inputs]


def first(output):
    return output[0] if isinstance(output, tuple) else output


def close(ours, theirs, tolerance):
    ours, theirs = ours.detach().numpy(), theirs.detach().numpy()
    assert ours.shape == theirs.shape
    scale = max(1.0, float(np.abs(theirs).max()))
    assert np.abs(ours - theirs).max() <= tolerance * scale


def test_both_packages_hold_the_same_names():
    assert set(reference.__all__) == set(models.__all__)
    elsewhere = {"GAN", "LoRA", "ddim", "draw", "generate", "hide", "quantise"}  # held together by tests of their own
    assert {CASES[name][0] for name in CASES} | elsewhere == set(reference.__all__)


@pytest.mark.parametrize("name", sorted(reference.__all__))
def test_twins_take_the_same_arguments_with_the_same_defaults(name):
    def arguments(function):
        parameters = inspect.signature(function).parameters.values()
        return [(p.name, p.default if not inspect.isclass(p.default) else p.default.__name__) for p in parameters]

    assert arguments(getattr(models, name)) == arguments(getattr(reference, name))


@pytest.mark.parametrize("name", CASES)
def test_weights_load_both_ways(name):
    ours, theirs, x, y = twins(name)
    assert list(ours.state_dict()) and set(ours.state_dict()) == set(theirs.state_dict())
    with torch.no_grad():
        for p in theirs.parameters():
            p.add_(0.01)
    ours.load_state_dict(theirs.state_dict())
    ours.eval(), theirs.eval()
    close(first(ours(*x)), first(theirs(*y)), 2e-5)


@pytest.mark.parametrize("mode", ["train", "eval"])
@pytest.mark.parametrize("name", CASES)
def test_outputs_and_gradients_are_the_same(name, mode):
    ours, theirs, x, y = twins(name)
    ours.train(mode == "train"), theirs.train(mode == "train")
    a, b = first(ours(*x)), first(theirs(*y))
    close(a, b, 1e-5)
    weight = floats(*b.shape)
    (a * dlcore.tensor(weight)).sum().backward()
    (b * torch.tensor(weight)).sum().backward()
    gradients = dict(theirs.named_parameters())
    for key, p in ours.named_parameters():
        close(p.grad, gradients[key].grad, 5e-5)
    for key, value in theirs.state_dict().items():  # running means of batch norm, too
        close(ours.state_dict()[key], value, 1e-5)


@pytest.mark.parametrize("name", ["MLP", "LeNet", "ResNet", "CharLSTM", "GPT", "BERT padding"])
def test_ten_steps_of_adam_go_the_same_way(name):
    ours, theirs, x, y = twins(name)
    losses = []
    for model, inputs, package, make in ((ours, x, dlcore, dlcore.optim.Adam), (theirs, y, torch, torch.optim.Adam)):
        optimizer = make(model.parameters(), lr=1e-3)
        seen = []
        for _ in range(10):
            output = first(model(*inputs))
            output = output.reshape(-1, output.shape[-1])
            target = package.tensor(np.arange(output.shape[0]) % output.shape[1])
            loss = package.nn.functional.cross_entropy(output, target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            seen.append(loss.item())
        losses.append(seen)
    assert np.allclose(*losses, rtol=2e-4)
    assert losses[0][-1] < losses[0][0]


def test_the_recurrent_state_can_be_handed_on():
    for name in ("CharRNN", "CharLSTM", "CharGRU"):
        _, theirs, _, (tokens,) = twins(name)
        whole, _ = theirs(tokens)
        start, state = theirs(tokens[:, :3])
        rest, _ = theirs(tokens[:, 3:], state)
        assert torch.allclose(torch.cat([start, rest], 1), whole, atol=1e-6)


def test_gpt_looks_backwards_only_and_ties_its_tables():
    _, gpt, _, (tokens,) = twins("GPT")
    changed = tokens.clone()
    changed[:, 4] = (tokens[:, 4] + 1) % 11
    a, b = gpt(tokens), gpt(changed)
    assert torch.allclose(a[:, :4], b[:, :4], atol=1e-6) and not torch.allclose(a[:, 4:], b[:, 4:], atol=1e-4)
    assert gpt.head.weight is gpt.embed.weight


def test_bert_looks_both_ways_but_not_at_padding():
    _, bert, _, (tokens, padding) = twins("BERT padding")
    bert.train()
    changed = tokens.clone()
    changed[1, 5] = (tokens[1, 5] + 1) % 11  # is padding
    changed[0, 6] = (tokens[0, 6] + 1) % 11  # is not
    a, b = bert(tokens, padding), bert(changed, padding)
    assert torch.allclose(a[1, :5], b[1, :5], atol=1e-6)
    assert not torch.allclose(a[0, 0], b[0, 0], atol=1e-5)


def test_generate_takes_the_likeliest_at_temperature_zero_and_the_same_as_ours():
    ours, theirs, (x,), (y,) = twins("GPT")
    a = models.generate(ours, x, 12, temperature=0)
    b = reference.generate(theirs, y, 12, temperature=0)
    assert a.shape == tuple(b.shape) == (3, 19) and a.tolist() == b.tolist()


def test_generate_repeats_with_its_seed_and_the_likeliest_of_one_is_the_likeliest():
    _, gpt, _, (y,) = twins("GPT")

    def draw(**options):
        return reference.generate(gpt, y, 20, generator=torch.Generator().manual_seed(0), **options)

    assert torch.equal(draw(), draw())
    assert torch.equal(draw(top_k=1), reference.generate(gpt, y, 20, temperature=0))


@pytest.mark.parametrize("top_k", [None, 2])
def test_draw_has_the_frequencies_of_a_tempered_softmax(top_k):
    logits = torch.tensor([[0.0, 1.0, 0.5]])
    drawn = reference.draw(logits.expand(20000, 3), 0.5, top_k, torch.Generator().manual_seed(0))
    expected = torch.softmax(logits[0] / 0.5, 0)
    if top_k:
        expected = torch.tensor([0.0, expected[1], expected[2]]) / expected[1:].sum()
    assert torch.allclose(torch.bincount(drawn[:, 0], minlength=3) / 20000, expected, atol=0.01)


def test_hide_keeps_the_shares_of_bert():
    tokens = torch.randint(1, 50, (200, 100), generator=torch.Generator().manual_seed(1))
    inputs, targets = reference.hide(tokens, 0, 50, share=0.3, generator=torch.Generator().manual_seed(0))
    chosen = targets != -100
    assert abs(chosen.float().mean().item() - 0.3) < 0.01
    assert torch.equal(targets[chosen], tokens[chosen]) and torch.equal(inputs[~chosen], tokens[~chosen])
    masked, kept = (inputs[chosen] == 0).float().mean().item(), (inputs[chosen] == tokens[chosen]).float().mean().item()
    assert abs(masked - 0.802) < 0.02 and abs(kept - 0.102) < 0.02


def test_the_gans_have_the_same_losses_on_the_same_noise(monkeypatch):
    ours, theirs = models.GAN(hidden=8), reference.GAN(hidden=8)
    theirs.load_state_dict(ours.state_dict())
    noise, real = floats(6, 2), floats(6, 2)
    monkeypatch.setattr(dlcore, "randn", lambda *shape, generator=None: dlcore.tensor(noise))
    monkeypatch.setattr(torch, "randn", lambda *shape, generator=None: torch.tensor(noise))
    close(ours.sample(6), theirs.sample(6), 1e-6)
    for key, call in (
        ("discriminator", lambda model, package: model.discriminator_loss(package.tensor(real))),
        ("generator", lambda model, package: model.generator_loss(6)),
    ):
        ours.zero_grad(), theirs.zero_grad()
        a, b = call(ours, dlcore), call(theirs, torch)
        close(a, b, 1e-6)
        a.backward(), b.backward()
        gradients = dict(theirs.named_parameters())
        for name, p in ours.named_parameters():
            if name.startswith(key):
                close(p.grad, gradients[name].grad, 1e-6)
    assert all(p.grad is None for p in reference.GAN().parameters())


def test_the_discriminator_gives_the_generator_no_gradient():
    gan = reference.GAN()
    gan.discriminator_loss(torch.zeros(4, 2)).backward()
    assert all(p.grad is None for p in gan.generator.parameters())


def test_diffusion_takes_the_same_steps_back_and_knows_its_noise():
    ours, theirs, (x, t), (y, s) = twins("Diffusion")
    noise = floats(4, 2)
    close(ours.noisy(x, t, dlcore.tensor(noise)), theirs.noisy(y, s, torch.tensor(noise)), 1e-6)
    close(ours.denoise(x, 0), theirs.denoise(y, 0), 1e-5)
    signal = np.cumprod(1 - np.linspace(1e-3, 0.1, 5))
    assert np.allclose(theirs.signal.numpy(), signal, atol=1e-6)
    assert theirs.sample(3, torch.Generator().manual_seed(0)).shape == (3, 2)


def test_jumps_without_fresh_noise_are_the_same():
    ours, theirs, (x, _), (y, _) = twins("Diffusion")
    for step, to in ((4, 2), (2, 0), (0, -1)):
        x, y = models_generative.jump(ours, x, step, to), reference_generative.jump(theirs, y, step, to)
        close(x, y, 1e-5)
    for count in (1, 2, 5):
        assert reference.ddim(theirs, 3, count, torch.Generator().manual_seed(0)).shape == (3, 2)


def test_diffusion_learns_to_name_the_noise_of_a_single_point():
    torch.manual_seed(0)
    model, data = reference.Diffusion(hidden=32, steps=20), torch.zeros(256, 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(150):
        optimizer.zero_grad()
        loss = model.loss(data)
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.3  # 1 is a network that always answers 0
    assert model.sample(200).norm(dim=1).mean() < 0.6


def test_the_mlps_print_the_same_layers():
    ours, theirs = models.MLP([2, 4, 1], nn.Tanh), reference.MLP([2, 4, 1], torch.nn.Tanh)
    assert [type(layer).__name__ for layer in ours] == [type(layer).__name__ for layer in theirs]
