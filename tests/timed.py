"""`python -m tests.timed NAME COMMAND …` runs a command and says what it took; its result is the command's."""

import subprocess
import sys
import time


def took(seconds):
    """Seconds as one reads them.

    >>> took(7.4), took(95), took(1200)
    ('7 s', '1 min 35 s', '20 min 0 s')
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def main(name, *command):
    start = time.perf_counter()
    result = subprocess.run(command, check=False).returncode
    print(f"──── {name}: {took(time.perf_counter() - start)}{'' if result == 0 else ', FAILED'} ────", flush=True)
    return result


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
