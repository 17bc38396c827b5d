"""Circumstances: open until their day, one of a kind, and only ever lengthened."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from cases.models import BorrowerFlag
from cases.services.casework.circumstances import (
    clear_expired_flags,
    clear_flag,
    lift,
    protect,
    set_flag,
)
from cases.services.casework.digests import text_digest
from tests.clear_text import tables_with
from tests.factories.casework import AT, TODAY, make_case
from tests.factories.portfolio import make_borrower, make_overdue


@pytest.fixture
def borrower(shanghai):
    return make_borrower(territory=shanghai)


@pytest.mark.parametrize(
    ("kind", "days"),
    [("BEREAVED", 90), ("DISASTER", 60), ("VULNERABLE", 180), ("CEASE", 30), ("REPRESENTED", None), ("DISPUTED", None)],
)
def test_set_flag_counts_as_long_as_table_b_says(borrower, officer, kind, days):
    flag = set_flag(borrower=borrower, kind=kind, source="CALL", actor=officer, at=AT)

    assert flag.expires_on == (None if days is None else TODAY + timedelta(days=days))


def test_set_flag_again_only_lengthens(borrower, officer):
    set_flag(
        borrower=borrower, kind="CEASE", source="CALL", actor=officer, at=AT, expires_on=TODAY + timedelta(days=20)
    )
    set_flag(
        borrower=borrower, kind="CEASE", source="LETTER", actor=officer, at=AT, expires_on=TODAY + timedelta(days=9)
    )
    set_flag(
        borrower=borrower, kind="CEASE", source="VISIT", actor=officer, at=AT, expires_on=TODAY + timedelta(days=40)
    )

    assert list(BorrowerFlag.objects.values_list("source", "expires_on")) == [("CALL", TODAY + timedelta(days=40))]


def test_set_flag_writes_a_line_into_the_open_case(shanghai, officer):
    case = make_case(account=make_overdue(territory=shanghai))

    set_flag(borrower=case.borrower, kind="HOSPITAL", source="CALL", actor=officer, at=AT)

    assert list(case.events.values_list("kind", "body")) == [("CONTACT", {"action": "flag_set", "flag": "HOSPITAL"})]


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "RICH"},
        {"source": "the neighbour Li Si"},
        {"source": "OTHER", "note": " "},
        {"note": "x" * 301},
        {"expires_on": TODAY - timedelta(days=1)},
    ],
)
def test_set_flag_refuses_what_does_not_fit(borrower, officer, fields):
    with pytest.raises(InvalidInput):
        set_flag(**{"borrower": borrower, "kind": "CEASE", "source": "CALL", "actor": officer, "at": AT} | fields)


def test_set_flag_seals_what_a_person_wrote(shanghai, officer):
    case = make_case(account=make_overdue(territory=shanghai))

    set_flag(
        borrower=case.borrower, kind="HOSPITAL", source="OTHER", note="His wife Li Si called", actor=officer, at=AT
    )

    flag = BorrowerFlag.objects.get()
    assert (flag.source, flag.note, case.events.get().note) == (
        "OTHER",
        "His wife Li Si called",
        "His wife Li Si called",
    )
    assert AuditEntry.objects.get(action="borrower.flag_set").body == {
        "kind": "HOSPITAL",
        "source": "OTHER",
        "source_ref": "",
        "expires_on": None,
        "note_digest": text_digest(text="His wife Li Si called", kind="flag.note"),
    }
    assert tables_with("Li Si") == []


def test_the_database_takes_only_codes_as_sources(borrower):
    with pytest.raises(IntegrityError, match="flag_source_is_a_code"), transaction.atomic():
        BorrowerFlag.objects.create(borrower=borrower, kind="CEASE", source="the neighbour", set_at=AT)


def test_lift_with_a_reference_ends_only_what_follows_from_that_record(borrower, officer):
    protect(borrower=borrower, kind="CEASE", source="DECISION", source_ref="D0000007", actor=officer, at=AT)

    assert not lift(borrower=borrower, kind="CEASE", source_ref="D0000008", actor=officer, at=AT)
    assert lift(borrower=borrower, kind="CEASE", source_ref="D0000007", actor=officer, at=AT)


def test_set_flag_needs_the_permission(borrower, dispatcher):
    with pytest.raises(NotAllowed):
        set_flag(borrower=borrower, kind="CEASE", source="CALL", actor=dispatcher, at=AT)

    assert BorrowerFlag.objects.count() == 0


def test_clear_flag_ends_it_once(borrower, officer):
    set_flag(borrower=borrower, kind="HOSPITAL", source="CALL", actor=officer, at=AT)

    clear_flag(borrower=borrower, kind="HOSPITAL", reason="Discharged", actor=officer, at=AT)

    assert BorrowerFlag.objects.get().cleared_at == AT
    with pytest.raises(StateConflict):
        clear_flag(borrower=borrower, kind="HOSPITAL", reason="Discharged", actor=officer, at=AT)


def test_clear_expired_flags_ends_those_past_their_day(borrower, officer):
    set_flag(borrower=borrower, kind="CEASE", source="CALL", actor=officer, at=AT, expires_on=TODAY)
    set_flag(borrower=borrower, kind="DISPUTED", source="CALL", actor=officer, at=AT)

    assert clear_expired_flags(business_date=TODAY, at=AT) == 0
    assert clear_expired_flags(business_date=TODAY + timedelta(days=1), at=AT) == 1
    assert list(BorrowerFlag.objects.filter(cleared_at=None).values_list("kind", flat=True)) == ["DISPUTED"]
