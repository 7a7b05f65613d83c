"""dlcore's own tests, run by pytest inside the page; what needs PyTorch there is counted, and nothing else may fail."""

import pytest
from look import address, opened
from page_python import bring_tests, pytest_there, start

LOSS = "chapters/3_backprop/1_loss.html"
#: files of tests/unit/dlcore → how many of their tests need no PyTorch, at least
FILES = {
    "test_refused.py": 690,
    "test_silence.py": 70,
    "test_tensor_engine.py": 10,
    "test_tensor_methods.py": 10,
    "test_nn_module.py": 10,
    "test_data_handmade.py": 10,
    "test_functional_errors.py": 50,
    "test_saving.py": 4,
    "test_tensor_faults.py": 30,
    "test_tensor_memory.py": 4,
}


@pytest.fixture(scope="module")
def page(browser, site):
    page = opened(browser, address(site, LOSS))
    page.set_default_timeout(300_000)
    start(page)
    bring_tests(page)
    yield page
    page.context.close()


@pytest.mark.parametrize("file", FILES)
def test_tests_of_dlcore_pass_in_the_page(page, file):
    found = pytest_there(page, f"tests/unit/dlcore/{file}")
    assert found["texts"] == []
    assert set(found["outcomes"]) <= {"passed", "skipped", "torch"}
    assert found["outcomes"]["passed"] >= FILES[file]
