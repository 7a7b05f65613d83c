"""The reader's record on its page: every question of the book, under the id by which the browser keeps its answer."""

import json
import re

from dlbook.sphinx.record import about, short
from dlbook.sphinx.sources import ROOT

GUESS = """> **Predict.** What *comes*?

<details><summary>A. Rain</summary>

It is dry.

</details>
<details><summary>B. Sun</summary>

Right. It is.

</details>"""
CHECK = "## Check yourself\n\n**2.** And `then`?\n\n" + GUESS.split("\n\n", 1)[1]


def told(mini):
    found = re.search(
        r'class="dl-record">.*?<script type="application/json">(.*?)</script>', mini.html("book/record"), re.DOTALL
    )
    return json.loads(found[1])


def test_it_names_what_every_page_asks(mini):
    mini.page("book/record", "# Record\n\n```{record}\n```\n")
    mini.notebook("chapters/2_weather/1_sky", GUESS, CHECK, ("code", "1", {"tags": ["exercise"]}))
    assert mini.build()[0]
    [part] = told(mini)
    assert part["title"] == "2 Weather"
    assert part["pages"] == [
        {
            "name": "weather/sky",
            "number": "2.1",
            "title": "chapters/2_weather/1_sky",
            "guesses": [{"id": "weather/sky#cell-0", "anchor": "cell-0", "asks": "What comes?"}],
            "checks": [{"id": "weather/sky#check-2", "anchor": "check-2", "asks": "And then?"}],
            "exercises": ["weather/sky#cell-2"],
            "href": "../chapters/2_weather/1_sky.html",
        }
    ]
    page = mini.html("chapters/2_weather/1_sky")
    for anchor in ("cell-0", "check-2"):
        assert page.count(f'id="{anchor}"') == 1
    assert 'data-page="weather/sky"' in page and 'data-page=""' in mini.html("index")


def test_figures_that_ask_are_among_the_questions():
    doc = "chapters/3_backprop/1_loss"
    found = about(ROOT / f"{doc}.ipynb", doc)
    asked = {one["id"]: one["anchor"] for one in found["guesses"]}
    assert asked["figure/two_losses"] == "two_losses" and len(found["exercises"]) >= 3


def test_long_questions_are_cut_at_a_word():
    assert short("word " * 40) == "word " * 27 + "word …"
