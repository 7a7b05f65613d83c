"""Grade a folder of submissions, or write the student version of an assignment, or its answer key.

python -m dlbook.grade assignments/NAME submissions/ --out out/grading/
python -m dlbook.grade student assignments/NAME --out out/student/
python -m dlbook.grade key assignments/NAME --out out/keys/
"""

import argparse
import csv
import os
import sys

from dlbook.grade import classroom, key, report, spec, student


def roster_of(path):
    """The ids in a roster: the column ``id``, or the first one."""
    if path is None:
        return None
    with open(path, newline="", encoding="utf-8-sig") as stream:
        rows = [row for row in csv.reader(stream) if row]
    at = rows[0].index("id") if "id" in rows[0] else 0
    return [row[at].strip() for row in rows[1:] if row[at].strip()]


def common(parser, out):
    """The arguments that both commands have."""
    parser.add_argument("assignment", help="folder with the master notebook and spec.py")
    parser.add_argument("--out", default=out, help=f"folder to write to (default: {out})")
    parser.add_argument("--roster", help="CSV with a column id: every student gets numbers of their own")
    parser.add_argument("--key", default=os.environ.get("DLBOOK_KEY", ""), help="your secret (or DLBOOK_KEY)")


def student_main(argv):
    """``python -m dlbook.grade student``"""
    parser = argparse.ArgumentParser(prog="python -m dlbook.grade student")
    common(parser, "out/student")
    args = parser.parse_args(argv)
    assignment = spec.load(args.assignment)
    for path in classroom.write_students(assignment, args.out, roster_of(args.roster), args.key):
        print(f"{path}: {len(assignment.questions)} questions, {assignment.points:g} points")
    return 0


def key_main(argv):
    """``python -m dlbook.grade key``"""
    parser = argparse.ArgumentParser(prog="python -m dlbook.grade key")
    common(parser, "out/keys")
    args = parser.parse_args(argv)
    path = key.write_key(spec.load(args.assignment), args.out, roster_of(args.roster), args.key)
    print(f"{path}: for teachers only; it opens in Jupyter (Markdown preview), which prints it")
    return 0


def grading_arguments(argv):
    """What the teacher wants."""
    parser = argparse.ArgumentParser(prog="python -m dlbook.grade", description=__doc__.splitlines()[0])
    common(parser, "out/grading")
    parser.add_argument("submissions", help="folder of notebooks, or of folders with notebooks")
    parser.add_argument("--jobs", type=int, default=4, help="submissions at a time")
    parser.add_argument("--canvas", help="gradebook CSV exported from Canvas, to be filled as OUT/canvas.csv")
    parser.add_argument("--column", help="the gradebook's column (default: the assignment's title)")
    parser.add_argument("--seconds", type=float, help="limit of one check; a cell gets twice, a notebook 12 times that")
    levels = {"choices": ["full", "files", "none"], "default": "full"}
    parser.add_argument("--isolation", help="the most to try for; every result says what was had", **levels)
    return parser.parse_args(argv)


def grade_main(argv):
    """``python -m dlbook.grade``"""
    args = grading_arguments(argv)
    if os.name != "posix":
        raise ValueError("grading needs Linux or macOS; on Windows use WSL. The students' notebooks work anywhere.")
    s = args.seconds
    limits = {"call": s, "cell": 2 * s, "total": 12 * s} if s else {}
    options = {"jobs": args.jobs, "roster": roster_of(args.roster), "key": args.key, "limits": limits}
    assignment = spec.load(args.assignment)
    results, room = classroom.run(assignment, args.submissions, args.out, isolation=args.isolation, **options)
    print("\n".join(report.write_all(room, results, args.canvas, args.column)))
    print(f"{args.out}/scores.csv, {args.out}/feedback/, {args.out}/results/")
    return int(any(result["score"] is None for result in results))


def main(argv=None):
    """Run the command; a plain sentence and code 2 for what the teacher can put right."""
    argv = sys.argv[1:] if argv is None else argv
    try:
        command = {"student": student_main, "key": key_main}.get(argv[0] if argv else "")
        return command(argv[1:]) if command else grade_main(argv)
    except KeyboardInterrupt:
        print("INTERRUPTED: what was graded is kept; the same command goes on from here.", file=sys.stderr)
        return 130
    except (classroom.NotFitError, student.LeakError, FileNotFoundError, ValueError) as error:
        print(f"STOPPED: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
