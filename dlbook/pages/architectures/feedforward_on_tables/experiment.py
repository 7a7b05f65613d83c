"""Tables, contenders that choose their settings alike, and what each leaves of the error of a guess."""

from functools import cache
from typing import NamedTuple

import numpy as np
from sklearn import datasets
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import Lasso, LogisticRegression, Ridge
from sklearn.svm import SVC, SVR

from dlbook.pages.architectures.feedforward_on_tables.networks import Networks, PlainNetworks

#: name of a table -> how many classes, 0 where a number is asked for
TABLES = {"breast cancer": 2, "wine": 3, "iris": 3, "diabetes": 0, "alcohol": 0}
DRAWS = 6  # times that a table is dealt into rows to learn from and new ones
FOLDS = 3  # parts of the rows to learn from; each once checks what the others learned
MEMBERS = 5  # networks whose mean answers
LOOKS = (25, 50, 100, 200, 400)  # steps of training, one of them is chosen
LONGER = (*LOOKS, 800, 1200)


class Rows(NamedTuple):
    """Rows to learn from and new ones, (N, D) and (N,) each; columns are standardised by the former."""

    x: np.ndarray
    y: np.ndarray
    x_new: np.ndarray
    y_new: np.ndarray


# Tables --------------------------------------------------------------------------------------------------------------


@cache
def whole_table(name):
    """All rows (N, D) and answers (N,). Alcohol is the first column of the wines, asked for from the others."""
    if name == "alcohol":
        x = datasets.load_wine().data
        return x[:, 1:], x[:, 0]
    options = {"scaled": False} if name == "diabetes" else {}
    bunch = getattr(datasets, "load_" + name.replace(" ", "_"))(**options)
    return bunch.data, bunch.target


def scaled(x, by):
    """Columns with mean 0 and spread 1 in the rows `by`."""
    spread = by.std(0)
    return (x - by.mean(0)) / np.where(spread > 0, spread, 1)


