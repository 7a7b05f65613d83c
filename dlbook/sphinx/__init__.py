"""Sphinx extensions that turn the notebooks and Markdown pages into the book; each file says what it does."""

EXTENSIONS = ["assets", "execute", "folds", "lengths", "boxes", "guesses", "quizzes", "terms", "bibliography",
              "reports", "plans", "record", "cards", "repository", "plain", "tables", "live", "python", "playground",
              "quality"]  # fmt: skip


def setup(app):
    for name in EXTENSIONS:
        app.setup_extension(f"dlbook.sphinx.{name}")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
