# ruff: noqa: E501 (tables)
"""The data loader beside its twin: the same batches without shuffling, the same lengths with it."""

import numpy as np
import pytest
import torch
import torch.utils.data

import dlcore
from dlcore.utils import data as ours

BOTH = [(dlcore, ours), (torch, torch.utils.data)]


def flat(batch):
    if isinstance(batch, dict):
        return {key: flat(value) for key, value in batch.items()}
    return (
        [flat(x) for x in batch]
        if isinstance(batch, list | tuple)
        else batch
        if isinstance(batch, str)
        else batch.tolist()
    )


def both(make):
    mine, twin = (make(library, data) for library, data in BOTH)
    assert flat(mine) == flat(twin)
    return mine


@pytest.mark.parametrize("options", [{}, {"batch_size": 2}, {"batch_size": 2, "drop_last": True}, {"batch_size": 9}])
def test_tensors(options):
    def run(library, data):
        loader = data.DataLoader(data.TensorDataset(library.arange(10.0).view(5, 2), library.arange(5)), **options)
        batches = list(loader)
        assert len(loader) == len(batches)
        return batches

    assert isinstance(both(run)[0][0], dlcore.Tensor)


def test_a_data_set_of_one_s_own():
    def run(library, data):
        class Squares(data.Dataset):
            def __len__(self):
                return 5

            def __getitem__(self, i):
                return {"x": library.tensor([float(i)]), "y": i * i, "pair": (0.5 * i, np.full(2, i)), "name": str(i)}

        return list(data.DataLoader(Squares(), batch_size=2, num_workers=0, pin_memory=False))

    both(run)
    both(lambda library, data: list(data.DataLoader(data.Subset([1, 2, 3, 4], [3, 0, 2]), batch_size=2)))
    both(lambda library, data: list(data.DataLoader([3, 4, 5], batch_size=2, collate_fn=library.tensor)))


def test_shuffled_each_epoch_anew_and_every_example_once():
    dataset = ours.TensorDataset(dlcore.arange(100))
    loader = ours.DataLoader(dataset, batch_size=7, shuffle=True, generator=dlcore.Generator(0))
    first, second = ([i for (x,) in loader for i in x.tolist()] for _ in range(2))
    assert first != second and sorted(first) == sorted(second) == list(range(100))
    again = ours.DataLoader(dataset, batch_size=7, shuffle=True, generator=dlcore.Generator(0))
    assert [i for (x,) in again for i in x.tolist()] == first


@pytest.mark.parametrize("lengths", [[3, 7], [0.5, 0.5], [0.33, 0.33, 0.34], [1.0]])
def test_random_split(lengths):
    def sizes(library, data):
        parts = data.random_split(range(10), lengths, generator=library.Generator().manual_seed(0))
        assert sorted(i for part in parts for i in part) == list(range(10))
        return [len(part) for part in parts]

    mine, twin = (sizes(library, data) for library, data in BOTH)
    assert mine == twin


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: ours.random_split(range(10), [3, 4]), ValueError, "random_split: the lengths [3, 4] must add up to the 10 examples, or to 1."),
        (lambda: ours.TensorDataset(dlcore.ones(2), dlcore.ones(3)), ValueError, "TensorDataset: lengths must agree, got [2, 3]."),
        (lambda: ours.DataLoader([1], batch_size=0), ValueError, "DataLoader: batch_size must be at least 1, and whole, got 0."),
        (lambda: ours.Dataset()[0], NotImplementedError, "Dataset has no __getitem__(index): write which example that is."),
        (lambda: len(ours.Dataset()), NotImplementedError, "Dataset has no __len__(): write how many examples there are."),
    ],
)  # fmt: skip
def test_errors(make, kind, message):
    with pytest.raises(kind) as error:
        make()
    assert str(error.value) == message
