"""What was tried before a visit: the steps count for the person, the contacts are those that one may see."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils.translation import override

from tests.factories.people import merged_by_number
from tests.factories.visits import AT, make_case
from visits.selectors.receipts import receipts


def test_steps_and_contacts_are_those_of_the_person_within_sight(
    shanghai: Any, chengdu: Any, officer: Any, risk_manager: Any
) -> None:
    case = make_case(territory=shanghai)
    other = make_case(territory=chengdu)
    merged_by_number(case.borrower, other.borrower, approver=risk_manager)
    case.borrower.refresh_from_db()

    found = receipts(user=officer, borrower=case.borrower, at=AT)

    with override("en"):
        assert [(str(step.title), str(step.have)) for step in found.steps[2:4]] == [
            ("Attempts", "12"),
            ("Days from first to last", "8"),
        ]
    assert (len(found.contacts), found.contact_count) == (6, 6)
    assert {contact.borrower_id for contact in found.contacts} == {case.borrower_id}
    assert found.contacts[0].attempted_at == max(contact.attempted_at for contact in found.contacts)


@pytest.mark.parametrize(("later", "count"), [(timedelta(days=80), 6), (timedelta(days=89), 0)])
def test_contacts_older_than_90_days_say_nothing(shanghai: Any, officer: Any, later: timedelta, count: int) -> None:
    case = make_case(territory=shanghai)

    assert receipts(user=officer, borrower=case.borrower, at=AT + later).contact_count == count
