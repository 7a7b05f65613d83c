"""Tokenisers and texts."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore import data
from dlcore.data.text import CHUNK

fast = settings(max_examples=80, deadline=None, derandomize=True)
TRAINED = data.BPETokenizer.train(data.primer(), 400, specials=["[MASK]", "[PAD]"])


@fast
@given(text=st.text())
def test_byte_pairs_decode_every_text_to_itself(text):
    ids = TRAINED.encode(text)
    assert ids.dtype == np.int64 and ids.ndim == 1
    assert TRAINED.decode(ids) == text
    assert not len(ids) or ids.max() < TRAINED.special["[MASK]"]


@fast
@given(text=st.text())
def test_chunks_cut_a_text_without_loss(text):
    assert "".join(CHUNK.findall(text)) == text


@fast
@given(text=st.text(max_size=60), size=st.integers(256, 300))
def test_byte_pairs_learnt_from_any_text_bring_it_back_and_shorten_it(text, size):
    tokenizer = data.BPETokenizer.train(text, size)
    assert 256 <= len(tokenizer) <= size
    assert tokenizer.decode(tokenizer.encode(text)) == text
    assert len(tokenizer.encode(text)) <= len(text.encode())


def test_the_first_merge_is_the_most_frequent_pair_and_of_equals_the_smallest():
    tokenizer = data.BPETokenizer.train("banana banana xy xy", size=257)
    assert tokenizer.pieces[256] == b"an"
    assert data.BPETokenizer.train("xy xy ab ab", 257).pieces[256] == b" a"  # of " a", "ab" and "xy"


def test_learning_stops_when_no_pair_comes_twice():
    assert len(data.BPETokenizer.train("abc", size=500)) == 256
    assert len(data.BPETokenizer.train("", size=500)) == 256


def test_byte_pairs_need_room_for_the_bytes():
    with pytest.raises(ValueError, match="size must be a whole number, at least 257; got 256"):
        data.BPETokenizer.train("a", size=256, specials=["[MASK]"])


def test_a_special_token_is_decoded_but_never_encoded():
    mask = TRAINED.special["[MASK]"]
    assert TRAINED.decode([mask]) == "[MASK]" and len(TRAINED) == mask + 2
    assert mask not in TRAINED.encode("[MASK]")


def test_half_a_character_is_shown_as_replaced():
    assert TRAINED.decode("é".encode()[:1]) == "�"


@fast
@given(text=st.text(min_size=1))
def test_characters_bring_their_text_back_in_the_order_of_code_points(text):
    tokenizer = data.CharTokenizer.train(text)
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == text and len(ids) == len(text)
    assert len(tokenizer) == len(set(text)) and set(ids) == set(range(len(tokenizer)))


def test_an_unknown_character_is_named():
    with pytest.raises(ValueError, match=r"\['x', 'z'\] are not among the 3 characters seen in training"):
        data.CharTokenizer.train("abc").encode("zaxb")


def test_a_character_may_come_only_once():
    for arguments in (("aa",), ("ab", ["[MASK]", "[MASK]"])):
        with pytest.raises(ValueError, match="each character and each special token may occur only once"):
            data.CharTokenizer(*arguments)


@pytest.mark.parametrize(
    "tokenizer", [TRAINED, data.CharTokenizer.train("añ\n", ["[PAD]"])], ids=["pairs", "characters"]
)
def test_tokenisers_are_saved_and_loaded(tokenizer, tmp_path):
    tokenizer.save(tmp_path / "t.json")
    again = type(tokenizer).load(tmp_path / "t.json")
    assert again.pieces == tokenizer.pieces and again.special == tokenizer.special
    assert again.encode("añ").tolist() == tokenizer.encode("añ").tolist()
    with pytest.raises(
        IndexError, match=f"token {len(tokenizer)} lies outside the vocabulary, 0 to {len(tokenizer) - 1}"
    ):
        again.decode([len(tokenizer)])
    with pytest.raises(IndexError, match="token -1 lies outside"):
        again.decode([-1])


def test_a_file_of_the_other_kind_is_refused(tmp_path):
    TRAINED.save(tmp_path / "t.json")
    with pytest.raises(ValueError, match="of kind 'byte pairs'; expected 'characters'"):
        data.CharTokenizer.load(tmp_path / "t.json")


def test_the_primer_is_what_its_docstring_says():
    text = data.primer()
    assert f"{len(text):,} characters ({len(set(text))} different), {len(text.split()):,} words" in data.primer.__doc__
    assert text.count("\n\n") == 14 and "  " not in text and text == text.lower().strip()


def test_the_verb_agrees_with_the_first_noun_not_the_nearest():
    for sentence in data.sentences(500, generator=0):
        words = sentence.split()
        plural = words[1].endswith("s") or words[1] == "children"
        assert words[0] == "the" and words[-1] == "."
        assert words[-2].endswith("s") != plural
    words = {w for s in data.sentences(3000, generator=1) for w in s.split()}
    assert len(words - {"."}) == 30
    assert data.sentences(5, generator=2) == data.sentences(5, generator=2)


def test_the_prose_of_notebooks_is_found_in_the_order_of_their_paths(tmp_path):
    def cell(kind, *lines):
        return {"cell_type": kind, "source": list(lines)}

    for name, cells in (("b.ipynb", [cell("markdown", "second")]),
                        ("a.ipynb", [cell("markdown", "first\n", "line"), cell("code", "x = 1")])):  # fmt: skip
        (tmp_path / "part").mkdir(exist_ok=True)
        (tmp_path / "part" / name).write_text(json.dumps({"cells": cells}), encoding="utf-8")
    assert data.notebook_text(tmp_path) == "first\nline\n\nsecond"
    with pytest.raises(FileNotFoundError, match=r"no \.ipynb file below"):
        data.notebook_text(tmp_path / "empty")
