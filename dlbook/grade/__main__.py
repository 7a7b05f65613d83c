"""Grade a folder of submissions, or write the student version of an assignment, or its answer key.

python -m dlbook.grade assignments/NAME submissions/ --out out/grading/
python -m dlbook.grade student assignments/NAME --out out/student/
python -m dlbook.grade key assignments/NAME --out out/keys/
"""

import argparse
import contextlib
import os
import signal
import sys

from dlbook.grade import classroom, gradebook, key, report, roster, spec, student, who

STOPS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def roster_of(path):
    """The roster in a file, told of on the way; None without one."""
    if path is None:
        return None
    found = roster.read(path)
    few = ", ".join(found.ids[:3]) + (", ..." if found.ids[3:] else "")
    print(report.printable(f"{path}: {len(found.ids)} students: {few}"))
    return found


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
    known = roster_of(args.roster)
    for path in classroom.write_students(assignment, args.out, known and known.ids, args.key):
        print(f"{path}: {len(assignment.questions)} questions, {assignment.points:g} points")
    return 0


def key_main(argv):
    """``python -m dlbook.grade key``"""
    parser = argparse.ArgumentParser(prog="python -m dlbook.grade key")
    common(parser, "out/keys")
    args = parser.parse_args(argv)
    assignment, known = spec.load(args.assignment), roster_of(args.roster)
    path = key.write_key(assignment, args.out, known and known.ids, args.key)
    print(f"{path}: for teachers only; it opens in Jupyter (Markdown preview), which prints it")
    return 0


def grading_arguments(argv):
    """What the teacher wants."""
    words = {"description": __doc__, "formatter_class": argparse.RawDescriptionHelpFormatter}
    parser = argparse.ArgumentParser(prog="python -m dlbook.grade", **words)
    common(parser, "out/grading")
    parser.add_argument("submissions", help="folder of notebooks, or of folders with notebooks")
    parser.add_argument("--jobs", type=int, help="submissions at a time (default: one for each core)")
    parser.add_argument("--canvas", help="gradebook CSV exported from Canvas, to be filled as OUT/canvas.csv")
    parser.add_argument("--column", help="the gradebook's column (default: the assignment's title)")
    parser.add_argument("--names", choices=who.WAYS, default="auto", help="what the files' names are: Canvas's, or ids")
    parser.add_argument("--single", action="store_true", help="the folder is the submission of one student")
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
    options |= {"isolation": args.isolation, "ways": args.names, "single": args.single}
    assignment = spec.load(args.assignment)
    book = gradebook.read(args.canvas, args.column or assignment.title) if args.canvas else None
    results, room = classroom.run(assignment, args.submissions, args.out, **options)
    print("\n".join(report.write_all(room, results, book)))
    print(f"{args.out}/scores.csv, {args.out}/feedback/, {args.out}/results/")
    return int(any(result["score"] is None for result in results))


class StopError(KeyboardInterrupt):
    """A signal that ends the grading."""


@contextlib.contextmanager
def stoppable():
    """Ctrl-C, SIGTERM and a closed terminal stop the work in good order; after the first, none disturbs the tidying."""
    before = {number: signal.getsignal(number) for number in STOPS}

    def stop(number, frame):
        for other in STOPS:
            signal.signal(other, lambda number, frame: None)  # not SIG_IGN: one may be on its way already
        raise StopError(number)

    for number in STOPS:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def any_terminal():
    """Print also what the terminal has no letters for."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def main(argv=None):
    """Run the command; a plain sentence and code 2 for what the teacher can put right."""
    argv = sys.argv[1:] if argv is None else argv
    any_terminal()
    try:
        with stoppable():
            command = {"student": student_main, "key": key_main}.get(argv[0] if argv else "")
            return command(argv[1:]) if command else grade_main(argv)
    except StopError as stopped:
        print("INTERRUPTED: what was graded is kept; the same command goes on from here.", file=sys.stderr)
        return 128 + stopped.args[0]
    except (classroom.NotFitError, classroom.OtherKeyError, student.LeakError, OSError, ValueError) as error:
        print(f"STOPPED: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
