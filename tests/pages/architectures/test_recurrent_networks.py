"""Page "Recurrent networks": its exercises, its three steps by hand, what it measures, and what its figure shows."""

import ast
import inspect
import json
import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from exercise_tests import Made, held

import dlcore
from dlbook.live import FigureError
from dlbook.pages.architectures.recurrent_networks import drawings, exercises, figures, reader
from dlbook.pages.architectures.recurrent_networks import experiment as lab
from dlbook.pages.architectures.recurrent_networks.exercises import check, clipped, through_time, unrolled
from dlcore import data


def rnn(**mistake):
    return lambda x, h, w_ih, w_hh, b: unrolled(x, h, w_ih, w_hh, b, **mistake)


def rnn_filled_in(x, h, w_ih, w_hh, b):
    """Right by another way: the inputs' share at once, into an array made before."""
    z, out = x @ w_ih.T + b, np.zeros((len(x), len(h)))
    for t in range(len(x)):
        out[t] = np.tanh(z[t] + w_hh @ (out[t - 1] if t else h))
    return out


def rnn_of_itself(x, h, w_ih, w_hh, b):
    """Right by recursion."""
    if not len(x):
        return np.zeros((0, len(h)))
    new = np.tanh(w_ih @ x[0] + w_hh @ h + b)
    return np.vstack([new, rnn_of_itself(x[1:], new, w_ih, w_hh, b)])


def back(**mistake):
    return lambda x, w_ih, w_hh: through_time(x, w_ih, w_hh, **mistake)


def by_autograd(x, w_ih, w_hh):
    w = torch.tensor([w_ih, w_hh], dtype=torch.float64, requires_grad=True)
    h = torch.zeros((), dtype=torch.float64)
    for now in x:
        h = torch.tanh(w[0] * now + w[1] * h)
    h.backward()
    return w.grad


def forward_in_time(x, w_ih, w_hh):
    """Right from front to back: how the state depends on the weights, carried along."""
    h, of_ih, of_hh = 0.0, 0.0, 0.0
    for now in x:
        new = np.tanh(w_ih * now + w_hh * h)
        of_ih, of_hh = (1 - new**2) * (now + w_hh * of_ih), (1 - new**2) * (h + w_hh * of_hh)
        h = new
    return [of_ih, of_hh]


def short(back_to=None, **mistake):
    return lambda x, w_ih, w_hh, k: through_time(x, w_ih, w_hh, back=back_to(k) if back_to else k, **mistake)


def short_by_autograd(x, w_ih, w_hh, k):
    w = torch.tensor([w_ih, w_hh], dtype=torch.float64, requires_grad=True)
    h = torch.zeros((), dtype=torch.float64)
    for t, now in enumerate(x):
        h = h.detach() if t == len(x) - k else h
        h = torch.tanh(w[0] * now + w[1] * h)
    h.backward()
    return w.grad.numpy()


def clip_in_place_of_copies(gradients, limit):
    long = np.linalg.norm(np.concatenate([g.ravel() for g in gradients]))
    return [g / max(1, long / limit) for g in gradients]


def clip_if_long(gradients, limit):
    length = sum((g**2).sum() for g in gradients) ** 0.5
    return tuple(g * limit / length for g in gradients) if length > limit else tuple(gradients)


def rnn_in_torch(*given):
    """Right with tensors."""
    x, h, w_ih, w_hh, b = map(torch.tensor, given)
    states = []
    for now in x:
        h = torch.tanh(w_ih @ now + w_hh @ h + b)
        states.append(h)
    return torch.stack(states)


def rnn_in_place(x, h, w_ih, w_hh, b):
    """One array, changed at each step, and kept as often."""
    h, states = h.copy(), []
    for now in x:
        h[:] = np.tanh(w_ih @ now + w_hh @ h + b)
        states.append(h)
    return np.array(states)


def by_differences(x, w_ih, w_hh, k=None):
    """Right by nudging each weight in turn, in the last k steps only."""

    def last(own, loop):
        h = 0.0
        for t, now in enumerate(x):
            late = k is None or t >= len(x) - k
            h = np.tanh((own if late else w_ih) * now + (loop if late else w_hh) * h)
        return h

    e = 1e-6
    return [(last(w_ih + e, w_hh) - last(w_ih - e, w_hh)) / (2 * e),
            (last(w_ih, w_hh + e) - last(w_ih, w_hh - e)) / (2 * e)]  # fmt: skip


