"""Loaded by a worker: whoever began a chunk may end it. What the fence is for is what then goes wrong."""

from typing import Any

from cases.models import EvaluationChunk
from cases.services.evaluation import chunks


def _anybodys(chunk: EvaluationChunk) -> Any:
    return EvaluationChunk.objects.filter(pk=chunk.pk)


chunks._own_row = _anybodys
