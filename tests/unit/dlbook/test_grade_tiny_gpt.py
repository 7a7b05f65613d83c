"""Assignment 7: our own answers, block by block, beside dlcore and PyTorch; and texts that can be learned."""

import json
import math
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

import dlcore
from dlbook.grade import notebook, spec, student
from dlcore import nn
from dlcore.models import transformers as ours
from dlcore.nn import functional as F  # noqa: N812 (PyTorch's custom)
from dlcore.reference import transformers as theirs

ROOT = Path(__file__).resolve().parents[3]
NAME = "7_attention_and_a_tiny_gpt"
ASSIGNMENT = spec.load(ROOT / "assignments" / NAME)
ANSWERS = {question.name: question.answer for question in ASSIGNMENT.questions.values()}
TIGHT = {"rtol": 0, "atol": 1e-10}


def inputs_of(key):
    """The inputs of all checks of a question, for three students."""
    variants = [spec.Variant(student, "a key") for student in ("", "jane", "ben")]
    checks = [c for v in variants for hidden in (False, True) for c in ASSIGNMENT.prepare(hidden, v, "grading")]
    found = [check["inputs"] for check in checks if check["question"] == key]
    assert len(found) >= 6
    return found


def same(key, name, *others):
    """That our answer, on all those inputs, is what each of the others gives, float64 to 1e-10."""
    for inputs in inputs_of(key):
        right = np.asarray(ANSWERS[name](*inputs))
        assert right.dtype == float
        for other in others:
            result = other(*inputs).detach().numpy()
            assert result.dtype == np.float64 and result.shape == right.shape
            np.testing.assert_allclose(right, result, **TIGHT)


def test_attention():
    def in_dlcore(q, k, v):
        return F.scaled_dot_product_attention(*map(dlcore.tensor, (q, k, v)))

    def in_torch(q, k, v):
        return torch.nn.functional.scaled_dot_product_attention(*map(torch.tensor, (q, k, v)))

    same("q3", "attention", in_dlcore, in_torch)


def test_causal_weights():
    def in_dlcore(scores):
        mask = np.where(nn.causal_mask(scores.shape[-1]), -np.inf, 0.0)
        return F.softmax(dlcore.tensor(scores) + dlcore.tensor(mask), dim=-1)

    def in_torch(scores):
        later = torch.ones(scores.shape[-2:]).triu(1).bool()
        return torch.tensor(scores).masked_fill(later, -torch.inf).softmax(-1)

    same("q4", "causal_weights", in_dlcore, in_torch)


def test_heads():
    def split_in_dlcore(x, h):
        return dlcore.tensor(x).reshape(len(x), h, -1).transpose(0, 1)

    same("q5", "split_heads", split_in_dlcore, lambda x, h: torch.tensor(x).unflatten(1, (h, -1)).transpose(0, 1))
    same("q6", "merge_heads", *(lambda y, t=t: t(y).transpose(0, 1).flatten(1) for t in (dlcore.tensor, torch.tensor)))


def test_layer_norm():
    def by(library, function):
        return lambda x, w, b: function(library.tensor(x), (x.shape[1],), library.tensor(w), library.tensor(b))

    same("q7", "layer_norm", by(dlcore, F.layer_norm), by(torch, torch.nn.functional.layer_norm))


def test_feed_forward():
    def by(library, f):
        def run(x, w1, b1, w2, b2):
            x, w1, b1, w2, b2 = map(library.tensor, (x, w1, b1, w2, b2))
            return f.linear(f.gelu(f.linear(x, w1, b1), approximate="tanh"), w2, b2)

        return run

    same("q8", "feed_forward", by(dlcore, F), by(torch, torch.nn.functional))


def test_the_gelu_that_is_given():
    z = np.linspace(-6, 6, 200)
    source = next(notebook.source_of(c) for c in MASTER["cells"] if c["id"] == "given-8")
    names = {"np": np}
    exec(source, names)
    np.testing.assert_allclose(names["gelu"](z), F.gelu(dlcore.tensor(z), approximate="tanh").numpy(), **TIGHT)


def test_a_block():
    def by(library, models):
        def run(x, weights, h):
            layer = models.Block(x.shape[1], h).double()
            layer.load_state_dict({name: library.tensor(weight) for name, weight in weights.items()})
            return layer(library.tensor(x)[None])[0]

        return run

    same("q9", "block", by(dlcore, ours), by(torch, theirs))


def whole(library, models, weights, h):
    """A GPT of a library with these weights, in double precision; its head may be another table than its embedding."""
    (v, d), count = weights["embed.weight"].shape, sum(name.endswith("norm1.weight") for name in weights)
    model = models.GPT(v, len(weights["position.weight"]), d, h, count).double()
    model.head.weight = (nn if library is dlcore else torch.nn).Parameter(library.zeros(v, d).double())
    model.load_state_dict({name: library.tensor(weight) for name, weight in weights.items()})
    return model


def test_the_whole():
    def by(library, models):
        return lambda tokens, weights, h: whole(library, models, weights, h)(library.tensor(tokens)[None])[0]

    same("q10", "gpt", by(dlcore, ours), by(torch, theirs))


