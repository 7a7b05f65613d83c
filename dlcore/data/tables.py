"""Real tables and images that come with scikit-learn, cut into the same train, validation and test sets every time.

Features are standardised with the mean and standard deviation of the training set alone. Nothing is downloaded;
scikit-learn is imported when a function is called. It redistributes these data under its BSD-3-Clause licence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from dlcore.data.batching import Standardiser, split

#: The seed of every split in the book.
SPLIT_SEED = 2024


class Part(NamedTuple):
    """Inputs and targets of one part of a data set: `x, y = table.train`."""

    x: np.ndarray
    y: np.ndarray


@dataclass(frozen=True)
class Table:
    """A data set in three parts, with the names of its features and classes and the scale that was fitted."""

    name: str
    train: Part
    valid: Part
    test: Part
    features: tuple[str, ...]
    classes: tuple[str, ...]
    scale: Standardiser

    def __repr__(self) -> str:
        sizes = " + ".join(f"{len(part.y)}" for part in (self.train, self.valid, self.test))
        target = f"{len(self.classes)} classes" if self.classes else "a number to predict"
        return f"Table({self.name}: {sizes} examples, x {self.train.x.shape[1:]}, {target})"


def iris(standardise: bool = True) -> Table:
    """Three species of iris, told apart by the length and width of sepals and petals in cm.

    Args:
        standardise: scale each feature to mean 0, standard deviation 1 on the training set.

    Returns:
        A Table: x (N, 4) float32, y (N,) int64 in {0, 1, 2}; 90 + 30 + 30 flowers, 50 of each species in all.

    Source: Fisher (1936), The Use of Multiple Measurements in Taxonomic Problems; UCI Machine Learning Repository
    (Iris). scikit-learn's copy follows Fisher's paper. Licence: CC BY 4.0 (UCI). Size: 150 × 4.

    >>> iris()
    Table(iris: 90 + 30 + 30 examples, x (4,), 3 classes)
    """
    return _classification("iris", standardise)


def wine(standardise: bool = True) -> Table:
    """Three cultivars of wine from one region of Italy, told apart by thirteen chemical measurements.

    Args:
        standardise: scale each feature to mean 0, standard deviation 1 on the training set.

    Returns:
        A Table: x (N, 13) float32, y (N,) int64 in {0, 1, 2}; 107 + 35 + 36 wines (59, 71 and 48 of the cultivars).

    Source: Forina et al. (1988), PARVUS; UCI Machine Learning Repository (Wine). Licence: CC BY 4.0 (UCI).
    Size: 178 × 13.

    >>> wine()
    Table(wine: 107 + 35 + 36 examples, x (13,), 3 classes)
    """
    return _classification("wine", standardise)


def breast_cancer(standardise: bool = True) -> Table:
    """Malignant or benign: thirty measurements of cell nuclei in images of needle biopsies.

    Args:
        standardise: scale each feature to mean 0, standard deviation 1 on the training set.

    Returns:
        A Table: x (N, 30) float32, y (N,) int64, 0 malignant, 1 benign; 341 + 115 + 113 patients (212 malignant).

    Source: Street, Wolberg & Mangasarian (1993), Nuclear Feature Extraction for Breast Tumor Diagnosis; UCI Machine
    Learning Repository (Breast Cancer Wisconsin, Diagnostic). Licence: CC BY 4.0 (UCI). Size: 569 × 30.

    >>> breast_cancer().classes
    ('malignant', 'benign')
    """
    return _classification("breast_cancer", standardise)


def diabetes(standardise: bool = True) -> Table:
    """How far diabetes has progressed one year on: a regression on age, sex, body mass index, blood pressure, six sera.

    Args:
        standardise: scale each feature to mean 0, standard deviation 1 on the training set; the target keeps its units.

    Returns:
        A Table: x (N, 10) float32, y (N,) float32, a score from 25 to 346; 265 + 89 + 88 patients; no classes.

    Source: Efron, Hastie, Johnstone & Tibshirani (2004), Least Angle Regression, section 1. Licence: the data set names
    none; redistributed by scikit-learn. Size: 442 × 10.

    >>> diabetes()
    Table(diabetes: 265 + 89 + 88 examples, x (10,), a number to predict)
    """
    bunch = _load("diabetes", scaled=False)
    return _table("diabetes", bunch.data, bunch.target.astype(np.float32), None, standardise, bunch.feature_names, ())


def digits(standardise: bool = False) -> Table:
    """Handwritten digits of 8 × 8 pixels, small enough to train on in seconds.

    Args:
        standardise: False scales grey values from 0 … 16 to 0 … 1; True gives every pixel mean 0, standard deviation 1
            on the training set.

    Returns:
        A Table: x (N, 1, 8, 8) float32, y (N,) int64 in 0 … 9; 1078 + 360 + 359 digits. `x.reshape(-1, 64)` gives rows.

    Source: Alpaydin & Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning Repository: its
    test set, by 13 writers; so writers here are shared between the three parts. Licence: CC BY 4.0 (UCI).
    Size: 1797 × 64.

    >>> digits()
    Table(digits: 1078 + 360 + 359 examples, x (1, 8, 8), 10 classes)
    """
    bunch = _load("digits")
    x = bunch.images[:, None] / 16  # (N, 1, 8, 8)
    names = [f"pixel {row},{column}" for row in range(8) for column in range(8)]
    return _table("digits", x, bunch.target, bunch.target, standardise, names, [str(k) for k in range(10)])


def photograph(name: str = "china") -> np.ndarray:
    """One of two colour photographs: "china", a pavilion of the Summer Palace, or "flower", a dahlia.

    Args:
        name: "china" or "flower".

    Returns:
        (3, 427, 640) float32: channels red, green, blue from 0 to 1; rows from the top, columns from the left.

    Raises:
        ValueError: if name is neither.

    Source: photographs on Flickr, china.jpg by danielbuechele, flower.jpg by vultilion; copies in scikit-learn, which
    credits both to the former although the address of the second is the latter's. Licence: CC BY 2.0: name the author
    wherever one is shown. Size: two images of 427 × 640 pixels.

    >>> photograph("flower").shape
    (3, 427, 640)
    """
    if name not in ("china", "flower"):
        raise ValueError(f'photograph: name must be "china" or "flower"; got {name!r}.')
    from sklearn.datasets import load_sample_image

    return np.ascontiguousarray(load_sample_image(f"{name}.jpg").transpose(2, 0, 1), dtype=np.float32) / 255


def _load(name: str, **options: Any) -> Any:
    from sklearn import datasets

    return getattr(datasets, f"load_{name}")(**options)


def _classification(name: str, standardise: bool) -> Table:
    bunch = _load(name)
    classes = [str(c) for c in bunch.target_names]
    return _table(name, bunch.data, bunch.target, bunch.target, standardise, bunch.feature_names, classes)


def _table(
    name: str, x: np.ndarray, y: np.ndarray, labels: np.ndarray | None, standardise: bool, features: Any, classes: Any
) -> Table:
    """Split with the book's seed, fit the scale on the training rows alone, and apply it to all three parts."""
    rows = split(len(x), labels=labels, generator=SPLIT_SEED)
    shape = x.shape[1:]
    scale = Standardiser.fit(x[rows[0]]) if standardise else Standardiser(np.zeros(shape), np.ones(shape))
    y = y if y.dtype == np.float32 else y.astype(np.int64)
    train, valid, test = (Part(scale(x[r]), y[r]) for r in rows)
    return Table(name, train, valid, test, tuple(map(str, features)), tuple(map(str, classes)), scale)
