"""Somebody other than the borrower refused contact: their number is never used again."""

from typing import Any

import pytest

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed
from cases.models import ContactStop, RelatedPerson
from cases.services.contacts.stops import stop_number
from tests.factories.contacts import ask, rules
from tests.factories.portfolio import AT, make_borrower, make_phone, make_related

NUMBER = "13911112222"


def test_a_refused_number_is_not_used_for_any_borrower_and_a_new_import_does_not_clear_it(
    shanghai: Any, officer: Any
) -> None:
    borrower, other = (make_borrower(territory=shanghai, id_number="") for _each in range(2))
    related = make_related(borrower=borrower, number=NUMBER)

    stop = stop_number(related=related, actor=officer, at=AT, evidence_ref="REC-1")
    again = stop_number(related=related, actor=officer, at=AT)
    RelatedPerson.objects.all().delete()
    anew = make_related(borrower=other, role="REPRESENTATIVE", number=NUMBER)

    assert again == stop
    assert (stop.noted_by, stop.evidence_ref, bytes(stop.number_index)) == (
        officer,
        "REC-1",
        bytes(related.number_index),
    )
    assert rules(ask(borrower=other, related=anew)) == ["NUMBER_STOPPED"]
    assert rules(ask(borrower=other, phone=make_phone(borrower=other, number=NUMBER)))[0] == "NUMBER_STOPPED"
    entry = AuditEntry.objects.get(action="contactstop.noted")
    assert entry.body == {"borrower": borrower.pk, "related": related.pk}


@pytest.mark.parametrize(
    "fields", [{"role": "GUARANTOR", "number": NUMBER}, {"role": "CO_BORROWER", "number": NUMBER}, {}]
)
def test_who_owes_the_debt_or_has_no_number_is_no_stop(shanghai: Any, officer: Any, fields: dict[str, Any]) -> None:
    related = make_related(borrower=make_borrower(territory=shanghai), **fields)

    with pytest.raises(InvalidInput) as refused:
        stop_number(related=related, actor=officer, at=AT)

    assert refused.value.field == "related_ref"
    assert ContactStop.objects.count() == 0


def test_a_dialler_may_note_it_and_an_auditor_may_not(shanghai: Any, person: Any, auditor: Any) -> None:
    related = make_related(borrower=make_borrower(territory=shanghai), number=NUMBER)

    with pytest.raises(NotAllowed):
        stop_number(related=related, actor=auditor, at=AT)
    dialler = person("MACHINE", name="dialler", scopes=["contacts:ask"])
    assert stop_number(related=related, actor=dialler, at=AT).noted_by == dialler
