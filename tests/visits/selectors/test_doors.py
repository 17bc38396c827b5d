"""Whose visits count at a door: those to anybody who lives there, and those of a person wherever they were."""

from datetime import timedelta
from typing import Any

import pytest

from cases.models import Address
from tests.factories.people import merged_by_number
from tests.factories.portfolio import make_address
from tests.factories.visits import AT, VISIT_AT, make_agency, make_case, make_member, make_order, make_placement
from visits.models import Placement, VisitOrder
from visits.rules.conduct.contact import PastVisit
from visits.rules.conduct.door import Door
from visits.selectors.conduct import conduct_history
from visits.selectors.doors import door_of

LINES = ("上海市黄浦区幸福路8号3栋501室", "幸福路8号3幢501")


@pytest.fixture
def planned(shanghai: Any, approver: Any) -> Any:
    """Return a function that plans a visit of a case at its only address."""
    agency = make_agency(territory=shanghai)
    pair = make_member(agency=agency), make_member(agency=agency)

    def plan(case: Any, **fields: Any) -> Any:
        placement = make_placement(case=case, agency=agency)
        return make_order(case=case, placement=placement, state="SCHEDULED", approver=approver, pair=pair, **fields)

    return plan


def living_at(line: str, *, territory: Any, adcode: str = "310101") -> Any:
    case = make_case(territory=territory)
    address = Address.objects.get(borrower=case.borrower)
    address.line, address.adcode = line, adcode
    address.save()
    return case


def at_doors(case: Any) -> tuple[PastVisit, ...]:
    return conduct_history(borrower_id=case.borrower_id, at=AT).history.at_doors


def test_a_visit_to_somebody_else_counts_in_any_spelling_of_the_door(shanghai: Any, planned: Any) -> None:
    one, two, elsewhere = (living_at(line, territory=shanghai) for line in (*LINES, "幸福路8号3栋502室"))
    order = planned(one)

    door = door_of(address=two.borrower.addresses.get())
    agency = order.placement.agency.code
    visit = PastVisit(starts_at=VISIT_AT, door=door, placement_ref=str(order.placement_id), agency_ref=agency)
    assert (door.city, bool(door.key)) == ("3101", True)
    assert at_doors(two) == (visit,)
    # The person's own visit is not counted twice.
    assert (at_doors(one), conduct_history(borrower_id=one.borrower_id, at=AT).history.visits) == ((), (visit,))
    assert at_doors(elsewhere) == ()


def test_an_agency_counts_while_its_placement_is_live(shanghai: Any, planned: Any) -> None:
    one, two = (living_at(line, territory=shanghai) for line in LINES)
    order = planned(one)
    Placement.objects.filter(pk=order.placement_id).update(state="RECALLED", ended_on=AT.date())

    assert [visit.agency_ref for visit in at_doors(two)] == [""]


def test_borrowers_of_one_person_are_nobody_else(shanghai: Any, planned: Any, risk_manager: Any) -> None:
    one, two, third = (living_at(line, territory=shanghai) for line in (*LINES, LINES[0]))
    merged_by_number(one.borrower, two.borrower, approver=risk_manager)
    planned(one)

    assert [len(at_doors(case)) for case in (one, two, third)] == [0, 0, 1]


def test_a_visit_that_ended_without_being_made_or_is_asked_about_does_not_count(shanghai: Any, planned: Any) -> None:
    one, two, three = (living_at(line, territory=shanghai) for line in (*LINES, LINES[1]))
    called_off, order = planned(one), planned(three)
    VisitOrder.objects.filter(pk=called_off.pk).update(state="CANCELLED", ended_at=AT)

    facts = conduct_history(borrower_id=two.borrower_id, at=AT, without_order=order.pk)

    assert facts.history.at_doors == ()
    assert len(at_doors(two)) == 1


def test_an_address_without_a_number_is_a_door_of_its_own(shanghai: Any, planned: Any) -> None:
    one, two = (living_at("李家村", territory=shanghai) for _each in range(2))
    planned(one)
    address = two.borrower.addresses.get()

    assert door_of(address=address) == Door(key=address.external_ref)
    assert at_doors(two) == ()


@pytest.mark.parametrize("number", [1, 3])
def test_the_number_of_queries_does_not_depend_on_the_doors(
    number: int, shanghai: Any, planned: Any, django_assert_num_queries: Any
) -> None:
    asked = living_at(LINES[0], territory=shanghai)
    for each in range(number):
        line = f"幸福路{each}号"
        make_address(borrower=asked.borrower, line=line)
        planned(living_at(line, territory=shanghai), planned_arrival_at=VISIT_AT + timedelta(days=each))

    with django_assert_num_queries(17):
        facts = conduct_history(borrower_id=asked.borrower_id, at=AT)

    assert len(facts.history.at_doors) == number
