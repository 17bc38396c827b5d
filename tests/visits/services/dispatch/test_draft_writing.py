"""What a chunk of the sweep writes: drafts with placements and lines, and the day's lines of what was passed over."""

from datetime import timedelta

import pytest

from backoffice.audit.models import AuditEntry
from cases.models import CaseEvent
from tests.factories.visits import AT, TODAY, make_agency, make_case, make_placement
from visits.models import PassedOver, Placement, SweepLine, VisitOrder
from visits.services.dispatch.draft_writing import (
    Draft,
    write_drafts,
    write_full,
    write_passed_over,
    write_warnings,
)


def draft(case, **changes):
    address = case.borrower.addresses.get()
    fields = {"case": case.pk, "territory": case.territory_id, "address": address.pk, "placement": None, "ordinal": 1}
    return Draft(**fields | {"reason": "UNREACHABLE", "valid_days": 14} | changes)


def test_drafts_are_written_with_their_placements_lines_and_one_entry_of_the_trail(shanghai):
    short = make_agency(territory=shanghai, contract_ends_on=TODAY + timedelta(days=20))
    long = make_agency(territory=shanghai, contract_ends_on=TODAY + timedelta(days=400))
    cases = [make_case(territory=shanghai) for _each in range(3)]
    held = make_placement(case=cases[2], agency=long)

    write_drafts(
        drafts=[draft(cases[0]), draft(cases[1], ordinal=3, reason="x" * 400), draft(cases[2], placement=held.pk)],
        agencies={cases[0].pk: short, cases[1].pk: long},
        at=AT,
        business_date=TODAY,
    )

    placed = {p.case_id: p for p in Placement.objects.all()}
    assert [(placed[c.pk].agency, placed[c.pk].term_ends_on) for c in cases[:2]] == [
        (short, TODAY + timedelta(days=20)),
        (long, TODAY + timedelta(days=90)),
    ]
    orders = list(VisitOrder.objects.order_by("case"))
    assert [(o.case, o.placement_id, o.state, o.ordinal, o.reason) for o in orders] == [
        (cases[0], placed[cases[0].pk].pk, "DRAFT", 1, "UNREACHABLE"),
        (cases[1], placed[cases[1].pk].pk, "DRAFT", 3, "x" * 300),
        (cases[2], held.pk, "DRAFT", 1, "UNREACHABLE"),
    ]
    assert {
        (o.valid_until, o.requested_by, o.created_at, o.updated_at, o.end_reason, o.letter_file.name) for o in orders
    } == {(TODAY + timedelta(days=14), None, AT, AT, "", "")}
    assert all(len(o.purposes) == 4 for o in orders)
    lines = {(e.case_id, e.body["action"]): e.body for e in CaseEvent.objects.filter(kind="VISIT")}
    assert sorted(lines) == sorted(
        [*((case.pk, "place") for case in cases[:2]), *((case.pk, "request") for case in cases)]
    )
    assert lines[cases[0].pk, "place"] == {
        "action": "place",
        "agency": short.code,
        "placement": str(placed[cases[0].pk]),
    }
    assert lines[cases[2].pk, "request"] == {
        "action": "request",
        "order": str(orders[2]),
        "purposes": orders[2].purposes,
    }
    entry = AuditEntry.objects.get(action="visit.drafted")
    assert entry.body == {
        "orders": [order.pk for order in sorted(orders, key=lambda each: each.pk)],
        "placements": sorted(placed[case.pk].pk for case in cases[:2]),
    }


@pytest.mark.parametrize("number", [1, 3])
def test_any_number_of_drafts_takes_the_same_statements(number, shanghai, django_assert_num_queries):
    agency = make_agency(territory=shanghai)
    cases = [make_case(territory=shanghai) for _each in range(number)]
    drafts = [draft(case) for case in cases]

    # Placements, orders, passed over, lines; two of the trail.
    with django_assert_num_queries(6):
        write_drafts(drafts=drafts, agencies={c.pk: agency for c in cases}, at=AT, business_date=TODAY)


def test_nothing_is_written_of_nothing(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        write_drafts(drafts=[], agencies={}, at=AT, business_date=TODAY)
        write_passed_over(passed_over=[], at=AT, business_date=TODAY)
        write_warnings(placed={}, at=AT, business_date=TODAY)


def test_counts_of_a_day_add_up_and_those_of_full_territories_are_replaced(shanghai, chengdu):
    cases = [make_case(territory=shanghai) for _each in range(2)]
    for case in cases:
        write_passed_over(passed_over=[(case.pk, shanghai.pk, "LAST_RESORT")], at=AT, business_date=TODAY)
    write_warnings(placed={chengdu.pk: 4}, at=AT, business_date=TODAY)
    write_warnings(placed={chengdu.pk: 2}, at=AT, business_date=TODAY)
    more = [
        write_full(waiting={(shanghai.pk, "NO_AGENCY"): count}, at=AT + timedelta(minutes=count), business_date=TODAY)
        for count in (5, 7, 6)
    ]

    assert more == [{"NO_AGENCY": 5}, {"NO_AGENCY": 2}, {}]
    assert set(SweepLine.objects.values_list("territory", "business_date", "reason", "cases", "updated_at")) == {
        (shanghai.pk, TODAY, "LAST_RESORT", 2, AT),
        (chengdu.pk, TODAY, "FEW_AGENCIES", 6, AT),
        (shanghai.pk, TODAY, "NO_AGENCY", 6, AT + timedelta(minutes=6)),
    }
    assert set(PassedOver.objects.values_list("case", "reason", "since", "looked_on")) == {
        (case.pk, "LAST_RESORT", TODAY, TODAY) for case in cases
    }
