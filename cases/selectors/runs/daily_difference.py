"""What the run of one business date changed: hits that began and ended, and cases that were regraded."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Count, F, FilteredRelation, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import get_language

from backoffice.core.batches import literal
from cases.enums import CaseEventKind, Job, PolicyState, RunState
from cases.models import Case, CaseEvent, EvaluationRun, TriggerHit

PAGE: Final = 50
# For a date longer ago than this, the hits that held through it are not counted: too many ended since.
STAYED_DAYS: Final = timedelta(days=92)
# The bucket of an account without facts of the date: it is no longer overdue.
CURRENT: Final = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HitChange:
    """How many hits of a rule began and ended in a territory and bucket (0: no longer overdue)."""

    rule: str
    territory_id: int
    bucket: int
    entered: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkedDays:
    """A business date, the finished dates before and after it, and the newest finished one; None where there is none."""

    before: date | None
    day: date | None
    after: date | None
    newest: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """
    The changes of a business date.

    `changes` by rule, territory and bucket. `stayed` counts the hits that held before and after, by rule; None for a date
    longer ago than STAYED_DAYS. `regraded` counts changes of a case's grade or priority.
    """

    business_date: date
    changes: Sequence[HitChange]
    stayed: Mapping[str, int] | None
    regraded: int

    @property
    def entered(self) -> int:
        """Return how many hits began."""
        return sum(change.entered for change in self.changes)

    @property
    def left(self) -> int:
        """Return how many hits ended."""
        return sum(change.left for change in self.changes)


def difference(*, user: Any, business_date: date, newest: date | None = None) -> Difference:
    """
    Return what changed on a business date in the territories that `user` sees, in five queries.

    Muted hits count like others. Only hits that began or ended on the date are read and, for those that stayed, hits
    that are open or ended later. `newest` is the last finished date: how many stayed is not counted for a date longer
    than STAYED_DAYS before it, because all hits that ended since would be read.
    """
    codes = list(rule_titles())
    counts: dict[tuple[str, int, int], dict[str, int]] = defaultdict(lambda: {"entered": 0, "left": 0})
    for name, rows in (("entered", _entered(user, business_date, codes)), ("left", _left(user, business_date))):
        by = _with_bucket(rows, business_date).values("rule", "borrower__territory_id", "bucket").order_by()
        for row in by.annotate(number=Count("pk")):
            counts[row["rule"], row["borrower__territory_id"], row["bucket"]][name] += row["number"]
    held = TriggerHit.objects.visible_to(user).filter(
        Q(left_on__isnull=True) | Q(left_on__gt=business_date), entered_on__lt=business_date
    )
    is_long_past = newest is not None and newest - business_date > STAYED_DAYS
    return Difference(
        business_date=business_date,
        changes=[
            HitChange(rule=rule, territory_id=territory_id, bucket=bucket, **numbers)
            for (rule, territory_id, bucket), numbers in sorted(counts.items())
        ],
        stayed=None if is_long_past else dict(held.values_list("rule").order_by("rule").annotate(number=Count("pk"))),
        regraded=regraded(user=user, business_date=business_date).count(),
    )


def changed_hits(
    *,
    user: Any,
    business_date: date,
    kind: str,
    rule: str = "",
    territory_id: int | None = None,
    bucket: int | None = None,
    after: int = 0,
) -> list[Any]:
    """
    Return up to PAGE + 1 hits that "entered" or "left" (`kind`) on a business date, ordered by id and above `after`.

    Each has the `bucket` of its account and the `case_id` of the person's newest case. Only what `user` may see; of one
    rule, territory or bucket if given.
    """
    if kind == "left":
        rows = _left(user, business_date)
        rows = rows.filter(rule=rule) if rule else rows
    else:
        rows = _entered(user, business_date, [rule] if rule else list(rule_titles()))
    found = _with_bucket(rows, business_date).filter(pk__gt=after)
    if territory_id is not None:
        found = found.filter(borrower__territory_id=territory_id)
    if bucket is not None:
        found = found.filter(bucket=bucket)
    newest = Case.objects.filter(borrower__person_key=OuterRef("borrower__person_key")).order_by("-pk").values("pk")[:1]
    shown = found.annotate(case_id=Subquery(newest)).select_related("account", "borrower__territory")
    # Ordered by an expression: to fill a page in the order of the plain id the planner may read the whole history.
    return list(shown.order_by(F("pk") + 0)[: PAGE + 1])


def regraded(*, user: Any, business_date: date) -> QuerySet[CaseEvent]:
    """Return the events by which a case's grade or priority changed on a business date, in order; what `user` may see."""
    rows: QuerySet[CaseEvent] = CaseEvent.objects.visible_to(user)
    return rows.filter(kind=CaseEventKind.REGRADED, business_date=business_date).order_by("pk")


def worked_days(*, around: date | None) -> WorkedDays:
    """
    Return a business date with the finished trigger runs before and after it, and the newest of all.

    Without `around` the date is the newest; a date without a finished run is returned as it is.
    """
    days = EvaluationRun.objects.filter(job=Job.TRIGGERS, state=RunState.FINISHED)
    newest = days.aggregate(newest=Max("business_date"))["newest"]
    day = around or newest
    if day is None:
        return WorkedDays(before=None, day=None, after=None, newest=None)
    found = days.aggregate(
        before=Max("business_date", filter=Q(business_date__lt=day)),
        after=Min("business_date", filter=Q(business_date__gt=day)),
    )
    return WorkedDays(day=day, newest=newest, **found)


def rule_titles() -> dict[str, str]:
    """Return the codes of all rules of policies beyond their draft, with the newest title of each in the reader's language."""
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (rule->>'code') rule->>'code', rule->'title'->>%s"  # noqa: S608 - our own words
            " FROM cases_policyversion version, jsonb_array_elements(version.body->'rules') rule"
            f" WHERE version.state <> {literal(PolicyState.DRAFT)} ORDER BY rule->>'code', version.id DESC",
            [language],
        )
        return dict(cursor.fetchall())


def _entered(user: Any, business_date: date, codes: Sequence[str]) -> QuerySet[TriggerHit]:
    # The first column of the index is the rule: with the rules listed, each is a scan of this date alone.
    rows: QuerySet[TriggerHit] = TriggerHit.objects.visible_to(user)
    return rows.filter(rule__in=codes, entered_on=business_date)


def _left(user: Any, business_date: date) -> QuerySet[TriggerHit]:
    rows: QuerySet[TriggerHit] = TriggerHit.objects.visible_to(user)
    return rows.filter(left_on=business_date)


def _with_bucket(rows: QuerySet[TriggerHit], business_date: date) -> QuerySet[Any]:
    """Return hits with the `bucket` of their account on the date, from its facts."""
    of_day = FilteredRelation("account__facts", condition=Q(account__facts__business_date=business_date))
    return rows.annotate(of_day=of_day).annotate(bucket=Coalesce("of_day__bucket", CURRENT))
