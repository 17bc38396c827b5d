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
    SuspicionSignal.objects.create(
        borrower=borrower,
        external_ref=f"D-{ref}",
        kind="FALSE_IDENTITY",
        source="INTAKE",
        confidence="0.50",
        noticed_on=TODAY,
        created_at=AT,
    )
    return DoubtfulCell.objects.create(
        borrower=borrower, external_ref=ref, field=field, value=value, reason="wrong", created_at=AT
    )


def test_correct_doubt_writes_the_right_value_and_ends_the_sign(borrower: Any, officer: Any) -> None:
    doubt = correct_doubt(doubt=make_doubt(borrower), value=f" {RIGHT[:6]} {RIGHT[6:]} ", actor=officer, at=AT)

    borrower.refresh_from_db()
    assert (doubt.state, doubt.settled_by, doubt.settled_at) == ("CORRECTED", officer, AT)
    assert borrower.id_number == RIGHT
    assert bytes(borrower.id_number_index) == blind_index(text=RIGHT, kind="id_number")
    assert SuspicionSignal.objects.get().cleared_on == TODAY
    assert DueEvaluation.objects.filter(borrower=borrower).exists()
    entry = AuditEntry.objects.get(action="doubt.settled")
    assert entry.body == {"field": "borrower.id_number", "state": "CORRECTED"}
    assert tables_with(RIGHT) == []


def test_correct_doubt_of_a_telephone_adds_it_in_its_form(borrower: Any, officer: Any) -> None:
    doubt = make_doubt(borrower, field="phones.number", value="1390000006")

    correct_doubt(doubt=doubt, value="021-55551234-801", actor=officer, at=AT)

    phone = BorrowerPhone.objects.get()
    assert (phone.number, phone.extension, phone.verdict) == ("+862155551234", "801", "UNKNOWN")


def test_correct_doubt_of_name_and_address(borrower: Any, officer: Any) -> None:
    correct_doubt(doubt=make_doubt(borrower, field="borrower.name"), value="张小三", actor=officer, at=AT)
    correct_doubt(doubt=make_doubt(borrower, field="addresses.line"), value="示范路1号", actor=officer, at=AT)

    borrower.refresh_from_db()
    assert (borrower.name, Address.objects.get().line) == ("张小三", "示范路1号")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("borrower.id_number", WRONG),
        ("borrower.id_number", " "),
        ("phones.number", "123"),
        ("phones.number", "13900000064/13900000065"),
        ("borrower.name", "字" * 81),
        ("addresses.line", "l" * 201),
        ("addresses.latitude", "31.2"),
    ],
)
def test_correct_doubt_refuses_a_value_without_the_form(borrower: Any, officer: Any, field: str, value: str) -> None:
    doubt = make_doubt(borrower, field=field)

    with pytest.raises(InvalidInput) as refused:
        correct_doubt(doubt=doubt, value=value, actor=officer, at=AT)

    assert refused.value.field == "value"
    assert DoubtfulCell.objects.get().state == "OPEN"


def test_accept_doubt_writes_the_value_as_it_stands(borrower: Any, officer: Any) -> None:
    accept_doubt(doubt=make_doubt(borrower), actor=officer, at=AT)
    accept_doubt(doubt=make_doubt(borrower, field="phones.number", value="95588"), actor=officer, at=AT)

    borrower.refresh_from_db()
    phone = BorrowerPhone.objects.get()
    assert borrower.id_number == WRONG
    # A number of no numbering plan does not count among those that were tried.
    assert (phone.number, phone.verdict) == ("95588", "DOUBTFUL")
    assert not SuspicionSignal.objects.filter(cleared_on=None).exists()


def test_find_false_writes_nothing_and_gives_a_strong_sign(borrower: Any, officer: Any) -> None:
    find_false(doubt=make_doubt(borrower), actor=officer, at=AT)

    borrower.refresh_from_db()
    signal = SuspicionSignal.objects.get()
    assert borrower.id_number == ""
    assert (signal.kind, signal.source, str(signal.confidence)) == ("FALSE_IDENTITY", "DESK", "0.80")
    assert signal.cleared_on is None


def test_a_value_found_false_after_its_sign_was_answered_asks_anew(borrower: Any, officer: Any) -> None:
    doubt = make_doubt(borrower)
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
