"""Every model, run with PyTorch after changing one word in its source, beside itself."""

import copy
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from nn_twins import (
    TOLERANCE,
    assert_close,
    assert_close_to_truth,
    assert_same_as_truth,
    assert_same_gradients,
    assert_same_state,
    backward_of,
    flat,
    pair,
    same_modules,
)

import dlcore
from dlcore import models, nn, optim, reference
from dlcore.models import generative

SOURCES = ["mlp", "images", "sequences", "transformers", "generative", "adapters"]


def with_torch():
    """Run the models' source files with the word dlcore changed to torch; return all that they define."""
    names = {"__name__": "twins"}
    for name in SOURCES:
        source = (Path(models.__file__).parent / f"{name}.py").read_text(encoding="utf-8")
        source = re.sub(r"from dlcore\.models.*\n", "", source)  # already in `names`
        exec(compile(source.replace("dlcore", "torch"), name, "exec"), names)
    return names


TWINS = with_torch()
RNG = np.random.default_rng(0)
TOKENS = RNG.integers(0, 11, (3, 6))
IMAGES = RNG.standard_normal((4, 2, 8, 8))

# name: (class, keywords, input)
MODELS = {
    "mlp": ("MLP", {"sizes": [5, 8, 3]}, RNG.standard_normal((4, 5))),
    "lenet": ("LeNet", {"classes": 3, "channels": 2}, RNG.standard_normal((2, 2, 28, 28))),
    "residual block": ("ResidualBlock", {"inputs": 2, "outputs": 2}, IMAGES),
    "residual block that halves": ("ResidualBlock", {"inputs": 2, "outputs": 4, "stride": 2}, IMAGES),
    "resnet": ("ResNet", {"classes": 3, "channels": 2, "widths": (4, 6), "blocks": 2}, IMAGES),
    "char rnn": ("CharRNN", {"vocabulary": 11, "embedding": 4, "hidden": 5, "layers": 2}, TOKENS),
    "char lstm": ("CharLSTM", {"vocabulary": 11, "embedding": 4, "hidden": 5, "layers": 2}, TOKENS),
    "char gru": ("CharGRU", {"vocabulary": 11, "embedding": 4, "hidden": 5}, TOKENS),
    "gpt": ("GPT", {"vocabulary": 11, "context": 8, "dim": 12, "heads": 3, "layers": 2}, TOKENS),
    "bert": ("BERT", {"vocabulary": 11, "context": 8, "dim": 12, "heads": 3, "dropout": 0.0}, TOKENS),
    "autoencoder": ("Autoencoder", {"sizes": [8, 6, 2]}, RNG.standard_normal((4, 8))),
}


def twins(case, dtype="float64"):
    name, keywords, x = MODELS[case]
    dlcore.manual_seed(0)
    return same_modules(getattr(models, name)(**keywords), TWINS[name](**keywords), dtype), pair(x, dtype)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("case", MODELS)
def test_outputs_and_gradients(case, training):
    (ours, theirs), (x, u) = twins(case)
    ours.train(training), theirs.train(training)
    y, t = ours(x), theirs(u)
    assert_close(y, t, TOLERANCE["float64"])
    backward_of(y)
    backward_of(t)
    assert_same_gradients(ours, theirs, TOLERANCE["float64"])
    assert_same_state(ours, theirs, TOLERANCE["float64"])


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("case", MODELS)
def test_outputs_and_gradients_in_float32(case, training):
    (ours, theirs), (x, u) = twins(case, "float32")
    truth = copy.deepcopy(theirs).double()
    v = u.detach().double() if u.is_floating_point() else u
    for model in (ours, theirs, truth):
        model.train(training)
    outputs = [flat(model(z)) for model, z in ((ours, x), (theirs, u), (truth, v))]
    for y, t, w in zip(*outputs, strict=True):
        assert_close_to_truth(y, t, w, "output")
    for y in outputs:
        backward_of(y)
    assert_same_as_truth(ours, theirs, truth)


