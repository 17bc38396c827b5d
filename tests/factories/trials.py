"""A small portfolio, two versions to compare, and a worker that finishes a trial."""

import random
from decimal import Decimal
from typing import Any

from cases.models import PolicyTrial, PolicyVersion
from cases.services.trials import trial_worker
from cases.services.trials.trial_requests import request_trial
from tests.factories.facts import make_facts
from tests.factories.policy import make_rule, make_version
from tests.factories.portfolio import AT, TODAY, make_account, make_address, make_borrower, make_overdue

ACTIVE = [
    make_rule(code="LARGE", value="30000"),
    make_rule(code="OLD", feature="days_past_due", value=60, needs_visit=False),
]


DRAFT = [
    make_rule(code="LARGE", value="20000"),
    make_rule(code="NEAR", feature="days_past_due", op="lt", value=40),
]


def versions() -> tuple[PolicyVersion, PolicyVersion]:
    return make_version(rules=ACTIVE), make_version(state="DRAFT", number=2, rules=DRAFT)


def work(trial: PolicyTrial) -> PolicyTrial:
    while trial_worker.work_trial(trial_id=trial.pk, at=AT):
        pass
    trial.refresh_from_db()
    return trial


def portfolio(*, territories: list[Any], size: int = 60) -> None:
    dice = random.Random(11)
    for _one in range(size):
        borrower = make_borrower(territory=dice.choice(territories))
        for _account in range(dice.choice([1, 1, 2])):
            account = make_account(
                borrower=borrower,
                days_past_due=dice.choice([0, 5, 31, 61, 200]),
                currency=dice.choice(["CNY", "CNY", "XXX"]),
                arrears_amount=Decimal(dice.choice([0, 15000, 25000, 40000])),
                outstanding_principal=Decimal(dice.choice([10000, 60000])),
            )
            make_facts(account=account, protected_flags=dice.choice([0, 0, 0, 1]))


def previewed(person: Any, *, territory: Any, size: int = 4) -> PolicyTrial:
    """Return the finished preview of a draft that would open a case, with a visit, for every overdue borrower."""
    if not PolicyTrial.objects.exists():
        make_version(rules=[])
    draft = make_version(state="DRAFT", number=2 + PolicyTrial.objects.count(), rules=[make_rule()])
    for _one in range(size):
        account = make_overdue(territory=territory)
        make_address(borrower=account.borrower)
        make_facts(account=account)
    trial = request_trial(kind="PREVIEW", version=draft, business_date=TODAY, actor=person, at=AT)
    while trial_worker.work_trial(trial_id=trial.pk, at=AT):
        pass
    trial.refresh_from_db()
    assert trial.state == "FINISHED"
    return trial
