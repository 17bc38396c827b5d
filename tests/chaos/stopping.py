"""Loaded by a worker: it stops itself, as a frozen machine would, with its first chunk to apply in hand."""

import os
import signal
from pathlib import Path
from typing import Any

from cases.models import EvaluationChunk
from cases.services.evaluation import chunks

FLAG = Path(os.environ["CHAOS_FLAG"])
_work = chunks._evaluate


def _work_late(*, chunk: EvaluationChunk, at: Any) -> None:
    if not chunk.is_previewed or FLAG.exists():
        _work(chunk=chunk, at=at)
        return
    FLAG.write_text(str(os.getpid()))
    os.kill(os.getpid(), signal.SIGSTOP)
    try:
        _work(chunk=chunk, at=at)
    finally:
        # Not yet committed or taken back: that is a moment away.
        FLAG.with_suffix(".woken").touch()


chunks._evaluate = _work_late