@pytest.mark.parametrize("case", MODELS)
def test_ten_steps(case):
    (ours, theirs), (x, u) = twins(case)
    mine, twin = optim.AdamW(ours.parameters(), lr=1e-3), torch.optim.AdamW(theirs.parameters(), lr=1e-3)
    for _ in range(10):
        for optimizer, module, inputs in ((mine, ours, x), (twin, theirs, u)):
            optimizer.zero_grad()
            y = module(inputs)
            y = y[0] if isinstance(y, tuple) else y
            ((y - 1) ** 2).mean().backward()
            optimizer.step()
    assert_same_state(ours, theirs, 1e-7)  # Adam divides small gradients by their size


def test_padding_is_not_read_by_bert():
    (ours, theirs), _ = twins("bert")
    padding = np.zeros((3, 6), bool)
    padding[:, 4:] = True
    other = TOKENS.copy()
    other[:, 4:] = 0
    y, z = ours(TOKENS, padding), ours(other, padding)
    np.testing.assert_allclose(y.detach().numpy()[:, :4], z.detach().numpy()[:, :4], atol=1e-12)
    assert_close(y, theirs(torch.tensor(TOKENS), torch.tensor(padding)), 1e-10)


def test_gpt_sees_no_later_symbol():
    (ours, _), _ = twins("gpt")
    other = TOKENS.copy()
    other[:, 3:] = (other[:, 3:] + 1) % 11
    y, z = ours(TOKENS).detach().numpy(), ours(other).detach().numpy()
    np.testing.assert_array_equal(y[:, :3], z[:, :3])
    assert not np.allclose(y[:, 3:], z[:, 3:])


def test_gpt_starts_near_uniform_guessing_and_shares_its_table():
    dlcore.manual_seed(0)
    model = models.GPT(vocabulary=64, context=16)
    loss = dlcore.nn.functional.cross_entropy(
        model(RNG.integers(0, 64, (8, 16))).flatten(0, 1), RNG.integers(0, 64, 128)
    )
    assert abs(loss.item() - np.log(64)) < 0.05
    assert model.head.weight is model.embed.weight
    assert 0.9 < model.blocks[0].attention.proj.weight.array.std() / (0.02 / 2) < 1.1


@pytest.mark.parametrize("causal", [True, False])
def test_gpt_looks_back_only_or_both_ways(causal):
    dlcore.manual_seed(0)
    model = models.GPT(vocabulary=11, context=8, dim=12)
    for block in model.blocks:
        block.attention.causal = causal
    other = TOKENS.copy()
    other[:, -1] = (other[:, -1] + 1) % 11
    moved = np.abs((model(dlcore.tensor(TOKENS)) - model(dlcore.tensor(other))).detach().numpy()).max(axis=(0, 2)) > 0
    assert moved.tolist() == [not causal] * 5 + [True]


@pytest.mark.parametrize("library", ["one word", "reference"])
class TestCache:
    def models(self, library):
        (ours, theirs), _ = twins("gpt")
        if library == "reference":
            twin = reference.GPT(**MODELS["gpt"][1]).double()
            twin.load_state_dict(theirs.state_dict())
            theirs = twin
        return ours, theirs

    def test_same_logits_as_without(self, library):
        for model, tokens in zip(self.models(library), (dlcore.tensor(TOKENS), torch.tensor(TOKENS)), strict=True):
            whole, cache = model(tokens).detach().numpy(), model.new_cache()
            parts = [model(tokens[:, :3], cache), *(model(tokens[:, t : t + 1], cache) for t in range(3, 6))]
            np.testing.assert_allclose(np.concatenate([p.detach().numpy() for p in parts], axis=1), whole, atol=1e-12)
            assert [tuple(part.shape) for part in cache[0]] == [(3, 3, 6, 4)] * 2
            assert np.abs(model(tokens[:, 3:4]).detach().numpy()[:, 0] - whole[:, 3]).max() > 1e-3  # it is the cache

    def test_same_text_as_without(self, library):
        ours, theirs = self.models(library)
        generate = reference.generate if library == "reference" else TWINS["generate"]
        texts = [models.generate(ours, dlcore.tensor(TOKENS), 2, temperature=0, cached=c).tolist() for c in (0, 1)]
        texts += [generate(theirs, torch.tensor(TOKENS), 2, temperature=0, cached=c).tolist() for c in (0, 1)]
        assert all(text == texts[0] for text in texts)


