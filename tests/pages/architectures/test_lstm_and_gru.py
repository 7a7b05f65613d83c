"""The page "LSTM and GRU": its exercises, its hand calculation, its networks beside PyTorch's, its findings."""

import numpy as np
import pytest
import torch
from exercise_tests import Made, held
from notebooks import cells_of, text_of

import dlcore
from dlbook.pages.architectures.lstm_and_gru import drawings, figures
from dlbook.pages.architectures.lstm_and_gru import experiment as lab
from dlbook.pages.architectures.lstm_and_gru.exercises import (
    BIAS_MISTAKES,
    COUNT_MISTAKES,
    GRU_MISTAKES,
    LSTM_MISTAKES,
    check,
    gru_step,
    lstm_step,
)
from dlcore import data

PAGE = "4_architectures/5_lstm_and_gru"


# Answers -----------------------------------------------------------------------------------------------------------


def by_pytorch(x, h, c, w_ih, w_hh, b_ih, b_hh):
    cell = torch.nn.LSTMCell(len(x), len(h), dtype=torch.float64)
    for p, value in zip(cell.parameters(), (w_ih, w_hh, b_ih, b_hh), strict=True):
        p.data = torch.tensor(value)
    return tuple(part.detach().numpy() for part in cell(torch.tensor(x), (torch.tensor(h), torch.tensor(c))))


def gru_by_pytorch(x, h, w_ih, w_hh, b_ih, b_hh):
    cell = torch.nn.GRUCell(len(x), len(h), dtype=torch.float64)
    for p, value in zip(cell.parameters(), (w_ih, w_hh, b_ih, b_hh), strict=True):
        p.data = torch.tensor(value)
    return cell(torch.tensor(x), torch.tensor(h)).detach().numpy()


def in_steps(x, h, c, w_ih, w_hh, b_ih, b_hh):
    size, a = len(h), w_ih @ x + b_ih + w_hh @ h + b_hh
    i, f, o = (1 / (1 + np.exp(-a[k * size : (k + 1) * size])) for k in (0, 1, 3))
    c = f * c + i * np.tanh(a[2 * size : 3 * size])
    return [o * np.tanh(c), c]


def gru_other_way(x, h, w_ih, w_hh, b_ih, b_hh):
    n = len(h)
    a, b = w_ih @ x + b_ih, w_hh @ h + b_hh
    r, z = 0.5 + 0.5 * np.tanh((a + b)[: 2 * n] / 2).reshape(2, n)
    new = np.tanh(a[2 * n :] + r * b[2 * n :])
    return (new + z * (h - new)).tolist()


def in_place(x, h, c, w_ih, w_hh, b_ih, b_hh):
    a = torch.tensor(w_ih @ x + b_ih + w_hh @ h + b_hh)
    i, f, g, o = a.chunk(4)
    c *= torch.sigmoid(f).numpy()
    c += (torch.sigmoid(i) * g.tanh()).numpy()
    return torch.sigmoid(o) * torch.tensor(c).tanh(), c


def gru_in_place(x, h, w_ih, w_hh, b_ih, b_hh):
    a, b, n = w_ih @ x + b_ih, w_hh @ h + b_hh, len(h)
    r, z = (1 / (1 + np.exp(-(a + b)[k * n : k * n + n])) for k in (0, 1))
    h *= z
    h += (1 - z) * np.tanh(a[2 * n :] + r * b[2 * n :])
    return h


BIT = np.array([[20, 0], [-20, 0], [0, 5], [0, 0]]), np.array([-10, 10, 0, 10])


def bit(row=None, of_write=None, bias=None, of_bit=None):
    """The right cell, with one of its rows changed."""
    w, b = (part.astype(float) for part in BIT)
    if of_write is not None:
        w[row, 0] = of_write
    if of_bit is not None:
        w[row, 1] = of_bit
    if bias is not None:
        b[row] = bias
    return w, b


