"""The Sphinx extensions, on a miniature book that is really built."""

import json
import re
import subprocess
from dataclasses import replace
from types import SimpleNamespace

import nbformat
import pytest
import yaml
from sphinx.project import Project

from dlbook.page.claims import Claim, claims
from dlbook.sphinx import execute
from dlbook.sphinx.execute import Execution, cores, page_key, run, stale_pages, store
from dlbook.sphinx.quality import problems
from dlbook.sphinx.repository import addresses, origin
from dlbook.sphinx.sources import ROOT


def test_a_good_book_builds_in_silence(mini):
    assert mini.build() == (True, "")


def test_known_quotes_become_boxes(mini):
    boxes = "> **In plain words.** Adds up.\n\n> **Key points.**\n> - one\n> - two\n\n> Just a quote.\n"
    mini.page("boxes", f"# Boxes\n\n{boxes}")
    assert mini.build() == (True, "")
    html = mini.html("boxes")
    title = '<p class="admonition-title">'
    assert re.search(rf'class="[^"]*dl-plain[^"]*"[^>]*>\s*{title}In plain words</p>\s*<p>Adds up', html)
    assert re.search(rf'class="[^"]*dl-key[^"]*"[^>]*>\s*{title}Key points</p>\s*<ul', html)
    assert "<blockquote>" in html


def test_a_misspelt_box_is_named(mini):
    mini.page("boxes", "# Boxes\n\n> **In plane words.** Adds up.\n")
    good, said = mini.build()
    assert not good
    assert "boxes.md:3" in said and "a box is titled 'In plane words'; the book has: In plain words" in said


def test_first_use_of_a_term_is_linked_with_its_definition(mini):
    text = "# Neurons and learning rates\n\nTwo neurons. Another neuron. `neuron`. The learning\nrate and $neuron$.\n"
    mini.page("part/terms", text.replace("\n\n", "\n\nTo [a neuron](../index.md). "))
    assert mini.build() == (True, "")
    html = mini.html("part/terms")
    assert re.search(r'<a class="reference internal" href="../index.html"><span[^>]*>a neuron</span></a>', html)
    links = re.findall(r'<a class="dl-term"[^>]*>[^<]*</a>', mini.html("part/terms"))
    assert links == [
        '<a class="dl-term" href="../book/glossary.html#term-neuron" data-preview="A unit of a network.">neurons</a>',
        '<a class="dl-term" href="../book/glossary.html#term-learning-rate" data-preview="The size of a step.">'
        "learning\nrate</a>",
    ]


SENSES = """# Glossary

```{glossary}
bit
  A unit of information. {linked-in}`bits, one bit`

unit
  An artificial neuron. {not-linked-in}`one unit on, unit of length`
```
"""


def test_a_term_is_linked_in_the_sense_that_its_entry_states(mini):
    mini.page("book/glossary", SENSES)
    text = "For every bit more, go one *unit*\non. A unit of length? Whoever prefers **bits**: this *unit* fires.\n"
    mini.page("terms", f"# Terms\n\n{text}\nOne bit, and another unit.\n")
    assert mini.build() == (True, "")
    html = mini.html("terms")
    links = [(match[1], html[: match.start()]) for match in re.finditer(r'<a class="dl-term"[^>]*>(\w+)</a>', html)]
    assert [word for word, _ in links] == ["bits", "unit"]
    assert links[1][1].endswith(": this <em>")
    assert 'data-preview="An artificial neuron."' in html
    assert "one unit on" not in mini.html("book/glossary"), "the phrases decide and are not shown"


def test_a_phrase_that_cannot_decide_is_named(mini):
    mini.page("book/glossary", SENSES.replace("one bit", "one byte"))
    good, said = mini.build()
    assert not good and "the phrase 'one byte' has no 'bit' in it" in said


