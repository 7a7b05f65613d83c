"""Page "GPT and BERT in small": its exercises, its hand calculation, and the rivals that its verdicts name."""

import ast
import inspect
import json
import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from exercise_tests import held

import dlcore
from dlbook.pages.architectures.gpt_and_bert_in_small import by_hand, drawings, experiment, figures, translation
from dlbook.pages.architectures.gpt_and_bert_in_small.exercises import cached, check, rounded
from dlcore import data
from dlcore.models import GPT


def right_mask(words):
    return np.tile(np.array([word != "" for word in words]), (len(words), 1))


def mask_by_loops(words):
    return [[looked_at != "" for looked_at in words] for _ in words]


def four_bits_by_hand(w):
    scale = max(abs(x) for x in w) / 7
    return [round(x / scale) for x in w], scale


def right_step(q, k, v, old_k, old_v):
    return cached(q, k, v, old_k, old_v)


def step_by_stacking(q, k, v, old_k, old_v):
    keys, values = np.vstack([old_k, k]), np.vstack([old_v, v])
    powers = np.exp(q @ keys.T / np.sqrt(q.shape[0]))
    return [(powers / powers.sum()) @ values, keys, values]


def step_as_a_row(q, k, v, old_k, old_v):
    answer, keys, values = cached(q, k, v, old_k, old_v)
    return answer[None], keys.tolist(), values.tolist()


def step_by_einsum(q, k, v, old_k, old_v):
    keys, values = np.r_[old_k, [k]], np.r_[old_v, [v]]
    powers = np.exp(np.einsum("td,d->t", keys, q) / 2)
    return np.einsum("t,td->d", powers / powers.sum(), values), keys, values


def tril(words):
    return np.tril(np.ones((len(words), len(words)), bool))


def step(**mistake):
    return lambda q, k, v, old_k, old_v: cached(q, k, v, old_k, old_v, **mistake)


SHARES = np.array([0, 0.5, 0, 0.2, 0.15]) / 0.85

RIGHT = [
    ("4.7a", " s"), ("4.7a", (" ", "s")), ("4.7a", "␣s"), ("4.7a", [" s"]), ("4.7a", (" s",)),
    ("4.7b", SHARES), ("4.7b", [0, 0.59, 0, 0.24, 0.18]), ("4.7b", tuple(SHARES.round(3))),
    ("4.7c", right_mask), ("4.7c", mask_by_loops), ("4.7c", lambda words: right_mask(words).astype(int)),
    ("4.7d", 24576), ("4.7d", 8 * (768 + 2304)), ("4.7d", np.int64(24576)),
    ("4.7e", rounded), ("4.7e", four_bits_by_hand), ("4.7e", lambda w: (rounded(w)[0].astype(int), rounded(w)[1])),
    ("4.7f", right_step), ("4.7f", step_by_stacking), ("4.7f", step_as_a_row),
    ("4.7b", [0, 10 / 17, 0, 4 / 17, 3 / 17]), ("4.7b", np.array([0, 50, 0, 20, 15]) / 85),
    ("4.7c", lambda words: [right_mask(words)[0]] * len(words)), ("4.7c", lambda words: right_mask(words) * 1.0),
    ("4.7d", 24576.0), ("4.7d", 8 * 768 + 2304 * 8),
    ("4.7e", lambda w: (rounded(w)[0].astype(np.int8), [rounded(w)[1]])), ("4.7e", lambda w: [*rounded(w)]),
    ("4.7f", lambda q, k, v, a, b: cached(q, k, v, a, b, np.vstack([a, k]), np.vstack([b, v]))),
    ("4.7f", lambda *x: [part.tolist() for part in cached(*x)]),
    ("4.7a", np.str_(" s")), ("4.7a", ("␣", "s")),
    ("4.7b", [0, 0.588, 0, 0.235, 0.176]), ("4.7b", [0, 0.59, 0, 0.23, 0.18]),
    ("4.7c", lambda w: np.broadcast_to(np.array(w) != "", (len(w), len(w)))),
    ("4.7c", lambda w: [[bool(b) for b in w]] * len(w)),
    ("4.7d", np.array(24576)), ("4.7d", sum(size * 8 for size in (768, 2304))),
    ("4.7e", lambda w: (np.round(7 * w / np.abs(w).max()), np.abs(w).max() / 7)),
    ("4.7e", lambda w: (rounded(w)[0].tolist(), float(rounded(w)[1]))),
    ("4.7f", step_by_einsum), ("4.7f", lambda q, k, v, a, b: (cached(q, k, v, a, b)[0], [*a, k], [*b, v])),
]  # fmt: skip

