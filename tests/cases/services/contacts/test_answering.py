"""Asking the rules under the locks."""

from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from cases.enums import Channel, ContactPurpose
from cases.models import ContactPermit
from cases.rules.contact_budget.question import Asked
from cases.selectors.contacts.policies import contact_policy
from cases.services.contacts.answering import answer, hold, known_under_lock
from cases.services.people.locks import lock_people
from tests.factories.contacts import ask
from tests.factories.portfolio import AT, make_borrower

APP = Asked(channel=Channel.APP, purpose=ContactPurpose.COLLECTION)


def test_permits_whose_time_is_over_are_marked_and_do_not_count(shanghai: Any) -> None:
    borrower = make_borrower(territory=shanghai)
    old, new = ask(borrower=borrower), ask(borrower=borrower, at=AT + timedelta(minutes=1))
    at = AT + timedelta(minutes=75)

    known = known_under_lock(
        borrower=borrower, people=[borrower.pk], asked=APP, policy=contact_policy(jurisdiction="CN"), at=at
    )

    assert [each.asked_at for each in known.reservations] == [new.asked_at]
    assert dict(ContactPermit.objects.values_list("pk", "state")) == {old.pk: "EXPIRED", new.pk: "RESERVED"}


def test_an_answer_may_be_kept_for_the_system_and_recorded_for_the_person(shanghai: Any, officer: Any) -> None:
    from backoffice.audit.models import AuditEntry

    borrower = make_borrower(territory=shanghai)
    with transaction.atomic():
        people = lock_people(borrowers=[borrower.pk])
        permit = answer(
            borrower=borrower,
            people=people,
            asked=APP,
            request_id="R1",
            phone=None,
            related=None,
            actor=officer,
            at=AT,
            asked_by=None,
        )

    assert permit.asked_by is None
    assert AuditEntry.objects.get(action="contactpermit.asked").actor_id == officer.pk


@pytest.mark.django_db(transaction=True)
def test_two_transactions_do_not_hold_one_key() -> None:
    outcome: list[str] = []

    def other() -> None:
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '300ms'")
                hold("contact-number:00")
        except OperationalError:
            outcome.append("waited")
        finally:
            connection.close()

    with transaction.atomic():
        hold("contact-number:00")
        thread = Thread(target=other)
        thread.start()
        thread.join()

    assert outcome == ["waited"]
