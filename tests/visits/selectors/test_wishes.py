"""The last time that was asked for about a visit, wherever it was said."""

from datetime import timedelta

import pytest

from tests.factories.agreements import CLOSES, OPENS, make_time
from tests.factories.visits import AT, VISIT_AT, make_agency, make_case, make_member, make_order, make_placement
from visits.models import LetterAnswer
from visits.selectors.wishes import Wish, wishes_of
from visits.services.answers.agreements import withdraw_agreement


@pytest.fixture
def order(shanghai, approver):
    agency = make_agency(territory=shanghai)
    case = make_case(territory=shanghai)
    pair = make_member(agency=agency), make_member(agency=agency)
    return make_order(
        case=case, placement=make_placement(case=case, agency=agency), state="SCHEDULED", approver=approver, pair=pair
    )


def make_answer(order, **fields):
    values = {"letter_code": "c", "kind": "OTHER_TIME", "proof": "RIGHT", "received_at": AT} | fields
    return LetterAnswer.objects.create(order=order, **values)


def test_the_last_wish_about_a_visit_counts(order, officer, django_assert_num_queries):
    later, said_at = VISIT_AT + timedelta(days=1), AT + timedelta(hours=1)
    make_answer(order, by_video=True)
    make_answer(order, wished_from=later, wished_until=later + timedelta(hours=2), received_at=said_at)
    make_answer(order, kind="DECLINE", received_at=said_at + timedelta(hours=9))
    on_the_page = Wish(wished_from=later, wished_until=later + timedelta(hours=2), by_video=False, said_at=said_at)
    assert wishes_of(orders=[order.pk], user=officer) == {order.pk: on_the_page}

    agreed = make_time(case=order.case, actor=officer, at=said_at + timedelta(hours=1))
    told = Wish(wished_from=OPENS, wished_until=CLOSES, by_video=False, said_at=said_at + timedelta(hours=1))
    with django_assert_num_queries(2):
        found = wishes_of(orders=[order.pk], user=officer)
    assert found == {order.pk: told}

    withdraw_agreement(agreement=agreed, actor=officer, at=said_at + timedelta(hours=2))
    assert wishes_of(orders=[order.pk], user=officer) == {order.pk: on_the_page}


def test_nobody_reads_the_wishes_of_another_territory(order, officer, person, chengdu):
    make_time(case=order.case, actor=officer)

    assert wishes_of(orders=[order.pk], user=person("CASE_OFFICER", name="far", territories=(chengdu,))) == {}