WRONG = [
    ("4.7a", "sh", "“sh” stands there 2 times"),
    ("4.7a", "SE", "stands nowhere"),
    ("4.7a", ("s", " "), "crosses from one word into the next"),
    ("4.7a", {" s": 3}, "received a value of type dict"),
    ("4.7a", "se", "“se” stands there 2 times"),
    ("4.7a", "he", "2 times"),
    ("4.7a", "ll", "2 times"),
    ("4.7a", "el", "2 times"),
    ("4.7a", "ea", "“ea” stands there 1 time;"),
    ("4.7a", "e ", "crosses from one word into the next"),
    ("4.7a", "s ", "crosses from one word into the next"),
    ("4.7a", "zz", "stands nowhere"),
    ("4.7a", "she", "expected two characters, and received 3"),
    ("4.7a", "s", "expected two characters, and received 1"),
    ("4.7a", 3, "received a value of type int"),
    ("4.7b", [0, 0.5, 0, 0.2, 0.15], "must sum to 1 again"),
    ("4.7b", [0, 0.5 / 0.7, 0, 0.2 / 0.7, 0], "less than 0.8"),
    ("4.7b", [0, 0.5, 0, 0.2, 0], "less than 0.8; and"),
    ("4.7b", np.array([0.1, 0.5, 0, 0.2, 0.15]) / 0.95, "Four are more than needed"),
    ("4.7b", [0, 1, 0, 0, 0], "The likeliest alone"),
    ("4.7b", [0.1, 0.5, 0.05, 0.2, 0.15], "Nothing is left out"),
    ("4.7b", [0, 1 / 3, 0, 1 / 3, 1 / 3], "keep their proportions"),
    ("4.7b", np.array([0, 0.5, 0, 0.2, 0.15]) / 0.8, "You divided by p"),
    ("4.7b", np.array([0.5, 0.2, 0.15, 0, 0]) / 0.85, "in another order"),
    ("4.7b", np.array([0.1, 0.5, 0, 0.2, 0]) / 0.8, "from left to right"),
    ("4.7b", [0.59, 0.24, 0.18], "I expected five shares"),
    ("4.7b", np.array([0.1, 0, 0.05, 0, 0]) / 0.15, "kept the unlikely"),
    ("4.7b", [0, 0.5, 0, 0.2, 0.1], "is kept whole. Then"),
    ("4.7b", np.array([0, 0.5, 0, 0.2, 0.1]) / 0.8, "all its 0.15"),
    ("4.7b", np.exp([0.1, 0.5, 0.05, 0.2, 0.15]) / np.exp([0.1, 0.5, 0.05, 0.2, 0.15]).sum(), "no softmax"),
    ("4.7b", [False, True, False, True, True], "which are kept"),
    ("4.7b", [0, 58.8235, 0, 23.5294, 17.6471], "per cent"),
    ("4.7c", tril, "GPT's mask"),
    ("4.7c", lambda w: np.eye(len(w)), "looks at itself only"),
    ("4.7c", lambda w: np.tril(np.ones((len(w), len(w))), -1), "and not at itself"),
    ("4.7c", lambda w: right_mask(w) | right_mask(w).T, "Close the whole columns"),
    ("4.7c", lambda w: [word != "" for word in w], "shape (7,)"),
    ("4.7c", lambda w: tril(w) & right_mask(w), "still looks back only"),
    ("4.7c", lambda w: np.ones((len(w), len(w)), bool), "at the padding too"),
    ("4.7c", lambda w: ~right_mask(w), "Turned round"),
    ("4.7c", lambda w: right_mask(w).T, "You closed the rows of the padding, so"),
    ("4.7c", lambda w: right_mask(w) & right_mask(w).T, "the rows of the padding as well"),
    ("4.7c", lambda w: right_mask(w) & (np.array(w) != "?"), "You closed the hidden word"),
    ("4.7c", lambda w: right_mask(w) & ~np.eye(len(w), dtype=bool), "may look at itself"),
    ("4.7c", lambda w: tril(w).T, "looks ahead only"),
    ("4.7c", lambda w: tril(w).T & right_mask(w), "looks ahead only"),
    ("4.7c", lambda w: np.where(right_mask(w), 0, -np.inf), "not what is added to scores"),
    ("4.7c", lambda w: right_mask(w)[0], "shape (7,)"),
    ("4.7d", 768 * 2304, "the frozen matrix itself"),
    ("4.7d", 768 * 2304 + 2304, "the frozen layer itself"),
    ("4.7d", 8 * 768, "That is A alone"),
    ("4.7d", 8 * 2304, "That is B alone"),
    ("4.7d", 8 * (768 + 2304) + 2304, "The bias stays frozen"),
    ("4.7d", 8 * 768 * 2304, "add their sizes"),
    ("4.7d", 768 + 2304, "rank 1"),
    ("4.7d", 64 * 768 * 2304, "do not multiply them"),
    ("4.7d", 2 * 8 * 768, "as long as the layer's *output*"),
    ("4.7d", 768 * 2304 + 24576, "is not trained"),
    ("4.7d", 768 * 2304 / 8, "does not divide the matrix"),
    ("4.7d", [24576, 1], "I expected one number"),
    ("4.7d", 2 * 8 * 2304, "the layer's *input*"),
    ("4.7d", 24576 + 64, "no third"),
    ("4.7d", 72, "How many are left"),
    ("4.7d", "24,576", "expected a number, received str"),
    ("4.7e", lambda w: rounded(w, 15), "so divide by 7"),
    ("4.7e", lambda w: rounded(w, 8), "not 8"),
    ("4.7e", lambda w: rounded(w, 16), "16 is how many"),
    ("4.7e", lambda w: rounded(w, 4), "4 is the number of bits"),
    ("4.7e", lambda w: rounded(w, 127), "That is for 8 bits"),
    ("4.7e", lambda w: rounded(w, by=np.max), "without its sign"),
    ("4.7e", lambda w: rounded(w, how=np.floor), "always rounded down"),
    ("4.7e", lambda w: rounded(w, how=np.trunc), "cut the decimals off"),
    ("4.7e", lambda w: rounded(w, how=np.ceil), "always rounded up"),
    ("4.7e", lambda w: rounded(w, how=lambda x: x), "not rounded"),
    ("4.7e", lambda w: (rounded(w)[0] * rounded(w)[1], rounded(w)[1]), "the weights that come back"),
    ("4.7e", lambda w: rounded(w)[0], "I expected two things"),
    ("4.7e", lambda w: rounded(w)[::-1], "swapped"),
    ("4.7e", lambda w: (rounded(w)[0], 1 / rounded(w)[1]), "turned round"),
    ("4.7e", lambda w: (rounded(w)[0], np.full(len(w), rounded(w)[1])), "one number for the whole vector"),
    ("4.7e", lambda w: (np.abs(rounded(w)[0]), rounded(w)[1]), "signs are lost"),
    ("4.7e", lambda w: (rounded(w)[0], np.abs(w).max()), "what *one* step is worth"),
    ("4.7e", lambda w: (np.round(w / (np.ptp(w) / 15)), np.ptp(w) / 15), "Here 0 stays 0"),
    ("4.7e", lambda w: (np.round(w / (np.abs(w).mean() / 7)), np.abs(w).mean() / 7), "mean size"),
    ("4.7f", lambda q, k, v, a, b: cached(q, k, v, a, b, keys=a, values=b), "does not see itself"),
    ("4.7f", step(how=lambda scores: scores / scores.sum()), "are no shares"),
    ("4.7f", step(how=lambda scores: np.full(len(scores), 1 / len(scores))), "the query has no say"),
    ("4.7f", lambda q, k, v, a, b: cached(q, k, v, a, b, np.vstack([a[:-1], k]), np.vstack([b[:-1], v])), "replaced"),
    ("4.7f", lambda *x: (cached(*x)[0], cached(*x)[2], cached(*x)[1]), "Keys and values are swapped"),
    ("4.7f", lambda q, k, v, a, b: cached(q, k, v, a, b, keys=k[None], values=v[None]), "sees only itself"),
    ("4.7f", step(scale=lambda n: 1), "not divided by √D"),
    ("4.7f", step(scale=lambda n: n), "You divided by D"),
    ("4.7f", lambda q, k, v, a, b: cached(q, k, v, a, b, scale=lambda n: np.sqrt(len(a) + 1)), "number of keys"),
    ("4.7f", step(how=lambda s: s), "The softmax is missing"),
    ("4.7f", step(how=np.exp), "do not sum to 1"),
    ("4.7f", lambda q, k, v, a, b: cached(k, q, v, a, b), "are swapped"),
    ("4.7f", lambda q, k, v, a, b: cached(q, k, v, a, b, values=np.concatenate([a, k[None]])), "You blended keys"),
    ("4.7f", lambda q, k, v, a, b: cached(q, k, v, a, b, values=np.concatenate([b, k[None]])), "the new key to the"),
    ("4.7f", lambda *x: cached(*x)[0], "I expected three things"),
    ("4.7f", lambda q, k, v, a, b: (cached(q, k, v, a, b)[0], a, b), "The answer is right, but the keys"),
    ("4.7f", lambda q, k, v, a, b: cached(q, k, v, a, b, np.concatenate([k[None], a]), np.concatenate([v[None], b])),
     "comes last among the keys"),
    ("4.7a", [((" ", "s"), 3)], "the pair alone"),
    ("4.7a", b" s", "received a value of type bytes"),
    ("4.7a", "S ", "stands nowhere"),
    ("4.7b", SHARES * 0.8, "not to 0.8"),
    ("4.7b", [0, 0.5 / 0.85, 0, 0.2 / 0.85, 0.15], "The last of the kept"),
    ("4.7b", np.array([0.1, 0.5, 0.05, 0.2, 0.15]) / 0.8, "Nothing is left out yet; and"),
    ("4.7b", np.array([0.1, 0.5, 0.05, 0.2, 0.15]) / 0.85, "The unlikely two must be 0"),
    ("4.7b", np.array([0, 0.5, 0, 0.2, 0.15]) * 0.85, "Divide by it"),
    ("4.7b", [0.5, 0.7, 0.85, 0.95, 1], "sums from the likeliest on"),
    ("4.7b", [0.1, 0.6, 0.65, 0.85, 1], "sums from left to right"),
    ("4.7b", [0, 0, 0.1765, 0.2353, 0.5882], "in another order"),
    ("4.7b", [0, 0.6, 0, 0.2, 0.2], "The new shares: received [0. , 0.6, 0. , 0.2, 0.2]"),
    ("4.7c", lambda w: ~tril(w), "looks ahead only"),
    ("4.7c", lambda w: 1 - np.eye(len(w)), "and nobody at the padding"),
    ("4.7c", lambda w: [[b != "?" for b in w] for _ in w], "the other way round"),
    ("4.7c", lambda w: [[a == "?" and b != "" for b in w] for a in w], "In BERT every word does"),
    ("4.7c", lambda w: [[a != "?" and b != "" for b in w] for a in w], "look around most of all"),
    ("4.7c", lambda w: np.zeros((len(w), len(w))), "Nobody may look anywhere"),
    ("4.7c", lambda w: tril(w) & right_mask(w).T, "rather than its columns"),
    ("4.7d", 8 * 768 + 2304, "2,304 rows of 8"),
    ("4.7d", 768 + 8 * 2304, "8 rows of 768"),
    ("4.7d", 64 * (768 + 2304), "the rank once"),
    ("4.7d", 4 * 24576, "four times too many"),
    ("4.7d", 2 * 24576, "twice too many"),
    ("4.7e", lambda w: rounded(w, by=np.std), "the spread"),
    ("4.7e", lambda w: rounded(w, by=np.linalg.norm), "the length"),
    ("4.7e", lambda w: rounded(w, by=lambda w: np.abs(w).sum()), "the sum"),
    ("4.7e", lambda w: rounded(w, by=lambda w: -w.min()), "of either sign"),
    ("4.7e", lambda w: (np.round(w), rounded(w)[1]), "Divide by the scale first"),
    ("4.7e", lambda w: (np.round(w * rounded(w)[1]), rounded(w)[1]), "multiplied by the scale"),
    ("4.7e", lambda w: (rounded(w)[0] + 7, rounded(w)[1]), "not from 0 to 14"),
    ("4.7e", lambda w: (-rounded(w)[0], -rounded(w)[1]), "The scale is a size"),
    ("4.7e", lambda w: (-rounded(w)[0], rounded(w)[1]), "signs are turned round"),
    ("4.7f", lambda q, k, v, a, b: cached(k, k, v, a, b), "asks in its place"),
    ("4.7f", lambda q, k, v, a, b: cached(q, k, v, a, b, keys=np.vstack([b, v])), "with the values"),
    ("4.7f", lambda q, k, v, a, b: cached(q, v, k, a, b), "the new value are swapped"),
    ("4.7f", lambda q, k, v, a, b: cached(q, k, v, b, a), "the kept values are swapped"),
    ("4.7f", step(how=lambda scores: scores == scores.max()), "the best key alone"),
    ("4.7f", lambda *x: (cached(*x, scale=lambda n: 1)[0] / 2, *cached(*x)[1:]), "not the answer"),
    ("4.7f", lambda q, k, v, a, b: (cached(q, k, v, a, b)[0] + v, *cached(q, k, v, a, b)[1:]), "nothing is added"),
    ("4.7f", lambda q, k, v, a, b: (cached(q, k, v, a, b)[0], k, v), "Return all keys"),
    ("4.7f", lambda q, k, v, a, b: cached(q, k, v, a, b, scale=lambda n: np.sqrt(len(a))), "number of keys"),
]  # fmt: skip

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)

