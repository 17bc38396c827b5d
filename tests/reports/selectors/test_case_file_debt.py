"""The debt in a case file: the borrower in clear, who owes too, and nobody else around them."""

from typing import Any

import pytest
from django.utils.translation import override

from reports.selectors.case_file_debt import debt_sections
from tests.factories.legal import CONTACT_PHONE, make_history, make_recovery
from tests.factories.portfolio import make_overdue, make_phone


@pytest.fixture
def decision(shanghai: Any, approver: Any) -> Any:
    return make_recovery(account=make_overdue(territory=shanghai), approver=approver)


def rows(decision: Any) -> dict[str, Any]:
    with override("en"):
        return {section.heading: section.rows for section in debt_sections(decision=decision)}


def test_who_owes_stands_in_clear_and_contact_persons_do_not(decision, officer):
    make_history(decision=decision, officer=officer)
    make_phone(borrower=decision.borrower, number="13800000077", verdict="INVALID")

    found = rows(decision)

    borrower = dict(found["Borrower"])
    assert (borrower["Name"], borrower["Identity number"]) == ("张小三", "99999919850101123X")
    assert [value for name, value in found["Borrower"] if name == "Telephone"] == ["13800000000"]
    assert borrower["Current residence"].startswith("上海市黄浦区示范路1号")
    assert found["Others who owe the debt"] == (("Guarantor", "赵担保0", "99999919700101001X", "", ""),)
    assert [word for word in (CONTACT_PHONE, "王五", "13800000077") if word in str(found)] == []


def test_terms_dues_and_payments(decision, officer):
    make_history(decision=decision, officer=officer)

    found = rows(decision)

    account = dict(found["Account and terms"])
    assert (account["Limit"], account["Annual rate"], account["Arrears"]) == ("60,000.00", "18.000%", "32,000.00")
    assert found["Arrears by statement"] == (("2025-01", "2025-11-22", "0.00", "800.00", "0.00", "20"),)
    assert found["Arrears by instalment"] == (("2025-11-22", "900.00", "700.00", "100.00", "", "800.00"),)
    assert [row[0::2] for row in found["Repayments"]] == [("2025-11-22", "100.00")]


@pytest.mark.parametrize("count", [1, 3])
def test_reading_costs_the_same_for_one_row_and_three(decision, officer, count, django_assert_num_queries):
    make_history(decision=decision, officer=officer, count=count)

    # Telephones, addresses, those who owe too, statements, instalments, repayments.
    with django_assert_num_queries(6):
        assert len(rows(decision)["Repayments"]) == count
