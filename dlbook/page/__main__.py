"""What the pages say: which claim is settled where, and which are still open; and their questions for other platforms.

python -m dlbook.page [chapters]
python -m dlbook.page questions --qti out/questions.zip --moodle out/questions.xml --csv out/questions.csv
    --anki out/cards.apkg
"""

import argparse
import sys
from pathlib import Path

from dlbook.page.settled import report


def questions_main(argv):
    """``python -m dlbook.page questions``: write the questions of all pages in the formats that are asked for."""
    from dlbook.page import cards, exports, questions  # which need more than a page does

    parser = argparse.ArgumentParser(prog="python -m dlbook.page questions")
    parser.add_argument("--chapters", default="chapters", help="folder of the notebooks (default: chapters)")
    parser.add_argument("--qti", help="zip to write: QTI 1.2, an assessment for each page (Canvas and others)")
    parser.add_argument("--moodle", help="file to write: Moodle XML")
    parser.add_argument("--csv", help="table to write")
    parser.add_argument("--anki", help="package to write: a deck of cards for each part")
    args = parser.parse_args(argv)
    found = questions.of_the_book(args.chapters)
    forms = {args.qti: exports.qti_package, args.moodle: exports.moodle, args.csv: exports.table, args.anki: cards.anki}
    for path, form in forms.items():
        if path:
            data = form(found)
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_bytes(data if isinstance(data, bytes) else data.encode("utf-8-sig"))
            print(f"{path}: {len(found)} questions of {len(exports.by_page(found))} pages")
    if not any(forms):
        parser.error("nothing to write: say --qti, --moodle, --csv or --anki and a file")
    return 0


def main(argv=None):
    """Run the command; a plain sentence and code 2 for what the author can put right."""
    argv = sys.argv[1:] if argv is None else argv
    if argv[:1] != ["questions"]:
        print(report(argv[0] if argv else "chapters"))
        return 0
    try:
        return questions_main(argv[1:])
    except ValueError as error:
        print(f"STOPPED: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
