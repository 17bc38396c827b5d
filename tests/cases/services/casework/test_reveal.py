"""Personal data in clear: for a purpose, within the territory, and logged."""

from datetime import date

import pytest

from backoffice.audit.models import AccessEntry
from backoffice.core.errors import InvalidInput, Missing, NotAllowed
from cases.services.casework.reveal import reveal_borrower, reveal_doubt
from tests.factories.casework import AT
from tests.factories.portfolio import make_address, make_application, make_borrower, make_doubt, make_phone


@pytest.fixture
def borrower(shanghai):
    return make_borrower(territory=shanghai, name="王小明")


def test_reveal_borrower_shows_and_logs_what_was_asked_for(borrower, officer):
    make_phone(borrower=borrower, number="13800000001")
    make_address(borrower=borrower, line="上海市黄浦区示范路1号")

    shown = reveal_borrower(
        borrower=borrower, purpose="CONTACT", note="Call back", fields=("name", "phones"), actor=officer, at=AT
    )

    assert shown == {"name": "王小明", "phones": ["13800000001"]}
    entry = AccessEntry.objects.get()
    assert (entry.actor_id, entry.subject_id, entry.fields, entry.note) == (
        officer.pk,
        str(borrower.pk),
        ["name", "phones"],
        "Call back",
    )


def test_reveal_borrower_shows_extensions_and_doubtful_values_that_wait(borrower, officer):
    make_phone(borrower=borrower, number="+862155551234", extension="801")
    make_doubt(borrower=borrower, value="1390000006")
    make_doubt(borrower=borrower, value="x", state="GONE", settled_at=AT)

    shown = reveal_borrower(
        borrower=borrower, purpose="CONTACT", fields=("phones", "doubtful_cells"), actor=officer, at=AT
    )

    assert shown == {"phones": ["+862155551234 ext. 801"], "doubtful_cells": ["1390000006"]}


def test_reveal_borrower_shows_what_was_stated_when_applying(borrower, officer):
    without = reveal_borrower(borrower=borrower, purpose="CONTACT", fields=("application",), actor=officer, at=AT)
    make_application(borrower=borrower)

    shown = reveal_borrower(borrower=borrower, purpose="CONTACT", fields=("application",), actor=officer, at=AT)

    assert without == {"application": {}}
    assert shown == {
        "application": {
            "employer": "上海示范电子有限公司",
            "monthly_income": "8500.00",
            "monthly_expenses": "3200.00",
            "stated_on": date(2025, 6, 1),
        }
    }
    assert [entry.fields for entry in AccessEntry.objects.order_by("pk")] == [["application"], ["application"]]


def test_reveal_doubt_shows_one_value_and_logs_it(borrower, officer, dispatcher):
    doubt = make_doubt(borrower=borrower, value="1390000006")

    assert reveal_doubt(doubt=doubt, purpose="CONTACT", actor=officer, at=AT) == "1390000006"
    entry = AccessEntry.objects.get()
    assert (entry.subject_id, entry.fields) == (str(borrower.pk), ["doubtful_cells"])
    with pytest.raises(NotAllowed):
        reveal_doubt(doubt=doubt, purpose="CONTACT", actor=dispatcher, at=AT)


def test_reveal_doubt_of_another_territory_is_missing(chengdu, officer):
    doubt = make_doubt(borrower=make_borrower(territory=chengdu))

    with pytest.raises(Missing):
        reveal_doubt(doubt=doubt, purpose="CONTACT", actor=officer, at=AT)


def test_reveal_borrower_without_purpose_shows_nothing(borrower, officer):
    with pytest.raises(InvalidInput):
        reveal_borrower(borrower=borrower, purpose=" ", actor=officer, at=AT)


def test_reveal_borrower_of_another_territory_is_missing(chengdu, officer):
    with pytest.raises(Missing):
        reveal_borrower(borrower=make_borrower(territory=chengdu), purpose="CONTACT", actor=officer, at=AT)

    assert AccessEntry.objects.count() == 0


@pytest.mark.parametrize("role", ["APPROVER", "AUDITOR", "RISK_MANAGER", "ADMINISTRATOR", "DISPATCHER"])
def test_reveal_borrower_is_for_case_officers(borrower, person, role):
    with pytest.raises(NotAllowed):
        reveal_borrower(borrower=borrower, purpose="CONTACT", actor=person(role), at=AT)