def test_citations_lead_to_the_bibliography(mini):
    mini.page("cites", "# Cites\n\nAs [Rosenblatt (1958)](https://doi.org/10.1037/H0042519) says.\n")
    assert mini.build() == (True, "")
    assert '<a class="dl-cite" href="book/bibliography.html#rosenblatt1958"' in mini.html("cites")
    entry = "Rosenblatt, Frank (1958). The perceptron. Psychological Review 65(6), 386–408."
    assert entry in mini.html("book/bibliography")


def test_a_citation_that_the_bibliography_lacks_is_named(mini):
    mini.page("cites", "# Cites\n\nAs [Nobody (1900)](https://doi.org/10.1000/nothing) says.\n")
    good, said = mini.build()
    assert not good
    assert "cites.md:3" in said and "/nothing is cited, but is not in book/references.bib" in said


def test_outputs_come_from_running_the_page(mini):
    path = mini.notebook("runs", ("code", "6 * 7"))
    assert mini.build() == (True, f"running 1 notebook(s), {cores()} at a time\n" + last_line(mini))
    assert ">42" in mini.html("runs").replace("\n", "")
    kept = json.loads((mini.root / "_build/executed/runs.json").read_text())
    assert kept["seconds"] > 0 and 20 < kept["peak_mb"] < 2000 and kept["versions"]["numpy"]
    assert all(not cell.get("outputs") for cell in nbformat.read(path, 4).cells), "the source stays stripped"


def last_line(mini):
    kept = Execution.load(mini.root / "_build/executed/runs.json")
    return f"  [1/1] runs  {kept.seconds:.1f} s  {kept.peak_mb:.0f} MB\n"


def test_the_builders_own_settings_stay_out_of_the_pages(mini, tmp_path, monkeypatch):
    """A profile of IPython that shows every expression and rounds, a matplotlibrc, a kernel of the same name."""
    profile = tmp_path / "ipython" / "profile_default"
    (profile / "startup").mkdir(parents=True)
    (profile / "ipython_config.py").write_text("c.InteractiveShell.ast_node_interactivity = 'all'")
    (profile / "startup" / "00.py").write_text("import numpy\nnumpy.set_printoptions(precision=2)")
    (tmp_path / "mine").write_text("lines.linewidth: 9")
    kernel = tmp_path / "jupyter" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    said = {"argv": ["no-such-program"], "display_name": "another", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(said))
    for name, folder in (("IPYTHONDIR", "ipython"), ("MATPLOTLIBRC", "mine"), ("JUPYTER_PATH", "jupyter")):
        monkeypatch.setenv(name, str(tmp_path / folder))
    code = "import numpy, matplotlib\n6 * 7\nprint(numpy.array([1 / 3]), matplotlib.rcParams['lines.linewidth'])"
    path = mini.notebook("page", ("code", code))
    assert [output["text"] for output in run(path).outputs[-1]] == ["[0.33333333] 1.5\n"]


def test_only_what_changed_runs_again(mini):
    mini.notebook("one", "Prose.", ("code", "print('first')"))
    mini.notebook("two", ("code", "print('second')"))
    mini.build()
    assert mini.build() == (True, ""), "nothing changed, nothing runs"
    mini.notebook("one", "Better prose.", ("code", "print('first')"))
    assert mini.build() == (True, ""), "new prose, old code: nothing runs"
    assert "Better prose." in mini.html("one") and "first" in mini.html("one")
    mini.notebook("one", "Better prose.", ("code", "print('third')"))
    good, said = mini.build()
    assert good and "running 1 notebook(s)" in said and "one" in said and "two" not in said
    assert "third" in mini.html("one") and "first" not in mini.html("one")


