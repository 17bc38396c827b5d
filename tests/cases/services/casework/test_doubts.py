"""The desk settles doubtful values: each once, by who may, and what it writes has the form of its field."""

from typing import Any

import pytest

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, Missing, NotAllowed, StateConflict
from backoffice.core.sealed.sealing import blind_index
from cases.models import Address, BorrowerPhone, DoubtfulCell, DueEvaluation, SuspicionSignal
from cases.services.casework.doubts import accept_doubt, correct_doubt, find_false
from tests.clear_text import tables_with
from tests.factories.casework import AT, TODAY
from tests.factories.portfolio import make_borrower

WRONG = "310101199001010010"
RIGHT = "310101199001010012"


@pytest.fixture
def borrower(shanghai: Any) -> Any:
    return make_borrower(territory=shanghai, id_number="", name="")


def make_doubt(borrower: Any, *, field: str = "borrower.id_number", value: str = WRONG) -> DoubtfulCell:
    ref = f"{borrower.external_ref}-{field}"
    SuspicionSignal.objects.update(answer="CONFIRMED", answered_in="V1", counts_until=AT.date(), cleared_on=AT.date())

    find_false(doubt=doubt, actor=officer, at=AT)

    signal = SuspicionSignal.objects.get()
    assert (signal.answer, signal.answered_in, signal.cleared_on, signal.counts_until) == ("", "", None, None)


def test_a_doubt_is_settled_once_by_who_may_and_sees_it(
    borrower: Any, officer: Any, dispatcher: Any, person: Any, chengdu: Any
) -> None:
    doubt = make_doubt(borrower)
    far = person("CASE_OFFICER", name="far", territories=[chengdu])

    with pytest.raises(NotAllowed):
        accept_doubt(doubt=doubt, actor=dispatcher, at=AT)
    with pytest.raises(Missing):
        accept_doubt(doubt=doubt, actor=far, at=AT)
    accept_doubt(doubt=doubt, actor=officer, at=AT)
    with pytest.raises(StateConflict):
        find_false(doubt=doubt, actor=officer, at=AT)
