"""The checks of the pages' exercises, one file per part; `dlbook.page.check` finds them by id."""
