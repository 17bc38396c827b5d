"""
Programs that are started for the length of another: they end with it, also where it is killed.

`python -m backoffice.core.tied PROGRAM ARGUMENT...` becomes that program. A `preexec_fn` would do the same in the fork,
where the lease of our own servers has just been given up.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def tied(*, command: list[str]) -> list[str]:
    """Return `command` (a full path first) so that it gets SIGTERM when the thread that started it is gone (Linux)."""
    return [sys.executable, "-m", "backoffice.core.tied", *command]


def main() -> None:
    """Ask the kernel for SIGTERM at the parent's death (prctl(2), PR_SET_PDEATHSIG), then become the program."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 - our own interpreter and words


if __name__ == "__main__":
    main()
