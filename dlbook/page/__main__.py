"""`python -m dlbook.page [chapters]`: which claim is settled where, and which are still open."""

import sys

from dlbook.page.settled import report

print(report(sys.argv[1] if len(sys.argv) > 1 else "chapters"))
