"""The JSON shapes of nightly runs. Borrowers are ids; errors are type and code, never their text."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from backoffice.core.rest.shapes import IdField, LabelField, PersonField
from cases.enums import Job, Measure
from cases.models import EvaluationChunk, EvaluationRun, Quarantine
from cases.rules.run_lifecycle import MOST_MISSED_DAYS


class HeldSerializer(serializers.Serializer[Any]):
    """
    An exceeded limit: a count against the largest share of those judged, and against a multiple of the median.

    For old figures (FIGURES) the count is of accounts of one `source` with figures older than `max_age_days`.
    """

    measure = serializers.ChoiceField(choices=Measure.choices)
    count = serializers.IntegerField()
    of = serializers.IntegerField(help_text="Borrowers or accounts that were judged.")
    max_share = serializers.CharField()
    max_multiple = serializers.CharField(allow_null=True)
    median = serializers.CharField(allow_null=True, help_text="Of the last finished runs; null with too few of them.")
    is_share = serializers.BooleanField(help_text="Whether the share is exceeded.")
    is_multiple = serializers.BooleanField(help_text="Whether the multiple of the median is exceeded.")
    source = serializers.CharField(  # type: ignore[assignment]  # a field's own argument of this name is not used here
        allow_null=True, default=None, help_text="Null for every other measure."
    )
    max_age_days = serializers.IntegerField(allow_null=True, default=None)
    newest_age_days = serializers.IntegerField(
        allow_null=True, default=None, help_text="Of the source's newest figures."
    )
    newest_as_of = serializers.DateField(allow_null=True, default=None)


class RunSerializer(serializers.ModelSerializer[EvaluationRun]):
    """One job for one business date."""

    job_label = LabelField("job")
    state_label = LabelField("state")
    phase_label = LabelField("phase")
    policy_version = serializers.IntegerField(source="policy_version.number", read_only=True)
    chunks = serializers.IntegerField(source="chunk_total", read_only=True)
    chunks_to_preview = serializers.IntegerField(source="chunk_to_preview", read_only=True)
    chunks_open = serializers.IntegerField(source="chunk_open", read_only=True, help_text="Not yet applied.")
    accounts = serializers.IntegerField(source="account_count", read_only=True)
    hits = serializers.IntegerField(source="hit_count", read_only=True)
    opened = serializers.IntegerField(source="opened_count", read_only=True)
    closed = serializers.IntegerField(source="closed_count", read_only=True)
    proposed = serializers.IntegerField(source="proposed_count", read_only=True)
    quarantined = serializers.IntegerField(source="quarantined_count", read_only=True)
    held_because = HeldSerializer(many=True, read_only=True)
    started_by = PersonField()
    released_by = PersonField()

    class Meta:
        model = EvaluationRun
        fields = (
            "id",
            "job",
            "job_label",
            "business_date",
            "policy_version",
            "state",
            "state_label",
            "phase",
            "phase_label",
            "passes",
            "chunks",
            "chunks_to_preview",
            "chunks_open",
            "accounts",
            "hits",
            "opened",
            "closed",
            "proposed",
            "quarantined",
            "started_at",
            "previewed_at",
            "finished_at",
            "started_by",
            "held_because",
            "released_by",
            "released_at",
            "release_note",
            "catch_up_until",
        )
        read_only_fields = fields


class ChunkSerializer(serializers.ModelSerializer[EvaluationChunk]):
    """A range of borrowers, or of people with several borrowers, [lower, upper) that is evaluated in one transaction."""

    state_label = LabelField("state")
    accounts = serializers.IntegerField(source="account_count", read_only=True)
    hits = serializers.IntegerField(source="hit_count", read_only=True)

    class Meta:
        model = EvaluationChunk
        fields = (
            "id",
            "of_people",
            "lower",
            "upper",
            "state",
            "state_label",
            "is_previewed",
            "attempts",
            "leased_until",
            "finished_at",
            "worked_ms",
            "accounts",
            "hits",
            "last_error",
        )


class QuarantineSerializer(serializers.ModelSerializer[Quarantine]):
    """A borrower who was set aside so that the others could be finished."""

    borrower = serializers.IntegerField(source="borrower_id", read_only=True)

    class Meta:
        model = Quarantine
        fields = ("id", "borrower", "error", "created_at", "resolved_at")


class StartInput(serializers.Serializer[Any]):
    """Which job, for which business date."""

    job = serializers.ChoiceField(choices=Job.choices)
    business_date = serializers.DateField()


class CatchUpInput(serializers.Serializer[Any]):
    """Which job, up to and including which business date."""

    job = serializers.ChoiceField(choices=Job.choices)
    until = serializers.DateField(help_text=f"At most {MOST_MISSED_DAYS} missed days are worked, the newest ones.")


class ReleaseInput(serializers.Serializer[Any]):
    """Why a run that exceeds its limits may go on."""

    note = serializers.CharField(max_length=300)


class RetryInput(serializers.Serializer[Any]):
    """Which borrowers are retried; all that are set aside unless named."""

    borrowers = serializers.ListField(
        child=IdField(),
        max_length=1000,
        required=False,
        allow_null=True,
        default=None,
        allow_empty=False,
        error_messages={"empty": _("Name somebody, or leave it out for everybody.")},
    )
