"""Loaded by a worker: it stops itself, as on a frozen machine, when it has claimed its first chunk to apply."""

import os
import signal
from pathlib import Path
from typing import Any

from cases.models import EvaluationChunk
from cases.services.evaluation import chunks

FLAG = Path(os.environ["CHAOS_FLAG"])
_evaluate = chunks._evaluate


def _evaluate_late(*, chunk: EvaluationChunk, at: Any) -> None:
    if not chunk.is_previewed or FLAG.exists():
        _evaluate(chunk=chunk, at=at)
        return
    FLAG.write_text(str(os.getpid()))
    os.kill(os.getpid(), signal.SIGSTOP)
    try:
        _evaluate(chunk=chunk, at=at)
    finally:
        # The transaction is committed or rolled back a moment after this.
        FLAG.with_suffix(".woken").touch()


chunks._evaluate = _evaluate_late
