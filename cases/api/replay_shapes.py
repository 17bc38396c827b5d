"""REST shapes of a replay: what a version's table of proposals would have given for recorded verifications."""

from typing import Any

from rest_framework import serializers

from cases.selectors.policies.proposal_replay import MOST_DAYS, USUAL_DAYS, Replay


class ReplayInput(serializers.Serializer[Any]):
    """How many days back."""

    days = serializers.IntegerField(
        min_value=1, max_value=MOST_DAYS, required=False, default=USUAL_DAYS, help_text="Verifications of so many days."
    )


class AdviceSerializer(serializers.Serializer[Any]):
    """What a table gives."""

    row = serializers.CharField(help_text="Code of the row; empty where it is decided before the table.")
    reasons = serializers.ListField(child=serializers.CharField())
    next_step = serializers.CharField()
    decisions = serializers.SerializerMethodField()

    def get_decisions(self, advice: Any) -> list[dict[str, Any]]:
        """Return kind and terms of each decision that is proposed."""
        return [
            {"kind": str(each.kind), "terms": dict(each.terms), "expires_days": each.expires_days}
            for each in advice.proposals
        ]


class ReplayedSerializer(serializers.Serializer[Any]):
    """One verification for which something else would have been proposed."""

    verification = serializers.IntegerField(source="verification.pk")
    case = serializers.IntegerField(source="verification.case_id")
    verified_on = serializers.DateField(source="verification.verified_on")
    before = AdviceSerializer()
    after = AdviceSerializer()


class FlowSerializer(serializers.Serializer[Any]):
    """How many verifications have this result before and that one after."""

    before = serializers.ListField(child=serializers.CharField(), help_text="Kinds of decisions, or the next step.")
    after = serializers.ListField(child=serializers.CharField())
    count = serializers.IntegerField()


class ReplaySerializer(serializers.Serializer[Any]):
    """The verifications of some days under the version in force and under this version."""

    days = serializers.IntegerField()
    against = serializers.IntegerField(
        source="against.pk", default=None, help_text="Id of the version in force; null if there is none."
    )
    replayed = serializers.IntegerField()
    is_cut = serializers.BooleanField(help_text="Whether there were more than could be replayed.")
    by_present_figures = serializers.IntegerField(help_text="How many were judged by today's figures.")
    changed_count = serializers.IntegerField()
    flows = serializers.SerializerMethodField()
    changed = ReplayedSerializer(many=True)

    def get_flows(self, replay: Replay) -> list[dict[str, Any]]:
        """Return the counts, the largest first."""
        flows = sorted(replay.flows.items(), key=lambda item: (-item[1], item[0]))
        return FlowSerializer(
            [{"before": old, "after": new, "count": count} for (old, new), count in flows], many=True
        ).data  # type: ignore[return-value]
