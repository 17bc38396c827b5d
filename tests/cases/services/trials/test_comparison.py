"""Two versions over one range: borrowers by city and bucket."""

from decimal import Decimal
from typing import Any

import pytest

from cases.services.trials.backtest import backtest
from tests.factories.facts import make_facts
from tests.factories.portfolio import TODAY, make_account, make_borrower
from tests.factories.trials import versions

pytestmark = pytest.mark.django_db


def test_a_city_and_bucket_are_those_of_the_longest_overdue_account(shanghai: Any, chengdu: Any) -> None:
    borrower = make_borrower(territory=shanghai)
    for territory, days in ((shanghai, 35), (chengdu, 95)):
        make_facts(
            account=make_account(
                borrower=borrower, territory=territory, days_past_due=days, arrears_amount=Decimal(25000)
            )
        )
    _active, draft = versions()

    figures = backtest(version=draft, against=None, business_date=TODAY)

    assert figures.opened == {"reason": {"LARGE": 1, "NEAR": 1}, "city": {str(chengdu.pk): 1}, "bucket": {"M4": 1}}
