"""Which value the core named in trouble, and where it named none."""

import pytest

from cases.models import AccountTerm, TermsChange
from cases.selectors.casework.named_value import named_value
from tests.factories.casework import AT, TODAY
from tests.factories.portfolio import make_overdue


@pytest.mark.parametrize(
    ("trouble", "answered", "value"),
    [
        ("OTHER_VALUE", "45000.00", "45000.00"),
        ("OTHER_VALUE", "", ""),
        ("DIFFERS", "45000.00", "60000.00"),
        ("REFUSED", "45000.00", ""),
        ("SILENT", "", ""),
    ],
)
def test_named_value_is_what_was_answered_or_shown(shanghai, trouble, answered, value):
    account = make_overdue(territory=shanghai)
    account.refresh_from_db()
    TermsChange.objects.create(
        account=account,
        field="LIMIT",
        version=2,
        before="60000.00",
        after="30000.00",
        answered_value=answered,
        effective_on=TODAY,
        effect_key=f"{account.pk}-LIMIT-2",
        created_at=AT,
    )
    term = AccountTerm(account=account, field="LIMIT", version=2, trouble=trouble)

    assert named_value(term=term) == value
