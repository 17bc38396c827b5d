"""What the sweep writes of a chunk: drafts with their placements, cases that it passed over, and a line for each reason."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from backoffice.audit.services import record
from backoffice.core.batches import insert_copies
from backoffice.core.id_lists import any_of
from cases.enums import CaseEventKind
from cases.models import Address
from cases.services.casework.events import write_events
from visits.enums import VisitPurpose
from visits.models import Agency, PassedOver, Placement, SweepLine, VisitOrder
from visits.services.agencies.placement import new_placement
from visits.services.dispatch.orders import new_order


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """
    A visit to draft, by ids. `placement` is the case's live placement, None where it gets one now.

    The draft lapses after `valid_days`, as the limits of its territory say.
    """

    case: int
    territory: int
    address: int
    placement: int | None
    ordinal: int
    reason: str
    valid_days: int


def write_drafts(*, drafts: Sequence[Draft], agencies: Mapping[int, Agency], at: datetime, business_date: date) -> None:
    """
    Write the drafts, and a placement for each case in `agencies`, with their lines in the timeline and one audit entry.

    In the caller's transaction, by the same number of statements for any number of drafts.
    """
    if not drafts:
        return
    placed = _write_placements(agencies=agencies, at=at, business_date=business_date)
    template = new_order(
        case_id=0,
        address=Address(pk=0),
        purposes=VisitPurpose.values,
        reason="",
        actor=None,
        at=at,
        business_date=business_date,
        ordinal=1,
        valid_days=0,
    )
    orders = insert_copies(
        template=template,
        columns={
            "case_id": [draft.case for draft in drafts],
            "placement_id": [draft.placement or placed[draft.case] for draft in drafts],
            "address_id": [draft.address for draft in drafts],
            "ordinal": [draft.ordinal for draft in drafts],
            "reason": [draft.reason[:300] for draft in drafts],
            "valid_until": [business_date + timedelta(days=draft.valid_days) for draft in drafts],
        },
        key="case_id",
    )
    PassedOver.objects.filter(case__in=any_of(orders)).delete()
    some_placement = Placement()
    lines: list[tuple[int, dict[str, Any]]] = [
        (case, {"action": "place", "agency": agencies[case].code, "placement": _numbered(some_placement, placement)})
        for case, placement in placed.items()
    ]
    lines += [
        (case, {"action": "request", "order": _numbered(template, order), "purposes": template.purposes})
        for case, order in orders.items()
    ]
    write_events(kind=CaseEventKind.VISIT, actor=None, at=at, events=lines)
    record(
        actor=None,
        action="visit.drafted",
        subject=("visits.visitorder", business_date.isoformat()),
        at=at,
        body={"orders": sorted(orders.values()), "placements": sorted(placed.values())},
    )


def _numbered(record: Placement | VisitOrder, number: int) -> str:
    """Return the number that people read; one record serves for thousands of them."""
    record.pk = number
    return str(record)


def _write_placements(*, agencies: Mapping[int, Agency], at: datetime, business_date: date) -> dict[int, int]:
    """Write a placement for each case; return the placement of each case."""
    # The term may end earlier with one agency than with another, and is the same for all cases of one.
    terms = {
        agency: new_placement(case_id=0, agency=agency, actor=None, at=at, business_date=business_date)
        for agency in set(agencies.values())
    }
    if not terms:
        return {}
    return insert_copies(
        template=next(iter(terms.values())),
        columns={
            "case_id": list(agencies),
            "agency_id": [agency.pk for agency in agencies.values()],
            "term_ends_on": [terms[agency].term_ends_on for agency in agencies.values()],
        },
        key="case_id",
    )


def write_passed_over(*, passed_over: Sequence[tuple[int, int, str]], at: datetime, business_date: date) -> None:
    """
    Write that cases (id, territory, reason) were looked at and passed over, in the caller's transaction.

    A case's timeline has a line only on the day when its reason begins: the next days would say the same again.
    """
    if not passed_over:
        return
    ids = [case for case, _territory, _why in passed_over]
    known = {
        case: (reason, since)
        for case, reason, since in PassedOver.objects.filter(case__in=any_of(ids)).values_list(
            "case", "reason", "since"
        )
    }
    rows = []
    for case, _territory, why in passed_over:
        reason, since = known.get(case, ("", business_date))
        began = since if reason == why else business_date
        rows.append(PassedOver(case_id=case, reason=why, since=began, looked_on=business_date))
    PassedOver.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["case"], update_fields=["reason", "since", "looked_on"]
    )
    write_events(
        kind=CaseEventKind.VISIT,
        actor=None,
        at=at,
        events=[
            (case, {"action": "skip", "skipped": why})
            for case, _territory, why in passed_over
            if known.get(case, ("",))[0] != why
        ],
    )
    _add(counts=Counter((territory, why) for _case, territory, why in passed_over), at=at, business_date=business_date)


def write_warnings(*, placed: Mapping[int, int], at: datetime, business_date: date) -> None:
    """Add the cases that were placed in territories with too few agencies to keep shares, by territory."""
    _add(
        counts={(territory, SweepLine.Reason.FEW_AGENCIES.value): count for territory, count in placed.items()},
        at=at,
        business_date=business_date,
    )


def write_full(*, waiting: Mapping[tuple[int, str], int], at: datetime, business_date: date) -> dict[str, int]:
    """
    Write how many cases wait in full territories, by (territory, reason), in the caller's transaction.

    Return by reason how many more they are than was noted that day.
    """
    known = {
        (territory, reason): count
        for territory, reason, count in SweepLine.objects.filter(
            business_date=business_date, territory__in={territory for territory, _reason in waiting}
        ).values_list("territory", "reason", "cases")
    }
    _write_lines(counts=waiting, change="EXCLUDED.cases", at=at, business_date=business_date)
    more: Counter[str] = Counter()
    for (territory, reason), count in waiting.items():
        more[reason] += max(0, count - known.get((territory, reason), 0))
    return {reason: count for reason, count in more.items() if count}


def _add(*, counts: Mapping[tuple[int, str], int], at: datetime, business_date: date) -> None:
    """Add to the day's lines by (territory, reason); two sweeps at once lose nothing."""
    _write_lines(counts=counts, change="visits_sweepline.cases + EXCLUDED.cases", at=at, business_date=business_date)


def _write_lines(*, counts: Mapping[tuple[int, str], int], change: str, at: datetime, business_date: date) -> None:
    # Always in one order, so that two sweeps wait for each other and never both.
    keys = sorted(counts)
    insert_copies(
        template=SweepLine(business_date=business_date, updated_at=at),
        columns={
            "territory_id": [territory for territory, _reason in keys],
            "reason": [reason for _territory, reason in keys],
            "cases": [counts[key] for key in keys],
        },
        conflict=f"(business_date, territory_id, reason) DO UPDATE SET cases = {change}, updated_at = EXCLUDED.updated_at",
    )