@pytest.mark.parametrize("library", ["one word", "reference"])
class TestAdapters:
    def test_lora_starts_as_the_layer_and_trains_only_its_thin_matrices(self, library):
        LoRA = reference.LoRA if library == "reference" else TWINS["LoRA"]  # noqa: N806 (a class)
        dlcore.manual_seed(0)
        layer, x = dlcore.nn.Linear(5, 7), RNG.standard_normal((4, 5)).astype(np.float32)
        ours, theirs = models.LoRA(layer, rank=2, scale=0.5), LoRA(torch.nn.Linear(5, 7), rank=2, scale=0.5)
        np.testing.assert_array_equal(ours(dlcore.tensor(x)).detach().numpy(), layer(dlcore.tensor(x)).detach().numpy())
        ours.b.data[:] = dlcore.tensor(RNG.standard_normal((7, 2)).astype(np.float32))
        theirs.load_state_dict({name: torch.tensor(p.detach().numpy()) for name, p in ours.state_dict().items()})
        y, t = ours(dlcore.tensor(x)), theirs(torch.tensor(x))
        np.testing.assert_allclose(y.detach().numpy(), t.detach().numpy(), atol=1e-6)
        y.square().sum().backward(), t.square().sum().backward()
        for name in ("a", "b"):
            mine, twin = getattr(ours, name).grad, getattr(theirs, name).grad
            np.testing.assert_allclose(mine.numpy(), twin.numpy(), rtol=1e-5, atol=1e-5)
        assert ours.linear.weight.grad is None and theirs.linear.weight.grad is None

    def test_rounding_to_few_bits(self, library):
        quantise = reference.quantise if library == "reference" else TWINS["quantise"]
        weight = np.array([[0.7, -0.33, 0.1], [0, 0, 0], [1e-3, 2e-3, -7e-3]], np.float32)
        for bits in (2, 4, 8):
            (numbers, scale), (twin, their_scale) = (
                models.quantise(dlcore.tensor(weight), bits),
                quantise(torch.tensor(weight), bits),
            )
            np.testing.assert_array_equal(numbers.numpy(), twin.numpy())
            np.testing.assert_array_equal(scale.numpy(), their_scale.numpy())
            assert np.abs(numbers.numpy()).max() == 2 ** (bits - 1) - 1
            assert (np.abs((numbers * scale).numpy() - weight) <= scale.numpy() / 2 + 1e-7).all()
        assert models.quantise(dlcore.tensor(weight), 4)[0].tolist() == [[7, -3, 1], [0, 0, 0], [1, 2, -7]]


class TestDrawing:
    LOGITS = np.array([[0.0, 2.0, 1.0, -1.0]], np.float32)

    def test_temperature_and_top_k(self):
        rows = dlcore.tensor(self.LOGITS).expand(4000, 4)
        for temperature, top_k in [(1.0, None), (0.5, None), (2.0, 2)]:
            drawn = models.draw(rows, temperature, top_k, dlcore.Generator(0)).numpy()[:, 0]
            p = np.exp(self.LOGITS[0] / temperature)
            p[np.argsort(p)[: 4 - (top_k or 4)]] = 0
            np.testing.assert_allclose(np.bincount(drawn, minlength=4) / 4000, p / p.sum(), atol=0.03)
        assert (models.draw(rows, temperature=0).numpy() == 1).all()

    def test_twin_of_the_likeliest(self):
        (ours, theirs), _ = twins("gpt")
        mine = models.generate(ours, dlcore.tensor(TOKENS), 12, temperature=0)
        twin = TWINS["generate"](theirs, torch.tensor(TOKENS), 12, temperature=0)
        np.testing.assert_array_equal(mine.numpy(), twin.numpy())
        assert mine.shape == (3, 18) and not mine.requires_grad
        TWINS["generate"](theirs, torch.tensor(TOKENS), 2, top_k=3)

    def test_same_seed_same_text(self):
        (ours, _), _ = twins("gpt")

        def text(seed):
            return models.generate(ours, dlcore.tensor(TOKENS), 8, generator=dlcore.Generator(seed)).tolist()

        assert text(1) == text(1) != text(2)


