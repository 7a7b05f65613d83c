"""Pages that nobody writes: what the articles said beside what was measured, and what each page costs to run.

    {claims-report}   every claim with its verdict, or "not settled yet"
    {costs-report}    what each page takes to read, and its last execution: seconds, memory, versions and date

Both are made from the stored executions (dlbook.sphinx.execute), the notebooks and dlbook/claims.toml.
"""

from pathlib import Path

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.util.docutils import SphinxDirective

from dlbook.page.claims import CLAIMS_FILE, claims
from dlbook.page.show import unmarked
from dlbook.page.verdicts import MIME
from dlbook.sphinx.execute import Execution, store
from dlbook.sphinx.lengths import lengths_of


class Report(SphinxDirective):
    """What both reports share: the executed pages in reading order, and tables."""

    def executions(self):
        """(docname, Execution) of every notebook, in the order of the table of contents."""
        for doc in self._reading_order():
            path = store(self.env.app.outdir, doc)
            if Path(self.env.doc2path(doc)).suffix == ".ipynb":
                self.env.note_dependency(str(path))
                self.env.note_dependency(self.env.doc2path(doc))
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
        """A table of heads and rows; an entry is a string, a node or a list of nodes."""
        group = nodes.tgroup(cols=len(heads))
        group += [nodes.colspec(colwidth=width) for width in widths]
        group += nodes.thead("", _row(heads))
        group += nodes.tbody("", *map(_row, rows))
        return nodes.table("", nodes.title("", label), group, classes=["dl-report"])


def _row(entries):
    cells = [nodes.paragraph("", entry) if isinstance(entry, str) else entry for entry in entries]
    return nodes.row("", *(nodes.entry("", *(cell if isinstance(cell, list) else [cell])) for cell in cells))


class ClaimsReport(Report):
    """`{claims-report}`: each claim of the popular articles; first those that a page has settled, and how."""

    def run(self):
        self.env.note_dependency(str(CLAIMS_FILE))
        settled = self._settled()
        done = nodes.paragraph("", f"Settled so far: {len(settled)} of {len(claims())} claims.")
        heads, widths = ["Id", "The articles say", "The page finds", "Page"], [4, 36, 40, 20]
        tables = [
            self.table(heads, [self._settled_row(claim, *settled[claim.id]) for claim in members], widths, part)
            for part, members in _by_part(lambda claim: claim.id in settled)
        ]
        waiting = [
            self.table(heads[:2], [[claim.id, claim.claim] for claim in members], [4, 96], f"{part}: not settled yet")
            for part, members in _by_part(lambda claim: claim.id not in settled)
        ]
        return [done, *tables, *waiting]

    def _settled(self):
        found = {}
        for doc, execution in self.executions():
            for output in (one for cell in execution.outputs for one in cell):
                verdict = output.get("data", {}).get(MIME)
                if verdict:
                    found[verdict["id"]] = (doc, verdict)
        return found

    def _settled_row(self, claim, doc, verdict):
        """What a page found about a claim: the outcome and its text, then the kind of finding and its rivals."""
        kind, outcome = verdict["kind"], verdict["outcome"]
        said = nodes.paragraph("", "")
        if kind != "definition":
            said += nodes.strong("", f"{outcome[0].upper()}{outcome[1:]}. ")
        said += nodes.Text(unmarked(verdict["text"]))
        tried = f" Rivals: {unmarked(verdict['rivals'])}." if verdict["rivals"] else ""
        how = nodes.paragraph("", f"{kind.capitalize()}.{tried}", classes=["dl-kind"])
        return [claim.id, claim.claim, [said, how], self.page_link(doc)]


def _by_part(wanted):
    """(part, its claims) for the wanted claims, in the order of the file."""
    known = [claim for claim in claims().values() if wanted(claim)]
    return [(part, [c for c in known if c.part == part]) for part in dict.fromkeys(c.part for c in known)]


class CostsReport(Report):
    """`{costs-report}`: what each page cost when it last ran, and with which versions."""

    def run(self):
        rows, versions = [], {}
        for doc, execution in self.executions():
            reading = [str(length.minutes) for length in lengths_of(self.env, doc)]
            running = [f"{execution.seconds:.1f}", f"{execution.peak_mb:.0f}", execution.verified]
            rows.append([self.page_link(doc), *reading, *running])
            versions |= execution.versions
        with_ = nodes.paragraph("", "Verified with " + ", ".join(f"{name} {v}" for name, v in versions.items()) + ".")
        heads = ["Page", "Short path (min)", "Everything (min)", "Seconds", "Memory (MB)", "Verified on"]
        return [self.table(heads, rows, [40, 12, 12, 10, 10, 16], "To read each page, and to run it"), with_]


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