RIGHT = [
    ("4.5a", 2560),
    ("4.5a", 4 * 20 * (10 + 20 + 2)),
    ("4.5a", np.int64(2560)),
    ("4.5a", Made(lambda: sum(p.numel() for p in torch.nn.LSTM(10, 20).parameters()))),
    ("4.5a", 2560.0),
    ("4.5b", Made(lambda: torch.logit(torch.tensor(0.5**0.01)))),
    ("4.5b", -np.log(2**0.01 - 1)),
    ("4.5b", 4.968),
    ("4.5b", 4.97),
    ("4.5b", 5),
    ("4.5b", np.array(4.9678)),
    ("4.5c", BIT),
    ("4.5c", (BIT[0].tolist(), BIT[1].tolist())),
    ("4.5c", bit(3, bias=5)),
    ("4.5c", bit(2, of_bit=2)),
    ("4.5c", [10 * BIT[0], 10 * BIT[1]]),
    ("4.5c", bit(1, bias=11)),
    ("4.5c", bit(1, bias=8)),
    ("4.5c", bit(0, bias=-8)),
    ("4.5c", Made(lambda: (torch.tensor(BIT[0]), torch.tensor(BIT[1])))),
    ("4.5d", lambda *a: np.stack(lstm_step(*a))),
    ("4.5d", lambda *a: tuple(part.astype("float32") for part in lstm_step(*a))),
    ("4.5e", lambda *a: gru_step(*a).tolist()),
    ("4.5d", lambda *a: [part.tolist() for part in lstm_step(*a)]),
    ("4.5e", lambda *a: torch.tensor(gru_step(*a))),
    ("4.5d", lstm_step),
    ("4.5d", by_pytorch),
    ("4.5d", in_steps),
    ("4.5e", gru_step),
    ("4.5e", gru_by_pytorch),
    ("4.5e", gru_other_way),
]
WRONG = [
    *(("4.5a", value, words) for value, words in COUNT_MISTAKES),
    ("4.5a", 2580, "For 10 inputs and 20 units"),
    ("4.5a", "2560 numbers", "number"),
    ("4.5a", Made(lambda: torch.nn.LSTM(10, 20)), "number"),
    ("4.5a", (2560,), "One number is asked for"),
    ("4.5a", 3360, "For 10 inputs and 20 units"),
    ("4.5b", 10, "must be smaller"),
    ("4.5b", (4.97,), "One number is asked for"),
    ("4.5b", "4.97", "number"),
    ("4.5c", bit(3, of_write=20, bias=-10), "kept but not shown"),
    ("4.5c", bit(2, of_write=5), "The candidate is"),
    ("4.5c", bit(1, bias=7), "a thousand steps need"),
    ("4.5c", (BIT[0][[2, 0, 1, 3]], BIT[1][[2, 0, 1, 3]]), "in the second row"),
    ("4.5c", ([[1, 2], [3]], BIT[1]), "differ in length"),
    ("4.5d", lambda *a: np.concatenate(lstm_step(*a)), "Return two things"),
    ("4.5d", lambda *a: [part[None] for part in lstm_step(*a)], "expected two arrays of shape (2,)"),
    ("4.5d", lambda x, h, c, a, *w: lstm_step(x, h, c, a.T, *w), "Your function stopped"),
    ("4.5e", lambda *a: (gru_step(*a),), "shape (1, 2)"),
    ("4.5b", 0.5, "must be larger"),
    ("4.5b", np.nan, "finite"),
    ("4.5c", (BIT[1], BIT[0]), "of shape (4, 2)"),
    ("4.5c", (BIT[0][[1, 0, 2, 3]], BIT[1][[1, 0, 2, 3]]), "your forget gate is"),
    ("4.5c", (BIT[0], BIT[1][:, None]), "of shape (4, 2) and b of shape (4,)"),
    ("4.5d", in_place, "changes the array"),
    ("4.5d", lambda *a: (*lstm_step(*a), 0), "Return two things"),
    ("4.5d", lambda *a: [part[:1] for part in lstm_step(*a)], "expected two arrays of shape (2,)"),
    ("4.5e", gru_in_place, "changes the array"),
    ("4.5e", lambda x, h, *w: 0 * h, "For 3 inputs and 2 units"),
    ("4.5e", lambda *a: gru_step(*a)[:, None], "shape (2,)"),
    ("4.5a", [800, 1600, 80, 80], "One number is asked for"),
    *(("4.5b", value, words) for value, words in BIAS_MISTAKES),
    ("4.5b", [4.97], "One number is asked for"),
    ("4.5b", 7, "must be smaller"),
    ("4.5b", 3, "must be larger"),
    ("4.5c", BIT[0], "I expected two arrays"),
    ("4.5c", (BIT[0].T, BIT[1]), "of shape (4, 2)"),
    ("4.5c", bit(1, bias=0), "your forget gate is 0.5;"),
    ("4.5c", bit(1, bias=5), "a thousand steps need"),
    ("4.5c", bit(0, bias=0), "the other bits"),
    ("4.5c", bit(0, bias=-5), "the other bits"),
    ("4.5c", bit(0, of_write=5), "must beat"),
    ("4.5c", bit(1, of_write=0), "the old bit stays"),
    ("4.5c", bit(1, of_write=20), "the old bit stays"),
    ("4.5c", bit(3, bias=0), "kept but not shown"),
    ("4.5c", bit(2, of_bit=0), "The candidate is"),
    ("4.5c", bit(2, of_bit=-5), "The candidate is"),
    ("4.5c", (BIT[0] + np.inf, BIT[1]), "must be finite"),
    *(("4.5d", lambda *a, how=how: lstm_step(*a, mistake=how), words) for how, words in LSTM_MISTAKES),
    ("4.5d", lambda *a: lstm_step(*a)[::-1], "changed over"),
    ("4.5d", lambda *a: lstm_step(*a)[0], "Return two things"),
    ("4.5d", lambda x, h, c, *w: (h, c), "the memory"),
    ("4.5d", lambda x, h: h, "I could not call your function"),
    ("4.5d", 0.18, "I expected a function"),
    *(("4.5e", lambda *a, how=how: gru_step(*a, mistake=how), words) for how, words in GRU_MISTAKES),
    ("4.5e", lambda *a: (gru_step(*a), gru_step(*a)), "You returned two things"),
    ("4.5e", lambda x, h, *w: h, "For 3 inputs and 2 units"),
    ("4.5e", lambda x, h, *w: h[:1], "expected an array of shape (2,)"),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)


