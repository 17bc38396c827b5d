"""No case goes to an outside firm whose person is protected, or whom nobody has tried to reach."""

from typing import Any

import pytest
from django.utils.translation import override

from backoffice.core.errors import InvalidInput
from cases.models import BorrowerFlag
from tests.factories.people import merged_by_number
from tests.factories.visits import AT, TODAY, make_agency, make_case, make_order
from visits.models import Placement
from visits.services.agencies.placement import place_case


def refusal(case: Any, agency: Any) -> str:
    """Return what is said against placing the case, empty if it is placed."""
    try:
        place_case(case=case, agency=agency, actor=None, at=AT, business_date=TODAY)
    except InvalidInput as error:
        with override("en"):
            return f"{error.field}: {error}"
    return ""


def test_an_unprotected_borrower_whom_nobody_reached_is_placed(shanghai: Any) -> None:
    assert refusal(make_case(territory=shanghai), make_agency(territory=shanghai)) == ""
    assert Placement.objects.count() == 1


@pytest.mark.parametrize("kind", ["DECEASED", "CEASE", "COMPLAINT", "DISPUTED", "REPRESENTED"])
def test_a_protection_of_the_person_keeps_the_case_here(kind: str, shanghai: Any, risk_manager: Any) -> None:
    case, other = make_case(territory=shanghai), make_case(territory=shanghai, is_tried=False)
    merged_by_number(case.borrower, other.borrower, approver=risk_manager)
    BorrowerFlag.objects.create(borrower=other.borrower, kind=kind, source="LETTER", set_at=AT)

    assert refusal(case, make_agency(territory=shanghai)).endswith("no visit; follow the procedure for it.")
    assert not Placement.objects.exists()


def test_untried_borrowers_stay_here_unless_they_asked_for_the_visit(shanghai: Any, approver: Any) -> None:
    case, agency = make_case(territory=shanghai, is_tried=False), make_agency(territory=shanghai)

    assert refusal(case, agency).startswith("case: A visit is the last resort, and it is too early: 0 of 6 attempts")

    make_order(case=case, placement=None, state="DRAFT", approver=approver, borrower_request_ref="REC-7")
    assert refusal(case, agency) == ""
