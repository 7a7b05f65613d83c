"""Page "Attention and the Transformer": its exercises, and its hand calculation, drawn with the numbers of the text."""

import json
import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from exercise_tests import held

import dlcore
from dlbook.pages.architectures.attention_and_the_transformer import drawings
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


def heads(**mistake):
    return lambda x, w_q, w_k, w_v, w_o, h: heads_of(x, w_q, w_k, w_v, w_o, **{"h": h, **mistake})


def root_of_width(x, w_q, w_k, w_v, w_o, h):
    return heads_of(x, w_q, w_k, w_v, w_o, h, size=x.shape[1])


RIGHT = [("4.6a", 5), ("4.6a", 5.5), ("4.6b", right_attention), ("4.6c", right_causal), ("4.6d", heads())]

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
    ("4.6c", softmax, "Nothing is masked"),
    ("4.6c", lambda s: np.where(later(s), 0, softmax(s)), "You masked after the softmax"),
    ("4.6c", lambda s: softmax(np.where(later(s), 0, s)), "A score of 0 is not a mask"),
    ("4.6c", lambda s: softmax(np.where(later(s).T, -np.inf, s)), "turned round"),
    ("4.6c", lambda s: softmax(np.where(later(s), -np.inf, s), axis=0), "runs along the columns"),
    ("4.6c", sees_nothing, "some word may look nowhere"),
    ("4.6d", heads(mix=False), "The last step is missing"),
    ("4.6d", heads(h=1), "That is one wide head."),
    ("4.6d", root_of_width, "You divided by √D."),
    ("4.6d", heads(size=1), "not divided by the square root of D/h"),
    ("4.6d", heads(order="stripes"), "yours gets every h-th"),
    ("4.6d", heads(order="sum"), "You added the heads' answers up."),
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
