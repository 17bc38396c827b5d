"""Standing rules over a range: the SQL computes limits and rates like the pure rules, and respects earlier decisions."""

from datetime import timedelta
from decimal import Decimal

import pytest

from cases.models import AccountTerm, Decision
from cases.rules.standing import cut_limit, lowered_rate, raised_limit
from cases.services.casework.circumstances import protect
from tests.factories.casework import AT, TODAY, make_decision
from tests.factories.portfolio import make_overdue
from tests.factories.standing import CUT, FREEZE, LOWER, RAISE, judge, make_good, version_with


def test_evaluate_range_takes_the_first_rule_of_a_kind(shanghai):
    make_good(shanghai)

    judge(version_with(rewards=[RAISE | {"percent": "50"}, RAISE]))

    assert list(Decision.objects.values_list("terms__limit", flat=True)) == ["90000.00"]


def test_evaluate_range_takes_nothing_from_a_protected_borrower(shanghai):
    account = make_overdue(territory=shanghai)
    protect(borrower=account.borrower, kind="HARDSHIP", source="CALL", actor=None, at=AT)

    assert judge(version_with(restrictions=[FREEZE, CUT])).proposed == 0


def test_evaluate_range_freezes_nothing_that_is_frozen(shanghai):
    make_overdue(territory=shanghai, status="FROZEN")

    assert judge(version_with(restrictions=[FREEZE])).proposed == 0


@pytest.mark.parametrize(("state", "expected"), [("REJECTED", 0), ("PROPOSED", 0), ("EXPIRED", 1)])
def test_evaluate_range_does_not_come_back_at_once_with_what_a_person_refused(shanghai, approver, state, expected):
    account = make_overdue(territory=shanghai)
    make_decision(
        account=account,
        kind="FREEZE",
        state=state,
        business_date=TODAY - timedelta(days=30),
        approved_by=approver,
        approved_at=AT,
    )

    assert judge(version_with(restrictions=[FREEZE])).proposed == expected


@pytest.mark.parametrize("limit", ["0", "49.99", "12345.67", "60000", "999950"])
@pytest.mark.parametrize("percent", ["10", "25", "50"])
@pytest.mark.parametrize("most", [None, "3000"])
def test_evaluate_range_counts_limits_like_the_rules_do(shanghai, limit, percent, most):
    make_good(shanghai, credit_limit=Decimal(limit))
    bound = {"max_amount": most} if most else {}

    judge(
        version_with(rewards=[RAISE | bound | {"percent": percent}], restrictions=[CUT | bound | {"percent": percent}])
    )

    numbers = {"limit": Decimal(limit), "percent": Decimal(percent), "most": Decimal(most) if most else None}
    wanted = {"LIMIT_INCREASE": raised_limit(**numbers), "LIMIT_CUT": cut_limit(**numbers)}
    found = {kind: Decimal(value) for kind, value in Decision.objects.values_list("kind", "terms__limit")}
    assert found == {kind: value for kind, value in wanted.items() if value != Decimal(limit)}


def test_evaluate_range_counts_the_largest_amount_in_the_accounts_currency(shanghai):
    make_good(shanghai, currency="TWD", credit_limit=Decimal(100000))

    judge(version_with(rewards=[RAISE | {"percent": "50", "max_amount": "1000"}]))

    assert Decision.objects.get().terms == {"limit": "104400.00"}


def test_evaluate_range_never_passes_the_limit_before_default_within_twelve_payments(shanghai):
    make_good(shanghai, credit_limit=Decimal(30000), pre_default_limit=Decimal(31000))

    judge(version_with(rewards=[RAISE]))

    assert Decision.objects.get().terms == {"limit": "31000.00"}


@pytest.mark.parametrize(
    ("rate", "original"),
    [("0.18", "0.18"), ("0.155", "0.18"), ("0.152", "0.18"), ("0.15", "0.18"), ("0.003", "0.003"), ("0", "0")],
)
def test_evaluate_range_lowers_rates_like_the_rules_do(shanghai, rate, original):
    account = make_good(shanghai, annual_rate=Decimal(rate))
    if rate != original:
        AccountTerm.objects.create(
            account=account, field="RATE", base=original, effective=rate, held=rate, held_before=original, updated_at=AT
        )

    judge(version_with(rewards=[LOWER]))

    wanted = lowered_rate(rate=Decimal(rate), original=Decimal(original), points=Decimal("0.005"), most=Decimal("0.03"))
    found = Decision.objects.filter(kind="RATE_REDUCTION").values_list("terms__rate", flat=True)
    assert [Decimal(value) for value in found] == ([wanted] if wanted < Decimal(rate) else [])
