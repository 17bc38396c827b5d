"""How many accounts rewards and restrictions would reach."""

from typing import Any

import pytest

from cases.models import PolicyVersion
from cases.services.trials.trial_requests import request_trial
from tests.factories.facts import make_facts
from tests.factories.portfolio import AT, TODAY, make_account, make_borrower, make_overdue
from tests.factories.trials import versions, work

pytestmark = pytest.mark.django_db


def test_a_preview_counts_whom_rewards_and_restrictions_would_reach(shanghai: Any, risk_manager: Any) -> None:
    _active, draft = versions()
    good = make_account(borrower=make_borrower(territory=shanghai))
    make_facts(
        account=good,
        on_time_months=12,
        standing_score=830,
        months_since_statement=1,
        limit_use_percent=50,
        monthly_paid_percent=6,
    )
    freeze = {
        "code": "FREEZE_OLD",
        "title": {"en": "Old", "zh": "旧"},
        "when": {"feature": "days_past_due", "op": "gte", "value": 61},
        "effect": {"kind": "FREEZE", "expires_days": 90},
    }
    PolicyVersion.objects.filter(pk=draft.pk).update(body=draft.body | {"restrictions": [freeze]})
    draft.refresh_from_db()
    for flags in (0, 1):
        make_facts(account=make_overdue(territory=shanghai, days=70), protected_flags=flags)

    trial = work(request_trial(kind="PREVIEW", version=draft, business_date=TODAY, actor=risk_manager, at=AT))

    standing = trial.figures[0]["standing"]
    # Twelve months on time comes before six: the first that holds counts. A protected borrower is restricted by nothing.
    assert standing["new"] == {"TWELVE_MONTHS_ON_TIME": 1, "FREEZE_OLD": 1}
    assert standing["old"]["TWELVE_MONTHS_ON_TIME"] == 1