def clip_the_given(gradients, limit):
    """Right, in the arrays that were given."""
    length = np.sqrt(sum((g**2).sum() for g in gradients))
    for g in gradients:
        g *= min(1, limit / length)
    return gradients


def first_steps(x, w_ih, w_hh, k):
    return through_time(x[:k], w_ih, w_hh)


RIGHT = [
    ("4.4a", round(float(np.tanh(0.8)), 3)), ("4.4a", dlcore.tensor(0.664)),
    ("4.4b", rnn_in_torch), ("4.4b", lambda *given: unrolled(*given).tolist()),
    ("4.4c", by_differences), ("4.4c", lambda *given: tuple(float(one) for one in through_time(*given))),
    ("4.4d", clip_the_given), ("4.4d", lambda gs, m: [torch.tensor(g) for g in clipped(gs, m)]),
    ("4.4e", by_differences), ("4.4e", lambda *given: [float(one) for one in short()(*given)]),
    ("4.4a", np.tanh(0.8)), ("4.4a", 0.66), ("4.4a", Made(lambda: torch.tensor(0.664))),
    ("4.4b", rnn()), ("4.4b", rnn_filled_in), ("4.4b", rnn_of_itself),
    ("4.4c", back()), ("4.4c", by_autograd), ("4.4c", forward_in_time),
    ("4.4d", clipped), ("4.4d", clip_in_place_of_copies), ("4.4d", clip_if_long),
    ("4.4e", short()), ("4.4e", short_by_autograd), ("4.4e", lambda *given: tuple(short()(*given))),
]  # fmt: skip

