"""The buttons of a page: download its notebook, open it in Colab.

The repository's address is the setting `dlbook_repository`, else the git remote "origin" of the book's own checkout,
not of one around it; where neither names a repository on GitHub, which Colab reads from, there is no Colab button.
"""

import re
import shutil
import subprocess
from pathlib import Path

from dlbook.sphinx.sources import ROOT

COLAB = "https://colab.research.google.com/github"


def repository(setting=""):
    """(owner/name) of the book's repository on GitHub, or None where it is not known."""
    url = setting or origin(ROOT)
    match = re.fullmatch(r"(?:https://|ssh://git@|git@)github\.com[/:]([\w.-]+/[\w.-]+?)(?:\.git)?/?", url)
    return match[1] if match else None


def origin(folder):
    """Address of the remote "origin" of a checkout; "" without one, also for a folder inside somebody else's."""

    def git(*words):
        return subprocess.run(["git", "-C", folder, *words], capture_output=True, text=True, check=True).stdout.strip()

    try:
        if Path(git("rev-parse", "--show-toplevel")).resolve() != Path(folder).resolve():
            return ""
        return git("remote", "get-url", "origin")
    except (FileNotFoundError, subprocess.CalledProcessError):  # no git, no checkout, or no remote
        return ""


def addresses(app, page):
    """Where a page's notebook is to be had: "notebook", the file beside the page, and "colab" if possible."""
    if Path(app.env.doc2path(page)).suffix != ".ipynb":
        return {}
    known = repository(app.config.dlbook_repository)
    colab = {"colab": f"{COLAB}/{known}/blob/{app.config.dlbook_branch}/{page}.ipynb"} if known else {}
    return {"notebook": f"{Path(page).name}.ipynb"} | colab


def add_buttons(app, pagename, templatename, context, doctree):
    """Put the page's buttons into the template's context as `dl_buttons`."""
    at = addresses(app, pagename) if doctree else {}
    buttons = (("notebook", "Download notebook", "download"), ("colab", "Open in Colab", "run"))
    context["dl_buttons"] = [{"label": label, "href": at[k], "icon": icon} for k, label, icon in buttons if k in at]


def copy_notebooks(app, exception):
    """Put each page's stripped notebook beside its HTML, for the download button."""
    if exception or app.builder.name != "html":
        return
    for doc in app.env.found_docs:
        source = Path(app.env.doc2path(doc))
        if source.suffix == ".ipynb":
            shutil.copyfile(source, Path(app.outdir) / f"{doc}.ipynb")


def setup(app):
    app.add_config_value("dlbook_repository", "", "html")
    app.add_config_value("dlbook_branch", "main", "html")
    app.connect("html-page-context", add_buttons)
    app.connect("build-finished", copy_notebooks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
