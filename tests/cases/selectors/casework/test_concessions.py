"""Which budget bears a waiver, and what may be due of each part."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from cases.models import ScheduledInstalment
from cases.rules.waivers import NOTHING_KNOWN, KnownParts
from cases.selectors.casework.concessions import budget_for, known_parts
from tests.factories.casework import TODAY
from tests.factories.concessions import make_budget
from tests.factories.portfolio import make_overdue


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai, arrears="1000")


def instalment(account, *, due="450", paid="0", principal="400", on=TODAY):
    return ScheduledInstalment.objects.create(
        account=account,
        external_ref=f"I{ScheduledInstalment.objects.count()}",
        due_on=on,
        due_amount=Decimal(due),
        principal=Decimal(principal),
        paid_amount=Decimal(paid),
        as_of=TODAY,
    )


def test_budget_for_is_the_own_one_then_the_one_of_everywhere(account, shanghai, chengdu, person, approver):
    people = {"set_by": person("RISK_MANAGER"), "confirmed_by": approver}
    assert budget_for(account=account, on=TODAY) is None
    make_budget(**people, territory=chengdu)
    make_budget(**people, currency="USD")
    make_budget(**people, state="RETIRED")
    make_budget(**people, starts_on=date(2026, 4, 1), ends_on=date(2026, 4, 30))
    assert budget_for(account=account, on=TODAY) is None
    everywhere = make_budget(**people)
    assert budget_for(account=account, on=date(2026, 3, 31)) == everywhere
    own = make_budget(**people, territory=shanghai)
    assert budget_for(account=account, on=TODAY) == own


def test_known_parts_are_unknown_without_instalments(account):
    assert known_parts(accounts=[account.pk], on=TODAY) == {account.pk: NOTHING_KNOWN}


def test_known_parts_follow_from_the_unpaid_instalments(account, django_assert_num_queries):
    instalment(account)
    instalment(account, paid="430")
    instalment(account, paid="450")
    instalment(account, on=TODAY + timedelta(days=1))

    with django_assert_num_queries(1):
        found = known_parts(accounts=[account.pk], on=TODAY)

    # 450 and 20 are unpaid, of which interest at most 50 and 20; 1000 less 470 is penalty interest.
    assert found == {account.pk: KnownParts(penalty=Decimal(530), interest=Decimal(70))}


def test_known_parts_say_nothing_of_penalty_where_arrears_are_the_instalments(account):
    instalment(account, due="1000", principal="900")

    assert known_parts(accounts=[account.pk], on=TODAY)[account.pk] == KnownParts(interest=Decimal(100))
