"""The signals of a case: open ones first, in the reader's territories."""

from datetime import timedelta

from cases.selectors.casework.suspicion import SHOWN, signals_of
from tests.cases.services.casework.test_suspicion import make_signal
from tests.factories.casework import TODAY
from tests.factories.portfolio import make_borrower


def test_open_ones_come_first_then_the_newest(shanghai, officer):
    borrower = make_borrower(territory=shanghai)
    ended = make_signal(borrower, cleared_on=TODAY, noticed_on=TODAY)
    old, new = (make_signal(borrower, noticed_on=TODAY - timedelta(days=days)) for days in (9, 2))

    assert list(signals_of(user=officer, borrowers=[borrower.pk])) == [new, old, ended]


def test_at_most_ten_are_shown_and_none_of_other_borrowers_or_territories(shanghai, chengdu, officer):
    borrower, elsewhere = make_borrower(territory=shanghai), make_borrower(territory=chengdu)
    make_signal(make_borrower(territory=shanghai))
    make_signal(elsewhere)
    for _number in range(SHOWN + 1):
        make_signal(borrower)

    shown = signals_of(user=officer, borrowers=[borrower.pk, elsewhere.pk])
    assert len(shown) == SHOWN
    assert {each.borrower_id for each in shown} == {borrower.pk}
