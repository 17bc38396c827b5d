"""A borrower with a planned visit, and answers to its letter: with what only the borrower knows, and without."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from cases.models import Borrower
from tests.factories.portfolio import make_phone
from tests.factories.visits import AT, make_order
from visits.services.answers.receiving import GivenAnswer, receive_answer

ANSWERED_AT = AT + timedelta(hours=3)


@pytest.fixture
def order(case: Any, placement: Any, pair: Any, approver: Any) -> Any:
    make_phone(borrower=case.borrower, number="+8613911117777")
    return make_order(case=case, placement=placement, state="ACCEPTED", approver=approver, pair=pair)


@pytest.fixture
def proof(order: Any) -> str:
    """The last four characters of the identity number on file."""
    return str(Borrower.objects.get(pk=order.case.borrower_id).id_number[-4:])


@pytest.fixture
def answer(order: Any, proof: str) -> Callable[..., Any]:
    """Return a function that answers the letter: answer("DECLINE"), by default with proof."""

    def send(kind: str, *, proven: bool = True, at: Any = ANSWERED_AT, code: str = "", **fields: Any) -> Any:
        values = {"form_ref": uuid4(), "digits": proof if proven else ""} | fields
        return receive_answer(code=code or order.letter_code, given=GivenAnswer(kind=kind, **values), at=at)

    return send
