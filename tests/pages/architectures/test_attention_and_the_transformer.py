"""Page "Attention and the Transformer": its exercises, and its hand calculation, drawn with the numbers of the text."""

import ast
import inspect
import json
import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from exercise_tests import held

import dlcore
from dlbook.pages.architectures.attention_and_the_transformer import drawings, experiment, figures
from dlbook.pages.architectures.attention_and_the_transformer.exercises import check, heads_of, softmax


def right_attention(q, k, v):
    return softmax(q @ k.T / np.sqrt(q.shape[1])) @ v


def overflows(q, k, v):
    powers = np.exp(q @ k.T / np.sqrt(q.shape[1]))
    return powers / powers.sum(1, keepdims=True) @ v


def later(s):
    return np.triu(np.ones(s.shape, bool), 1)


def right_causal(s):
    return softmax(np.where(later(s), -np.inf, s))


def sees_nothing(s):
    with np.errstate(invalid="ignore"):
        return softmax(np.where(np.triu(np.ones(s.shape, bool)), -np.inf, s))


def times_infinity(s):
    with np.errstate(invalid="ignore"):
        return softmax(s + np.triu(np.ones(s.shape), 1) * -np.inf)


def heads(**mistake):
    return lambda x, w_q, w_k, w_v, w_o, h: heads_of(x, w_q, w_k, w_v, w_o, **{"h": h, **mistake})


def sized(size):
    """Heads whose scores are divided by the root of something else."""
    return lambda x, *weights: heads_of(x, *weights, size=size(x, weights[-1]))


def heads_by_parts(x, w_q, w_k, w_v, w_o, h):
    """Right by another way: each head's rows of w_o, added up."""
    d = x.shape[1] // h
    y = np.zeros_like(x)
    for i in range(h):
        part = slice(i * d, (i + 1) * d)
        y += right_attention(x @ w_q[:, part], x @ w_k[:, part], x @ w_v[:, part]) @ w_o[part]
    return y


def heads_at_once(x, w_q, w_k, w_v, w_o, h):
    """Right without a loop."""
    q, k, v = ((x @ w).reshape(len(x), h, -1).swapaxes(0, 1) for w in (w_q, w_k, w_v))  # (h, T, D/h)
    y = softmax(q @ k.swapaxes(1, 2) / np.sqrt(q.shape[2])) @ v
    return y.swapaxes(0, 1).reshape(x.shape) @ w_o


def end_to_end_below(x, w_q, w_k, w_v, w_o, h):
    parts = [np.split(x @ w, h, axis=1) for w in (w_q, w_k, w_v)]
    return np.concatenate([right_attention(q, k, v) for q, k, v in zip(*parts, strict=True)], axis=0)


def weights_turned(x, w_q, w_k, w_v, w_o, h):
    return heads_of(x, w_q.T, w_k.T, w_v.T, w_o, h)


def without_residual(x, w_q, w_k, w_v, w_o, h):
    return x + heads_of(x, w_q, w_k, w_v, w_o, h)


RIGHT = [("4.6a", 5), ("4.6a", 5.5), ("4.6b", right_attention), ("4.6c", right_causal),
         ("4.6c", lambda s: softmax(np.where(later(s), -1e9, s))), ("4.6d", heads()),
         ("4.6d", heads_by_parts), ("4.6d", heads_at_once)]  # fmt: skip

