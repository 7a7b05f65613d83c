"""Each page as Markdown, for readers who ask a machine."""

DRAWN = """from dlbook.page.show import publish
publish({"text/html": "<figure></figure>", "text/plain": "[Figure: a line that rises.]"})"""


def test_a_notebook_is_its_text_its_code_and_what_it_printed(mini):
    mini.notebook(
        "part/page",
        "**How far?** See [the other](../other.ipynb#far).",
        ("code", "print('one')\nprint('two', flush=True)\n6 * 7"),
        ("code", "print('for', 5)", {"tags": ["experiment"], "question": "For how long?"}),
        ("code", DRAWN, {"tags": ["remove-input"]}),
        ("code", "print('Not yet.')", {"tags": ["exercise"]}),
    )
    mini.notebook("other", "## Far")
    assert mini.build()[0]
    text = (mini.root / "_build/html/part/page.md").read_text("utf-8")
    assert text == (
        "# part/page\n\n**How far?** See [the other](../other.md#far).\n\n"
        "```python\nprint('one')\nprint('two', flush=True)\n6 * 7\n```\n\n```\none\ntwo\n```\n\n```\n42\n```\n\n"
        "*For how long?*\n\n```python\nprint('for', 5)\n```\n\n```\nfor 5\n```\n\n"
        "[Figure: a line that rises.]\n\n```python\nprint('Not yet.')\n```\n"
    )
    assert '<link rel="alternate" type="text/markdown" href="page.md">' in mini.html("part/page")


def test_a_written_page_keeps_its_text_and_links_to_what_the_build_writes(mini):
    mini.page("page", "# Page\n\nWords.\n\n```{references}\n```\n\nMore [words](index.md).\n")
    assert mini.build()[0]
    text = (mini.root / "_build/html/page.md").read_text("utf-8")
    assert text == (
        "# Page\n\nWords.\n\n(The build writes this part: [page.html](page.html).)\n\nMore [words](index.md).\n"
    )
    assert "learning rate\n  The size of a step." in (mini.root / "_build/html/book/glossary.md").read_text("utf-8")


def test_the_list_names_every_page_in_order_with_its_question(mini):
    mini.notebook("asks", "**Why?**")
    assert mini.build()[0]
    lines = (mini.root / "_build/html/llms.txt").read_text("utf-8").splitlines()
    assert lines[0] == "# Deep Learning, Demystified"
    assert [line for line in lines if line.startswith("- ")] == [
        "- [Mini](index.md)", "- [asks](asks.md): Why?", 
        "- [Bibliography](book/bibliography.md)", "- [Glossary](book/glossary.md)",
    ]  # fmt: skip
    assert "search.md" not in {path.name for path in (mini.root / "_build/html").iterdir()}
