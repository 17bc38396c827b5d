"""The compared versions judge the accounts of one segment."""

from decimal import Decimal
from typing import Any

import pytest

from cases.models import Policy, PolicyVersion
from cases.selectors.policies.versions import version_in_force_beside
from cases.services.trials.backtest import backtest
from tests.factories.facts import make_facts
from tests.factories.portfolio import AT, TODAY, make_account, make_overdue
from tests.factories.trials import DRAFT, versions

pytestmark = pytest.mark.django_db


def test_a_draft_of_a_segment_judges_that_segment_alone(shanghai: Any) -> None:
    active, _draft = versions()
    mine = make_overdue(territory=shanghai, arrears="25000", segment="vip")
    theirs = make_overdue(territory=shanghai, arrears="25000", segment="mass")
    both = make_overdue(territory=shanghai, arrears="25000", segment="vip")
    also = make_account(borrower=both.borrower, days_past_due=95, arrears_amount=Decimal(50000), segment="mass")
    for account in (mine, theirs, both, also):
        make_facts(account=account)
    vip = Policy.objects.create(name="vip", segment="vip", created_at=AT)
    draft = PolicyVersion.objects.create(
        policy=vip, number=1, body=active.body | {"rules": [DRAFT[0]]}, created_at=AT, updated_at=AT
    )

    figures = backtest(version=draft, against=version_in_force_beside(version=draft), business_date=TODAY)

    # "OLD" holds for all of them under the policy of everybody; a borrower with a reason elsewhere keeps the case.
    assert figures.hits["new"] == {"LARGE": 2}
    assert figures.hits["old"] == {"OLD": 2}
    assert figures.borrowers.get("opened", 0) == figures.borrowers.get("closed", 0) == 0
    assert figures.borrowers["visits_more"] == 1
    assert figures.visits_more["reason"] == {"LARGE": 1}