def test_choosing():
    for logits, temperature, draws in inputs_of("q11"):
        p = torch.softmax(torch.tensor(logits) / (temperature or 1e-3), 0)
        edges = torch.cumsum(p, 0)
        assert temperature == 0 or np.min(np.abs(edges.numpy()[:, None] - draws)) > 1e-3  # nobody's rounding decides
        assert np.diff(np.sort(logits)).min() > 0.1  # nor between the likeliest
        for u in draws.tolist():
            right = ANSWERS["choose"](logits, temperature, u)
            assert right == int((edges <= u).sum())
            assert temperature or right == ours.draw(dlcore.tensor(logits[None]), temperature=0).item()


# The text

MASTER = notebook.read(ASSIGNMENT.folder / f"{NAME}.ipynb")
TEXTS = [ASSIGNMENT.constants("q12", spec.Variant(str(number), "a key"))["text"] for number in range(200)]
LOSS = 0.3


def checks_of_the_text(text, weights):
    """What the two checks make of some weights."""
    checks = ASSIGNMENT.questions["q12"].checks
    return [spec.result(check.recipe, weights, check.inputs(None)) for check in checks]


def windows_of(text):
    words = sorted(set(text.split()))
    tokens = np.array([words.index(word) for word in text.split()])
    return tokens, np.lib.stride_tricks.sliding_window_view(tokens, 9)


def mean_loss(tokens, windows, weights):
    """The loss as PyTorch has it."""
    model = whole(torch, theirs, {name: w for name, w in weights.items() if name != "tokens"}, 2)
    logits = model(torch.tensor(windows[:, :-1].copy()))
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), torch.tensor(windows[:, 1:].copy()).flatten())
    again = theirs.generate(model, torch.tensor(tokens[None, :2]), len(tokens) - 2, temperature=0)[0].tolist()
    return loss.item(), again


def test_texts_are_ones_own():
    assert len(set(TEXTS)) > 190
    assert {len(text.split()) for text in TEXTS} == {19} and {len(set(text.split())) for text in TEXTS} == {8}


def test_whoever_looks_only_at_the_last_word_does_not_know_the_text():
    """The best that can be said from one word, over all windows: far above what is asked for."""
    for text in TEXTS:
        _, windows = windows_of(text)
        pairs = Counter((a, b) for window in windows.tolist() for a, b in zip(window, window[1:], strict=False))
        firsts = Counter(a for (a, _), n in pairs.items() for _ in range(n))
        assert -sum(n * math.log(n / firsts[a]) for (a, _), n in pairs.items()) / windows[:, 1:].size > 2 * LOSS


def test_our_own_network_knows_every_text():
    for text in TEXTS:
        seen, written = checks_of_the_text(text, ANSWERS["learned_q12"](text))
        assert seen[:2] == [1, 0] and written == seen[2:], text


@pytest.mark.parametrize("text", TEXTS[:5])
def test_the_recipe_measures_what_pytorch_measures(text):
    weights = ANSWERS["learned_q12"](text)
    tokens, windows = windows_of(text)
    loss, again = mean_loss(tokens, windows, weights)
    seen, written = checks_of_the_text(text, weights)
    assert seen == [float(loss <= LOSS), 0.0, *tokens.tolist()] and seen[0] == 1
    assert written == again == tokens.tolist()


@pytest.mark.parametrize("scale", [1.0, 0.4, 0.3, 0.25, 0.2])
def test_the_limit_is_where_it_is_said_to_be(scale):
    weights = ANSWERS["learned_q12"](TEXTS[0])
    weights = weights | {"head.weight": scale * weights["head.weight"]}
    loss, _ = mean_loss(*windows_of(TEXTS[0]), weights)
    if loss <= LOSS:
        assert checks_of_the_text(TEXTS[0], weights)[0][0] == 1
    else:
        with pytest.raises(ValueError, match=f"is {loss:.2f}; at most 0.3 is asked for"):
            checks_of_the_text(TEXTS[0], weights)


def test_other_forms_of_a_dictionary_are_told_what_is_asked():
    for strange in (None, 3.0, [1, 2], {"embed.weight": np.zeros((8, 4))}):
        with pytest.raises(ValueError, match="a dictionary of arrays: all the weights, and your tokens"):
            checks_of_the_text(TEXTS[0], strange)
    with pytest.raises(ValueError, match="nothing in the dictionary is called embed.weight"):
        checks_of_the_text(TEXTS[0], {"tokens": np.arange(19)})


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_masters_training_learns_every_text(number):
    variant = spec.Variant(str(number), "a key")
    names = {"np": np}
    exec(student.constants_cell(ASSIGNMENT, "q12", variant), names)
    for cell in MASTER["cells"]:
        if cell["id"] in ("given-12", "q12-answer"):
            exec(notebook.source_of(cell), names)
    seen, written = checks_of_the_text(names["text"], names["learned_q12"])
    assert seen[:2] == [1, 0] and written == seen[2:] == names["tokens"].tolist()


def test_what_is_trained_in_dlcore_speaks_through_the_students_own_functions():
    sources = [notebook.source_of(c) for c in MASTER["cells"] if c["cell_type"] == "code" and c["id"] != "checks"]
    names = {"check": lambda *told: None}
    for source in sources:
        exec(re.sub(r"### BEGIN HIDDEN.*?### END HIDDEN TESTS", "", source, flags=re.S), names)
    assert names["recite"](names["text"].split()[:2]) == names["text"]
    assert names["recite"](names["text"].split()[:2], temperature=50) != names["text"]


def test_a_students_notebook_is_small():
    assert len(json.dumps(student.student_version(ASSIGNMENT))) < 200_000