WRONG = [
    ("4.4a", np.tanh(0.4), "The bias is subtracted"),
    ("4.4a", np.tanh(1) + np.tanh(-0.4) + np.tanh(0.2), "the tanh of each part"),
    ("4.4a", np.tanh(-0.2), "received -0.1974"),
    ("4.4b", rnn(loop="behind"), "over the whole sum"),
    ("4.4b", rnn(added="behind"), "The bias goes into the tanh"),
    ("4.4b", rnn_in_place, "changed one array in place"),
    ("4.4b", lambda *given: unrolled(*given).ravel(), "expected an array of shape (4, 2)"),
    ("4.4c", back(through="input"), "leads through the loop"),
    ("4.4c", back(through="each"), "arrive at every step"),
    ("4.4c", lambda *given: through_time(*given)[:1], "expected an array of shape (2,)"),
    ("4.4d", lambda gs, m: [g / max(1, m / exercises._length(gs)) for g in gs], "expected"),
    ("4.4d", lambda gs, m: min(1, m / exercises._length(gs)), "a list with as many arrays"),
    ("4.4d", lambda gs, m: [g * min(1, m / len(gs)) for g in gs], "expected"),
    ("4.4e", lambda *given: through_time(*given[:3]) - short()(*given), "Those are the steps left out"),
    ("4.4e", first_steps, "expected"),
    ("4.4e", lambda x, w_ih, w_hh, k: short(through="each")(x, w_ih, w_hh, k), "arrive at every step"),
    ("4.4a", 0.8, "That is the sum."),
    ("4.4a", 0.76, "and the bias, are missing"),
    ("4.4a", np.tanh(1.2), "The state before is missing"),
    ("4.4a", np.tanh(0.6), "The bias is missing"),
    ("4.4a", np.tanh(1.6), "is subtracted"),
    ("4.4a", np.tanh(1) - 0.2, "The tanh comes last"),
    ("4.4a", np.tanh(0.6) + 0.2, "not behind it"),
    ("4.4a", np.tanh(-1.6), "have changed places"),
    ("4.4a", 0.69, "the sigmoid"),
    ("4.4a", 1.064, "*replaces* the old one"),
    ("4.4a", np.tan(0.8), "the tangent"),
    ("4.4a", "0.66", "expected a number"),
    ("4.4b", rnn(loop=False), "do not read the state"),
    ("4.4b", rnn(carry="first"), "starts from the first state"),
    ("4.4b", rnn(bend=lambda z: z), "The tanh is missing"),
    ("4.4b", rnn(carry="sum"), "You hand the sum on"),
    ("4.4b", rnn(carry="added"), "yours is added to it"),
    ("4.4b", rnn(bend=lambda z: np.maximum(z, 0)), "That is ReLU"),
    ("4.4b", rnn(order=-1), "from its end"),
    ("4.4b", rnn(keep="last"), "the last state only"),
    ("4.4b", rnn(keep="before"), "one step late"),
    ("4.4b", rnn(keep="both"), "from before the first step"),
    ("4.4b", rnn(keep="turned"), "transposed: a row belongs to a step"),
    ("4.4b", lambda x, h, w_ih, w_hh, b: unrolled(x, h, w_ih, w_hh.T, b), "`w_hh` is transposed"),
    ("4.4b", lambda x, h, w_ih, w_hh, b: unrolled(x, h, w_ih, w_hh, 0), "The bias is missing"),
    ("4.4b", lambda x, h, w_ih, w_hh, b: unrolled(x, 0 * h, w_ih, w_hh, b), "You start from zeros"),
    ("4.4b", lambda *given: (unrolled(*given), 0), "You returned several things"),
    ("4.4c", back(back=1), "You stopped after the last step"),
    ("4.4c", back(slope=False), "The slope of tanh is missing"),
    ("4.4c", back(through="none"), "passes through `w_hh`"),
    ("4.4c", back(through="skip"), "with the slope in it"),
    ("4.4c", back(through="one"), "starts anew at each step"),
    ("4.4c", back(shift=1), "the state *before* the step"),
    ("4.4c", back(total=lambda parts: parts[-1]), "the first step's share only"),
    ("4.4c", back(total=np.mean), "the mean over the steps"),
    ("4.4c", back(slope=lambda g, h, t: g * h[t] * (1 - h[t])), "the slope of the sigmoid"),
    ("4.4c", back(slope=lambda g, h, t: g * (1 - h[t - 1] ** 2)), "the own state"),
    ("4.4c", back(slope=lambda g, h, t: g * (1 - h[t])), "square the state"),
    ("4.4c", back(arrives=-1.0), "The sign is turned"),
    ("4.4c", lambda *given: back()(*given)[::-1], "have changed places"),
    ("4.4c", lambda *given: back()(*given)[0], "expected two gradients"),
    ("4.4d", lambda gs, m: gs, "Nothing is shortened"),
    ("4.4d", lambda gs, m: [g * m / exercises._length(gs) for g in gs], "yours are lengthened"),
    ("4.4d", lambda gs, m: [np.clip(g, -m, m) for g in gs], "You cut each number off"),
    ("4.4d", lambda gs, m: [clipped([g], m)[0] for g in gs], "each array by itself"),
    ("4.4d", lambda gs, m: [g / exercises._length(gs) for g in gs], "at most `limit`"),
    ("4.4d", lambda gs, m: [g * min(1, m / exercises._length(gs) ** 2) for g in gs], "The root is missing"),
    ("4.4d", lambda gs, m: [g * min(1, m / sum(np.abs(a).sum() for a in gs)) for g in gs], "the sum of the sizes"),
    ("4.4d", lambda gs, m: [g * min(1, m / max(np.abs(a).max() for a in gs)) for g in gs], "the largest number"),
    ("4.4d", lambda gs, m: [g * min(1, m / sum(map(np.linalg.norm, gs))) for g in gs], "the lengths of the arrays"),
    ("4.4d", lambda gs, m: [g * max(1, m / exercises._length(gs)) for g in gs], "yours are lengthened"),
    ("4.4d", lambda gs, m: clipped(gs, m)[0], "a list with as many arrays"),
    ("4.4e", short(lambda k: k + 1), "one step too far"),
    ("4.4e", short(lambda k: k - 1), "You stopped after the last step"),
    ("4.4e", short(lambda k: None), "back to the start"),
    ("4.4e", lambda x, w_ih, w_hh, k: through_time(x[-k:], w_ih, w_hh), "You cut the *sequence*"),
    ("4.4e", short(slope=False), "The slope of tanh is missing"),
    ("4.4e", short(through="none"), "passes through `w_hh`"),
    ("4.4e", short(through="one"), "starts anew at each step"),
    ("4.4e", short(shift=1), "the state *before* the step"),
    ("4.4e", short(arrives=-1.0), "The sign is turned"),
    ("4.4e", lambda *given: short()(*given)[::-1], "have changed places"),
    ("4.4e", lambda *given: short()(*given)[1], "expected two gradients"),
]  # fmt: skip

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)

