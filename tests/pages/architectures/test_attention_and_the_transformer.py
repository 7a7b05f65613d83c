"""Exercises of the page on attention: right answers pass, each usual mistake is named in its own words."""

import numpy as np
from exercise_tests import held

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
