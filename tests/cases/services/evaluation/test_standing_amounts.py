"""The SQL of limits and amounts computes like the pure rules do."""

from decimal import Decimal

import pytest

from cases.models import Decision
from cases.rules.standing import cut_limit, raised_limit
from tests.factories.portfolio import make_overdue
from tests.factories.standing import CUT, RAISE, judge, make_good, version_with


@pytest.mark.parametrize("limit", ["0", "49.99", "12345.67", "60000", "999950"])
@pytest.mark.parametrize("percent", ["10", "25", "50"])
@pytest.mark.parametrize("most", [None, "3000"])
def test_evaluate_range_counts_limits_like_the_rules_do(shanghai, limit, percent, most):
    make_good(shanghai, credit_limit=Decimal(limit))
    make_overdue(territory=shanghai, credit_limit=Decimal(limit))
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

    assert Decision.objects.get().terms == {"before": "100000.00", "limit": "104400.00"}


def test_evaluate_range_never_passes_the_limit_before_default_within_twelve_payments(shanghai):
    make_good(shanghai, credit_limit=Decimal(30000), pre_default_limit=Decimal(31000))

    judge(version_with(rewards=[RAISE]))

    assert Decision.objects.get().terms == {"before": "30000.00", "limit": "31000.00"}
