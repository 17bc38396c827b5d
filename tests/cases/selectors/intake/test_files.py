"""The same file taken in twice."""

from typing import Any

import pytest

from cases.models import IntakeFile
from cases.selectors.intake.files import taken_before
from tests.factories.portfolio import AT

pytestmark = pytest.mark.django_db


def taken(**fields: Any) -> IntakeFile:
    values = {
        "profile_name": "core",
        "profile_fingerprint": "f1",
        "sha256": "a1",
        "state": "FINISHED",
        "started_at": AT,
    }
    return IntakeFile.objects.create(**(values | fields))


def test_the_last_finished_intake_of_the_same_bytes_by_the_same_profile_is_named(risk_manager: Any) -> None:
    taken()
    last = taken()
    for other in ({"sha256": "b"}, {"profile_name": "x"}, {"profile_fingerprint": "f2"}, {"dry_run": True}):
        taken(**other)
    taken(state="FAILED")
    file = taken()
    taken()

    assert list(taken_before(file=file, user=risk_manager)) == [last]
    assert list(taken_before(file=taken(sha256="", profile_fingerprint=""), user=risk_manager)) == []


def test_who_sees_no_files_sees_no_earlier_one(officer: Any) -> None:
    taken()

    assert list(taken_before(file=taken(), user=officer)) == []