PAGE = Path(__file__).parents[3] / "chapters" / "4_architectures" / "7_gpt_and_bert_in_small.ipynb"
CELLS = {cell["id"]: "".join(cell["source"]) for cell in json.loads(PAGE.read_text(encoding="utf-8"))["cells"]}


def test_the_page_trains_what_the_figure_shows():
    page, room = (ast.parse(source).body[0] for source in (CELLS["train"], inspect.getsource(experiment.train)))
    room.body = room.body[1:]  # the docstring
    assert ast.dump(page) == ast.dump(room)


def test_byte_pairs_by_hand_are_those_of_the_code(capsys):
    exec("from collections import Counter\n" + CELLS["one-merge"], {})
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(drawings.byte_pairs.says) - 1
    for i, (line, says) in enumerate(zip(lines, drawings.byte_pairs.says[1:], strict=True)):
        a, b = (drawings._shown(token) for token in drawings.MERGES[i])
        assert repr((a.replace("␣", " "), b.replace("␣", " "))) in line
        assert f"{line.split()[-2]} tokens" in says
    plt.switch_backend("Agg")
    words = " ".join(text.get_text() for text in drawings.byte_pairs(5).axes[0].texts)
    plt.close("all")
    assert "␣lowe" in words


def test_one_pass_by_hand_is_that_of_the_code_and_of_the_drawing(capsys):
    exec("import numpy as np\n" + CELLS["one-pass"], {})
    printed = [float(number) for number in re.findall(r"\d+\.\d*", capsys.readouterr().out)]
    passes = [*by_hand.NEXT.out, by_hand.CLOSED.out[1], by_hand.OPEN.out[1]]
    assert printed == np.concatenate(passes).round(2).tolist()
    plt.switch_backend("Agg")
    for step, run in ((5, by_hand.NEXT), (6, by_hand.CLOSED), (8, by_hand.OPEN)):
        words = [text.get_text() for text in drawings.one_pass(step).axes[0].texts]
        rows = run.out if run is by_hand.NEXT else run.out[1:2]
        assert all(f"{share:.2f}" in words for share in rows.ravel())
    plt.close("all")


