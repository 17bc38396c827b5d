"""The last evaluation of each agency, for lists."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from visits.models import Agency, AgencyEvaluation


def with_last_score(rows: "QuerySet[Agency, Any]") -> "QuerySet[Agency, Any]":
    """Add to each agency `last_score`, its last evaluation's score, low and high, in the same query; None without one."""
    last = (
        AgencyEvaluation.objects.filter(agency=OuterRef("pk"))
        .order_by("-evaluated_on", "-pk")
        .values(last=JSONObject(score="score", low="score_low", high="score_high"))
    )
    return rows.annotate(last_score=Subquery(last[:1]))
