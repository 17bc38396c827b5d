"""The agencies that may take cases of a territory on a day, their places, and who had a case last."""

from collections.abc import Collection
from datetime import date, timedelta

from django.db.models import Count, Exists, OuterRef, Q

from backoffice.core.id_lists import any_of
from visits.enums import AgencyState, PlacementState
from visits.models import Agency, AgencyEvaluation, AgencyTerritory, Placement
from visits.models.order import LIVE_PLACEMENTS
from visits.rules.agencies.renewal import EVALUATION_DAYS
from visits.rules.allocation import Places, ShareRule
from visits.selectors.policy import conduct_policy


def share_rule() -> ShareRule:
    """Return the share of one agency in force: the shipped one, or the operator's stricter one (settings.CONDUCT)."""
    policy = conduct_policy()
    return ShareRule(most_percent=policy.agency_share_percent, least_agencies=policy.agencies_min)


def locked_places(
    *, territories: Collection[int], business_date: date
) -> tuple[dict[int, list[Places]], dict[int, Agency]]:
    """
    Return each territory's agencies that may take cases, in the order of their numbers, and the agencies by id.

    All capacities of the territories are locked until the end of the caller's transaction, so that nobody else places a
    case there meanwhile. Two queries, however many territories.
    """
    year_ago = business_date - timedelta(days=EVALUATION_DAYS)
    evaluated = AgencyEvaluation.objects.filter(
        agency=OuterRef("agency"), evaluated_on__gt=year_ago, evaluated_on__lte=business_date
    )
    rows = list(
        AgencyTerritory.objects.filter(territory__in=territories)
        .annotate(
            takes=Q(agency__state=AgencyState.ACTIVE)
            & Q(agency__contract_ends_on__gt=business_date)
            & Q(agency__papers_until__gte=business_date)
            & (Q(agency__admitted_on__gt=year_ago) | Exists(evaluated))
        )
        .select_related("agency")
        .order_by("pk")
        .select_for_update(no_key=True, of=("self",))
    )
    live = Placement.objects.filter(case__territory__in=territories, state__in=LIVE_PLACEMENTS).order_by()
    held = {
        (agency, territory): count
        for agency, territory, count in live.values_list("agency", "case__territory").annotate(n=Count("pk"))
    }
    listed = {(row.agency_id, row.territory_id) for row in rows}
    places: dict[int, list[Places]] = {}
    for row in rows:
        taken = held.get((row.agency_id, row.territory_id), 0)
        # Who takes no new cases counts with those that it holds: shares are shares of all live placements.
        capacity = row.capacity if row.takes else 0
        places.setdefault(row.territory_id, []).append(Places(agency=row.agency_id, capacity=capacity, taken=taken))
    for (agency, territory), taken in sorted(held.items()):
        if (agency, territory) not in listed:
            places.setdefault(territory, []).append(Places(agency=agency, capacity=0, taken=taken))
    return places, {row.agency_id: row.agency for row in rows}


def last_agencies(*, cases: Collection[int]) -> dict[int, int]:
    """Return the agency that last had each of `cases`, by case; cases that no agency had are left out."""
    ended = Placement.objects.filter(case__in=any_of(cases), ended_on__isnull=False)
    latest = ended.order_by("case", "-ended_on", "-pk").distinct("case")
    return dict(latest.values_list("case", "agency"))


def had_the_last_term(*, case: int) -> int | None:
    """Return the agency whose placement of the case ended with its term, if no other agency had the case since."""
    latest = Placement.objects.filter(case=case, ended_on__isnull=False).order_by("-ended_on", "-pk").first()
    return latest.agency_id if latest is not None and latest.state == PlacementState.EXPIRED else None
