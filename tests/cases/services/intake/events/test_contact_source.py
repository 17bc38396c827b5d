"""Contacts of a file: reported by its profile, with their permits, judged set by set."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.models import ContactAttempt, ContactBreach, ContactSource
from cases.services.intake.events.contact_source import report_contacts_as
from cases.services.intake.take_in import take_in
from tests.cases.services.intake.event_files import AT, event_file
from tests.factories.contacts import ask
from tests.factories.portfolio import make_borrower, make_phone
from tests.factories.profiles import make_profile

PROFILE = """title = "Dialler"
kind = "CONTACTS"
[file]
time_zone = "Asia/Shanghai"
[contact]
external_ref = { column = "ref" }
borrower = { column = "borrower" }
channel = { column = "channel" }
outcome = { column = "outcome" }
number = { column = "number", as = "phone" }
attempted_at = { column = "at", as = "moment" }
permit_ref = { column = "permit" }
"""
HEADER = "ref,borrower,channel,outcome,number,at,permit\n"


@pytest.fixture
def borrower(shanghai: Any) -> Any:
    make_profile(name="dialler", kind="CONTACTS", body=PROFILE)
    return make_borrower(territory=shanghai, external_ref="D1")


def take(tmp_path: Path, *rows: str) -> Any:
    return take_in(
        path=event_file(tmp_path, HEADER + "\n".join(rows) + "\n"),
        profile="dialler",
        actor=None,
        at=AT + timedelta(hours=1),
    )


def breaches() -> list[tuple[str, str, str]]:
    rows = ContactBreach.objects.order_by("contact_ref", "kind")
    return [(row.contact_ref, row.kind, f"{row.source.kind} {row.source.name}") for row in rows]


def test_the_source_of_a_transaction_is_that_of_the_profile(db: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        report_contacts_as(profile="dialler", at=AT)
        cursor.execute("SELECT current_setting('doorstep.contact_source')::bigint")
        assert cursor.fetchone() == (ContactSource.objects.get(kind="FEED", name="dialler").pk,)


def test_a_file_uses_permits_and_leaves_breaches(tmp_path: Path, borrower: Any) -> None:
    phone = make_phone(borrower=borrower, number="13800000001")
    permit = ask(borrower=borrower, phone=phone)

    result = take(
        tmp_path,
        f"C1,D1,VOICE,RIGHT_PARTY,13800000001,2026-03-02 10:05:00,{permit.reference}",
        "C2,D1,VOICE,NO_ANSWER,13800000001,2026-03-01 22:00:00,",
        "C3,D1,SMS,DELIVERED,13800000001,2026-03-01 12:00:00,CP-nobody",
    )

    permit.refresh_from_db()
    assert (result.created, result.rejected) == (3, 0)
    assert (permit.state, permit.used_by) == ("USED", "C1")
    assert breaches() == [("C2", "QUIET_HOURS", "FEED dialler"), ("C3", "UNKNOWN_PERMIT", "FEED dialler")]
    assert set(ContactAttempt.objects.values_list("source__name", flat=True)) == {"dialler"}


def test_the_same_file_again_changes_nothing_and_a_corrected_one_is_judged(tmp_path: Path, borrower: Any) -> None:
    rows = [f"C{n},D1,APP,RIGHT_PARTY,,2026-03-01 1{n}:00:00," for n in range(3)]
    take(tmp_path, *rows)
    again = take(tmp_path, *rows)

    assert (again.unchanged, breaches()) == (3, [])

    # A fourth talk of the day comes by a correction of its moment.
    take(tmp_path, "C9,D1,APP,RIGHT_PARTY,,2026-02-28 19:00:00,")
    take(tmp_path, "C9,D1,APP,RIGHT_PARTY,,2026-03-01 19:00:00,")

    assert breaches() == [("C9", "CONVERSATIONS_A_DAY", "FEED dialler")]


def test_permits_are_asked_of_the_profile_from_its_day_on(tmp_path: Path, borrower: Any) -> None:
    ContactSource.objects.create(kind="FEED", name="dialler", permits_from=date(2026, 3, 1), created_at=AT)

    take(
        tmp_path,
        "C1,D1,APP,READ,,2026-02-28 12:00:00,",
        "C2,D1,APP,READ,,2026-03-01 12:00:00,",
    )

    assert breaches() == [("C2", "NO_PERMIT", "FEED dialler")]


@pytest.mark.parametrize("many", [2, 60])
def test_a_batch_costs_the_same_however_many_contacts(tmp_path: Path, borrower: Any, many: int) -> None:
    rows = [f"C{n},D1,APP,READ,,2026-03-01 12:00:00,CP-{n}" for n in range(many)]

    with CaptureQueriesContext(connection) as spent:
        take(tmp_path, *rows)

    # Of these, the source, its setting, and three statements that judge are of this subject.
    judging = [query for query in spent if "cases_contactpermit" in query["sql"] or "contact_source" in query["sql"]]
    assert len(judging) == 5
    assert ContactBreach.objects.count() == many
