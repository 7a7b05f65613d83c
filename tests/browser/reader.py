"""Somebody who runs cells in an open page of the book, as a reader does: by its buttons and its keys."""

from look import DESK, opened, unfold, until


class Reader:
    """One reader of one page; `page` is Playwright's."""

    def __init__(self, page):
        self.page = page
        unfold(page)

    @classmethod
    def of(cls, browser, url, width=DESK, **options):
        """A reader who has just opened a page."""
        return cls(opened(browser, url, width=width, **options))

    def bar(self, cell):
        """The buttons of a cell, and what is said beside them."""
        return self.page.locator(f"#run-{cell}")

    def press(self, cell, button="run"):
        self.bar(cell).locator(f"button[data-what={button}]").click()

    def status(self, cell):
        said = self.bar(cell).locator(".dl-run-status")
        return said.text_content() if said.count() else ""

    def until_said(self, cell, *words):
        """Wait until one of these words is said beside a cell; return all that is said."""
        until(lambda: any(word in self.status(cell) for word in words), 120)
        return self.status(cell)

    def run(self, cell, *words):
        """Run a cell to its end; return what is said beside it."""
        self.press(cell)
        return self.until_said(cell, *(words or ("Ran in", "error", "ended", "PyTorch")))

    def output(self, cell):
        """What the reader's own run shows below a cell."""
        own = self.place(cell).locator(".dl-own")
        return own.inner_text() if own.count() else ""

    def place(self, cell):
        return self.page.locator(".cell", has=self.page.locator(f"#run-{cell}"))

    def editor(self, cell):
        return self.place(cell).locator(".dl-editor .cm-content, .dl-editor textarea")

    def type(self, cell, text):
        """Put a text of one's own into a cell, as by pasting it over what stands there."""
        self.press(cell, "edit")
        self.editor(cell).wait_for()
        self.editor(cell).focus()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def close(self):
        self.page.context.close()
