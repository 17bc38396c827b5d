"""What is established about a borrower: the newest fact of each section, how sure it is, and whether it still counts."""

from datetime import timedelta
from decimal import Decimal

import pytest

from cases.selectors.casework.established import established_facts
from tests.factories.casework import TODAY, fact, make_case, verify
from tests.factories.portfolio import make_overdue

FIRM = Decimal("0.80")


@pytest.fixture
def case(shanghai):
    return make_case(account=make_overdue(territory=shanghai))


def found(case, user, *, on=TODAY, firm=FIRM):
    return [
        (each.fact.section, each.fact.verdict, each.certainty, each.fact.verification.verified_on, each.counts)
        for each in established_facts(borrower=case.borrower, user=user, on=on, firm=firm)
    ]


def test_each_section_shows_what_was_verified_last(case, officer):
    before = TODAY - timedelta(days=10)
    verify(
        case=case,
        facts=(fact("IDENTITY", "DOUBTFUL", confidence="0.60"), fact("CAPACITY", "ABLE", confidence="0.30")),
        verified_on=before,
    )
    verify(case=case, facts=(fact("IDENTITY", "CONFIRMED"), fact("CAPACITY", "NOT_ESTABLISHED")))

    rows = {row[0]: row[1:] for row in found(case, officer)}

    assert rows["IDENTITY"] == ("CONFIRMED", "FIRM", TODAY, True)
    # The newest verification left it open; the one before has an answer.
    assert rows["CAPACITY"] == ("ABLE", "WEAK", before, True)
    assert list(rows)[:2] == ["IDENTITY", "CAPACITY"]


def test_what_was_never_established_has_no_certainty(case, officer):
    verify(case=case, facts=(fact("CAUSE", "NOT_ESTABLISHED"),))

    assert ("CAUSE", "NOT_ESTABLISHED", None, TODAY, True) in found(case, officer)


def test_a_fact_counts_until_its_last_day(case, officer):
    verify(case=case, facts=(fact("CAPACITY", "ABLE"),))
    last = TODAY + timedelta(days=90)

    counts = {
        on: dict((row[0], row[4]) for row in found(case, officer, on=on, firm=FIRM))["CAPACITY"]
        for on in (last, last + timedelta(1))
    }

    assert counts == {last: True, last + timedelta(1): False}


def test_facts_of_another_territory_are_not_shown(chengdu, officer):
    case = make_case(account=make_overdue(territory=chengdu))
    verify(case=case)

    assert found(case, officer) == []


@pytest.mark.parametrize("count", [1, 3])
def test_it_is_one_query(case, officer, count, django_assert_num_queries):
    for number in range(count):
        verify(case=case, verified_on=TODAY - timedelta(days=number))
    officer.territory_ids  # noqa: B018 - read once a request

    with django_assert_num_queries(1):
        established_facts(borrower=case.borrower, user=officer, on=TODAY, firm=FIRM)
