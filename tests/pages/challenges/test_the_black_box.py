"""Page "The black box": its exercises, its networks, and the measures of its experiments."""

from functools import cache

import numpy as np
import pytest
from exercise_tests import held

import dlcore
from dlbook.pages.challenges.the_black_box import experiment as box
from dlbook.pages.challenges.the_black_box.drawings import SHARES, sharing_out_a_product
from dlbook.pages.challenges.the_black_box.exercises import (
    DELETE_MISTAKES,
    INTEGRATED_MISTAKES,
    OUT_MISTAKES,
    SHARES_MISTAKES,
    check,
    delete,
    integrated,
    leave_one_out,
)
from dlcore import data, viz


def deleting(wrong):
    return lambda image, importance, n, fill=0.0: wrong(image, importance, n, fill)


def sharing(wrong):
    return lambda gradient, x, baseline, points=50: wrong(gradient, x, baseline, points)


def forgets_to_copy(f, x):
    falls = []
    for i in range(len(x)):
        before = f(x)
        x[i] = 0
        falls.append(before - f(x))
    return falls


def takes_all_for_none(image, importance, n, fill=0.0):
    flat = image.ravel().copy()
    flat[importance.ravel().argsort()[-n:]] = fill
    return flat.reshape(image.shape)


RIGHT = [
    ("6.4a", [6, 6]),
    ("6.4a", (6.0, 6.0)),
    ("6.4b", leave_one_out),
    ("6.4b", lambda f, x: [f(x) - f(np.where(np.arange(len(x)) == i, 0, x)) for i in range(len(x))]),
    ("6.4c", delete),
    ("6.4c", lambda x, m, n, fill=0.0: np.where(m > np.sort(m.ravel())[::-1][n], fill, x)),
    ("6.4d", sharing(integrated)),
    ("6.4d", sharing(lambda g, x, b, n: -integrated(g, b, x, n))),  # the way back, with its sign
]
WRONG = [
    *(("6.4a", wrong, words) for wrong, words in SHARES_MISTAKES),
    ("6.4a", [4, 4], "add up to 8"),
    ("6.4a", 12, "two numbers"),
    ("6.4a", [5, 7], "received [5"),
    *(("6.4b", wrong, words) for wrong, words in OUT_MISTAKES),
    ("6.4b", lambda f, x: [f(x) - f(np.where(np.arange(len(x)) == i, 1, x)) for i in range(len(x))], "expected"),
    ("6.4b", forgets_to_copy, "changes the array"),
    *(("6.4c", deleting(wrong), words) for wrong, words in DELETE_MISTAKES),
    ("6.4a", "6, 6", "expected a number"),
    ("6.4a", [[6, 6]], "two numbers"),
    ("6.4b", lambda f, x: [f(x)], "shape (3,)"),
    ("6.4c", lambda image, importance, n, fill=0.0: np.where(importance > 0.5, fill, image), "expected"),
    ("6.4c", takes_all_for_none, "[-n:]"),
    ("6.4c", lambda image, importance, n, fill=0.5: delete(image, importance, n, fill), "When no fill is given"),
    *(("6.4d", sharing(wrong), words) for wrong, words in INTEGRATED_MISTAKES),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)


def product(x):
    return (x[:, 0] * x[:, 1]).reshape(-1, 1)


def test_integrated_gradients_share_out_a_product_equally():
    x, k = np.array([[3, 2]], dtype="float32"), np.array([0])
    assert np.allclose(box.gradient(product, x, k), [[2, 3]])
    assert np.allclose(box.integrated_gradients(product, x, k), [[3, 3]])


def test_the_drawing_shares_out_as_the_library_does():
    x, k = np.array([[3, 2]], dtype="float32"), np.array([0])
    assert np.allclose(SHARES[1], box.times_input(product, x, k))
    assert np.allclose(SHARES[2], leave_one_out(np.prod, x[0]))
    assert np.allclose(SHARES[4], box.integrated_gradients(product, x, k))
    assert "3 and 3, together 6" in sharing_out_a_product.says[3]


@pytest.mark.parametrize("digit", [0, 5, 8])
def test_integrated_gradients_are_complete_on_the_network(digit):
    x, model = box.shown(digit), box.trained()
    shares = box.integrated_gradients(model, x, np.array([digit]), points=256)
    climb = (box.answers(model, x) - box.answers(model, 0 * x))[0, digit]
    assert shares.sum() == pytest.approx(climb, abs=0.05)