@pytest.mark.parametrize("library", ["dlcore", "torch"])
def test_hiding_symbols(library):
    hide = models.hide if library == "dlcore" else TWINS["hide"]
    tensor, generator = (
        (dlcore.tensor, dlcore.Generator(0))
        if library == "dlcore"
        else (torch.tensor, torch.Generator().manual_seed(0))
    )
    tokens = np.random.default_rng(0).integers(1, 1000, (200, 100))
    inputs, targets = (x.numpy() for x in hide(tensor(tokens), 0, 1000, generator=generator))
    chosen = targets != -100
    assert abs(chosen.mean() - 0.15) < 0.01
    assert (targets[chosen] == tokens[chosen]).all() and (inputs[~chosen] == tokens[~chosen]).all()
    assert abs((inputs[chosen] == 0).mean() - 0.8) < 0.03
    assert abs((inputs[chosen] == tokens[chosen]).mean() - 0.1) < 0.03


class TestGAN:
    def both(self):
        dlcore.manual_seed(0)
        return same_modules(models.GAN(hidden=8), TWINS["GAN"](hidden=8), "float64")

    def test_twin(self, monkeypatch):
        ours, theirs = self.both()
        noise, twin = pair(RNG.standard_normal((5, 2)), "float64", grad=False)
        monkeypatch.setattr(dlcore, "randn", lambda *shape, generator=None: noise)
        monkeypatch.setattr(torch, "randn", lambda *shape, generator=None: twin)
        real, real_twin = pair(RNG.standard_normal((5, 2)), "float64", grad=False)
        for loss, loss_twin in (
            (ours.discriminator_loss(real), theirs.discriminator_loss(real_twin)),
            (ours.generator_loss(5), theirs.generator_loss(5)),
        ):
            assert_close(loss, loss_twin, 1e-10)
            ours.zero_grad(), theirs.zero_grad()
            loss.backward(), loss_twin.backward()
            assert_same_gradients(ours, theirs, 1e-10)

    def test_the_discriminator_s_loss_leaves_the_generator_alone(self):
        ours = models.GAN(hidden=8)
        ours.discriminator_loss(dlcore.zeros(5, 2)).backward()
        assert all(p.grad is None for p in ours.generator.parameters())
        assert all(p.grad is not None for p in ours.discriminator.parameters())

    def test_losses_are_those_of_the_paper(self):
        ours = models.GAN(hidden=8)
        made = ours.sample(6, dlcore.Generator(0))
        d = ours.discriminator(made).sigmoid().detach().numpy()
        assert ours.generator_loss(6, dlcore.Generator(0)).item() == pytest.approx(-np.log(d).mean(), rel=1e-5)
        real = dlcore.ones(6, 2)
        on_real = ours.discriminator(real).sigmoid().detach().numpy()
        expected = -np.log(on_real).mean() - np.log(1 - d).mean()
        assert ours.discriminator_loss(real, dlcore.Generator(0)).item() == pytest.approx(expected, rel=1e-5)


