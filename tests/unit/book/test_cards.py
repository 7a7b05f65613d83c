"""Today's cards on their page: every question with options, with what the script must know of it."""

import re

CHECK = """## Check yourself

**1.** What is $2^3$?

<details><summary>A. 6</summary>

That is $2 \\cdot 3$.

</details>
<details><summary>B. 8</summary>

Right. Three twos, multiplied.

</details>

**2.** Why?

<details><summary>An answer</summary>

So.

</details>"""


def test_it_holds_the_questions_with_options_of_every_page(mini):
    mini.page("book/cards", "# Cards\n\n```{cards}\n```\n")
    mini.notebook("chapters/2_weather/1_sky", CHECK)
    mini.notebook("chapters/2_weather/2_sea", CHECK)
    mini.notebook("chapters/3_none/1_empty", "Nothing is asked here.")
    stands, said = mini.build()
    assert stands, said
    page = mini.html("book/cards")
    assert re.findall(r'<div class="dl-card" data-id="([^"]+)"', page) == ["weather/sky#check-1", "weather/sea#check-1"]
    assert re.findall(r"<summary>(.*?)</summary>", page).count("2 Weather") == 1 and "3 None" not in page
    assert 'data-answer="B"' in page and 'data-href="../chapters/2_weather/1_sky.html#check-1"' in page
    assert 'data-from="2.1 chapters/2_weather/1_sky"' in page
    card = page[page.index('<div class="dl-card"') :]
    assert card.index('class="katex"') < card.index("<summary>A. 6") < card.index("<summary>B. 8")
    assert "fsrs.js" in page and "fsrs.js" not in mini.html("index")
