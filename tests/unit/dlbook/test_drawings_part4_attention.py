"""The look-up by hand: the drawing computes what the page's table, its text and its code say."""

import json
import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from dlbook.drawings import part4_attention as drawn

PAGE = Path(__file__).parents[3] / "chapters" / "4_architectures" / "6_attention_and_the_transformer.ipynb"
CELLS = {cell["id"]: "".join(cell["source"]) for cell in json.loads(PAGE.read_text(encoding="utf-8"))["cells"]}
BY_HAND = next(text for text in CELLS.values() if "\n## By hand\n" in text).replace("\u00a0", " ")


def test_the_numbers_are_those_of_the_table():
    rows = re.findall(r"^\| (Anna|Ben|he) \|(.*)\|$", BY_HAND, re.MULTILINE)
    assert [word for word, _ in rows] == list(drawn.WORDS)
    for i, (_, cells) in enumerate(rows):
        key, score, half, power, share, value = (cell.strip() for cell in cells.split("|"))
        assert (key, value) == (str(tuple(drawn.KEYS[i].tolist())), str(tuple(drawn.VALUES[i].tolist())))
        assert (score, half) == (f"{drawn.SCORES[i]}", f"{drawn.HALVED[i]:g}")
        assert (power, share) == (f"{drawn.POWERS[i]:.2f}", f"{drawn.SHARES[i]:.2f}")
    assert f"sum {drawn.POWERS.sum():.2f}" in BY_HAND
    assert r"\mathbf{q} = " + str(tuple(drawn.QUERY.tolist())) in BY_HAND
    assert "= ({:.2f}, {:.2f})".format(*drawn.ANSWER) in BY_HAND


def test_the_numbers_are_those_of_the_code():
    import dlcore

    names = {"dlcore": dlcore}
    exec(CELLS["three-words"].split("\n\n")[0], names)
    for name, ours in {"q": drawn.QUERY[None], "k": drawn.KEYS, "v": drawn.VALUES}.items():
        np.testing.assert_array_equal(names[name].numpy(), ours)
    weights = (names["q"] @ names["k"].transpose(-2, -1) / 2).softmax(dim=-1)
    np.testing.assert_allclose(weights.numpy()[0], drawn.SHARES, rtol=1e-6)


def test_each_step_shows_what_its_sentence_computes():
    plt.switch_backend("Agg")
    for step, one in enumerate(drawn.attention_by_hand.says, start=1):
        words = " ".join(text.get_text() for text in drawn.attention_by_hand(step).axes[0].texts)
        plt.close("all")
        for number in re.findall(r"\d+\.\d+", one):
            assert number in words, f"step {step} says {number} and does not show it"
