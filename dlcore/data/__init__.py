"""Data to learn from: toys in the plane, real tables and images, sequences, signals, text; and mini-batches.

Everything is generated here, comes with scikit-learn, or was written for this book. Nothing is downloaded.
Functions return NumPy arrays: float32 inputs, int64 classes.

>>> table = digits()
>>> x, y = table.train
>>> xb, yb = next(iter(batches(x, y, batch_size=32, generator=0)))
>>> xb.shape, yb.shape
((32, 1, 8, 8), (32,))
>>> tokens = BPETokenizer.train(primer(), size=300)
>>> x, y = contexts(tokens.encode(primer()), length=16)
>>> tokens.decode(x[0])
'a network is a machine mad'
"""

from dlcore.data.batching import Batches, Standardiser, batches, split
from dlcore.data.corpus import notebook_text, primer, sentences
from dlcore.data.handmade import GROUPS, handmade, scatter, wandering_digits
from dlcore.data.sequences import autoregressive, contexts, copy, order, recall, sines, windows
from dlcore.data.tables import Part, Table, breast_cancer, diabetes, digits, iris, photograph, wine
from dlcore.data.text import BPETokenizer, CharTokenizer
from dlcore.data.toys import blobs, checkerboard, circles, moons, spirals, xor

__all__ = [
    "GROUPS",
    "BPETokenizer",
    "Batches",
    "CharTokenizer",
    "Part",
    "Standardiser",
    "Table",
    "autoregressive",
    "batches",
    "blobs",
    "breast_cancer",
    "checkerboard",
    "circles",
    "contexts",
    "copy",
    "diabetes",
    "digits",
    "handmade",
    "iris",
    "moons",
    "notebook_text",
    "order",
    "photograph",
    "primer",
    "recall",
    "scatter",
    "sentences",
    "sines",
    "spirals",
    "split",
    "wandering_digits",
    "windows",
    "wine",
    "xor",
]
