"""Firefox, driven by Mozilla's own Marionette."""

import shutil
import socket
import warnings
from contextlib import contextmanager

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of what marionette_driver imports
    from marionette_driver import By
    from marionette_driver.errors import NoSuchElementException
    from marionette_driver.keys import Keys
    from marionette_driver.marionette import Marionette

__all__ = ["By", "Keys", "NoSuchElementException", "installed", "started"]
QUIET = {"browser.shell.checkDefaultBrowser": False, "datareporting.policy.dataSubmissionEnabled": False}


def installed():
    """Path of a Firefox on this machine, or None."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


@contextmanager
def started(path):
    """A headless Firefox; its log is not kept, its profile goes with it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    driver = Marionette(
        port=port, bin=path, app="fxdesktop", headless=True, prefs=QUIET, startup_timeout=180, gecko_log="-"
    )
    driver.start_session()
    yield driver
    driver.delete_session()
    driver.cleanup()
    driver.instance.profile.cleanup()
