"""Who reports contacts."""

from typing import Any

from cases.models import ContactSource
from cases.services.contacts.sources import source_of, source_of_actor
from tests.factories.portfolio import AT


def test_a_source_is_made_by_its_first_report(db: Any) -> None:
    first, again = (source_of(kind="FEED", name="dialler-file", at=AT) for _time in range(2))

    assert first == again
    assert ContactSource.objects.values_list("kind", "name", "permits_from", "created_at").get() == (
        "FEED",
        "dialler-file",
        None,
        AT,
    )


def test_a_client_reports_in_its_own_name_and_people_as_the_desk(person: Any, officer: Any) -> None:
    dialler = person("MACHINE", name="dialler")

    found = [source_of_actor(actor=actor, at=AT) for actor in (dialler, officer, None)]

    assert [(source.kind, source.name) for source in found] == [("CLIENT", "dialler"), ("DESK", ""), ("DESK", "")]