def test_the_mask_by_hand_hides_what_is_to_come_and_opening_it_fills_the_gap():
    other = by_hand.Pass(("the", "fall"), causal=True)
    assert other.out[0] == pytest.approx(by_hand.NEXT.out[0])
    assert by_hand.CLOSED.out[1, 0] == by_hand.CLOSED.out[1, 1]  # key and keys
    assert by_hand.OPEN.out[1].argmax() == list(by_hand.OUT).index("keys")
    for run in (by_hand.NEXT, by_hand.CLOSED, by_hand.OPEN):
        assert run.shares.sum(axis=1) == pytest.approx(1)
        assert not run.shares[~run.open].any()


def test_counts_are_probabilities_and_know_their_text():
    counts = experiment.Counts(np.array([0, 1, 2, 0, 1, 2, 0, 1, 3]), n=3, vocabulary=5)
    for before in ([], [0], [0, 1], [4, 4], [3, 0, 1]):
        assert counts.shares(np.array(before)).sum() == pytest.approx(1)
    assert counts.shares(np.array([0, 1])).argmax() == 2
    neighbours = experiment.Neighbours(experiment.EVERY[:200], experiment.BOTH)
    assert neighbours.fill(experiment.EVERY[:5], np.array([1, 2, 3, 4, 5])).sum(axis=1) == pytest.approx(1)


