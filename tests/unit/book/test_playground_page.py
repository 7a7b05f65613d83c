"""The playground's page: what the script is told, and links that lead there from any page."""

import html
import json
import re

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