def test_the_longest_page_runs_first(tmp_path):
    """Never run: before all others, most code first; else by the seconds of the last run."""
    out, seconds = tmp_path / "html", {"a": 2, "b": 30, "c": 7}
    for name, code in [("a", "1"), ("b", "1"), ("c", "1"), ("new", "12"), ("newer", "1234"), ("done", "1")]:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
        nbformat.write(notebook, tmp_path / f"{name}.ipynb")
        if name in seconds:
            Execution(key="of other code", seconds=seconds[name]).save(store(out, name))
        if name == "done":
            Execution(key=page_key(notebook), seconds=99).save(store(out, name))
    env = SimpleNamespace(found_docs={*seconds, "new", "newer", "done"}, doc2path=lambda doc: tmp_path / f"{doc}.ipynb")
    assert list(stale_pages(SimpleNamespace(outdir=out, env=env))) == ["newer", "new", "b", "c", "a"]


def test_a_failing_cell_stops_the_build_and_is_named(mini):
    mini.notebook("bad", ("code", "x = 1"), ("code", "y = x / 0"))
    mini.notebook("good", ("code", "print('fine')"))
    good, said = mini.build()
    assert not good
    assert "bad.ipynb, code cell 3 (cell-1): ZeroDivisionError: division by zero\n    y = x / 0" in said
    assert not (mini.root / "_build/html/bad.html").exists()
    mini.notebook("bad", ("code", "x = 1"), ("code", "y = x / 1"))
    good, said = mini.build()
    assert good and "good" not in said, "what had run stays"


def test_a_page_that_changes_during_the_build_is_named(mini, monkeypatch):
    mini.notebook("one", ("code", "print('first')"))

    def run_and_change(path):
        result = run(path)
        mini.notebook("one", ("code", "print('first')"), ("code", "print('second')"))
        return result

    monkeypatch.setattr("dlbook.sphinx.execute.run", run_and_change)
    good, said = mini.build()
    assert not good and "one: the notebook, or code that it uses, changed while the book was built; build again" in said


def test_a_half_written_result_is_no_result(mini):
    mini.notebook("one", ("code", "print('first')"))
    mini.build()
    kept = mini.root / "_build/executed/one.json"
    kept.write_text(kept.read_text()[:50])
    good, said = mini.build()
    assert good and "running 1 notebook(s)" in said


def test_the_key_follows_code_and_not_prose():
    def notebook(*cells):
        return nbformat.v4.new_notebook(cells=list(cells))

    code, other = nbformat.v4.new_code_cell("import dlcore"), nbformat.v4.new_code_cell("import  dlcore")
    first = page_key(notebook(nbformat.v4.new_markdown_cell("a"), code))
    assert first == page_key(notebook(nbformat.v4.new_markdown_cell("b"), code))
    assert first != page_key(notebook(other))
    assert page_key(notebook(nbformat.v4.new_code_cell("%pip list"))), "magics are Python too"


def test_a_page_is_run_again_when_one_of_its_own_claims_is_settled_otherwise(monkeypatch):
    known = {name: Claim(name, "Tests", "Water is wet", "test") for name in ("Z1", "Z2")}
    monkeypatch.setattr(execute, "claims", lambda: known)
    page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", metadata={"claims": ["Z1"]})])
    first = page_key(page)
    known["Z2"] = replace(known["Z2"], recorded="holds")
    assert page_key(page) == first
    known["Z1"] = replace(known["Z1"], recorded="holds")
    assert page_key(page) != first


def test_verdicts_and_costs_are_reported(mini):
    define = "from dlbook.page import definition, verdict\ndefinition('N3', 'Deep means two.')"
    free = next(one.id for one in reversed(claims().values()) if not one.recorded)  # the last to be settled by the book
    measure = (
        f"verdict('{free}', f'holds when {{1 + 1}} NICE', f'It gives {{1 + 1}} spikes.', rivals='chance, *twice*')"
    )
    mini.notebook("page", ("code", define), ("code", measure))
    mini.page("verdicts", "# Verdicts\n\n```{claims-report}\n```\n")
    mini.page("costs", "# Costs\n\n```{costs-report}\n```\n")
    good, said = mini.build()
    assert good, said
    html = re.sub(r"\s+", " ", mini.html("verdicts"))
    assert "Settled so far: 2 of " in html and 'href="page.html"' in html
    assert "<strong>Holds when 2 NICE. </strong>It gives 2 spikes." in html
    assert '<p class="dl-kind">Measurement. Rivals: chance, twice.</p>' in html
    assert '<td><p>Deep means two.</p> <p class="dl-kind">Definition.</p> </td>' in html
    settled, waiting = html.split("Neurons and networks: not settled yet")
    assert f">{free}<" in settled and f">{free}<" not in waiting and ">N2<" in waiting and ">S1<" in waiting
    assert re.search(r"<td><p>\d+\.\d</p></td>", mini.html("costs")) and "Verified with Python 3" in mini.html("costs")


