"""How many of the borrowers who would be visited the guard refuses today, and why."""

from datetime import date

import pytest

from cases.models import Address, BorrowerFlag
from tests.factories.holidays import notice_of, put_in_use
from tests.factories.visits import AT, make_case
from visits.selectors.refusals_ahead import RefusalsAhead, refusal_words, refusals_ahead


@pytest.mark.parametrize("item_count", [1, 3])
def test_refusals_take_the_same_queries_for_one_and_three(item_count, shanghai, django_assert_num_queries):
    borrowers = [make_case(territory=shanghai).borrower_id for _each in range(item_count)]

    with django_assert_num_queries(17):
        found = refusals_ahead(borrower_ids=borrowers, at=AT)

    assert found == RefusalsAhead(asked=item_count, refused=0, reasons={})


def test_a_protection_and_a_missing_residence_are_each_counted(shanghai):
    disputed, homeless, free = (make_case(territory=shanghai).borrower for _each in range(3))
    BorrowerFlag.objects.create(borrower=disputed, kind="DISPUTED", source="CALL", set_at=AT)
    Address.objects.filter(borrower=homeless).update(verdict="INVALID")

    found = refusals_ahead(borrower_ids=[each.pk for each in (disputed, homeless, free)], at=AT)

    assert found == RefusalsAhead(asked=3, refused=2, reasons={"DISPUTED": 1, "NO_ADDRESS": 1})
    assert all(str(refusal_words(code=code)) for code in found.reasons)


def test_steps_that_are_missing_before_a_visit_are_counted(shanghai):
    untried, tried = make_case(territory=shanghai, is_tried=False), make_case(territory=shanghai)

    found = refusals_ahead(borrower_ids=[untried.borrower_id, tried.borrower_id], at=AT)

    assert found == RefusalsAhead(asked=2, refused=1, reasons={"LAST_RESORT": 1})
    assert str(refusal_words(code="LAST_RESORT"))


def test_a_break_that_staff_have_entered_for_the_whole_validity_of_an_order_refuses(shanghai, risk_manager, approver):
    borrower = make_case(territory=shanghai).borrower_id
    long_break = notice_of(2026, OTHER=(date(2026, 3, 2), date(2026, 3, 17)))
    put_in_use(notice=long_break, made_by=risk_manager, confirmed_by=approver)

    found = refusals_ahead(borrower_ids=[borrower], at=AT)

    assert found == RefusalsAhead(asked=1, refused=1, reasons={"COOLING_OFF": 1})
