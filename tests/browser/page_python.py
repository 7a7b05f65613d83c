"""Python in the page, for tests: start it, run sources in it, and run the project's own tests there by pytest."""

import base64
import importlib.util
import io
import json
import zipfile
from pathlib import Path

from look import ROOT

#: what pytest is made of, taken from where these tests run; all of it is plain Python
TOOLS = ("py", "pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments")
START = """async () => {
  if (!globalThis.dlPython) await new Promise((done) => {
    const src = JSON.parse(document.querySelector("script[data-scripts]").dataset.scripts).python;
    document.head.append(Object.assign(document.createElement("script"), {src, onload: done}));
  });
  await dlPython.start();
}"""
RUN = """async (source) => {
  let said = "";
  await dlPython.start();
  const answer = await dlPython.run(source, {name: "cell 1", print: (text) => said += text,
    show: (bundle) => said += (bundle["text/plain"] ?? JSON.stringify(bundle)) + "\\n"})
    .catch((error) => ({died: error.message}));
  if (answer.died) dlPython.stop();
  return {...answer, said};
}"""
HARNESS = """
import base64, io, sys, zipfile
zipfile.ZipFile(io.BytesIO(base64.b64decode(PACKED))).extractall("/project")
sys.path[:0] = ["/project/tools", "/project/tests/unit/dlcore", "/project/tests/pages"]
import os
os.chdir("/project")
"""
#: hypothesis has a part that is no Python; a property is left out there, and counted. So is what meets PyTorch.
REPORT = """
import os, sys, types, pytest
class Void(types.ModuleType):
    __path__ = []
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Void(name)
    def __call__(self, *a, **k):
        return {"given": pytest.mark.skip(reason="hypothesis"), "settings": lambda test: test}.get(self.__name__, self)
    def __or__(self, other):
        return self
for name in ("hypothesis", "hypothesis.strategies", "hypothesis.extra", "hypothesis.extra.numpy"):
    sys.modules[name] = Void(name.rpartition(".")[2])
os.environ.pop("PYTEST_ADDOPTS", None)
class Counted:
    def __init__(self):
        self.outcomes, self.texts = {}, []
    def pytest_runtest_logreport(self, report):
        torch = "NotInThePage" in str(report.longrepr)
        outcome = "torch" if torch else report.outcome
        if report.when == "call" or report.outcome != "passed":
            self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
        if report.failed and not torch:
            self.texts.append(f"{report.nodeid}: {str(report.longrepr)[-600:]}")
    def pytest_collectreport(self, report):
        if report.failed:
            self.texts.append(str(report.longrepr)[-900:])
            self.outcomes["broken"] = self.outcomes.get("broken", 0) + 1
counted = Counted()
FLAGS = "-q -p no:cacheprovider -p no:debugging -p no:faulthandler --tb=short --rootdir=/project -c pyproject.toml"
pytest.main([*FLAGS.split(), *ARGUMENTS], plugins=[counted])
import json
display(json.dumps({"outcomes": counted.outcomes, "texts": counted.texts}))
"""


def start(page):
    """Load Python into an open page of the book."""
    page.evaluate(START)


def run(page, source):
    """Run a source; {ok, seconds, error, said}, or {died}."""
    return page.evaluate(RUN, source)


def bring_tests(page):
    """Put the project's tests, and pytest, where Python in the page finds them."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for tool in TOOLS:
            spec = importlib.util.find_spec(tool)
            top = Path(spec.origin).parent
            files = top.rglob("*.py") if spec.submodule_search_locations else [Path(spec.origin)]
            root = top.parent if spec.submodule_search_locations else top
            for path in files:
                target.write(path, f"tools/{path.relative_to(root).as_posix()}")
        for path in [
            ROOT / "pyproject.toml",
            *(ROOT / "tests" / "unit" / "dlcore").glob("*.py"),
            *(ROOT / "tests" / "pages").rglob("*.py"),
            *(ROOT / "chapters").glob("*/*.ipynb"),
        ]:
            target.write(path, path.relative_to(ROOT).as_posix())
    letters = base64.b64encode(packed.getvalue()).decode()
    answer = run(page, f"PACKED = {letters!r}\n{HARNESS}")
    assert answer["ok"], answer


def pytest_there(page, *arguments, first=""):
    """Run pytest in the page; how often each outcome came, and what the failures say.

    first: an import statement that brings the packs which the tests need.
    """
    answer = run(page, f"{first}\nARGUMENTS = {list(arguments)!r}\n{REPORT}")
    assert answer.get("ok"), answer
    last = answer["said"].strip().splitlines()[-1]
    return json.loads(eval(last))
