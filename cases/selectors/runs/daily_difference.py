"""What one night changed: hits that began and ended, cases that were regraded. Range scans of one day, never of history."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Count, F, FilteredRelation, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import get_language

from cases.enums import CaseEventKind, Job, RunState
from cases.models import Case, CaseEvent, EvaluationRun, TriggerHit

PAGE: Final = 50
STAYED_DAYS: Final = timedelta(days=92)
# The bucket of an account without facts of the day: it is not overdue any more.
CURRENT: Final = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """How many hits of a rule began and ended in a territory and bucket (0 is "not overdue any more")."""

    rule: str
    territory_id: int
    bucket: int
    entered: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkedDays:
    """A business date among the worked ones; all are None where none was worked."""

    before: date | None
    day: date | None
    after: date | None
    newest: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """
    A business date against the one before it.

    `stayed` are the hits that held through it, by rule; None for a day that is long past (STAYED_DAYS).
    """

    business_date: date
    turns: Sequence[Turn]
    stayed: Mapping[str, int] | None
    regraded: int

    @property
    def entered(self) -> int:
        return sum(turn.entered for turn in self.turns)

    @property
    def left(self) -> int:
        return sum(turn.left for turn in self.turns)


def difference(*, user: Any, business_date: date, newest: date | None = None) -> Difference:
    """
    Return what changed on a business date in the territories that `user` sees, in five queries.

    Hits of muted reasons count like others. Looks at the hits that began or ended on the day, and, for those that
    stayed, at the ones that are open or ended later; history before the day is not read. `newest` is the last day that
    was worked: how many stayed is not counted for a day long before it, since all that ended since would be read.
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
        turns=[
            Turn(rule=rule, territory_id=territory_id, bucket=bucket, **numbers)
            for (rule, territory_id, bucket), numbers in sorted(counts.items())
        ],
        stayed=None if is_long_past else dict(held.values_list("rule").order_by("rule").annotate(number=Count("pk"))),
        regraded=regraded(user=user, business_date=business_date).count(),
    )


def turned(
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
    Return up to PAGE + 1 hits that "entered" or "left" on a business date, with `bucket` and the `case_id` of their
    borrower's newest case, in the order of their keys from the one beyond `after`.
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
    newest = Case.objects.filter(borrower_id=OuterRef("borrower_id")).order_by("-pk").values("pk")[:1]
    shown = found.annotate(case_id=Subquery(newest)).select_related("account", "borrower__territory")
    # Sorted by an expression: by the key itself the database might walk the whole history to fill a page.
    return list(shown.order_by(F("pk") + 0)[: PAGE + 1])


def regraded(*, user: Any, business_date: date) -> QuerySet[CaseEvent]:
    """Return the events of cases whose grade or priority changed on a business date, in order."""
    rows: QuerySet[CaseEvent] = CaseEvent.objects.visible_to(user)
    return rows.filter(kind=CaseEventKind.REGRADED, business_date=business_date).order_by("pk")


def worked_days(*, around: date | None) -> WorkedDays:
    """
    Return a day among those whose triggers were worked to the end: its neighbours, and the newest of all.

    Without `around` the day is the newest; a day that was not worked is returned as it is, between its neighbours.
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
    """Return the codes of all rules that were ever in force, with the newest title of each in the reader's language."""
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (rule->>'code') rule->>'code', rule->'title'->>%s"
            " FROM cases_policyversion version, jsonb_array_elements(version.body->'rules') rule"
            " WHERE version.state <> 'DRAFT' ORDER BY rule->>'code', version.id DESC",
            [language],
        )
        return dict(cursor.fetchall())


def _entered(user: Any, business_date: date, codes: Sequence[str]) -> QuerySet[TriggerHit]:
    # The index leads with the rule: named one by one, each is a scan of the day alone.
    rows: QuerySet[TriggerHit] = TriggerHit.objects.visible_to(user)
    return rows.filter(rule__in=codes, entered_on=business_date)


def _left(user: Any, business_date: date) -> QuerySet[TriggerHit]:
    rows: QuerySet[TriggerHit] = TriggerHit.objects.visible_to(user)
    return rows.filter(left_on=business_date)


def _with_bucket(rows: QuerySet[TriggerHit], business_date: date) -> QuerySet[Any]:
    """Add the account's bucket on the day, from its facts."""
    of_day = FilteredRelation("account__facts", condition=Q(account__facts__business_date=business_date))
    return rows.annotate(of_day=of_day).annotate(bucket=Coalesce("of_day__bucket", CURRENT))
