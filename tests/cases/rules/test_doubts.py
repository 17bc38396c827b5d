"""What a doubtful value is a sign of."""

from decimal import Decimal

import pytest

from cases.rules.doubts import Sign, field_of, sign_at_intake, sign_when_false
from cases.rules.profile.refusals import NOT_A_PHONE, ROUNDED


def test_only_an_identity_number_is_a_sign_by_itself() -> None:
    wrong = "The check digit does not match."

    assert sign_at_intake(field="borrower.id_number", reason=wrong) == Sign(
        kind="FALSE_IDENTITY", confidence=Decimal("0.50")
    )
    assert sign_at_intake(field="borrower.id_number", reason=ROUNDED) is None
    assert sign_at_intake(field="phones.number", reason=NOT_A_PHONE) is None


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("borrower.id_number", "FALSE_IDENTITY"),
        ("phones.number", "FALSE_IDENTITY"),
        ("addresses.line", "FALSE_ADDRESS"),
        ("application.employer", "FALSE_EMPLOYER"),
        ("application.monthly_income", "FALSE_INCOME"),
        ("application.monthly_expenses", "FALSE_INCOME"),
        ("application.stated_on", "DOCUMENT_DOUBTFUL"),
    ],
)
def test_a_confirmed_false_value_is_a_strong_sign(field: str, kind: str) -> None:
    assert sign_when_false(field=field) == Sign(kind=kind, confidence=Decimal("0.80"))


def test_field_of_leaves_out_the_block() -> None:
    assert [field_of(key=key) for key in ("phones[2].number", "borrower.name")] == ["phones.number", "borrower.name"]