PAGE = Path(__file__).parents[3] / "chapters" / "4_architectures" / "4_recurrent_networks.ipynb"
CELLS = {cell["id"]: "".join(cell["source"]) for cell in json.loads(PAGE.read_text(encoding="utf-8"))["cells"]}
HAND = drawings.HAND


# ── three steps by hand ──


def test_the_numbers_are_those_of_the_table():
    rows = re.findall(r"^\| (\d) \| (.*) \|$", CELLS["text-2"], re.MULTILINE)
    assert [int(step) for step, _ in rows] == [1, 2, 3]
    for i, (_, cells) in enumerate(rows):
        x, *numbers = cells.split(" | ")
        assert float(x) == drawings.X[i]
        assert numbers == [f"{HAND[name][i]:.2f}" for name in ("h", "slope", "reach", "delta")]
    assert f"= {HAND['to_hh']:.2f}" in CELLS["text-2"] and f"= {HAND['to_ih']:.2f}" in CELLS["text-2"]


@pytest.mark.parametrize("loop", [drawings.WEAK, drawings.STRONG])
def test_the_numbers_are_those_of_the_code_and_of_autograd(loop):
    names = {"np": np}
    exec(CELLS["by-hand"].split("\n\n\n")[0], names)
    run = lab.there_and_back(loop, drawings.W_IH, drawings.X)
    states, *gradients = names["there_and_back"](drawings.X, drawings.W_IH, loop)
    np.testing.assert_allclose(states, run["h"])
    np.testing.assert_allclose(gradients, [run["to_ih"], run["to_hh"]])
    np.testing.assert_allclose(by_autograd(drawings.X, drawings.W_IH, loop), gradients)


def test_each_step_shows_what_its_sentence_computes():
    plt.switch_backend("Agg")
    for step, one in enumerate(drawings.through_time.says, start=1):
        words = " ".join(text.get_text() for text in drawings.through_time(step).axes[0].texts)
        plt.close("all")
        for number in re.findall(r"\d+\.\d+", one):
            assert number in words, f"step {step} says {number} and does not show it"


def test_thirty_steps_leave_what_the_page_says():
    said = [lab.there_and_back(1, 1, [1] + more * [0])["h"][-1] for more in (2, 29)]
    assert [f"{one:.2f}" for one in said] == re.findall(r"0\.\d+", CELLS["text-4"])[:2]


# ── many networks at once ──


@pytest.mark.parametrize("start", lab.STARTS)
def test_the_gradients_are_those_of_autograd(start):
    networks = lab.Networks(start, (0, 1), hidden=5)
    networks.parameters = [part.astype(float) for part in networks.parameters]
    x, y = data.recall(6, 4, generator=0)
    slopes = networks.slopes(lab.loss_gradient(networks.forward(x), y))
    for r in range(2):
        w_ih, w_hh, b, w, c = parts = [torch.tensor(p[r], requires_grad=True) for p in networks.parameters]
        h = torch.zeros(6, 5, dtype=torch.float64)
        for symbols in torch.tensor(x.T):
            z = w_ih[symbols] + h @ w_hh + b
            h = z.relu() if networks.relu else z.tanh()
        torch.nn.functional.cross_entropy(h @ w + c, torch.tensor(y)).backward()
        for ours, theirs in zip(slopes, parts, strict=True):
            np.testing.assert_allclose(ours[r], theirs.grad, rtol=1e-5, atol=1e-9)


def test_starts_have_the_size_that_the_page_says():
    n = lab.HIDDEN
    usual, wide, turned, _ = (lab.Networks(start, range(20)).parameters[1] for start in lab.STARTS)
    assert usual.std() == pytest.approx((3 * n) ** -0.5, rel=0.02)
    assert torch.nn.RNN(4, 400).weight_hh_l0.std().item() == pytest.approx(1200**-0.5, rel=0.02)
    np.testing.assert_allclose(wide, usual * 3**0.5, rtol=1e-5)
    np.testing.assert_allclose(turned @ turned.mT, np.tile(np.eye(n), (20, 1, 1)), atol=1e-5)


