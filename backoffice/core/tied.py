"""
Programs that end when the program that started them ends, even if that is killed.

`python -m backoffice.core.tied PROGRAM ARGUMENT...` asks the kernel for this and then becomes PROGRAM. A `preexec_fn`
would run in the forked child, which has just closed the lease on the embedded servers.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def tied(*, command: list[str]) -> list[str]:
    """Return `command` (a full path first), wrapped so that it gets SIGTERM when its starting thread ends (Linux)."""
    return [sys.executable, "-m", "backoffice.core.tied", *command]


def main() -> None:
    """Ask the kernel for SIGTERM at the parent's death (prctl(2), PR_SET_PDEATHSIG), then become the program."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 - our own interpreter and words


if __name__ == "__main__":
    main()
