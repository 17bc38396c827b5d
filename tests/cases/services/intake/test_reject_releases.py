"""Rejected rows in clear: for a purpose, released by another person, logged each time."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from backoffice.audit.models import AccessEntry, AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from cases.models import IntakeFile, IntakeReject, RejectRelease
from cases.services.intake.reject_releases import ask_for_rejects, hand_out_rejects, release_rejects

NAME = "张小三"
AT = timezone.now()
PURPOSE = "Correct the branch codes"


def make_file(*, taken_by: Any = None, rejected: int = 1) -> IntakeFile:
    file = IntakeFile.objects.create(
        profile_name="own",
        file_name="day.csv",
        state="FINISHED",
        row_count=2,
        rejected_count=rejected,
        started_at=AT,
        taken_by=taken_by,
    )
    if rejected:
        IntakeReject.objects.create(
            file=file,
            external_ref=f"{file.pk}-2-1",
            row_number=2,
            field="borrower.territory",
            value="X",
            reason="A value is required.",
            row=f'[["name", "{NAME}"]]',
            created_at=AT,
        )
    return file


@pytest.fixture
def second(person: Any) -> Any:
    return person("RISK_MANAGER", name="second")


def test_released_rows_are_handed_out_and_logged_with_the_purpose(risk_manager: Any, second: Any) -> None:
    file = make_file()
    release = ask_for_rejects(file=file, purpose=PURPOSE, actor=risk_manager, at=AT)
    release_rejects(release=release, actor=second, at=AT)

    lines = "".join(hand_out_rejects(file=file, actor=risk_manager, at=AT + timedelta(hours=23)))

    assert NAME in lines
    entry = AccessEntry.objects.get()
    assert (entry.actor_id, entry.subject_id, entry.fields, entry.note) == (
        risk_manager.pk,
        str(file.pk),
        ["rejects"],
        PURPOSE,
    )
    assert list(AuditEntry.objects.order_by("sequence").values_list("action", "actor_id")) == [
        ("intake.rejects_asked", risk_manager.pk),
        ("intake.rejects_released", second.pk),
        ("intake.rejects_handed_out", risk_manager.pk),
    ]
    assert not AuditEntry.objects.filter(body__contains=PURPOSE).exists()


def test_rows_that_nobody_released_stay_closed(risk_manager: Any, second: Any) -> None:
    file = make_file()
    ask_for_rejects(file=file, purpose=PURPOSE, actor=risk_manager, at=AT)

    with pytest.raises(NotAllowed):
        hand_out_rejects(file=file, actor=risk_manager, at=AT, purpose=PURPOSE)

    assert AccessEntry.objects.count() == 0


def test_release_serves_the_person_who_asked_and_nobody_else(risk_manager: Any, second: Any) -> None:
    file = make_file()
    release = ask_for_rejects(file=file, purpose=PURPOSE, actor=risk_manager, at=AT)
    release_rejects(release=release, actor=second, at=AT)

    with pytest.raises(NotAllowed):
        hand_out_rejects(file=file, actor=second, at=AT, purpose=PURPOSE)

    assert AccessEntry.objects.count() == 0


def test_release_ends_after_a_day_and_serves_one_file(risk_manager: Any, second: Any) -> None:
    file, other = make_file(), make_file()
    release = ask_for_rejects(file=file, purpose=PURPOSE, actor=risk_manager, at=AT)
    release_rejects(release=release, actor=second, at=AT)

    for wrong, at in ((file, AT + timedelta(hours=24)), (other, AT)):
        with pytest.raises(NotAllowed):
            hand_out_rejects(file=wrong, actor=risk_manager, at=at)

    assert AccessEntry.objects.count() == 0


def test_nobody_releases_what_they_asked_for(risk_manager: Any) -> None:
    release = ask_for_rejects(file=make_file(), purpose=PURPOSE, actor=risk_manager, at=AT)

    with pytest.raises(SelfApproval):
        release_rejects(release=release, actor=risk_manager, at=AT)

    release.refresh_from_db()
    assert release.released_by is None
    with pytest.raises(IntegrityError, match="reject_release_four_eyes"):
        RejectRelease.objects.filter(pk=release.pk).update(
            released_by=risk_manager, released_at=AT, expires_at=AT + timedelta(hours=1)
        )


def test_request_is_released_once(risk_manager: Any, second: Any, person: Any) -> None:
    release = ask_for_rejects(file=make_file(), purpose=PURPOSE, actor=risk_manager, at=AT)
    release_rejects(release=release, actor=second, at=AT)

    with pytest.raises(StateConflict):
        release_rejects(release=release, actor=person("ADMINISTRATOR"), at=AT + timedelta(hours=5))

    release.refresh_from_db()
    assert (release.released_by, release.expires_at) == (second, AT + timedelta(hours=24))


def test_who_took_the_file_in_needs_a_purpose_and_no_release(risk_manager: Any) -> None:
    file = make_file(taken_by=risk_manager)

    with pytest.raises(InvalidInput):
        hand_out_rejects(file=file, actor=risk_manager, at=AT, purpose="  ")
    assert AccessEntry.objects.count() == AuditEntry.objects.count() == 0
    lines = "".join(hand_out_rejects(file=file, actor=risk_manager, at=AT, purpose=PURPOSE))

    assert NAME in lines
    assert AccessEntry.objects.get().note == PURPOSE
    assert AuditEntry.objects.get().action == "intake.rejects_handed_out"


@pytest.mark.parametrize("role", ["ADMINISTRATOR", "AUDITOR", "APPROVER", "CASE_OFFICER", "REVIEWER", "CREW"])
def test_rows_in_clear_are_for_risk_managers_only(person: Any, role: str) -> None:
    visitor = person(role)
    file = make_file(taken_by=visitor)

    with pytest.raises(NotAllowed):
        hand_out_rejects(file=file, actor=visitor, at=AT, purpose=PURPOSE)
    with pytest.raises(NotAllowed):
        ask_for_rejects(file=make_file(), purpose=PURPOSE, actor=visitor, at=AT)

    assert AccessEntry.objects.count() == RejectRelease.objects.count() == 0


@pytest.mark.parametrize("role", ["AUDITOR", "APPROVER", "CASE_OFFICER"])
def test_release_is_for_risk_managers_and_administrators(risk_manager: Any, person: Any, role: str) -> None:
    release = ask_for_rejects(file=make_file(), purpose=PURPOSE, actor=risk_manager, at=AT)

    with pytest.raises(NotAllowed):
        release_rejects(release=release, actor=person(role), at=AT)

    release_rejects(release=release, actor=person("ADMINISTRATOR"), at=AT)
    release.refresh_from_db()
    assert release.released_at == AT


def test_the_system_itself_takes_and_releases_nothing(risk_manager: Any) -> None:
    file = make_file()
    release = ask_for_rejects(file=file, purpose=PURPOSE, actor=risk_manager, at=AT)

    with pytest.raises(NotAllowed):
        hand_out_rejects(file=file, actor=None, at=AT, purpose=PURPOSE)
    with pytest.raises(NotAllowed):
        release_rejects(release=release, actor=None, at=AT)

    assert AccessEntry.objects.count() == 0


def test_ask_for_rejects_refuses_what_makes_no_request(risk_manager: Any) -> None:
    with pytest.raises(InvalidInput):
        ask_for_rejects(file=make_file(), purpose=" ", actor=risk_manager, at=AT)
    with pytest.raises(InvalidInput):
        ask_for_rejects(file=make_file(taken_by=risk_manager), purpose=PURPOSE, actor=risk_manager, at=AT)
    with pytest.raises(StateConflict):
        ask_for_rejects(file=make_file(rejected=0), purpose=PURPOSE, actor=risk_manager, at=AT)
    file = make_file()
    ask_for_rejects(file=file, purpose=PURPOSE, actor=risk_manager, at=AT)
    with pytest.raises(StateConflict):
        ask_for_rejects(file=file, purpose=PURPOSE, actor=risk_manager, at=AT)

    assert RejectRelease.objects.count() == 1


def test_purpose_of_a_request_is_sealed(risk_manager: Any) -> None:
    ask_for_rejects(file=make_file(), purpose="for 张小三", actor=risk_manager, at=AT)

    with connection.cursor() as cursor:
        cursor.execute("SELECT r::text FROM cases_rejectrelease r")
        (stored,) = cursor.fetchone()

    assert RejectRelease.objects.get().purpose == "for 张小三"
    assert "张小三".encode().hex() not in stored
