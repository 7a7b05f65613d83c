"""listing(...): the source as it is, docstrings cut to a sentence."""

import functools

import pytest

from dlbook.page.listings import listing, shortened
from dlbook.pages.architectures.convolution.experiment import framed


class Sample:
    """A sample, e.g. for a test. More about it.

    Even more.
    """

    def method(self):
        r"""Return \alpha
        and beta.

        Details.
        """
        return "kept"


def wrapper(function):
    @functools.wraps(function)
    def inner():
        return function()

    return inner


@wrapper
def wrapped():
    """Say one."""
    return 1


def test_every_docstring_is_cut_to_its_first_sentence(capsys):
    listing(Sample)
    out = capsys.readouterr().out
    assert out.startswith(f"From `{__name__}`:\n\n```python\nclass Sample:")
    assert '    """A sample, e.g. for a test."""\n' in out
    assert '        r"""Return \\alpha and beta."""\n        return "kept"\n```' in out
    assert "More about it" not in out and "Details" not in out


def test_full_shows_all(capsys):
    listing(Sample, full=True)
    assert "Even more." in capsys.readouterr().out


def test_methods_are_dedented_and_several_are_shown(capsys):
    listing(Sample.method, wrapped)
    out = capsys.readouterr().out
    assert "\ndef method(self):\n" in out and "@wrapper\ndef wrapped():" in out


def test_a_page_quotes_its_own_experiment_and_never_the_apparatus(capsys):
    listing(framed)
    assert capsys.readouterr().out.startswith("From this page's experiment:")
    with pytest.raises(ValueError, match=r"listing: dlbook.page.listings is the book's apparatus. Quote dlcore"):
        listing(listing)


def test_what_has_no_source_is_refused():
    with pytest.raises(TypeError, match=r"listing\(3\): expected a function or class"):
        listing(3)


@pytest.mark.parametrize("quote", ['"""', "'''", '"', "'"])
def test_any_quotes(quote):
    assert shortened(f"def f():\n    {quote}One.{quote}\n    return 1") == 'def f():\n    """One."""\n    return 1'
