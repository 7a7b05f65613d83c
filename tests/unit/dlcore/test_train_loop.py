"""The loop, its history, early stopping: with dlcore and with torch."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import dlcore
from dlcore import data, models, nn, optim, train

LIBRARIES = {"dlcore": dlcore, "torch": torch}
X, Y = data.blobs(60, noise=0.3, generator=0)


def parts(name, lr=0.1):
    """Model, loss, optimiser, batches: the same weights in both libraries."""
    package = LIBRARIES[name]
    layers = (torch.nn if package is torch else nn, torch.optim if package is torch else optim)
    model = layers[0].Sequential(
        layers[0].Linear(2, 8), layers[0].Tanh(), layers[0].Dropout(0.0), layers[0].Linear(8, 3)
    )
    rng = np.random.default_rng(0)
    weights = {k: rng.normal(0, 0.5, tuple(v.shape)).astype(np.float32) for k, v in model.state_dict().items()}
    model.load_state_dict({k: package.tensor(v) for k, v in weights.items()})
    loader = data.batches(package.tensor(X), package.tensor(Y), batch_size=16, generator=1)
    return model, layers[0].CrossEntropyLoss(), layers[1].SGD(model.parameters(), lr=lr), loader


@pytest.fixture(params=LIBRARIES)
def name(request):
    return request.param


def test_steps_count_and_mark_the_ends_of_epochs(name):
    records = list(train.steps(*parts(name), epochs=3))
    assert [s.step for s in records] == list(range(12))
    assert [s.epoch for s in records] == [0] * 4 + [1] * 4 + [2] * 4
    assert [s.size for s in records] == [16, 16, 16, 12] * 3
    assert [s.last for s in records] == [False, False, False, True] * 3
    assert all(s.rate == 0.1 and s.grad_norm is None and type(s.loss) is float for s in records)
    assert records[-1].loss < records[0].loss
    assert {s.total for s in records} == {12}
    assert next(train.steps(*parts(name)[:3], iter(parts(name)[3]))).total is None


def test_both_libraries_go_the_same_way():
    ours, theirs = ([s.loss for s in train.steps(*parts(name), epochs=5)] for name in LIBRARIES)
    assert np.allclose(ours, theirs, rtol=1e-4, atol=1e-6)


def test_the_model_is_updated_when_the_record_arrives_and_only_so_far(name):
    model, loss, optimizer, loader = parts(name)
    before = {k: np.array(v.detach().numpy()) for k, v in model.state_dict().items()}
    loop = train.steps(model, loss, optimizer, loader)
    next(loop)
    x, y = next(iter(data.batches(X, Y, batch_size=16, generator=1)))
    package = LIBRARIES[name]
    twin, twin_loss, twin_optimizer, _ = parts(name)
    twin_loss(twin(package.tensor(x)), package.tensor(y)).backward()
    twin_optimizer.step()
    for key, value in twin.state_dict().items():
        assert np.array_equal(value.detach().numpy(), model.state_dict()[key].detach().numpy())
    assert not np.array_equal(before["0.weight"], model.state_dict()["0.weight"].detach().numpy())


def test_gradients_are_forgotten_between_steps(name):
    model, loss, optimizer, _ = parts(name, lr=1e-12)
    package = LIBRARIES[name]
    batch = [(package.tensor(X), package.tensor(Y))]
    norms = [s.grad_norm for s in train.steps(model, loss, optimizer, batch, epochs=3, clip=1e9)]
    assert np.allclose(norms, norms[0], rtol=1e-5)


def test_clipping_limits_the_step_and_reports_the_norm_before(name):
    model, loss, optimizer, loader = parts(name, lr=1.0)
    before = np.concatenate([p.detach().numpy().ravel().copy() for p in model.parameters()])
    record = next(train.steps(model, loss, optimizer, loader, clip=0.01))
    after = np.concatenate([p.detach().numpy().ravel() for p in model.parameters()])
    assert record.grad_norm > 0.01
    assert math.isclose(np.linalg.norm(after - before), 0.01, rel_tol=1e-3)


def test_a_scheduler_is_called_after_every_update(name):
    model, loss, optimizer, loader = parts(name, lr=0.8)
    module = torch.optim.lr_scheduler if name == "torch" else optim.lr_scheduler
    scheduler = module.StepLR(optimizer, step_size=2, gamma=0.5)
    rates = [s.rate for s in train.steps(model, loss, optimizer, loader, scheduler=scheduler)]
    assert rates == pytest.approx([0.8, 0.8, 0.4, 0.4])


def test_training_mode_is_restored_at_each_epoch(name):
    model, *rest = parts(name)
    for s in train.steps(model, *rest, epochs=2):
        if s.last:
            model.eval()
        else:
            assert model.training


def test_a_used_up_iterator_is_named(name):
    model, loss, optimizer, loader = parts(name)
    with pytest.raises(ValueError, match="steps: epoch 1 has no batches. A generator can be used only once"):
        list(train.steps(model, loss, optimizer, iter(list(loader)), epochs=2))
    with pytest.raises(ValueError, match="steps: epoch 0 has no batches"):
        list(train.steps(model, loss, optimizer, []))
    assert list(train.steps(model, loss, optimizer, [], epochs=0)) == []


def test_a_loss_that_is_no_number_stops_before_the_update(name):
    model, loss, optimizer, _ = parts(name)
    package = LIBRARIES[name]
    before = model.state_dict()["0.weight"].detach().numpy().copy()
    bad = [(package.tensor(X * np.float32(np.nan)), package.tensor(Y))]
    with pytest.raises(FloatingPointError, match="steps: the loss is nan at step 0. Usual causes: a learning rate"):
        list(train.steps(model, loss, optimizer, bad))
    assert np.array_equal(before, model.state_dict()["0.weight"].detach().numpy())


def test_evaluate_sees_the_whole_set_without_gradients_and_restores_the_mode(name):
    model, loss, _, loader = parts(name)
    package = LIBRARIES[name]
    whole = [(package.tensor(X), package.tensor(Y))]
    measures = {"loss": loss, "accuracy": train.accuracy}
    for training in (True, False):
        model.train(training)
        in_parts, at_once = train.evaluate(model, loader, measures), train.evaluate(model, whole, measures)
        assert in_parts.keys() == {"loss", "accuracy"}
        assert in_parts == pytest.approx(at_once, rel=1e-5)
        assert model.training is training
    assert all(p.grad is None for p in model.parameters())
    assert train.evaluate(model, whole, loss)["loss"] == pytest.approx(at_once["loss"])
    with pytest.raises(ValueError, match="evaluate: there are no batches"):
        train.evaluate(model, [], loss)


def test_evaluate_switches_dropout_off(name):
    package, layers = LIBRARIES[name], torch.nn if name == "torch" else nn
    model = layers.Sequential(layers.Dropout(0.9), layers.Linear(2, 3))
    batch = [(package.tensor(X), package.tensor(Y))]
    one, two = (train.evaluate(model, batch, layers.CrossEntropyLoss()) for _ in range(2))
    assert one == two


def test_of_several_results_the_first_is_measured():
    dlcore.manual_seed(0)
    model = models.CharLSTM(5, embedding=3, hidden=4)
    x, y = data.contexts(np.arange(60) % 5, 6)
    batch = [(dlcore.tensor(x), dlcore.tensor(y))]

    def loss(output, target):
        return nn.functional.cross_entropy(output[0].reshape(-1, 5), target.reshape(-1))

    history = train.fit(train.steps(model, loss, optim.Adam(model.parameters(), lr=0.05), batch, epochs=30))
    assert history["loss"][-1] < 0.3
    assert train.evaluate(model, batch, {"accuracy": train.accuracy})["accuracy"] > 0.9


def test_a_model_without_parameters_counts_as_dlcore():
    model = nn.Sequential(nn.Tanh())
    batch = [(dlcore.tensor(X), dlcore.tensor(Y))]
    assert 0 <= train.evaluate(model, batch, {"accuracy": train.accuracy})["accuracy"] <= 1


def test_history_records_columns_follows_a_loop_and_averages_epochs():
    history = train.History()
    for s in history.follow(train.steps(*parts("dlcore"), epochs=2)):
        if s.last:
            history.record(epoch=s.epoch, accuracy=0.5 + s.epoch)
    assert len(history) == 10 and history.names[:3] == ["step", "epoch", "loss"] and "grad_norm" not in history.names
    epoch, accuracy = history.columns("epoch", "accuracy")
    assert epoch.tolist() == [0, 1] and accuracy.tolist() == [0.5, 1.5]
    numbers, loss = history.per_epoch()
    assert numbers.tolist() == [0, 1]
    assert loss[0] == pytest.approx(np.average(history["loss"][:4], weights=[16, 16, 16, 12]))


def test_history_names_what_is_missing():
    history = train.History()
    with pytest.raises(KeyError, match="History has no column 'loss'; it has no rows yet"):
        history["loss"]
    history.record({"a": 1}, b=2)
    with pytest.raises(KeyError, match="History has no column 'c'; it has a, b"):
        history.columns("a", "c")
    assert history["b"].tolist() == [2]


def test_epoch_means_without_sizes_are_plain_and_mixed_sizes_are_refused():
    history = train.fit([{"epoch": 0, "loss": 1.0}, {"epoch": 0, "loss": 3.0}])
    assert history.per_epoch()[1].tolist() == [2.0]
    history.record(epoch=1, loss=1.0, size=4)
    with pytest.raises(ValueError, match="some rows with 'loss' have a size and some have not"):
        history.per_epoch()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    values=st.lists(st.floats(-100, 100), min_size=1, max_size=30),
    patience=st.integers(1, 6),
    delta=st.floats(0, 5),
    mode=st.sampled_from(["min", "max"]),
)
def test_early_stopping_stops_exactly_when_patience_is_over(values, patience, delta, mode):
    stop = train.EarlyStopping(patience, delta, mode)
    sign, best, since = (1 if mode == "min" else -1), math.inf, 0
    for value in values:
        since += 1
        if best - sign * value > delta:
            best, since = sign * value, 0
        assert stop(value) is (since >= patience)
    assert stop.best == sign * best


def test_early_stopping_brings_the_best_model_back(name):
    model, loss, optimizer, loader = parts(name)
    stop = train.EarlyStopping(patience=2)
    assert not stop(1.0, model)
    kept = model.state_dict()["0.weight"].detach().numpy().copy()
    train.fit(train.steps(model, loss, optimizer, loader))
    assert not np.array_equal(kept, model.state_dict()["0.weight"].detach().numpy())
    assert not stop(2.0, model) and stop(float("nan"), model)
    stop.restore(model)
    assert np.array_equal(kept, model.state_dict()["0.weight"].detach().numpy())


def test_early_stopping_refuses_nonsense():
    for wrong in ({"patience": 0}, {"min_delta": -1}, {"mode": "up"}):
        with pytest.raises(ValueError, match='EarlyStopping: expected patience >= 1, min_delta >= 0 and mode "min"'):
            train.EarlyStopping(**wrong)
    stop = train.EarlyStopping()
    stop(1.0)
    with pytest.raises(RuntimeError, match=r"no state was kept; call stop\(value, model\) with the model"):
        stop.restore(None)
