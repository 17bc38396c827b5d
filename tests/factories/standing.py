"""The standing job for tests: policies with given rewards and restrictions, and judging everybody by them."""

from typing import Any

from django.db import transaction

from cases.models import Account, PolicyVersion
from cases.rules.policy.default_policy import DEFAULT_POLICY
from cases.services.evaluation.facts import write_facts
from cases.services.evaluation.standing import evaluate_range
from cases.services.evaluation.triggers import RangeOutcome
from cases.services.policies.policy_book import book_of
from tests.factories.casework import AT, TODAY, make_policy_version
from tests.factories.portfolio import make_account, make_borrower

EVERYBODY = {"feature": "credit_limit", "op": "gte", "value": "0"}


GAIN = {"code": "GAIN", "title": {"en": "Gain", "zh": "奖励"}, "when": EVERYBODY}


LOSS = {"code": "LOSS", "title": {"en": "Loss", "zh": "限制"}, "when": EVERYBODY}


def version_with(*, rewards: Any = (), restrictions: Any = (), **caps: Any) -> PolicyVersion:
    """Make a version whose rules hold for every account, with these effects and caps."""
    body = DEFAULT_POLICY | {
        "rewards": [GAIN | {"code": f"GAIN{i}", "effect": effect} for i, effect in enumerate(rewards)],
        "restrictions": [LOSS | {"code": f"LOSS{i}", "effect": effect} for i, effect in enumerate(restrictions)],
        "caps": {
            **DEFAULT_POLICY["caps"],
            "max_share_rewarded": "1",
            "max_share_restricted": "1",
            "max_exposure_share": "1",
            **caps,
        },
    }
    return make_policy_version(body=body)


def judge(version: PolicyVersion, *, on: Any = TODAY, at: Any = AT) -> RangeOutcome:
    """Write the facts of everybody and judge them by a version."""
    with transaction.atomic():
        write_facts(business_date=on, lower=0, upper=10**9, scope="overdue")
        return evaluate_range(book=book_of({"": version}), business_date=on, lower=0, upper=10**9, at=at)


def make_good(territory: Any, **fields: Any) -> Account:
    """Make an account that is not overdue."""
    return make_account(borrower=make_borrower(territory=territory), **fields)


RAISE = {"kind": "LIMIT_INCREASE", "percent": "10"}


LOWER = {"kind": "RATE_REDUCTION", "points": "0.005"}


FREEZE = {"kind": "FREEZE", "expires_days": 180}


CUT = {"kind": "LIMIT_CUT", "percent": "50", "expires_days": 365}