# By hand, and the page's code --------------------------------------------------------------------------------------


def page_code(*ids):
    """The names that cells of the page define."""
    source = {cell["id"]: "".join(cell["source"]) for cell in cells_of(PAGE)}
    names = {"np": np, "torch": torch, "lab": lab}
    for cell in ids:
        exec(source[cell], names)
    return names


def test_the_hand_calculation_is_that_of_the_drawing_and_of_the_code():
    text, names = text_of(PAGE), page_code("steps", "gru-step", "by-hand")
    for gate, shown in (("i", "σ(2) = 0.88"), ("f", "σ(1) = 0.73"), ("g", "tanh(−1) = −0.76"), ("o", "σ(−1) = 0.27")):
        assert shown in text and drawings._signed(drawings.OPEN[gate]) == shown.split(" = ")[1]
        wx, wh, bias = drawings.WEIGHTS[gate]
        row = f"| {wx} | {wh} | {bias} | {drawings.SUMS[gate]:g} | {shown} |"
        assert row.replace("-", "−") in text
    assert "= 0.79" in text and f"{drawings.C_NEW:.2f}" == "0.79" and f"{drawings.H_NEW:.2f}" == "0.18"
    b = np.array([0, 0, 0, -1])
    h, c = names["lstm_step"](np.ones(1), np.full(1, 0.5), np.full(1, 2.0), *lstm_weights(), b)
    assert h == pytest.approx(drawings.H_NEW) and c == pytest.approx(drawings.C_NEW)
    h = names["gru_step"](np.ones(1), np.full(1, 0.5), names["w_ih"], names["w_hh"], np.zeros(3), np.zeros(3))
    assert f"{h[0]:.2f}" == "0.41" and "= 0.41" in text


