"""Still drawings that are too long for a page's cell, one file per part; each function returns a matplotlib figure."""
