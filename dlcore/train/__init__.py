"""The training loop as a generator, its history, metrics, early stopping and a progress bar.

A whole run, from data to a judgement on examples that were not trained on:

>>> import dlcore
>>> from dlcore import data, nn, optim, train
>>> _ = dlcore.manual_seed(0)
>>> table = data.wine()
>>> parts = {name: tuple(dlcore.tensor(a) for a in getattr(table, name)) for name in ("train", "valid", "test")}
>>> model = nn.Sequential(nn.Linear(13, 16), nn.ReLU(), nn.Linear(16, 3))
>>> loss, optimizer = nn.CrossEntropyLoss(), optim.Adam(model.parameters(), lr=0.01)
>>> loop = train.steps(model, loss, optimizer, data.batches(*parts["train"], batch_size=16), epochs=50)
>>> history, stop = train.History(), train.EarlyStopping(patience=5)
>>> for step in history.follow(train.progress(loop)):
...     if step.last:
...         valid = train.evaluate(model, [parts["valid"]], loss)["loss"]
...         history.record(epoch=step.epoch, valid=valid)
...         if stop(valid, model):
...             break
>>> stop.restore(model)
>>> train.evaluate(model, [parts["test"]], {"accuracy": train.accuracy})["accuracy"] > 0.9
True

With PyTorch's model, loss, optimiser and tensors the same lines do the same.
"""

from dlcore.train.bar import progress
from dlcore.train.history import History, fit
from dlcore.train.loop import Step, evaluate, steps
from dlcore.train.metrics import (
    Calibration,
    Scores,
    accuracy,
    calibration,
    calibration_error,
    confusion_matrix,
    perplexity,
    precision_recall_f1,
    predictions,
    r2,
)
from dlcore.train.stopping import EarlyStopping

__all__ = [
    "Calibration",
    "EarlyStopping",
    "History",
    "Scores",
    "Step",
    "accuracy",
    "calibration",
    "calibration_error",
    "confusion_matrix",
    "evaluate",
    "fit",
    "perplexity",
    "precision_recall_f1",
    "predictions",
    "progress",
    "r2",
    "steps",
]
