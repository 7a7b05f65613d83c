"""Pages that nobody writes: what the articles said beside what was measured, and what each page costs to run.

    {claims-report}   every claim with its verdict, or "not settled yet"
    {costs-report}    seconds, memory, versions and date of each page's last execution

Both are made from the stored executions (dlbook.sphinx.execute) and from dlbook/claims.toml.
"""

from pathlib import Path

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.util.docutils import SphinxDirective

from dlbook.page.claims import CLAIMS_FILE, claims
from dlbook.page.show import unmarked
from dlbook.page.verdicts import MIME
from dlbook.sphinx.execute import Execution, store


class Report(SphinxDirective):
    """What both reports share: the executed pages in reading order, and tables."""

    def executions(self):
        """(docname, Execution) of every notebook, in the order of the table of contents."""
        for doc in self._reading_order():
            path = store(self.env.app.outdir, doc)
            if Path(self.env.doc2path(doc)).suffix == ".ipynb":
                self.env.note_dependency(str(path))
                yield doc, Execution.load(path)

    def _reading_order(self):
        toc = self.env.app.config.external_site_map
        return [doc for doc in toc.keys() if doc in self.env.found_docs]

    def page_link(self, doc):
        """A link to a page that shows the page's own title."""
        options = {"refdoc": self.env.docname, "refdomain": "std", "reftype": "doc", "refexplicit": False}
        link = pending_xref("", nodes.inline("", doc), reftarget=f"/{doc}", refwarn=True, **options)
        return nodes.paragraph("", "", link)

    def table(self, heads, rows, widths, label):
        """A table of heads and rows; an entry is a string or a node."""
        group = nodes.tgroup(cols=len(heads))
        group += [nodes.colspec(colwidth=width) for width in widths]
        group += nodes.thead("", _row(heads))
        group += nodes.tbody("", *map(_row, rows))
        return nodes.table("", nodes.title("", label), group, classes=["dl-report"])


def _row(entries):
    cells = [entry if isinstance(entry, nodes.Node) else nodes.paragraph("", str(entry)) for entry in entries]
    return nodes.row("", *(nodes.entry("", cell) for cell in cells))


class ClaimsReport(Report):
    """`{claims-report}`: each claim of the popular articles, and the verdict that a page reached."""

    def run(self):
        self.env.note_dependency(str(CLAIMS_FILE))
        settled = self._settled()
        known = claims().values()
        parts = list(dict.fromkeys(claim.part for claim in known))
        done = nodes.paragraph("", f"Settled so far: {len(settled)} of {len(claims())} claims.")
        return [done, *(self._part(part, [c for c in known if c.part == part], settled) for part in parts)]

    def _settled(self):
        found = {}
        for doc, execution in self.executions():
            for output in (one for cell in execution.outputs for one in cell):
                verdict = output.get("data", {}).get(MIME)
                if verdict:
                    found[verdict["id"]] = (doc, verdict)
        return found

    def _part(self, part, members, settled):
        rows = []
        for claim in members:
            doc, verdict = settled.get(claim.id, (None, None))
            said = nodes.paragraph("", "not settled yet", classes=["dl-open"])
            if verdict:
                outcome = verdict["outcome"]
                said = nodes.paragraph("", "", nodes.strong("", outcome[0].upper() + outcome[1:] + ". "))
                said += nodes.Text(unmarked(verdict["text"]))
            rows.append([claim.id, claim.claim, said, self.page_link(doc) if doc else ""])
        return self.table(["Id", "The articles say", "The experiment says", "Page"], rows, [4, 36, 40, 20], part)


class CostsReport(Report):
    """`{costs-report}`: what each page cost when it last ran, and with which versions."""

    def run(self):
        rows, versions = [], {}
        for doc, execution in self.executions():
            seconds, memory = f"{execution.seconds:.1f}", f"{execution.peak_mb:.0f}"
            rows.append([self.page_link(doc), seconds, memory, execution.verified])
            versions |= execution.versions
        with_ = nodes.paragraph("", "Verified with " + ", ".join(f"{name} {v}" for name, v in versions.items()) + ".")
        heads = ["Page", "Seconds", "Memory (MB)", "Verified on"]
        return [self.table(heads, rows, [50, 15, 15, 20], "One run of each page, in the last build"), with_]


def note_cost(app, pagename, templatename, context, doctree):
    """Put what the page cost to run, and when it was verified, at its foot."""
    execution = Execution.load(store(app.outdir, pagename))
    if doctree and execution:
        versions = ", ".join(f"{name} {version}" for name, version in execution.versions.items())
        cost = f"{execution.seconds:.0f} s and {execution.peak_mb:.0f} MB"
        context["dl_page_note"] = (
            f"This page ran in {cost} when it was last verified, on {execution.verified}, with {versions}."
        )


def setup(app):
    app.connect("html-page-context", note_cost)
    app.add_directive("claims-report", ClaimsReport)
    app.add_directive("costs-report", CostsReport)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
