"""The book's live figures, one file per part."""
