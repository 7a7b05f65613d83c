"""The bibliography: what BibTeX writes becomes what people read, in the order in which they look for it."""

import pytest
from pybtex.database import parse_file, parse_string

from dlbook.sphinx.bibliography import address, describe, order
from dlbook.sphinx.sources import ROOT

WORKS = r"""
@article{rossum, author = {van Rossum, Mark C. W. and Brunel, Nicolas}, title = {On {LIF} cells}, year = 2007,
  journal = {Cells \& more}, volume = 9, number = {5--6}, pages = {33--39}, url = {u}}
@misc{gunes, author = {G{\"u}ne{\c{s}}, At{\i}l{\i}m}, title = {A -- {Z}}, year = 2018, url = {u}}
@misc{gunter, author = {Gunter, A.}, title = {B}, year = 2001, url = {u}}
@misc{lukasz, author = {{\L}ukasz, B.}, title = {C}, year = 1999, url = {u}}
@misc{madry, author = {M{\k{a}}dry, A.}, title = {D}, year = 2018, url = {u}}
@misc{lecunlate, author = {LeCun, Yann}, title = {F}, year = 1998, url = {u}}
@misc{lecun, author = {LeCun, Yann and Hinton, G.}, title = {E}, year = 1989, url = {u}}
@misc{pandas, author = {{The pandas developers}}, title = {G}, year = 2020, url = {u}}
@misc{who, author = {{World Health Organization}}, title = {H}, year = 2020, url = {u}}
"""


@pytest.fixture
def library():
    return parse_string(WORKS, "bibtex").entries


def test_the_list_is_sorted_by_family_name_and_year(library):
    """A van does not count, an accent neither; an organisation stands under its name without The."""
    assert sorted(library, key=lambda key: order(library[key])) == [
        "gunes", "gunter", "lecun", "lecunlate", "lukasz", "madry", "pandas", "rossum", "who"
    ]  # fmt: skip


def test_a_work_is_described_in_letters_not_in_latex(library):
    assert describe(library["rossum"]) == (
        "van Rossum, Mark C. W., and Nicolas Brunel (2007). On LIF cells. Cells & more 9(5–6), 33–39."
    )
    assert describe(library["gunes"]) == "Güneş, Atılım (2018). A – Z."
    assert describe(library["pandas"]) == "The pandas developers (2020). G."


def test_no_latex_is_left_in_any_work_of_the_book():
    for key, entry in parse_file(ROOT / "book" / "references.bib", "bibtex").entries.items():
        assert not set(describe(entry)) & set("{}\\$~"), key
        assert "--" not in describe(entry), key


def test_every_work_is_cited_on_some_page():
    pages = [*ROOT.glob("chapters/**/*.ipynb"), *ROOT.glob("book/*.md")]
    said = "".join(page.read_text(encoding="utf-8") for page in pages).lower()
    works = parse_file(ROOT / "book" / "references.bib", "bibtex").entries
    assert not [key for key, entry in works.items() if address(entry).lower() not in said]


def test_works_stand_sorted_by_key_in_their_file():
    keys = list(parse_file(ROOT / "book" / "references.bib").entries)
    assert keys == sorted(keys)