def test_the_grammar_is_that_of_the_data():
    drawn = experiment.rows(data.sentences(3000, generator=4))
    assert experiment.legal(drawn).all()
    assert experiment.CHANCES.sum() == pytest.approx(1)
    short = (drawn[:, 3] == experiment.INDEX["."]).mean()
    assert short == pytest.approx(0.5, abs=0.03)
    keys = experiment.rows(["the keys near the boat fall ."])
    shares = experiment.best_possible(np.tile(keys, (2, 1)), np.array([1, 5]), left=False)
    assert shares[0, experiment.INDEX["key"]] == 0 and shares[0, experiment.INDEX["keys"]] == pytest.approx(1 / 8)
    left = experiment.best_possible(keys, np.array([1]), left=True)
    assert left[0, experiment.INDEX["key"]] == pytest.approx(1 / 16)


def test_hidden_words_are_not_read_and_only_they_are_asked():
    words = experiment.rows(data.sentences(50, generator=0))
    read, asked = experiment.gaps(words, copies=2)
    assert (read[:, 0] == experiment.HIDDEN).all()
    hidden = asked[:, :-1] != -100
    assert (read[:, 1:][hidden] == experiment.HIDDEN).all()
    assert (read[:, 1:][~hidden] == np.tile(words, (2, 1))[:, :-1][~hidden]).all()
    assert 0.1 < (asked != -100).mean() < 0.2


