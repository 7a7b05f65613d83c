"""The book's apparatus: live figures, checks, verdicts, grading, Sphinx extensions."""