WRONG = [
    ("4.6a", 2, "Ben gets 67%. Ask louder"),
    ("4.6a", 2.5, "if the scores were not divided by √4 = 2"),
    ("4.6a", 12, "too loud"),
    ("4.6a", -3, "does *not* fit"),
    ("4.6a", [5], "I expected one number"),
    ("4.6b", lambda q, k, v: softmax(q @ k.T) @ v, "not divided by the square root of D"),
    ("4.6b", lambda q, k, v: softmax(q @ k.T / q.shape[1]) @ v, "You divided by D."),
    ("4.6b", lambda q, k, v: softmax(q @ k.T / np.sqrt(len(k))) @ v, "the number of keys"),
    ("4.6b", lambda q, k, v: softmax(q @ k.T / np.sqrt(q.shape[1]), axis=0) @ v, "runs along the columns"),
    ("4.6b", lambda q, k, v: softmax(q @ k.T / np.sqrt(q.shape[1]), axis=None) @ v, "over the whole table"),
    ("4.6b", lambda q, k, v: q @ k.T / np.sqrt(q.shape[1]) @ v, "The softmax is missing"),
    ("4.6b", lambda q, k, v: np.exp(q @ k.T / np.sqrt(q.shape[1])) @ v, "do not sum to 1"),
    ("4.6b", lambda q, k, v: softmax(q @ k.T / np.sqrt(q.shape[1])), "Those are the attention weights"),
    ("4.6b", overflows, "a score of 3,000 overflows"),
    ("4.6b", lambda q, k, v: softmax(q @ k.T / np.sqrt(len(q))) @ v, "the number of queries"),
    ("4.6b", lambda q, k, v: softmax(q @ k.T / 2) @ v, "You divided by 2."),
    ("4.6b", lambda q, k, v: softmax(q @ k.T * np.sqrt(q.shape[1])) @ v, "You multiplied"),
    ("4.6b", lambda q, k, v: softmax(q @ k.T) / np.sqrt(q.shape[1]) @ v, "You divided after the softmax"),
    ("4.6b", lambda q, k, v: (right_attention(q, k, v), q @ k.T), "You returned two things"),
    ("4.6c", softmax, "Nothing is masked"),
    ("4.6c", lambda s: np.where(later(s), 0, softmax(s)), "You masked after the softmax"),
    ("4.6c", lambda s: softmax(np.where(later(s), 0, s)), "A score of 0 is not a mask"),
    ("4.6c", lambda s: softmax(np.where(later(s).T, -np.inf, s)), "turned round"),
    ("4.6c", lambda s: softmax(np.where(later(s), -np.inf, s), axis=0), "runs along the columns"),
    ("4.6c", sees_nothing, "some word may look nowhere"),
    ("4.6c", times_infinity, "0 · ∞ and ∞ − ∞ are NaN"),
    ("4.6c", lambda s: np.where(later(s), -np.inf, s), "these are masked scores"),
    ("4.6c", lambda s: softmax(np.where(later(s), -np.inf, s), axis=None), "over the whole table"),
    ("4.6c", lambda s: np.exp(np.where(later(s), -np.inf, s)), "do not sum to 1"),
    ("4.6c", lambda s: softmax(np.where(np.triu(s, 2) != 0, -np.inf, s)), "looks one word ahead"),
    ("4.6c", lambda s: right_causal(s / np.sqrt(len(s))), "The scores are ready"),
    ("4.6c", lambda s: right_causal(s).T, "transposed"),
    ("4.6d", heads(mix=lambda y, w_o: y), "The last step is missing"),
    ("4.6d", heads(mix=lambda y, w_o: y @ w_o.T), "`w_o` transposed"),
    ("4.6d", heads(h=1), "That is one wide head."),
    ("4.6d", sized(lambda x, h: x.shape[1]), "You divided by √D."),
    ("4.6d", sized(lambda x, h: h), "You divided by √h."),
    ("4.6d", sized(lambda x, h: len(x)), "the number of words"),
    ("4.6d", heads(size=1), "not divided by the square root of D/h"),
    ("4.6d", heads(by=float), "You divided by D/h."),
    ("4.6d", heads(shares=lambda s: softmax(s, axis=0)), "runs along the columns"),
    ("4.6d", heads(shares=lambda s: softmax(s, axis=None)), "over the whole table"),
    ("4.6d", heads(shares=lambda s: s), "The softmax is missing"),
    ("4.6d", heads(shares=np.exp), "do not sum to 1"),
    ("4.6d", heads(shares=lambda s: softmax(s.T)), "Query and key are swapped"),
    ("4.6d", heads(cut="stripes"), "yours gets every h-th"),
    ("4.6d", heads(cut="reshape"), "mixes words and columns"),
    ("4.6d", heads(join="reshape"), "by a reshape alone"),
    ("4.6d", heads(join="sum"), "You added the heads' answers up."),
    ("4.6d", heads(join="mean"), "You took the mean"),
    ("4.6d", heads(join="reversed"), "head 1 comes first"),
    ("4.6d", heads(join="last"), "Only the last head"),
    ("4.6d", end_to_end_below, "expected an array of shape (4, 6), received one of shape (8, 3)"),
    ("4.6d", weights_turned, "With one head it should be"),
    ("4.6d", without_residual, "With one head it should be"),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)


# ── the look-up by hand ──

PAGE = Path(__file__).parents[3] / "chapters" / "4_architectures" / "6_attention_and_the_transformer.ipynb"
CELLS = {cell["id"]: "".join(cell["source"]) for cell in json.loads(PAGE.read_text(encoding="utf-8"))["cells"]}
BY_HAND = next(text for text in CELLS.values() if "\n## By hand\n" in text).replace("\u00a0", " ")