def lstm_weights():
    return np.array([[1], [2], [-1], [1]]), np.array([[2], [-2], [0], [-2]])


def test_the_candidate_s_gradient_is_the_forget_gate_when_gates_stand_still():
    c, o = torch.tensor(drawings.C, requires_grad=True), drawings.OPEN
    (o["f"] * c + o["i"] * o["g"]).backward()
    assert c.grad.item() == pytest.approx(o["f"])


# The experiment ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", lab.BLOCKS)
def test_the_networks_are_pytorchs(name):
    networks = lab.Networks(lab.Kind(name), 5, 6, 4, (0, 1))
    x = torch.tensor(np.random.default_rng(0).integers(0, 5, (2, 3, 7)))
    hs, _ = networks.states(x)
    for run in (0, 1):
        layer = getattr(torch.nn, name)(5, 6, batch_first=True)
        parts = networks.w[:, run].mT, networks.u[:, run].mT, networks.b[:, run, 0], networks.b_hh[:, run, 0]
        for p, part in zip(layer.parameters(), parts, strict=True):
            p.data = part.detach().reshape(p.shape)
        theirs = layer(torch.nn.functional.one_hot(x[run], 5).float())[0]
        np.testing.assert_allclose(theirs.detach(), torch.stack(hs, 2)[run].detach(), atol=1e-6)
    count = sum(p[:, 0].numel() for p in networks.parameters())
    assert count == lab.weights(name, 5, 6, 4)


def test_the_optimiser_is_pytorchs_with_a_rate_and_a_limit_for_each_run():
    start, rng = torch.randn(2, 2, 3, 4, generator=torch.Generator().manual_seed(0)), np.random.default_rng(0)
    ours = start.clone().requires_grad_()
    theirs = [start[:, run].clone().requires_grad_() for run in (0, 1)]
    adam = lab.Adam([ours], [0.1, 0.01], [1.0, np.inf])
    rivals = [torch.optim.Adam([p], rate) for p, rate in zip(theirs, (0.1, 0.01), strict=True)]
    for _ in range(5):
        g = torch.tensor(rng.normal(size=start.shape), dtype=torch.float32)
        ours.grad = g.clone()
        for run in (0, 1):
            theirs[run].grad = g[:, run].clone()
        torch.nn.utils.clip_grad_norm_([theirs[0]], 1.0)
        lengths = adam.step()
        assert lengths[1] == pytest.approx(g[:, 1].norm().item(), rel=1e-5)
        for rival in rivals:
            rival.step()
    np.testing.assert_allclose(ours.detach(), torch.stack(theirs, 1).detach(), atol=1e-5)


@pytest.mark.parametrize("longer", [False, True])
def test_counting_has_right_answers_near_a_tie(longer):
    x, y = lab.count(300, np.random.default_rng(0), longer)
    over = (x == 1).sum(1) - (x == 2).sum(1)
    assert x.shape == (300, 61 if longer else 16) and (x[:, -1] == 3).all() and (x[:, :-1] < 3).all()
    assert abs(over).max() == 2 and np.array_equal(y, 1 - np.sign(over)) and np.bincount(y).min() > 80


def test_the_query_asks_for_a_key_that_was_read():
    x, y, place = lab.notes_and_query(50, 6, np.random.default_rng(0))
    asked = x[:, -1, : lab.KEYS].argmax(1)
    for row, key, value, at in zip(x, asked, y, place, strict=True):
        assert row[at, key] == 1 and row[at, lab.KEYS + value] == 1 and row[:-1, key].sum() == 1


def test_the_most_frequent_value_is_right_nearly_half_of_the_time():
    judged = page_code("look-judge")["judged"]
    assert 0.4 < judged(None, 6)[0] < 0.52 < judged(None, 1)[0] == 1


def test_counted_letters_beat_guessing():
    assert 2.5 < lab.counted() < 3.2 < np.log2(32)


# What the page says ------------------------------------------------------------------------------------------------


