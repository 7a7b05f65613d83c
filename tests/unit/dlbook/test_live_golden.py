"""What exists in Python and in the player's JavaScript answers alike: one table of cases, asked on both sides.

Numbers that lie exactly between two of three digits are no cases of `number_text`: Python rounds 2.125 to even,
JavaScript up. Between two positions of a slider both round them up, so that the number that is shown is the one used.
"""

import json
import subprocess
from pathlib import Path

import pytest

from dlbook.live import Choice, Frame, Slider, Switch, number_text
from dlbook.sphinx.assets import node_binary

HERE = Path(__file__).parent
PLAYER = HERE.parents[2] / "dlbook" / "live" / "player"
GOLDEN = json.loads((HERE / "golden.json").read_text(encoding="utf-8"))
ASK = """
const each = (all, change) => Object.fromEntries(Object.entries(all).map(([name, one]) => [name, change(one)]));
const told = (positions) => each(positions, ([index, text]) => ({index, text}));
const index = (values, it) => Figure.prototype.indices.call({declared: {controls: {it: {values}}}}, {it}).it;
console.log(JSON.stringify({
  number_text: golden.number_text.map(([value]) => numberText(value)),
  sentence: golden.sentence.map((said) => sentence(said, told(said.positions))),
  nearest: golden.nearest.map(([values, value]) => index(values, String(value))),
  between: golden.between.map(([values, log, position]) => valueAt({ values, between: { log } }, position)),
}));
"""


@pytest.fixture(scope="module")
def javascript():
    """The answers of the player's own files, given by Node; values of an address come as text."""
    files = [(PLAYER / name).read_text(encoding="utf-8") for name in ("numbers.js", "frames.js", "figure.js")]
    script = "\n".join([*files, f"const golden = {json.dumps(GOLDEN)};", ASK])
    done = subprocess.run([node_binary(), "-"], input=script, capture_output=True, encoding="utf-8", check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("case", range(len(GOLDEN["number_text"])))
def test_numbers_are_written_alike(javascript, case):
    value, text = GOLDEN["number_text"][case]
    assert number_text(value) == text
    assert javascript["number_text"][case] == text


@pytest.mark.parametrize("case", range(len(GOLDEN["sentence"])))
def test_sentences_are_filled_alike(javascript, case):
    said = GOLDEN["sentence"][case]
    frame = Frame(said["tables"], said["says"])
    assert frame.told() == said["told"]
    assert frame.sentence(**{name: tuple(at) for name, at in said["positions"].items()}) == said["sentence"]
    assert javascript["sentence"][case] == said["sentence"]


@pytest.mark.parametrize("case", range(len(GOLDEN["between"])))
def test_values_between_positions_are_found_alike(javascript, case):
    values, log, position, value = GOLDEN["between"][case]
    assert Slider(values, log=log, between=True).asked(position) == value
    assert javascript["between"][case] == value


@pytest.mark.parametrize("case", range(len(GOLDEN["nearest"])))
def test_positions_are_found_alike(javascript, case):
    values, value, index = GOLDEN["nearest"][case]
    kinds = {
        str: lambda: Choice(*values),
        bool: lambda: Switch(),
        float: lambda: Slider(values),
        int: lambda: Slider(values),
    }
    assert kinds[type(values[0])]().nearest(value) == index
    assert javascript["nearest"][case] == index