def test_a_page_says_what_it_cost(mini):
    mini.notebook("page", ("code", "1 + 1"))
    mini.build()
    note = r"This page ran in \d+ s and \d+ MB when it was last verified, on \d{4}-\d\d-\d\d, with Python 3"
    assert re.search(note, mini.html("page")) and not re.search(note, mini.html("index"))


def test_notebooks_can_be_downloaded_and_opened_in_colab_where_that_is_possible(mini, monkeypatch):
    source = mini.notebook("page", ("code", "1 + 1"))
    monkeypatch.setattr("dlbook.sphinx.repository.repository", lambda setting: None)
    assert mini.build()[0]
    assert (mini.root / "_build/html/page.ipynb").read_bytes() == source.read_bytes()
    assert re.search(r'<a href="page.ipynb" download>.*Download notebook', mini.html("page"))
    assert "Colab" not in mini.html("page")


def test_the_repository_gives_colab_its_address():
    settings = SimpleNamespace(dlbook_repository="https://github.com/a/b", dlbook_branch="main")
    app = SimpleNamespace(config=settings, env=SimpleNamespace(doc2path="{}.ipynb".format))
    colab = "https://colab.research.google.com/github/a/b/blob/main/part/page.ipynb"
    assert addresses(app, "part/page") == {"notebook": "page.ipynb", "colab": colab}
    app.env.doc2path = "{}.md".format
    assert addresses(app, "part/page") == {}


def test_a_copy_inside_somebody_elses_repository_is_not_taken_for_it(tmp_path):
    """Nor is a checkout without a remote."""

    def git(*words):
        subprocess.run(["git", "-C", tmp_path, *words], check=True)

    git("init", "--quiet")
    assert origin(tmp_path) == ""
    git("remote", "add", "origin", "https://github.com/someone/thesis.git")
    (tmp_path / "book").mkdir()
    assert origin(tmp_path) == "https://github.com/someone/thesis.git"
    assert origin(tmp_path / "book") == ""


def test_whatever_the_folder_is_called_the_book_has_the_pages_of_its_contents(tmp_path):
    """Extensions take the book's path for a pattern: what is no page is left out by our own settings alone."""
    top = tmp_path / "course [2026]"
    sources = [p.relative_to(ROOT) for kind in ("md", "ipynb") for p in ROOT.glob(f"*.{kind}")]
    for folder in ("assignments", "book", "chapters"):
        sources += [p.relative_to(ROOT) for kind in ("md", "ipynb") for p in (ROOT / folder).rglob(f"*.{kind}")]
    for path in sources:
        if not {"node_modules", "_build"} & set(path.parts):
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            (top / path).touch()
    excluded = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["exclude_patterns"]
    found = Project(top, {".md": "markdown", ".ipynb": "jupyter_notebook"}).discover(excluded)
    toc = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text("utf-8"))
    assert found == {toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])}