def test_the_numbers_are_those_of_the_table():
    rows = re.findall(r"^\| (Anna|Ben|he) \|(.*)\|$", BY_HAND, re.MULTILINE)
    assert [word for word, _ in rows] == list(drawings.WORDS)
    for i, (_, cells) in enumerate(rows):
        key, score, half, power, share, value = (cell.strip() for cell in cells.split("|"))
        assert (key, value) == (str(tuple(drawings.KEYS[i].tolist())), str(tuple(drawings.VALUES[i].tolist())))
        assert (score, half) == (f"{drawings.SCORES[i]}", f"{drawings.HALVED[i]:g}")
        assert (power, share) == (f"{drawings.POWERS[i]:.2f}", f"{drawings.SHARES[i]:.2f}")
    assert f"sum {drawings.POWERS.sum():.2f}" in BY_HAND
    assert r"\mathbf{q} = " + str(tuple(drawings.QUERY.tolist())) in BY_HAND
    assert "= ({:.2f}, {:.2f})".format(*drawings.ANSWER) in BY_HAND


def test_the_numbers_are_those_of_the_code():
    names = {"dlcore": dlcore}
    exec(CELLS["three-words"].split("\n\n")[0], names)
    for name, ours in {"q": drawings.QUERY[None], "k": drawings.KEYS, "v": drawings.VALUES}.items():
        np.testing.assert_array_equal(names[name].numpy(), ours)
    weights = (names["q"] @ names["k"].transpose(-2, -1) / 2).softmax(dim=-1)
    np.testing.assert_allclose(weights.numpy()[0], drawings.SHARES, rtol=1e-6)


def test_each_step_shows_what_its_sentence_computes():
    plt.switch_backend("Agg")
    for step, one in enumerate(drawings.attention_by_hand.says, start=1):
        words = " ".join(text.get_text() for text in drawings.attention_by_hand(step).axes[0].texts)
        plt.close("all")
        for number in re.findall(r"\d+\.\d+", one):
            assert number in words, f"step {step} says {number} and does not show it"


# ── the network that learns who is who ──

ALL = {word: number for number, word in enumerate(experiment.WORDS)}


def numbers(sentence):
    return np.array([ALL[word] for word in sentence.split()])


def test_the_page_trains_what_the_figure_shows():
    for cell, ours in (("reader", experiment.Reader), ("train", experiment.train)):
        page, room = (ast.parse(source).body[0] for source in (CELLS[cell], inspect.getsource(ours)))
        room.body = room.body[1:]  # the docstring
        assert ast.dump(page) == ast.dump(room)


def test_the_figures_sentences_are_among_those_that_the_rules_make():
    words, answers = experiment.stories(20_000, generator=5)
    shapes = {tuple(_shape(row)) for row in words}
    for sentence in figures.SENTENCES:
        assert tuple(_shape(np.pad(numbers(sentence), (0, experiment.LENGTH - 10)))) in shapes


def _shape(row):
    """A sentence with its words replaced by what they are, so that only the pattern is left."""
    kinds = (experiment.NAMES, experiment.MAIN, experiment.OTHER, experiment.DAYS, experiment.OFTEN)
    for number in row:
        word = experiment.WORDS[number]
        yield next((i for i, kind in enumerate(kinds) if word in kind), word)


def test_answers_are_names_of_the_sentence_of_the_right_kind():
    words, answers = experiment.stories(300, generator=6)
    for row, answer in zip(words, answers, strict=True):
        said = [experiment.WORDS[number] for number in row]
        assert (answer >= 0).sum() == 4  # two pronouns, and who and whom
        for place, question in zip(*np.nonzero(answer >= 0), strict=True):
            name = experiment.NAMES[answer[place, question]]
            assert name in said
            for pronoun, (other, names) in experiment.KINDS.items():
                assert said[place] not in (pronoun, other) or name in names


def test_the_reader_learns_what_the_place_and_three_words_do_not_tell():
    known, new = experiment.stories(3000, generator=0), experiment.stories(500, generator=99)
    assert not {tuple(row) for row in known[0]} & {tuple(row) for row in new[0]}
    asked = new[1] >= 0

    def right(said):
        return (said == new[1])[asked].mean()

    def answer(model):
        with dlcore.no_grad():
            return model(dlcore.tensor(new[0])).numpy().argmax(-1)

    assert right(answer(experiment.trained())) > 0.98
    assert right(experiment.by_place(*known, new[0])) < 0.65
    assert right(experiment.by_nearness(new[0])) < 0.85
    assert right(answer(experiment.trained(experiment.Filters, 3, (1, 1), 64))) < 0.75
    # reach is what tells, not attention: filters with gaps do as well
    assert right(answer(experiment.trained(experiment.Filters, 3, (1, 2, 4, 8), 32))) > 0.98


def test_a_network_trained_with_the_mask_bets_where_the_names_are_to_come():
    _, _, answers = figures.reading(figures.SENTENCES[1], 1, True)
    he = answers[1, 0]  # the second word
    assert he.max() < 0.5
    assert he[4:].sum() > 0.95  # all on the four names that go with "he"
    _, _, answers = figures.reading(figures.SENTENCES[0], 1, True)
    assert experiment.NAMES[answers[7, 0].argmax()] == "Ben"
