"""A miniature book with live figures, built once for all tests that need one."""

import functools
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).parent

CONF = '''
import sys
sys.path[:0] = [{here!r}, "."]
import {declare}  # declares the figures of the tests
from dlbook.sphinx.assets import palette_css

extensions = ["myst_nb", "dlbook.sphinx.repository", "dlbook.sphinx.live"]
html_theme, html_static_path, html_css_files = "basic", ["_static"], ["page.css"]
html_sidebars = {{"**": []}}
nb_execution_mode = "off"
html_title = "Miniature"

from pathlib import Path
style = """body {{ max-width: 700px; margin: auto; padding: 0 16px; background: var(--dl-paper); color: var(--dl-ink) }}
div.body {{ min-width: 0 }} a {{ color: var(--dl-input) }} .related, .footer {{ display: none }}
.gap {{ height: 3000px }}"""
Path("_static").mkdir(exist_ok=True)
Path("_static/page.css").write_text(palette_css() + style)
'''
PAGE = """
# {title}

```{{raw}} html
<link rel="icon" href="data:,">
```

```{{toctree}}
:hidden:
{others}
```

{body}
"""


def figure(name):
    return f"```{{live}} {name}\n```\n"


GAP = '```{raw} html\n<div class="gap"></div>\n```\n'
PAGES = {
    "index": figure("two_inputs") + GAP + figure("step_size"),
    "controls": figure("every_control") + GAP + figure("crowd"),
    "own": figure("your_own"),
    "more": figure("depth_and_bend") + GAP + figure("two_losses") + GAP + figure("softmax_temperature"),
    "plain": "No figure here.",
}


def build(folder, pages=PAGES, expect=0, declare="live_figures"):
    """Build the miniature book in a folder; return the folder of its HTML, or what went wrong."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "conf.py").write_text(CONF.format(here=str(HERE), declare=declare), encoding="utf-8")
    for name, body in pages.items():
        others = "\n".join(other for other in pages if other != "index") if name == "index" else ""
        text = PAGE.format(title=name, others=others, body=body)
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    call = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", ".", "_build/html"]
    done = subprocess.run(call, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != expect:
        raise RuntimeError(f"sphinx ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done.stderr if expect else folder / "_build" / "html"


class Silent(SimpleHTTPRequestHandler):
    """A file server that does not print a line for each request."""

    def log_message(self, format, *args):
        pass


@contextmanager
def serve(folder):
    """The address at which a folder is served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Silent, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
