"""The playground's page: what the script is told, and links that lead there from any page."""

import html
import json
import re

from dlbook.modules import ROOT
from dlbook.playground.problems import PROBLEMS


def test_the_page_tells_its_script_and_others_link_to_a_state(mini):
    mini.page("play", "# Play\n\n```{playground}\n```\n")
    mini.page("part/one", "# One\n\n[Try it](../play.md#playground?problem=xor&step=20), or [play](../play.md).\n")
    stands, said = mini.build()
    assert stands, said
    other, page = mini.html("part/one"), mini.html("play")
    assert 'href="../play.html#playground?problem=xor&amp;step=20"' in other
    assert "playground.js" in page and "playground.css" in page and "playground.js" not in other
    assert "Where scripts run" in page and "Step 60: " in page
    told = json.loads(re.search(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)[1])
    assert set(told["problems"]) == set(PROBLEMS) and told["first"]["step"] == 60
    needs = json.loads(html.unescape(re.search(r'data-needs="([^"]*)"', page)[1]))
    assert needs == {} or (needs["megabytes"] > 5 and needs["page"] == "play")


def test_a_page_that_explains_problems_links_to_them(mini):
    page = next(problem.page for problem in PROBLEMS.values())
    own = [name for name, problem in PROBLEMS.items() if problem.page == page]
    mini.page("book/playground", "# Play\n\n```{playground}\n```\n")
    mini.page(page, "# A page of the book\n")
    mini.page("other", "# Another\n")
    stands, said = mini.build()
    assert stands, said
    assert re.findall(r"playground\.html#playground\?problem=(\w+)", mini.html(page)) == own
    assert "problem=" not in mini.html("other")


def test_every_problem_names_a_page_of_the_book():
    assert all((ROOT / f"{problem.page}.ipynb").exists() for problem in PROBLEMS.values())
