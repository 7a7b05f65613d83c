"""The playground: a small network learns in the plane, and everything of it is seen while it does.

`settings` says what can be chosen, `code` writes the program for it, `run` runs that very program a few steps at a
time, `picture` is what is seen of it, `problems` are set and judged, and `page` answers the page's script.
"""