def test_the_map_of_a_linear_network_is_weight_times_pixel():
    dlcore.manual_seed(0)
    linear = dlcore.nn.Sequential(dlcore.nn.Flatten(), dlcore.nn.Linear(64, 10))
    x, k = box.shown(8), np.array([8])
    terms = linear[1].weight.detach().numpy()[8].reshape(8, 8) * x
    assert np.allclose(box.integrated_gradients(linear, x, k), terms, atol=1e-5)


def test_randomising_leaves_the_lower_layers_alone():
    old, new = box.trained().state_dict(), box.randomised(0, 1).state_dict()
    assert [name for name in old if not np.array_equal(old[name].numpy(), new[name].numpy())] == ["6.weight", "6.bias"]
    now = box.randomised(0, 3).state_dict()
    assert not any(np.array_equal(old[name].numpy(), now[name].numpy()) for name in old)


def test_agreement_knows_the_same_order_the_reverse_and_ties():
    m = np.arange(64.0).reshape(1, 8, 8)
    assert box.agreement(m, m**3) == pytest.approx(1)
    assert box.agreement(m, -m) == pytest.approx(-1)
    assert box.agreement(m, np.zeros_like(m)) == 0
    assert box.ranks(np.array([[5.0, 1.0, 5.0]])).tolist() == [[2.0, 0.5, 2.0]]


@cache
def deleted():
    return box.deletion(data.digits().test.x[:60], range(2))


RIVALS = ("random ink", "farthest from the fill", "template")


def test_maps_beat_rivals_where_their_baseline_takes_the_pixels_place_and_only_there():
    """Four maps of either baseline; gradient × input and leaving one pixel out are among them and do not add up."""
    left = deleted()
    for method in ("gradient × input", "integrated gradients", "leave one out", "Shapley values"):
        for fill, own, foreign in (("blank paper", "blank", "mean digit"), ("the mean digit", "mean digit", "blank")):
            best = min(left[rival][fill].mean() for rival in RIVALS)
            assert left[f"{method} ({own})"][fill].mean() < best < left[f"{method} ({foreign})"][fill].mean()


def test_a_template_that_knows_no_network_beats_grad_cam_and_the_size_of_the_gradient():
    left = deleted()
    for fill in box.fills(0):
        assert left["template"][fill].mean() < min(left[name][fill].mean() for name in ("Grad-CAM", "gradient, size"))


def test_another_network_finds_what_hurts_against_blank_paper_too():
    left = {name: by_fill["blank paper"].mean() for name, by_fill in deleted().items()}
    assert left["another network"] < min(left[rival] for rival in RIVALS) / 2
    two = box.deletion(data.digits().test.x[:60], range(2), n=2)
    own, other = (two[name]["blank paper"] for name in ("integrated gradients (blank)", "another network"))
    assert (own < other).all()  # the strongest two are the network's own


def test_a_map_by_size_survives_random_weights_and_with_its_signs_does_not():
    alike = box.sanity(data.digits().test.x[:20], [0])
    assert alike["integrated gradients, size"][0, 3] > 0.8 > 0.5 > abs(alike["integrated gradients"][0, 3])
    assert alike["integrated gradients, size, ink only"][0, 3] < 0.6  # what stays is where there is ink


def test_another_baseline_is_another_origin():
    """Against a baseline b the shares add up to f(x) − f(b); Shapley values do so exactly."""
    x, k, model, base = box.shown(5), np.array([5]), box.trained(), box.mean_digit()
    climb = (box.answers(model, x) - box.answers(model, base[None]))[0, 5]
    assert box.against(base, box.shapley)(model, x, k).sum() == pytest.approx(climb, abs=1e-3)
    assert box.against(base, box.integrated_gradients)(model, x, k).sum() == pytest.approx(climb, abs=0.2)
    assert np.allclose(box.against(base, box.occlusion)(model, base[None], k), 0)


def test_overruling_a_word_obeys_where_the_others_are_right_and_not_because_of_its_meaning():
    table = np.eye(10, 11, k=1, dtype="float32")  # ten nonsense words, one for each digit, and one that none has
    table[0] = 0
    decide, said = box.bottleneck(table, [0])
    for obeyed, others in box.interventions(table, decide, said).values():
        assert obeyed[others].all()


def test_digits_are_dark_ink_on_light_paper():
    pictures = viz.on_paper(np.array([0.0, 1.0]).reshape(2, 1, 1, 1))
    assert pictures[0].min() > 0.95
    assert pictures[1].max() < 0.15


def test_delete_takes_the_most_important_first():
    x, m = np.ones((1, 1, 2, 2)), np.array([0.1, 0.4, -0.9, 0.2]).reshape(1, 1, 2, 2)
    assert box.delete(x, m, 2).ravel().tolist() == [1, 0, 1, 0]
    assert x.min() == 1
