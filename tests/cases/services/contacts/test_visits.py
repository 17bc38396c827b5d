"""The visit as one of the channels of the person's budget."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from cases.models import ContactPermit
from cases.services.contacts.visits import permit_of_visit, reserve_visit, visit_refusals
from cases.services.people.locks import lock_people
from tests.factories.contacts import ask, report, rules
from tests.factories.portfolio import AT, make_borrower

DAY = timedelta(days=1)


@pytest.fixture
def borrower(shanghai: Any) -> Any:
    return make_borrower(territory=shanghai)


def opened(borrower: Any, actor: Any = None) -> ContactPermit:
    with transaction.atomic():
        people = lock_people(borrowers=[borrower.pk])
        return reserve_visit(borrower=borrower, people=people, visit="V0000001", actor=actor, at=AT)


def test_an_opened_visit_counts_as_a_conversation_of_its_day(borrower: Any, officer: Any) -> None:
    for _each in range(2):
        report(borrower=borrower)

    permit, again = opened(borrower, officer), opened(borrower, officer)

    assert permit == again
    assert (permit.channel, permit.state, permit.asked_by) == ("VISIT", "RESERVED", None)
    assert (permit.valid_until, permit.counts_until) == (AT + 30 * DAY, AT + 30 * DAY)
    assert permit_of_visit(visit="V0000001") == permit.reference
    assert permit_of_visit(visit="V0000002") == ""
    assert rules(ask(borrower=borrower)) == ["CONVERSATIONS_A_DAY"]
    assert ask(borrower=borrower, at=AT + DAY).granted


def test_a_visit_is_refused_once_the_conversations_are_used_up(borrower: Any) -> None:
    def asked() -> list[Any]:
        people = lock_people(borrowers=[borrower.pk])
        return [(each.rule, each.until) for each in visit_refusals(borrower=borrower, people=people, at=AT)]

    for _each in range(2):
        report(borrower=borrower)
    assert asked() == []

    report(borrower=borrower)

    midnight = AT.replace(hour=16, minute=0, second=0, microsecond=0)
    assert asked() == [("CONVERSATIONS_A_DAY", midnight)]
    assert ContactPermit.objects.count() == 0