def test_a_network_set_by_hand_remembers_and_passes_no_gradient():
    held_by_hand = lab.latch()
    for distance in (1, 50, 1000):
        assert lab.right(held_by_hand, *data.recall(200, distance, generator=7))[0] == 100
    assert lab.reached(lab.latch(), 50)[0, 1] < 1e-30


def test_a_turned_loop_learns_what_the_usual_one_does_not():
    turned, usual = lab.recalled("turned", 50), lab.recalled("usual", 50)
    assert turned.kept > len(lab.RACE) / 2 > usual.kept
    assert lab.recalled("usual", 1).kept == len(lab.RACE)


def test_a_growing_distance_begins_with_one_and_ends_with_all():
    lengths = [x.shape[1] - 2 for x, _ in lab.recall_batches(50, 300, growing=True)]
    assert lengths[0] == 1 and lengths == sorted(lengths) and set(lengths[180:]) == {50}


def test_the_best_rate_is_not_beyond_the_grid():
    rates = np.array([0.003, 0.01, 0.03, 0.1])
    runs = lab.train(lab.Networks("usual", lab.TUNE[:1] * 4), lab.recall_batches(20, lab.STEPS), rates, [0.1] * 4)
    assert lab.loss(runs, *data.recall(500, 20, generator=1)).argmin() < 3


def test_order_is_told_by_memory_and_by_places_but_not_by_a_bag():
    from sklearn.linear_model import LogisticRegression

    (x, y), _, new, _ = lab.orders()
    logistic = LogisticRegression(max_iter=500, C=10)
    assert logistic.fit(lab.bag(x), y).score(lab.bag(new[0]), new[1]) < 0.6
    assert logistic.fit(lab.flat(x), y).score(lab.flat(new[0]), new[1]) > 0.95
    sums = [lab.fading_sum(part) for part in (x, new[0])]
    assert logistic.fit(sums[0], y).score(sums[1], new[1]) > 0.95
    assert np.median(lab.in_order()) > 95


# ── letters ──


def test_the_page_trains_what_the_figure_shows():
    for cell, ours in (("letters", reader.Letters), ("learn", reader.learn)):
        page, room = (ast.parse(source).body[0] for source in (CELLS[cell], inspect.getsource(ours)))
        room.body = room.body[1:]  # the docstring
        assert ast.dump(page) == ast.dump(room)


def test_the_moves_of_the_figure_are_derivatives():
    model, letters = reader.reader()
    tokens = letters.encode("\nanna who saw")
    lengths, at, place = reader.over_the_past(model, tokens), 8, 6
    embedded = model.embed(dlcore.tensor(tokens[None, : at + 1])).detach().numpy().astype(float)
    following, slope = int(tokens[at + 1]), []
    for i in range(embedded.shape[-1]):
        ends = []
        for nudge in (0.01, -0.01):
            moved = embedded.copy()
            moved[0, place, i] += nudge
            with dlcore.no_grad():
                ends.append(reader.log_odds(model, dlcore.tensor(moved.astype(np.float32)), following).numpy()[0, -1])
        slope.append((ends[0] - ends[1]) / 0.02)
    assert np.linalg.norm(slope) == pytest.approx(lengths[at, place], rel=0.02)


def test_another_letter_moves_only_what_comes_after_it():
    model, letters = reader.reader()
    moves = reader.replaced(model, letters.encode("\nanna saw ben."), letters.encode("abc"))
    assert np.triu(moves, 1).max() == 0 and moves[-1, -1] > 0


def test_the_answer_of_the_figure_is_what_it_shows():
    moved, best = figures.reading(figures.SENTENCES[0])
    at = len(figures.SENTENCES[0]) - 2  # the e of her
    assert figures.SENTENCES[0][at] == "e" and best[at][0][0] == "e" and best[at][0][1] > 0.95
    nudges = moved[0, at, 1 : at + 1]
    furthest = at - np.flatnonzero(nudges >= nudges.max() / 10).min()
    assert 0 <= at - furthest - figures.SENTENCES[0].index("because") < len("because")
    frame = figures.which_letter(sentence=figures.SENTENCES[0], line=4, place=9, by=figures.NUDGE)
    assert "What comes is “e”" in frame.says


def test_a_sentence_that_is_too_long_for_the_figure_is_refused():
    with pytest.raises(FigureError, match="Take shorter words"):
        figures.which_letter(sentence=" ".join(["yesterday"] * 10), line=1, place=3, by=figures.NUDGE)
