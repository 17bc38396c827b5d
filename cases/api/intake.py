"""REST doors of the intake: take a file in, read what became of it, and its rejected rows."""

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.core.rest.api import ReadViewSet
from backoffice.core.rest.shapes import LabelField, PersonField
from backoffice.outbox.write_actions import Accepted, WriteRequest, write_action
from cases.api.filters import IntakeFilter
from cases.api.inputs import IntakeInput
from cases.models import IntakeDifference, IntakeFile, IntakeReject
from cases.services.intake import uploads
from cases.services.intake.take_in import take_in


class IntakeSerializer(serializers.ModelSerializer[IntakeFile]):
    """One file taken in, with the counts of its rows."""

    profile = serializers.CharField(source="profile_name", read_only=True)
    state_label = LabelField("state")
    rows = serializers.IntegerField(source="row_count", read_only=True)
    created = serializers.IntegerField(source="created_count", read_only=True)
    updated = serializers.IntegerField(source="updated_count", read_only=True)
    unchanged = serializers.IntegerField(source="unchanged_count", read_only=True)
    rejected = serializers.IntegerField(source="rejected_count", read_only=True)
    doubtful = serializers.IntegerField(
        source="doubtful_count",
        read_only=True,
        help_text="Values of taken rows that were not taken, such as a telephone that is none; they wait for the desk.",
    )
    profile_version = serializers.IntegerField(
        source="profile_version.number",
        read_only=True,
        allow_null=True,
        default=None,
        help_text="The version of the lender's own profile that reads the file; null for a shipped profile.",
    )
    mode_label = LabelField("mode")
    total = serializers.IntegerField(
        source="total_count",
        read_only=True,
        allow_null=True,
        help_text="Rows in the file, once it was read to its end.",
    )
    missing = serializers.IntegerField(
        source="missing_count",
        read_only=True,
        help_text="Open accounts of the source that a full snapshot does not name.",
    )
    missing_state_label = LabelField("missing_state")
    taken_by = PersonField()

    class Meta:
        model = IntakeFile
        fields = (
            "id",
            "profile",
            "profile_version",
            "file_name",
            "sha256",
            "state",
            "state_label",
            "mode",
            "mode_label",
            "dry_run",
            "total",
            "rows",
            "created",
            "updated",
            "unchanged",
            "rejected",
            "doubtful",
            "missing",
            "missing_state",
            "missing_state_label",
            "problem",
            "started_at",
            "finished_at",
            "taken_by",
        )
        read_only_fields = fields


class RejectSerializer(serializers.ModelSerializer[IntakeReject]):
    """A problem of a row that was not taken: row number, field and reason; no cell of the row."""

    reason = serializers.CharField(source="told_reason", read_only=True)

    class Meta:
        model = IntakeReject
        fields = ("id", "row_number", "field", "reason", "created_at")


class IntakeDifferenceSerializer(serializers.ModelSerializer[IntakeDifference]):
    """What a dry run would change: counts by table and field; a sample of [table, reference, field, before, after]."""

    class Meta:
        model = IntakeDifference
        fields = ("counts", "sample")
        read_only_fields = fields


class IntakeViewSet(ReadViewSet):
    """Files of the lender. The same file again finds nothing to do."""

    model = IntakeFile
    permissions = {
        "list": "cases.view_intakefile",
        "retrieve": "cases.view_intakefile",
        "rejects": "cases.view_intakereject",
        "difference": "cases.view_intakedifference",
        "create": "cases.run_intake",
    }
    scopes = dict.fromkeys(("list", "retrieve", "rejects", "difference", "create"), "portfolio:write")
    related = ("taken_by", "profile_version")
    parser_classes = [MultiPartParser]
    serializer_class = IntakeSerializer
    filterset_class = IntakeFilter

    @write_action(
        takes=IntakeInput,
        gives=IntakeSerializer,
        detail=False,
        path="",
        files=True,
        in_parts=True,
        status=201,
        accepted=True,
        summary="Take in a file",
    )
    def create(self, call: WriteRequest) -> Any:
        """
        Take in one file: CSV, NDJSON (both also gzip-compressed) or XLSX. Rejected rows say why.

        Up to 20 MB the answer is 201 with the counts of the rows. A larger file, up to 2 GB, waits for a worker: the
        answer is 202 with the state QUEUED; read the file's own address until its state is FINISHED or FAILED.
        """
        upload = call.given["file"]
        if upload.size > uploads.AT_ONCE_BYTES:
            return Accepted(
                uploads.queue_upload(
                    content=upload.chunks(),
                    file_name=upload.name,
                    size=upload.size,
                    profile=call.given["profile"],
                    mode=call.given["mode"],
                    dry_run=call.given["dry_run"],
                    actor=call.actor,
                    at=call.at,
                )
            )
        with NamedTemporaryFile(suffix=".intake") as copy:
            for chunk in upload.chunks():
                copy.write(chunk)
            copy.flush()
            result = take_in(
                path=Path(copy.name),
                profile=call.given["profile"],
                actor=call.actor,
                at=call.at,
                dry_run=call.given["dry_run"],
                mode=call.given["mode"],
                file_name=upload.name,
            )
        return self.get_queryset().get(pk=result.file_id)

    @extend_schema(summary="Rejected rows of a file", responses=RejectSerializer(many=True))
    @action(detail=True, filterset_class=None)
    def rejects(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Read which rows were not taken, with the field and the reason."""
        file = get_object_or_404(self.get_queryset(), pk=kwargs["pk"])
        page = self.paginate_queryset(IntakeReject.objects.visible_to(request.user).filter(file=file))
        return self.get_paginated_response(RejectSerializer(page, many=True).data)

    @extend_schema(summary="What a dry run would change", responses=IntakeDifferenceSerializer)
    @action(detail=True, filterset_class=None, pagination_class=None)
    def difference(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """
        Read the counts by field and a sample of up to 1,000 changes, without the values of personal fields.

        Both are empty if the file was no dry run.
        """
        file = get_object_or_404(self.get_queryset(), pk=kwargs["pk"])
        kept = IntakeDifference.objects.visible_to(request.user).filter(file=file).first()
        return Response(IntakeDifferenceSerializer(kept or IntakeDifference(file=file)).data)
