"""A limit on the processor's time of one piece of work."""

import signal


class TooLongError(BaseException):
    """The processor's time for a cell or a check is over."""


def too_long(signum, frame):
    raise TooLongError


def in_time(seconds, work):
    """Do some work; {"slow": True} where it takes more of the processor's time. What cannot be interrupted, or will
    not be, is ended by the judge's clock."""
    try:
        signal.signal(signal.SIGPROF, too_long)
        signal.setitimer(signal.ITIMER_PROF, seconds, 0.5)
        try:
            return work()
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    except TooLongError:
        return {"slow": True}
