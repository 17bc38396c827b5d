"""Programs that are started for the length of another: they end with it, also where it is killed."""

import ctypes
import signal
import sys

_PR_SET_PDEATHSIG = 1
# Looked up before any fork: a child that is not yet its program may do little.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_parent() -> None:
    """
    Let the kernel send SIGTERM to this process when its parent is gone; for `preexec_fn` of `subprocess.Popen`.

    Linux only (prctl(2), PR_SET_PDEATHSIG); elsewhere nothing happens. The parent must start it from its main thread,
    for the kernel watches the thread.
    """
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