def drawn(name, seed, n=None, noise=0, columns="standardised"):
    """One draw: n rows to learn from (by default half), all others new.

    Args:
        noise: how many columns of random numbers join the table.
        columns: "standardised"; "mixed", by a random turn, which loses nothing; or "raw", as they were measured.
    """
    x, y = whole_table(name)
    rng, noises = np.random.default_rng(seed), np.random.default_rng(100 + seed)
    order = rng.permutation(len(x))  # the same rows, whatever the columns
    own, new = np.split(order, [n or len(x) // 2])
    z = x if columns == "raw" else scaled(x, x[own])
    z = np.concatenate([z, noises.normal(size=(len(x), noise))], axis=1)
    if columns == "mixed":
        z = z @ np.linalg.qr(rng.normal(size=(z.shape[1], z.shape[1])))[0]
    return Rows(z[own], y[own], z[new], y[new])


def folded(rows, folds=FOLDS):
    """Draws within a draw: each part of the rows to learn from in turn plays the new ones. All are of one size."""
    size, found = len(rows.y) // 3, []
    for k in range(folds):
        choose = np.zeros(len(rows.y), bool)
        choose[k * size : (k + 1) * size] = True
        found.append(Rows(rows.x[~choose], rows.y[~choose], rows.x[choose], rows.y[choose]))
    return found


# What is left of the error -------------------------------------------------------------------------------------------


def as_targets(y, classes):
    """(N, K): a 1 in each row, or the numbers as a column."""
    return np.eye(classes)[y.astype(int)] if classes else np.asarray(y, float)[:, None]


def error(answers, y, classes):
    """Share of wrong names, or mean squared error, of answers (…, N, K)."""
    if classes:
        return np.mean(answers.argmax(-1) != y, axis=-1)
    return np.mean((answers[..., 0] - y) ** 2, axis=-1)


def cost(answers, y, classes):
    """What settings are chosen by: the error; among equals, the squared errors of the probabilities."""
    close = np.mean((answers - as_targets(y, classes)) ** 2, axis=(-2, -1))
    return error(answers, y, classes) + 1e-3 * close * bool(classes)


def guessed(rows, classes):
    """The error of the answer that looks at no column: the most frequent class, or the mean."""
    mean = as_targets(rows.y, classes).mean(0)
    return error(np.broadcast_to(mean, (len(rows.y_new), len(mean))), rows.y_new, classes)


# Contenders: answers for the new rows under each setting, (settings, N, K) -------------------------------------------


def linear(rows, classes, settings):
    """Logistic regression, or the straight line; settings: how strongly large weights are punished."""
    found = []
    for strength in settings:
        if classes:
            model = LogisticRegression(C=1 / strength, solver="newton-cholesky").fit(rows.x, rows.y)
            found.append(_of_all(classes, model, model.predict_proba(rows.x_new)))
        else:
            found.append(Ridge(alpha=strength).fit(rows.x, rows.y).predict(rows.x_new)[:, None])
    return np.array(found)


def sparse(rows, classes, settings):
    """The same with sizes of weights punished, not their squares: many become 0. For two classes, or numbers."""
    found = []
    for strength in settings:
        if classes:
            model = LogisticRegression(C=1 / strength, l1_ratio=1, solver="liblinear", random_state=0)
            found.append(_of_all(classes, model.fit(rows.x, rows.y), model.predict_proba(rows.x_new)))
        else:
            model = Lasso(alpha=strength * rows.y.std() / 100, max_iter=5000).fit(rows.x, rows.y)
            found.append(model.predict(rows.x_new)[:, None])
    return np.array(found)


def kernel(rows, classes, settings):
    """A support vector machine: near rows count more, each as much as it is needed; settings: the price of an error."""
    found = []
    for price in settings:
        if classes:
            found.append(as_targets(SVC(C=price).fit(rows.x, rows.y).predict(rows.x_new), classes))
        else:
            mean, spread = rows.y.mean(), rows.y.std()
            told = SVR(C=price).fit(rows.x, (rows.y - mean) / spread).predict(rows.x_new)
            found.append((mean + spread * told)[:, None])
    return np.array(found)


def _of_all(classes, model, p):
    """Probabilities for all classes, 0 for those that the model has never met."""
    found = np.zeros((len(p), classes))
    found[:, model.classes_.astype(int)] = p
    return found


def nearest(rows, classes, settings):
    """The k nearest rows vote, or give their mean; settings: k."""
    gaps = (rows.x**2).sum(1) - 2 * rows.x_new @ rows.x.T  # squared distances, less what is the same for all
    order = gaps.argsort(1)[:, : max(settings)]
    votes = as_targets(rows.y, classes)[order]  # (N, most, K)
    return np.array([votes[:, :k].mean(1) for k in settings])


def boosted(rows, classes, settings):
    """Gradient-boosted trees; settings: depth, columns that a branching may look at (None: all), number of trees."""
    found, kind = {}, GradientBoostingClassifier if classes else GradientBoostingRegressor
    for how in dict.fromkeys(setting[:2] for setting in settings):
        most = max(trees for *other, trees in settings if tuple(other) == how)
        model = kind(learning_rate=0.2, n_estimators=most, subsample=0.5, max_depth=how[0], max_features=how[1],
                     random_state=0).fit(rows.x, rows.y)  # fmt: skip
        stages = model.staged_predict_proba(rows.x_new) if classes else model.staged_predict(rows.x_new)
        for trees, answers in enumerate(stages, 1):
            if (*how, trees) not in settings:
                continue
            found[*how, trees] = _of_all(classes, model, answers) if classes else answers.reshape(-1, 1)
    return np.array([found[setting] for setting in settings])


def forest(rows, classes, settings):
    """A random forest; settings: the share of columns that each branching may look at."""
    found, kind = [], RandomForestClassifier if classes else RandomForestRegressor
    for share in settings:
        model = kind(50, max_features=share, random_state=0).fit(rows.x, rows.y)
        found.append(_of_all(classes, model, model.predict_proba(rows.x_new)) if classes
                     else model.predict(rows.x_new)[:, None])  # fmt: skip
    return np.array(found)


SETTINGS = {
    linear: (0.01, 0.1, 1, 10, 100),
    sparse: (0.3, 1, 3, 10, 30),
    kernel: (0.1, 0.3, 1, 3, 10, 30),
    nearest: (1, 3, 5, 9, 15, 25),
    boosted: tuple((*how, trees) for how in ((1, None), (3, "sqrt")) for trees in (10, 25, 50)),
    forest: ("sqrt",),
}
RATES = (0.001, 0.003, 0.01)
NETWORK = tuple((rate, decay, 0) for rate in RATES for decay in (3, 20))  # and no L1 on the first layer
WIDE = tuple((rate, decay, 0) for rate in RATES for decay in (0, 1, 3, 10, 30, 100))
SPARSE = tuple((rate, 0, shrink) for rate in RATES for shrink in (0.3, 1))
PLAIN = tuple((3 * rate, decay, 0) for rate in RATES for decay in (0.3, 3))


def chosen(fit, draws, classes, folds=FOLDS):
    """Errors (draws,) on new rows, each with the setting that did best on the folds of its draw."""
    settings, errors = SETTINGS[fit], []
    for rows in draws:
        best = 0
        if len(settings) > 1:
            inner = [cost(fit(part, classes, settings), part.y_new, classes) for part in folded(rows, folds)]
            best = int(np.mean(inner, axis=0).argmin())
        errors.append(error(fit(rows, classes, (settings[best],))[0], rows.y_new, classes))
    return np.array(errors)


# Networks, all draws side by side ------------------------------------------------------------------------------------


def _trained(sets, classes, runs, looks, seed, kind=Networks):
    """Answers (R, looks, N, K) of networks; runs: (R, 4) of set, rate, decay, L1. Numbers are learned standardised."""
    which = np.array([run[0] for run in runs])
    x, x_new = (np.stack([getattr(rows, name) for rows in sets]).astype(np.float32) for name in ("x", "x_new"))
    targets = np.stack([as_targets(rows.y, classes) for rows in sets])  # (S, N, K)
    shift, scale = (0, 1) if classes else (targets.mean(1, keepdims=True), targets.std(1, keepdims=True))
    shape = len(runs), x.shape[-1], targets.shape[-1]
    rates, decays, shrinks = np.array([run[1:] for run in runs]).T
    networks = kind(shape, rates, decays, bool(classes), np.random.default_rng(seed), shrinks=shrinks)
    answers = networks.train(x, ((targets - shift) / scale).astype(np.float32), which, looks, x_new)
    if classes:
        return answers
    return answers * scale[which][:, None] + shift[which][:, None]


def networked(draws, classes, folds=FOLDS, looks=LOOKS, members=MEMBERS, settings=NETWORK, kind=Networks):
    """Errors (draws,) of one network and of the mean answer of several, settings and steps chosen on the folds."""
    inner = [part for rows in draws for part in folded(rows, folds)]
    runs = [(s, *setting) for s in range(len(inner)) for setting in settings]
    answers = _trained(inner, classes, runs, looks, 0, kind)
    costs = np.array([cost(a, inner[run[0]].y_new, classes) for a, run in zip(answers, runs, strict=True)])
    costs = costs.reshape(len(draws), folds, len(settings) * len(looks)).mean(1)
    best = [divmod(int(c.argmin()), len(looks)) for c in costs]
    runs = [(d, *settings[setting]) for d, (setting, _) in enumerate(best) for _ in range(members)]
    answers = _trained(draws, classes, runs, looks, 1, kind)
    answers = answers.reshape(len(draws), members, *answers.shape[1:])
    one, mean = [], []
    for rows, told, (_, look) in zip(draws, answers, best, strict=True):
        one.append(error(told[0, look], rows.y_new, classes))
        mean.append(error(told[:, look].mean(0), rows.y_new, classes))
    return np.array(one), np.array(mean)


CONTENDERS = ("linear", "nearest rows", "RBF-SVM", "boosted trees", "random forest", "network", "five networks")
_FITS = {
    "linear": linear,
    "sparse linear": sparse,
    "nearest rows": nearest,
    "RBF-SVM": kernel,
    "boosted trees": boosted,
    "random forest": forest,
}


_OTHER_NETWORKS = {"sparse network": (SPARSE, Networks), "SGD network": (PLAIN, PlainNetworks)}


@cache
def contest(name, n=None, noise=0, columns="standardised", draws=DRAWS, who=CONTENDERS, folds=FOLDS, looks=LOOKS,
            settings=NETWORK):  # fmt: skip
    """What each contender leaves of the error of a guess, in percent: {contender: (draws,)}."""
    classes = TABLES[name]
    dealt = [drawn(name, seed, n, noise, columns) for seed in range(draws)]
    base = np.array([guessed(rows, classes) for rows in dealt])
    found = {one: chosen(_FITS[one], dealt, classes, folds) for one in who if one in _FITS}
    if set(who) & {"network", "five networks"}:
        members = MEMBERS if "five networks" in who else 1
        found["network"], found["five networks"] = networked(dealt, classes, folds, looks, members, settings)
    for one in set(who) & set(_OTHER_NETWORKS):
        found[one], _ = networked(dealt, classes, folds, looks, 1, *_OTHER_NETWORKS[one])
    return {one: 100 * found[one] / base for one in who}