class TestDiffusion:
    def both(self):
        dlcore.manual_seed(0)
        return same_modules(models.Diffusion(hidden=8, steps=20), TWINS["Diffusion"](hidden=8, steps=20), "float64")

    def test_twin(self):
        ours, theirs = self.both()
        (x, u), (t, v) = pair(RNG.standard_normal((5, 2)), "float64"), pair(np.array([0, 3, 7, 19, 2]))
        (noise, twin) = pair(RNG.standard_normal((5, 2)), "float64", grad=False)
        y, z = ours(ours.noisy(x, t, noise), t), theirs(theirs.noisy(u, v, twin), v)
        assert_close(y, z, 1e-6)  # the wave lengths are float32 in both
        backward_of(y), backward_of(z)
        assert_same_gradients(ours, theirs, 1e-6)
        assert_close(ours.denoise(x, 0), theirs.denoise(u, 0), 1e-6)
        theirs.float()
        assert theirs.loss(torch.zeros(4, 2)).shape == () and theirs.sample(3).shape == (3, 2)

    def test_jumps_without_fresh_noise_are_the_twin_s(self):
        ours, theirs = self.both()
        (x, u) = pair(RNG.standard_normal((5, 2)), "float64", grad=False)
        for step, to in ((19, 9), (9, 8), (8, 0), (0, -1)):
            x, u = generative.jump(ours, x, step, to), TWINS["jump"](theirs, u, step, to)
            assert_close(x, u, 1e-5)
        theirs.float()
        assert TWINS["ddim"](theirs, 3, count=7).shape == TWINS["ddim"](theirs, 3, count=1).shape == (3, 2)

    def test_a_jump_with_the_right_noise_lands_where_less_noise_would_have(self):
        """A network that knows the noise of one clean point: every jump agrees with `noisy`, and the last is clean."""
        model, noise = models.Diffusion(steps=20), dlcore.randn(4, 2, generator=dlcore.Generator(1))
        clean, every = dlcore.full((4, 2), 1.5), dlcore.tensor([0, 5, 12, 19])

        class Knows(nn.Module):
            signal, dim, steps = model.signal, 2, 20

            def forward(self, x, t):
                kept = model.signal[t][:, None]
                return (x - kept.sqrt() * clean) / (1 - kept).sqrt()

        for step in every.tolist():
            far = model.noisy(clean, dlcore.full((4,), step), noise)
            for to in (step, step // 2):
                near = model.noisy(clean, dlcore.full((4,), to), noise)
                np.testing.assert_allclose(generative.jump(Knows(), far, step, to).numpy(), near.numpy(), atol=1e-4)
            np.testing.assert_allclose(generative.jump(Knows(), far, step).numpy(), clean.numpy(), atol=1e-4)
        for count in (1, 2, 3, 20):
            np.testing.assert_allclose(models.ddim(Knows(), 4, count).numpy(), clean.numpy(), atol=1e-3)

    def test_more_jumps_than_steps_are_refused(self):
        for count in (0, 21):
            with pytest.raises(ValueError, match=f"count must be a whole number from 1 to 20, but got {count}"):
                models.ddim(models.Diffusion(steps=20), 3, count)

    def test_the_schedule_is_the_paper_s(self):
        model = models.Diffusion(steps=50)
        np.testing.assert_allclose(model.signal.numpy(), np.cumprod(1 - model.beta.numpy()), rtol=1e-5)
        assert list(model.state_dict())[:2] == ["beta", "signal"]

    def test_noise_grows_until_nothing_is_left(self):
        model, x = models.Diffusion(), dlcore.full((20_000, 1), 3.0)
        noise = dlcore.randn(20_000, 1, generator=dlcore.Generator(0))
        for step in (0, 50, 99):
            y = model.noisy(x, dlcore.full((20_000,), step), noise).numpy()
            kept = float(model.signal.array[step])
            assert abs(y.mean() - 3 * kept**0.5) < 0.03 and abs(y.var() - (1 - kept)) < 0.03
        assert kept < 0.01

    def test_it_learns_two_points(self):
        dlcore.manual_seed(0)
        model = models.Diffusion(dim=1, hidden=32, steps=30, high=0.3)
        optimizer = optim.Adam(model.parameters(), lr=5e-3)
        x = dlcore.tensor(np.where(np.arange(256) % 2, 1.0, -1.0).astype(np.float32)[:, None])
        for _ in range(1500):
            optimizer.zero_grad()
            model.loss(x).backward()
            optimizer.step()
        made = model.sample(400).numpy()
        assert not np.isnan(made).any()
        assert np.mean(abs(abs(made) - 1) < 0.25) > 0.85
        assert 0.3 < np.mean(made > 0) < 0.7


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: models.GPT(11, 4)(TOKENS),
            "GPT: expected at most 4 symbols, got 6; cut the text: tokens[:, -context:].",
        ),
        (
            lambda: [
                models.GPT(11, 8)(TOKENS[:, :2], cache) for cache in [models.GPT(11, 8).new_cache()] for _ in "12"
            ],
            "A cache that is not empty takes one new symbol at a time, got 2.",
        ),
        (
            lambda: models.quantise(dlcore.ones(2, 2), 1),
            "quantise: bits must be 2 or more, one of them for the sign; got 1.",
        ),
        (lambda: models.GPT(11, 4, dim=10, heads=3), "SelfAttention: dim must be a multiple of heads, got 10 and 3."),
    ],
)
def test_errors(make, message):
    with pytest.raises(ValueError) as error:
        make()
    assert str(error.value) == message
