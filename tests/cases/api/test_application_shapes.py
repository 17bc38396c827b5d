"""What was stated when applying, where the borrower is read by REST: masked, and only for who may see it."""

from typing import Any

from tests.cases.api.test_people import shown
from tests.factories.portfolio import make_application, make_borrower


def test_a_borrower_is_read_with_the_masked_application(shanghai: Any, officer: Any) -> None:
    borrower = make_borrower(territory=shanghai)
    make_application(borrower=borrower, monthly_expenses="")

    found = shown(officer, f"/api/v1/borrowers/{borrower.pk}/")["application"]

    assert found.pop("updated_at")
    assert found == {
        "employer": "上********司",
        "monthly_income": "***",
        "monthly_expenses": "",
        "stated_on": "2025-06-01",
    }


def test_a_borrower_who_stated_nothing_has_none(shanghai: Any, officer: Any) -> None:
    borrower = make_borrower(territory=shanghai)

    assert shown(officer, f"/api/v1/borrowers/{borrower.pk}/")["application"] is None
