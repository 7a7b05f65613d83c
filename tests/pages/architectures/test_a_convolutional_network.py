"""Page "A convolutional network": its exercises, its drawing and its figure, what its experiments rest on."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from exercise_tests import Made, held

from dlbook.pages.architectures.a_convolutional_network import drawings, figures, signals
from dlbook.pages.architectures.a_convolutional_network import experiment as lab
from dlbook.pages.architectures.a_convolutional_network.exercises import (
    BLOCK_MISTAKES,
    CONV_MISTAKES,
    COUNT_MISTAKES,
    FIELD_MISTAKES,
    STEPS,
    check,
    conv1d,
    field,
    slid,
)
from dlcore import tensor
from dlcore.nn import functional as F


def slow(x, w, b):
    k = w.shape[2]
    y = np.zeros((len(x), len(w), x.shape[2] - k + 1))
    for n in range(len(x)):
        for o in range(len(w)):
            for t in range(y.shape[2]):
                y[n, o, t] = (x[n, :, t : t + k] * w[o]).sum() + b[o]
    return y


def by_correlate(x, w, b):
    return [[sum(np.correlate(c, v, "valid") for c, v in zip(s, f, strict=True)) + a
             for f, a in zip(w, b, strict=True)] for s in x]  # fmt: skip


def by_products(layers):
    return 1 + sum((k - 1) * int(np.prod([s for _, s in layers[:i]])) for i, (k, _) in enumerate(layers))


def moved(image, rng):
    return slid(image, *rng.integers(-1, 2, 2))


def cut(image, rng):
    top, left = rng.integers(0, 3, 2)
    return np.pad(image, 1)[top : top + 8, left : left + 8]


def rolled_and_cleared(image, rng):
    down, right = rng.choice([-1, 0, 1], 2)
    out = np.roll(image, (down, right), (0, 1))
    if down:
        out[0 if down > 0 else -1] = 0
    if right:
        out[:, 0 if right > 0 else -1] = 0
    return out


def backwards(layers):
    seen = 1
    for size, stride in reversed(layers):
        seen = (seen - 1) * stride + size
    return seen


def by_a_matrix(image, rng):
    down, right = rng.integers(3, size=2) - 1
    return np.eye(8, k=-down) @ image @ np.eye(8, k=right)


def sometimes(change):
    """Slides as it should, and now and then changes the image otherwise."""
    return lambda image, rng: change(moved(image, rng)) if rng.random() < 0.2 else moved(image, rng)


RIGHT = [
    ("4.3a", (168, 880, 650)),
    ("4.3a", [168, 880, 650]),
    ("4.3a", np.array([168, 880, 650])),
    ("4.3b", field),
    ("4.3b", by_products),
    ("4.3b", lambda layers: np.array(field(layers))),
    ("4.3c", (0, 2, 1.5)),
    ("4.3c", [0.0, 2.0, 1.5]),
    ("4.3c", np.maximum(np.array([3, 0, 1]) + [-4, 2, 0.5], 0)),
    ("4.3d", conv1d),
    ("4.3d", slow),
    ("4.3d", by_correlate),
    ("4.3d", lambda x, w, b: F.conv1d(tensor(x), tensor(w), tensor(b))),
    ("4.3e", moved),
    ("4.3e", cut),
    ("4.3e", rolled_and_cleared),
    # two ways more for each, by a second reader
    ("4.3a", np.array([[3, 6], [6, 16], [64, 10]]).prod(1) * [9, 9, 1] + [6, 16, 10]),
    ("4.3a", [float(6 * 28), 16 * 55.0, "650"][:2] + [650.0]),
    ("4.3b", backwards),
    ("4.3b", lambda layers: tensor(float(field(layers)))),
    ("4.3c", tensor([[0.0, 2.0, 1.5]])[0]),
    ("4.3c", Made(lambda: torch.tensor([-1, 2, 1.5]).relu())),
    ("4.3d", lambda x, w, b: torch.nn.functional.conv1d(*map(torch.tensor, (x, w, b)))),
    ("4.3d", lambda x, w, b: np.stack([np.tensordot(x[:, :, t : t + w.shape[2]], w, ([1, 2], [1, 2])) + b
                                       for t in range(x.shape[2] - w.shape[2] + 1)], 2)),
    ("4.3e", lambda image, rng: cut(image, rng).tolist()),
    ("4.3e", by_a_matrix),
]  # fmt: skip
WRONG = [
    *(("4.3a", wrong, words) for wrong, words in COUNT_MISTAKES),
    ("4.3a", 1698, "three numbers"),
    ("4.3a", (168, 880), "I received 2"),
    ("4.3a", (168, 881, 650), "The second convolution"),
    *(("4.3b", wrong, words) for wrong, words in FIELD_MISTAKES),
    ("4.3b", lambda layers: 10, "For layers of (size, stride)"),
    ("4.3b", lambda layers: layers.size, "AttributeError"),
    *(("4.3c", wrong, words) for wrong, words in BLOCK_MISTAKES),
    ("4.3c", (0, 2), "expected an array of shape (3,)"),
    ("4.3c", 3.5, "expected an array of shape (3,)"),
    *(("4.3d", wrong, words[1:]) for wrong, words in CONV_MISTAKES),
    ("4.3d", lambda x, w, b: conv1d(x, w, b) + 1, "Step 1"),
    ("4.3d", lambda x, w, b: slow(x, w[:1], b[:1]), "Step 4"),
    ("4.3d", lambda x, w, b: np.array([[np.correlate(x[0, 0], w[0, 0], "valid") + b[0]]]), "Step 3"),
    ("4.3d", lambda x, w, b: x @ w, "Step 1"),
    ("4.3d", lambda x, w, b: F.conv1d(tensor(x), tensor(w), padding=1), "Step 1"),
    ("4.3d", lambda x, w, b: slow(x, w, b)[..., :3], "expected an array of shape"),
    ("4.3e", lambda image, rng: image, "Every call gave the image back"),
    ("4.3e", lambda image, rng: slid(image, 1, 0), "Every call gave the same"),
    ("4.3e", lambda image, rng: np.roll(image, rng.integers(-1, 2, 2), (0, 1)), "goes round"),
    ("4.3e", lambda image, rng: slid(image, *rng.integers(-1, 1, 2)), "never slides by +1"),
    ("4.3e", lambda image, rng: slid(image, *rng.integers(0, 2, 2)), "one way only"),
    ("4.3e", lambda image, rng: slid(image, *rng.integers(-2, 3, 2)), "At most one pixel"),
    ("4.3e", lambda image, rng: slid(image, rng.integers(-1, 2), 0), "never slides to the side"),
    ("4.3e", lambda image, rng: slid(image, 0, rng.integers(-1, 2)), "never slides down or up"),
    ("4.3e", lambda image, rng: slid(image, *[rng.integers(-1, 2)] * 2), "one diagonal"),
    ("4.3e", lambda image, rng: slid(image, *rng.choice([-1, 1], 2)), "It always slides"),
    ("4.3e", sometimes(lambda x: x[:, ::-1]), "mirrored"),
    ("4.3e", sometimes(lambda x: x[::-1]), "upside down"),
    ("4.3e", sometimes(lambda x: x[::-1, ::-1]), "by 180°"),
    ("4.3e", sometimes(lambda x: x.T), "exchanged"),
    ("4.3e", sometimes(lambda x: np.rot90(x)), "by 90°"),
    ("4.3e", sometimes(lambda x: 1 - x), "ink and paper"),
    ("4.3e", lambda image, rng: rng.permutation(image.ravel()).reshape(8, 8), "scrambled"),
    ("4.3e", lambda image, rng: np.pad(image, 1), "received one of shape (10, 10)"),
    ("4.3e", lambda image, rng: image + rng.normal(size=(8, 8)), "not the image slid"),
    ("4.3e", lambda image, rng: image.__setitem__(0, 0) or image, "changes the array"),
    # three ways more for each, by a second reader
    ("4.3a", (650, 880, 168), "their order is not"),
    ("4.3a", "168, 880, 650", ""),
    ("4.3a", (168, 2320, 650), "reads the 6 maps"),
    ("4.3b", lambda layers: sum(k * s for k, s in layers), "For layers of (size, stride)"),
    ("4.3b", lambda layers: (field(layers), field(layers)), ""),
    ("4.3b", lambda layers: field(layers[:-1]), "last layer is missing"),
    ("4.3c", (0, 2, -1.5), "x = (3, 0, 1)"),
    ("4.3c", (-4, 2, 0.5, 3, 0, 1), "expected an array of shape (3,)"),
    ("4.3c", [(0,), (2,), (1.5,)], "expected an array of shape (3,)"),
    ("4.3d", lambda x, w, b: np.convolve(x[0, 0], w[0, 0], "valid"), "Step 1"),
    ("4.3d", lambda x, w, b: slow(x, w, b) + slow(x, w, 0 * b), "Step 1"),
    ("4.3d", lambda x, w, b: [np.correlate(x[0, 0], w[0, 0], "same")], "Step 1"),
    ("4.3e", lambda image, rng: slid(image, *np.random.default_rng(0).integers(-1, 2, 2)), "Every call gave"),
    ("4.3e", lambda image, rng: np.pad(image, 1)[rng.integers(0, 3) :, rng.integers(0, 3) :], "shape"),
    ("4.3e", lambda image, rng: np.pad(image, 1, mode="edge")[1:9, rng.integers(0, 3) :][:, :8], "not the image slid"),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)


def test_the_steps_of_the_convolution_grow_to_the_whole():
    rng = np.random.default_rng(0)
    for _, signals_, filters, _ in STEPS:
        x, w, b = rng.normal(size=signals_), rng.normal(size=filters), rng.normal(size=filters[0])
        theirs = torch.nn.functional.conv1d(*map(torch.tensor, (x, w, b))).numpy()
        np.testing.assert_allclose(conv1d(x, w, b), theirs)


# ── the network by hand ──

PAGE = Path(__file__).parents[3] / "chapters" / "4_architectures" / "3_a_convolutional_network.ipynb"
CELLS = {cell["id"]: "".join(cell["source"]) for cell in json.loads(PAGE.read_text(encoding="utf-8"))["cells"]}


def test_the_drawn_numbers_are_those_of_the_table_and_of_the_code():
    rows = re.findall(r"^\| (upright|across) \| (.+?) \| (.+?) \| (\d) \|$", CELLS["plain-words"], re.MULTILINE)
    assert [name for name, *_ in rows] == list(drawings.NAMES)
    for number, (_, answers, kept, largest) in enumerate(rows):
        read = [int(part.replace("−", "-")) for part in answers.split(", ")]
        assert read == drawings.MAPS[number].ravel().tolist()
        assert [int(part) for part in kept.split(", ")] == drawings.KEPT[number].ravel().tolist()
        assert int(largest) == drawings.LARGEST[number]
    image = re.search(r"^image = (.+)$", CELLS["by-hand-code"], re.MULTILINE)[1]
    np.testing.assert_array_equal(json.loads(image), drawings.IMAGE)
    assert f"{drawings.SHARES[0]:.2f}" == "0.73" and "0.73" in CELLS["plain-words"]


def test_a_shorter_stem_ends_in_a_tie():
    image = drawings.IMAGE.copy()
    image[3] = 0
    windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3))
    answers = np.einsum("ijuv,ouv->oij", windows, drawings.FILTERS).max((1, 2))
    assert answers.tolist() == [3, 3]


def test_the_peak_detector_of_the_page():
    assert conv1d(np.array([[[0, 1, 3, 1, 0]]]), np.array([[[-1, 2, -1]]]), np.zeros(1)).ravel().tolist() == [-1, 4, -1]
    assert "$-1, 4, -1$" in CELLS["read-switches"]


# ── the figure ──


def test_the_figures_network_is_the_pages():
    """The page trains it by its own lines; the room by its own. Both give the same weights."""
    assert "range(20)" in CELLS["train"] and "lr=0.01" in CELLS["train"] and "generator=epoch" in CELLS["train"]
    assert (lab.RATE, lab.EPOCHS, lab.BATCH) == (0.01, 20, 32)
    assert figures.score(lab.STEPS[-1], 0) == round(lab.right(lab.trained()) * len(figures.KINDS))
    assert sum(p.numel() for p in lab.network().parameters()) == 60 + 660 + 490


def test_the_maps_carried_by_hand_end_where_the_network_does():
    model, images = lab.trained(), lab.digits("test")[0][:5]
    whole = model(tensor(images)).softmax(dim=1).detach().numpy()
    np.testing.assert_allclose(lab.maps(model, images).shares, whole, atol=1e-6)
    assert lab.maps(model, images, (2,)).first[:, 2].max() == 0


def test_what_the_predict_box_says_of_the_seven():
    seen = lab.maps(lab.trained(), figures.STORED["a 7"][None, None])
    bright = seen.first[0].mean((1, 2))
    assert bright.argmin() == 4
    without = {number: lab.maps(lab.trained(), figures.STORED["a 7"][None, None], (number,)).shares.argmax()
               for number in (bright.argmin(), bright.argmax())}  # fmt: skip
    assert without == {4: 8, bright.argmax(): 7}


def test_an_empty_digit_and_a_full_one_are_drawn():
    for digit in (np.zeros((8, 8)), np.ones((8, 8))):
        frame = figures.pixel_to_softmax(digit=digit)
        assert frame.tables["shares"]["share"].sum() == pytest.approx(1, abs=0.01)
        assert "your own digit" in frame.says


# ── the experiments ──


def test_networks_side_by_side_are_strangers_to_each_other():
    """What one of the five is shown leaves the answers of the others as they are."""
    torch.manual_seed(0)
    model = lab.Several(residual=True, norm=False).eval()
    x = torch.rand(3, 5, 8, 8)
    y = x.clone()
    y[:, 2] = 0
    with torch.no_grad():
        same = (model(x) - model(y)).abs().amax((0, 2)) < 1e-6
    assert same.tolist() == [True, True, False, True, True]


def test_slid_images_are_slid_by_at_most_a_pixel_and_lose_what_leaves():
    image = torch.rand(1, 1, 8, 8).expand(300, -1, -1, -1)
    moved_ones = lab.slid(image, 1, torch.Generator().manual_seed(0)).numpy()[:, 0]
    ways = {(down, right): slid(image[0, 0].numpy(), down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)}
    met = {way for one in moved_ones for way, other in ways.items() if np.allclose(one, other)}
    assert met == set(ways)
    assert all(any(np.allclose(one, other) for other in ways.values()) for one in moved_ones)


def test_motifs_are_told_apart_by_who_knows_them_and_stand_where_they_are_said_to():
    x, y = signals.drawn(signals.in_the_middle, 0)[2]
    at = (signals.LENGTH - signals.MOTIF) // 2
    piece = x[:, at : at + signals.MOTIF] @ signals.motifs().T
    assert (piece.argmax(1) == y).mean() > 0.97
    assert signals.knowing(0) > 0.9
    np.testing.assert_allclose(np.linalg.norm(signals.motifs(), axis=1), 1)
    np.testing.assert_allclose(signals.motifs().sum(1), 0, atol=1e-9)


def test_contenders_have_the_parameters_that_the_page_says():
    size = {make: sum(p.numel() for p in make().parameters())
            for make in (signals.convolutional, signals.wide, signals.plain)}  # fmt: skip
    assert size == {signals.convolutional: 804, signals.wide: 852, signals.plain: 832}


def test_pixels_do_in_the_middle_and_fail_where_digits_are_slid():
    assert lab.on_pixels()[0] > 0.95
    assert lab.on_pixels(reach=1)[0] < 0.75
    assert lab.random_filters(24, 48, 0, reach=1) > 0.85


def test_the_loudest_piece_moves_by_as_many_steps_as_it_is_told():
    x = np.zeros((1, 20))
    x[0, 6:14] = np.arange(1, 9)
    assert signals.loudest(x)[0].tolist() == [0, 0, *range(1, 9), 0, 0]
    assert signals.loudest(x, shift=2)[0].tolist() == [*range(1, 9), 0, 0, 0, 0]
    assert signals.loudest(x, shift=-1)[0].tolist() == [0, 0, 0, *range(1, 9), 0]


def test_the_claim_stands_for_a_seed_and_falls_where_the_page_says_so():
    """A trained layer is ahead of the best rival that does not convolve; a linear model where the place is known."""
    ours = signals.by_network(signals.anywhere, signals.one_layer)
    assert ours[0] > signals.slid_pieces(signals.anywhere, 0) + 0.01
    assert signals.slid_pieces(signals.anywhere, 0) > signals.fitted(
        signals.anywhere, 0, signals.loudest_and_by_hand, signals.machines
    )
    assert signals.averaged(signals.anywhere, 0) > ours[0]
    fixed = signals.fitted(signals.in_the_middle, 0, np.asarray, signals.linear)
    assert fixed > 0.98
