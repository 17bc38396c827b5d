"""What every agency did in a year, by kind of case, and the complaints about what it did itself."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models import Case as When_
from django.db.models.functions import Coalesce, TruncDate

from cases.enums import ComplaintState, ComplaintTopic
from cases.models import AccountFacts, Complaint
from visits.enums import ReviewVerdict
from visits.models import CheckIn, Placement, Review, VisitOrder, VisitReport
from visits.rules.case_mix import OVERDUE_LONGER, OVERDUE_UNKNOWN, OVERDUE_UP_TO, Stratum
from visits.rules.scorecard import AgencyCounts
from visits.selectors.conduct import OFFICIAL_ZONE

PERIOD_DAYS: Final = 365
# A report is on time within a day of the visit.
REPORT_TIME: Final = timedelta(hours=24)

Figures = dict[int, dict[Stratum, AgencyCounts]]


def agency_figures(*, business_date: date) -> Figures:
    """
    Return what each agency (by its number) did in the 365 days up to `business_date`, by kind of case.

    With three queries for any number of agencies. An agency that had no visit is absent.
    """
    since = business_date - timedelta(days=PERIOD_DAYS)
    figures = _visits(since=since)
    complained = _complained_of(since=since, until=business_date)
    strata = {
        pk: (agency, Stratum(territory, grade, overdue))
        for pk, agency, territory, grade, overdue in _with_overdue(
            Placement.objects.filter(pk__in=complained), case="case", placed_on="placed_on"
        ).values_list("pk", "agency", "case__territory", "case__grade", "overdue")
    }
    for placement, upheld in complained.items():
        agency, stratum = strata[placement]
        own = figures.get(agency, {})
        if own:
            # Without a visit in this kind of case the complaint counts where the agency made most visits.
            at = stratum if stratum in own else max(own, key=lambda each: (own[each].visits, each))
            own[at] = replace(own[at], complaints_upheld=own[at].complaints_upheld + upheld)
    return figures


def _visits(*, since: date) -> Figures:
    reports = VisitReport.objects.filter(order=OuterRef("pk"))
    first = reports.filter(version=1)
    judged = Review.objects.filter(report__order=OuterRef("pk"))
    # What waits for a second reviewer is not accepted yet, and the second one's verdict decides.
    accepted = judged.filter(
        Q(needs_second=False) | Q(second__verdict=ReviewVerdict.ACCEPTED), verdict=ReviewVerdict.ACCEPTED
    )
    crossed = Q(verdict=ReviewVerdict.RED_LINE) | Q(second__verdict=ReviewVerdict.RED_LINE)
    orders = _with_overdue(
        VisitOrder.objects.filter(placement__isnull=False, planned_arrival_at__date__gt=since),
        case="placement__case",
        placed_on="placement__placed_on",
    ).annotate(
        at_door=Exists(CheckIn.objects.filter(order=OuterRef("pk"), moment=CheckIn.Moment.IN)),
        reported=Exists(reports),
        on_time=Exists(first.filter(submitted_at__lte=OuterRef("window_end") + Value(REPORT_TIME))),
        breach=Exists(reports.exclude(incident_codes=[])),
        accepted_first=Exists(accepted.filter(report__version=1)),
        red_line=Exists(judged.filter(crossed)),
    )
    rows = (
        orders.order_by()
        .values("placement__agency", "case__territory", "case__grade", "overdue")
        .annotate(
            **{
                name: Count("pk", filter=Q(**{flag: True}))
                for name, flag in (
                    ("visits", "at_door"),
                    ("reports", "reported"),
                    ("reports_on_time", "on_time"),
                    ("conduct_breaches", "breach"),
                    ("reports_accepted_first", "accepted_first"),
                    ("red_lines", "red_line"),
                )
            }
        )
    )
    figures: Figures = {}
    for row in rows:
        agency = row.pop("placement__agency")
        stratum = Stratum(row.pop("case__territory"), row.pop("case__grade"), row.pop("overdue"))
        figures.setdefault(agency, {})[stratum] = AgencyCounts(**row)
    return figures


def _complained_of(*, since: date, until: date) -> Mapping[int, int]:
    """
    Return how many upheld complaints about a visit each placement (by its number) answers for.

    That of the visit which was made on the case on that day; where none was, the placement that held the case then.
    """
    day = TruncDate("received_at", tzinfo=OFFICIAL_ZONE)
    visit = (
        CheckIn.objects.annotate(day=day)
        .filter(
            order__case=OuterRef("case"),
            order__placement__isnull=False,
            moment=CheckIn.Moment.IN,
            day=OuterRef("occurred_on"),
        )
        .order_by("-received_at", "-pk")
        .values("order__placement")
    )
    held = (
        Placement.objects.filter(
            Q(ended_on__isnull=True) | Q(ended_on__gte=OuterRef("occurred_on")),
            case=OuterRef("case"),
            placed_on__lte=OuterRef("occurred_on"),
        )
        .order_by("-placed_on", "-pk")
        .values("pk")
    )
    complaints = Complaint.objects.filter(
        state=ComplaintState.UPHELD,
        topic=ComplaintTopic.VISIT_CONDUCT,
        occurred_on__gt=since,
        occurred_on__lte=until,
    ).annotate(placement=Coalesce(Subquery(visit[:1]), Subquery(held[:1]), output_field=BigIntegerField()))
    rows = complaints.filter(placement__isnull=False).order_by().values("placement").annotate(upheld=Count("pk"))
    return {row["placement"]: row["upheld"] for row in rows}


def _with_overdue(rows: "QuerySet[Any, Any]", *, case: str, placed_on: str) -> "QuerySet[Any, Any]":
    """Add `overdue` to each row: the word of how long its case was overdue on the day on which it was placed."""
    facts = (
        AccountFacts.objects.filter(
            account__borrower=OuterRef(f"{case}__borrower"), business_date__lte=OuterRef(placed_on)
        )
        .order_by("-business_date", "-days_past_due")
        .values("days_past_due")
    )
    words = [When(days_overdue__lte=last, then=Value(word)) for last, word in OVERDUE_UP_TO]
    with_days = rows.annotate(days_overdue=Subquery(facts[:1], output_field=IntegerField()))
    return with_days.annotate(  # type: ignore[no-any-return]
        overdue=When_(
            When(days_overdue__isnull=True, then=Value(OVERDUE_UNKNOWN)),
            *words,
            default=Value(OVERDUE_LONGER),
            output_field=CharField(),
        )
    )
