"""dlcore's own tests, run by pytest inside the page; what needs PyTorch there is counted, and nothing else may fail."""

import pytest
from page_python import pytest_there

#: files of tests/unit/dlcore → how many of their tests need no PyTorch, at least
FILES = {
    "test_attacks.py": 4,
    "test_attribution.py": 5,
    "test_autograd_grad.py": 19,
    "test_data_handmade.py": 10,
    "test_data_sequences.py": 19,
    "test_data_text.py": 13,
    "test_data_toys.py": 49,
    "test_functional_errors.py": 51,
    "test_gradcheck_itself.py": 6,
    "test_models_neurons.py": 24,
    "test_models_scalar_autograd.py": 11,
    "test_nn_attention.py": 12,
    "test_nn_cells.py": 8,
    "test_nn_init.py": 17,
    "test_nn_recurrent.py": 7,
    "test_optim_algorithms.py": 23,
    "test_optim_memory.py": 28,
    "test_refused.py": 690,
    "test_saving.py": 4,
    "test_silence.py": 75,
    "test_tensor_engine.py": 47,
    "test_tensor_faults.py": 34,
    "test_tensor_memory.py": 4,
    "test_tensor_methods.py": 14,
    "test_train_loop.py": 17,
    "test_train_progress.py": 15,
}


@pytest.mark.parametrize("file", FILES)
def test_tests_of_dlcore_pass_in_the_page(python_there, file):
    found = pytest_there(python_there, f"tests/unit/dlcore/{file}")
    assert found["texts"] == []
    assert set(found["outcomes"]) <= {"passed", "skipped", "torch"}
    assert found["outcomes"]["passed"] >= FILES[file]
