"""Training scripts in the idioms of well-known ones, each run with PyTorch and with the one word replaced."""

import math
import os
import random
import re
from pathlib import Path

import numpy as np
import pytest

import dlcore

torch = pytest.importorskip("torch")
from one_word import printed, with_dlcore  # noqa: E402

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SCRIPTS, REFUSED = sorted(HERE.glob("scripts/*.py")), sorted(HERE.glob("refused/*.py"))

#: What cannot run, and the sentence that says so.
SENTENCES = {
    "distributed_training": "torch.distributed.init_process_group is PyTorch's; dlcore has no several processes; leave",
    "gan_gradient_penalty": "create_graph=True is not possible: dlcore's pullbacks are plain NumPy and leave no graph",
    "graph_network_sparse": "torch.sparse_coo_tensor is PyTorch's; dlcore has no sparse tensors; write the dense one",
    "rotary_with_complex_numbers": "torch.polar is PyTorch's; dlcore has no complex numbers; write real and imaginary",
    "scripted_and_exported": "torch.jit is PyTorch's; dlcore has no recorded programs; call the model itself",
    "writing_to_tensorboard": "torch.utils.tensorboard is PyTorch's; dlcore has no TensorBoard; keep the numbers in a",
}


@pytest.fixture(scope="module", autouse=True)
def weights(tmp_path_factory):
    """A file that torch.save wrote, for the script that reads one."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.Flatten(), torch.nn.Linear(18, 3)
    )
    path = tmp_path_factory.mktemp("weights") / "model.pth"
    torch.save({"model": model.state_dict(), "epoch": 7}, path)
    os.environ["WEIGHTS"] = str(path)
    yield
    del os.environ["WEIGHTS"]


def run(text):
    """What a script prints, with the same seeds for both words."""
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)
    dlcore.manual_seed(0)
    return printed(text)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_prints_the_same_with_both_words(path):
    text = path.read_text(encoding="utf-8")
    theirs, fault = run(text)
    assert fault is None and theirs.strip()
    ours, fault = run(with_dlcore(text))
    if fault is not None:
        raise fault
    assert ours == theirs


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: path.stem)
def test_what_cannot_run_says_what_to_do(path):
    _, fault = run(with_dlcore(path.read_text(encoding="utf-8")))
    assert str(fault).startswith(SENTENCES[path.stem]) or SENTENCES[path.stem] in str(fault)


def share():
    """Of all these scripts, how many in a hundred run unchanged."""
    return math.floor(100 * len(SCRIPTS) / (len(SCRIPTS) + len(REFUSED)))


@pytest.mark.parametrize("page", ["README.md", "book/how_to_use.md"])
def test_the_share_is_the_one_that_the_pages_name(page):
    """Each script passes the tests above; so the share is a matter of counting, and the pages say it."""
    text = (ROOT / page).read_text(encoding="utf-8")
    said = re.search(r"Of (\d+) small\s+scripts.*?\s(\d+)\s+run\s+unchanged\s+\((\d+) %\)", text, re.S)
    assert said, f"{page} should say: Of … small scripts … run unchanged (… %)"
    assert [int(n) for n in said.groups()] == [len(SCRIPTS) + len(REFUSED), len(SCRIPTS), share()]
    assert len(SCRIPTS) >= 40 and share() >= 75 and {p.stem for p in REFUSED} == set(SENTENCES)