def test_a_gap_filled_by_trying_gives_shares_and_sees_what_follows():
    words, at = experiment.rows(["the keys near the boat fall ."] * 2), np.array([1, 5])
    dlcore.manual_seed(0)
    known = experiment.rows(data.sentences(2000, generator=1))
    model = GPT(experiment.HIDDEN + 1, experiment.LENGTH, dim=32)
    experiment.train(model, experiment.shifted(known), known, 300, lr=0.003, batch=64)
    shares = experiment.fill_by_trying(experiment.sentence_score(model), words, at)
    assert shares.sum(axis=1) == pytest.approx(1)
    plural = [
        experiment.INDEX[noun] for noun in ("keys", "cats", "dogs", "birds", "children", "books", "boats", "stars")
    ]
    assert shares[0, plural].sum() > 0.9
    left = np.exp(experiment.log_shares(model, experiment.shifted(words)))[0, 1]
    assert left[plural].sum() < 0.7


def test_translations_of_known_and_new_pairs_do_not_mix():
    for new in (False, True):
        x, y = translation.pairs(200, new, seed=3)
        assert (
            not {tuple(row) for row in x} & {tuple(row) for row in translation.pairs(200, not new, seed=4)[0]}
            or not new
        )
        said = [[translation.SOURCE[i] for i in row if i] for row in x]
        pairs = {(b, a) for row in said for a, b in zip(row, row[1:], strict=False) if a in translation.ADJECTIVES}
        assert (pairs <= translation.NEW) if new else not (pairs & translation.NEW)
        assert (y[:, 0] > 0).all() and (y == translation.TARGET.index("END")).sum() == 200


def test_both_translators_are_equally_large_and_the_decoder_does_not_see_ahead():
    dlcore.manual_seed(0)
    nets = translation.Transformer(), translation.Recurrent()
    sizes = [sum(p.numel() for p in net.parameters()) for net in nets]
    assert max(sizes) / min(sizes) < 1.01
    x, y = translation.pairs(4, False, seed=0)
    other = y.copy()
    other[:, 3] = (other[:, 3] + 1) % len(translation.TARGET)
    for net in nets:
        with dlcore.no_grad():
            a, b = net(x, y).numpy(), net(x, other).numpy()
        np.testing.assert_array_equal(a[:, :3], b[:, :3])
        assert not np.allclose(a[:, 3:], b[:, 3:])


def test_what_may_be_drawn():
    shares = np.array([0.1, 0.5, 0.05, 0.2, 0.15])
    assert figures.kept(shares, "p").tolist() == [False, True, False, True, True]
    assert figures.kept(shares, "k").sum() == 4
    assert figures.kept(shares, "all").all()