def test_the_built_page_leaves_the_setup_cell_out(mini):
    mini.notebook("page", ("code", "6 * 7"))
    assert mini.build()[0]
    assert "colab" not in mini.html("page").lower() and "Set-up" not in mini.html("page")
    assert ">42" in mini.html("page").replace("\n", "")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("![](pic.svg)", "image without alternative text"),
        ('<svg viewBox="0 0 1 1"></svg>', "drawing (<svg>) without aria-label or aria-hidden"),
        ('<script src="https://a.example/x.js"></script>', "<script> loads https://a.example/x.js from another host"),
        ('<img alt="a cat" src="//example.org/cat.png">', "<img> loads //example.org/cat.png from another host"),
        ('<a href="nowhere.html">x</a>', "link to nowhere.html, which does not exist"),
        ('<a href="index.html#nowhere">x</a>', "link to index.html#nowhere: that page has no such anchor"),
        ('<p id="a"></p><p id="a"></p>', "the id 'a' stands 2 times"),
        (r"$\frac{1$", "a formula could not be set"),
    ],
)
def test_a_fault_of_a_page_fails_the_build(mini, text, fault):
    (mini.root / "pic.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    mini.page("page", f"# Page\n\n{text}\n")
    good, said = mini.build()
    assert not good and f"built page page.html: {fault}" in said, said


def test_in_a_part_of_the_book_other_pages_may_be_missing_and_nothing_else(tmp_path):
    (tmp_path / "page.html").write_text('<a href="other.html">x</a><a href="picture.png">x</a><a href="#gone">x</a>')
    found = problems(tmp_path)
    assert found[:2] == [
        "page.html: link to other.html, which does not exist",
        "page.html: link to picture.png, which does not exist",
    ]
    assert found[2] == "page.html: link to #gone: that page has no such anchor"
    assert problems(tmp_path, part=True) == found[1:]


def test_what_is_hidden_from_screen_readers_needs_no_name(mini):
    brackets = r"$\begin{pmatrix} 1 \\ 2 \\ 3 \\ 4 \end{pmatrix}$"  # KaTeX draws tall brackets as unnamed pictures
    mini.page("page", f"# Page\n\n{brackets}\n\n<span aria-hidden='true'><br><svg></svg></span>\n")
    assert mini.build() == (True, "")


def test_a_formula_as_column_head_has_a_name(mini):
    mini.page("page", "# Page\n\n| $x_1 < 2$ | word $y$ |\n|---|---|\n| 1 | 2 |\n")
    assert mini.build() == (True, "")
    assert '<span class="dl-unseen">x_1 &lt; 2</span>' in mini.html("page") and mini.html("page").count("<th ") == 2
    assert mini.html("page").count("dl-unseen") == 1


def test_a_broken_reference_is_named(mini):
    mini.page("page", "# Page\n\nSee [there](nowhere.md).\n")
    good, said = mini.build()
    assert not good and "page.md:3" in said and "nowhere.md" in said


GUESS = """> **Predict.** What comes?

<details><summary>A. Rain</summary>

It is dry, see $x$.

</details>
<details><summary>B. Sun</summary>

Right. A *clear* sky.

</details>

After it."""


def test_the_folds_of_a_guess_go_into_its_box(mini):
    mini.notebook("chapters/3_weather/1_sky", "Before.", GUESS)
    good, said = mini.build()
    assert good, said
    html = mini.html("chapters/3_weather/1_sky")
    ids, said = 'id="cell-1" data-id="weather/sky#cell-1"', 'data-guess="choice" data-answer="B" data-within="1.25"'
    place = f'<div class="dl-guess" {ids} {said}>'
    box, after = re.search(rf'<div class="[^"]*dl-predict.*?{place}(.*?)\n</div></div>(.*)', html, re.DOTALL).groups()
    assert box.count("<details>") == 2 and "<em>clear</em>" in box and "After it." not in box
    assert "After it." in after and "<details>" not in after.split("<footer")[0]
    assert "_static/dl/guesses.js" in html and "_static/dl/guesses.js" not in mini.html("index")
    script = (mini.root / "_build/html/_static/dl/guesses.js").read_text(encoding="utf-8")
    assert "dlbook.record" in script and "http" not in script


def test_a_guess_after_cells_that_are_joined_to_one_fold_keeps_its_id(mini):
    path = mini.notebook("page", ("code", "1"), ("code", "2"), GUESS)
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells[2:4]:
        cell.metadata = {"tags": ["experiment"], "question": "How?"}
    nbformat.write(notebook, path)
    good, said = mini.build()
    assert good, said
    assert 'data-id="page#cell-2" data-guess="choice" data-answer="B"' in mini.html("page")


def test_a_guess_that_is_not_whole_is_named_with_its_cell(mini):
    mini.notebook("page", GUESS.replace("Right. ", ""))
    mini.notebook("other", GUESS + "\n\n" + GUESS)
    good, said = mini.build()
    assert not good
    assert "page.ipynb" in said and "the guess in cell 'cell-0': one explanation begins with 'Right.', not 0" in said
    assert (
        "other.ipynb" in said and "the guess in cell 'cell-0': a cell holds one Predict box; give each its own" in said
    )


def test_the_questions_to_check_oneself_ask(mini):
    """Each with its id and its right answer; one with a model answer stays a fold, and so do those elsewhere."""
    folds = GUESS.split("\n\n", 1)[1]
    check = f"## Check yourself\n\n**1.** What comes?\n\n{folds}\n\n**3.** And then?\n\n- Sun\n\n{folds}\n\n"
    mini.notebook("part/1_page", check + "**2.** Why?\n\n<details><summary>Answer</summary>\n\nSo.\n\n</details>\n\n"
                  f"## Exercises\n\n**1.** Build.\n\n{folds}")  # fmt: skip
    assert mini.build()[0]
    found = re.findall(r'<div class="dl-guess dl-quiz" ([^>]*)>\s*(.*?)\s*</div>', mini.html("part/1_page"), re.DOTALL)
    assert [told for told, _ in found] == [
        f'id="check-{number}" data-id="part/page#check-{number}" data-guess="choice" data-answer="B"'
        for number in (1, 3)
    ]
    assert all(inner.count("<details>") == inner.count("</details>") == 2 for _, inner in found)
    assert mini.html("part/1_page").count("<details>") == 7


def test_two_guesses_of_one_name_are_refused(mini):
    mini.notebook("1_part/1_page", GUESS)
    mini.notebook("1_part/2_page", GUESS)
    good, said = mini.build()
    assert not good
    assert "the guess 'part/page#cell-0' stands 2 times, on 1_part/1_page, 1_part/2_page" in said


def test_a_markdown_page_has_boxes_without_guesses(mini):
    mini.page("boxes", "# Boxes\n\n> **Predict.** A question.\n")
    assert mini.build() == (True, "")
    assert "dl-predict" in mini.html("boxes") and "dl-guess" not in mini.html("boxes")


def test_course_plans_spread_pages_and_assignments_over_the_weeks(mini):
    words = "word " * 1000  # five minutes
    fold = f"<details><summary>More</summary>\n\n{words}\n\n</details>"
    mini.notebook("chapters/1_neurons/4_layers", words, fold)
    mini.notebook("chapters/2_activations/3_outputs", fold)
    folder = mini.root / "assignments" / "1_neuron"
    folder.mkdir(parents=True)
    made = "from dlbook.grade.spec import Assignment\nassignment = Assignment('Neuron', minutes=60)\n"
    (folder / "spec.py").write_text(made, encoding="utf-8")
    mini.page("plans", "# Plans\n\n```{course-plan} 2 short\n```\n\n```{course-plan} 1 whole\n```\n")
    good, said = mini.build()
    assert good, said
    text = re.sub(r"<[^>]+>|\s+", " ", mini.html("plans"))
    text = " ".join(text.split())
    short, _, whole = text.partition("2 weeks, short paths: about 33 minutes a week")[2].partition(
        "1 week, everything:"
    )
    head = "Week Pages Assignment handed out Minutes"
    layers, outputs = "chapters/1_neurons/4_layers", "chapters/2_activations/3_outputs"
    assert f"{head} 1 {layers} 1 neuron 65 2 {outputs} – 1 " in short
    assert f"about 75 minutes a week # {head} 1 {layers} {outputs} 1 neuron 75 " in whole
