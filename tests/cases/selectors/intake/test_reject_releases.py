"""Which release lets a person take the rows now, and which requests wait."""

from datetime import timedelta
from typing import Any

from cases.selectors.intake.reject_releases import open_releases, usable_release
from cases.services.intake.reject_releases import ask_for_rejects, release_rejects
from tests.cases.services.intake.test_reject_releases import AT, make_file


def test_request_waits_until_it_is_released_and_is_usable_for_a_day(risk_manager: Any, person: Any) -> None:
    file = make_file()
    release = ask_for_rejects(file=file, purpose="Correct", actor=risk_manager, at=AT)
    assert list(open_releases(file=file)) == [release]
    assert usable_release(file=file, actor=risk_manager, at=AT) is None

    release_rejects(release=release, actor=person("ADMINISTRATOR"), at=AT)

    assert list(open_releases(file=file)) == []
    usable = [
        usable_release(file=file, actor=risk_manager, at=AT + timedelta(hours=hours)) for hours in (-1, 0, 23, 24)
    ]
    assert usable == [None, release, release, None]