def left(kind):
    x, y = map(torch.tensor, data.recall(2 * 32, 99, generator=0))
    networks = lab.Networks(kind, 5, 32, 4, (0, 1))
    return lab.gradient_over_time(networks, x.reshape(2, 32, -1), y.reshape(2, 32))[:, 0]


def test_half_open_gates_lose_the_gradient_and_open_ones_keep_it():
    assert left(lab.Kind("LSTM")).max() < 1e-15 and left(lab.Kind("GRU")).max() < 1e-15
    assert left(lab.Kind("LSTM", keep=1)).max() < 1e-4 < left(lab.Kind("RNN", "turned")).min()
    assert left(lab.Kind("LSTM", keep=5)).min() > 0.5
    assert left(lab.Kind("LSTM", keep=5, gain=8)).max() > 1e3


def recalled(kind, **options):
    """Shares right of three other starts than the page's, at each rate, after three times its steps: (rates, seeds)."""
    [contest] = lab.contest({"it": kind}, marks=(750,), seeds=(10, 11, 12), **options)["it"]
    return contest.right[:, 0]


def test_a_forget_bias_of_one_does_not_do_in_three_times_the_training():
    assert (recalled(lab.Kind("LSTM", keep=1), rates=(0.003, 0.01, 0.03)) < 0.6).mean() > 0.5


def test_a_gru_without_bias_does_in_three_times_the_training():
    assert recalled(lab.Kind("GRU"), rates=(0.03,)).mean() > 0.8


def test_a_gru_without_bias_learns_soon_at_a_high_rate():
    [contest] = lab.contest({"it": lab.Kind("GRU")}, rates=(0.1,), seeds=(20, 21, 22))["it"]
    assert contest.right.min() > 0.8


def test_kinds_trained_side_by_side_are_as_trained_alone():
    kinds = {"turned": lab.Kind("RNN", "turned"), "identity": lab.Kind("RNN", "identity"), "usual": lab.Kind()}
    options = {"marks": (2, 4), "rates": (0.003, 0.01), "limits": (1.0, np.inf), "seeds": (0, 1)}
    together = lab.contest(kinds, **options)
    for name, kind in kinds.items():
        alone = lab.contest({name: kind}, **options)[name]
        for one, other in zip(together[name], alone, strict=True):
            assert one.right.shape == (2, 2, 2) and np.array_equal(one.right, other.right)


def test_the_best_rate_is_chosen_by_validation():
    valid, right, longer = np.zeros((2, 1, 3)), np.arange(6.0).reshape(2, 1, 3), np.full((2, 1, 3), 9.0)
    valid[0] = 1
    assert np.array_equal(lab.Contest(valid, right, longer).best()[0], [0, 1, 2])


def test_the_reader_is_right_and_is_dlcores():
    model, (words, answers) = lab.reader(figures.SEED), lab.notes(100, 9)
    with dlcore.no_grad():
        scores = model(dlcore.tensor(words))
    for row, chances, true in zip(words[:20], scores.softmax(dim=-1).numpy(), answers, strict=False):
        np.testing.assert_allclose(lab.read(model, row)[2], chances, atol=1e-5)
        assert np.array_equal(figures.last_named(" ".join(lab.WORDS[word] for word in row)), true)
    assert (scores.numpy().argmax(-1) == answers).mean() > 0.99


def test_a_held_gate_stands_where_it_is_held_and_only_there():
    words = [lab.INDEX[word] for word in figures.SENTENCES[0].split()]
    gates = lab.read(lab.reader(figures.SEED), words, (1, 0.0), 4)[0]
    assert (gates[1, 4] == 0).all() and (gates[1, [3, 5]] > 0).all()
    assert (lab.read(lab.reader(figures.SEED), words, (0, 1.0))[0][0] == 1).all()


def test_the_figure_says_what_its_question_promises():
    frame = figures.gates_while_reading(hold="forget gate at 1")
    assert list(frame.tables["words"]["says"][:5]) == ["Anna"] * 5
    assert "first after “Tom”, where it says Anna" in frame.says
    assert "right after every word" in figures.gates_while_reading().says
