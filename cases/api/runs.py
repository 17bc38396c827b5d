"""REST doors to the nightly runs: their progress, and the actions on them."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.core.errors import Missing
from backoffice.core.rest.api import ReadViewSet
from backoffice.outbox.write_actions import WriteRequest, write_action
from cases.api.run_filters import ChunkFilter, QuarantineFilter, RunFilter
from cases.api.run_shapes import (
    CatchUpInput,
    ChunkSerializer,
    QuarantineSerializer,
    ReleaseInput,
    RetryInput,
    RunSerializer,
    StartInput,
)
from cases.models import EvaluationChunk, EvaluationRun, Quarantine
from cases.selectors.runs.progress import with_chunk_counts
from cases.services.evaluation import catch_up, run_control, runs

RUN = "cases.run_evaluation"
RELEASE = "cases.release_run"
NOTHING_MISSED = _("No day is missed.")


class RunViewSet(ReadViewSet):
    """Nightly runs. A job has one run for each business date; started again it makes another pass."""

    model = EvaluationRun
    permissions = {
        "list": "cases.view_evaluationrun",
        "retrieve": "cases.view_evaluationrun",
        "chunks": "cases.view_evaluationchunk",
        "quarantine": "cases.view_quarantine",
        "create": RUN,
        "catch_up": RUN,
        "pause": RUN,
        "resume": RUN,
        "cancel": RUN,
        "retry": RUN,
        "release": RELEASE,
        "refuse": RELEASE,
    }
    scopes = dict.fromkeys(("list", "retrieve", "chunks", "quarantine"), "cases:read")
    related = ("policy_version", "started_by", "released_by")
    serializer_class = RunSerializer
    filterset_class = RunFilter

    def get_queryset(self) -> Any:
        return with_chunk_counts(super().get_queryset())

    @extend_schema(summary="Chunks of a run", responses=ChunkSerializer(many=True))
    @action(detail=True, filterset_class=ChunkFilter)
    def chunks(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Read the ranges of borrowers: the state of each, how long it took, and its last error."""
        return self._below(request, EvaluationChunk, ChunkSerializer, kwargs["pk"])

    @extend_schema(summary="Borrowers set aside in a run", responses=QuarantineSerializer(many=True))
    @action(detail=True, filterset_class=QuarantineFilter)
    def quarantine(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Read which borrowers were set aside so that the others could be finished, and with which error."""
        return self._below(request, Quarantine, QuarantineSerializer, kwargs["pk"])

    @write_action(takes=StartInput, gives=RunSerializer, detail=False, path="", status=201, summary="Start a run")
    def create(self, call: WriteRequest) -> Any:
        """Begin a job for a business date. Workers evaluate its chunks; read the run for its progress."""
        return runs.start_run(**call.given, actor=call.actor, at=call.at)

    @write_action(takes=CatchUpInput, gives=RunSerializer, detail=False, status=201, summary="Catch up missed days")
    def catch_up(self, call: WriteRequest) -> Any:
        """Begin the first missed business date; the dates after it follow in order."""
        run = catch_up.catch_up(**call.given, actor=call.actor, at=call.at)
        if run is None:
            raise Missing(NOTHING_MISSED)
        return run

    @write_action(gives=RunSerializer, summary="Pause a run")
    def pause(self, call: WriteRequest) -> Any:
        """Pause a run: chunks that are being worked are finished, no further one is started."""
        return run_control.pause_run(run=call.record, actor=call.actor, at=call.at)

    @write_action(gives=RunSerializer, summary="Resume a paused run")
    def resume(self, call: WriteRequest) -> Any:
        """Let a paused run go on where it stopped."""
        return run_control.resume_run(run=call.record, actor=call.actor, at=call.at)

    @write_action(gives=RunSerializer, summary="Cancel a run")
    def cancel(self, call: WriteRequest) -> Any:
        """Cancel a run. What is applied stays applied."""
        return run_control.cancel_run(run=call.record, actor=call.actor, at=call.at)

    @write_action(takes=ReleaseInput, gives=RunSerializer, summary="Release a run that a circuit breaker stopped")
    def release(self, call: WriteRequest) -> Any:
        """Let a held run go on; not for the person who started it."""
        return run_control.release_run(run=call.record, **call.given, actor=call.actor, at=call.at)

    @write_action(gives=RunSerializer, summary="Refuse a run that a circuit breaker stopped")
    def refuse(self, call: WriteRequest) -> Any:
        """Cancel a held run. Nothing of it was applied."""
        return run_control.refuse_held(run=call.record, actor=call.actor, at=call.at)

    @write_action(takes=RetryInput, gives=RunSerializer, summary="Try borrowers again who were set aside")
    def retry(self, call: WriteRequest) -> Any:
        """Evaluate borrowers who were set aside once more; a finished run is reopened for it."""
        run_control.retry_quarantined(
            run=call.record, borrower_ids=call.given["borrowers"], actor=call.actor, at=call.at
        )
        return call.record

    def _below(self, request: Request, model: Any, shape: Any, pk: Any) -> Response:
        run = get_object_or_404(self.get_queryset(), pk=pk)
        rows = self.filter_queryset(model.objects.visible_to(request.user).filter(run=run))
        return self.get_paginated_response(shape(self.paginate_queryset(rows), many=True).data)
