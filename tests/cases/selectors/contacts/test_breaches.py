"""Breaches of a person, and their number by source."""

from datetime import timedelta
from typing import Any

from cases.models import ContactBreach, ContactSource
from cases.selectors.contacts.breaches import breaches_of_person, sources_with_counts
from tests.factories.contacts import report
from tests.factories.people import make_sharing, merged
from tests.factories.portfolio import AT, make_borrower

NIGHT = AT.replace(hour=15)
LATER = AT + timedelta(days=1)


def test_breaches_of_all_borrowers_of_the_person_newest_first(
    shanghai: Any, chengdu: Any, risk_manager: Any, officer: Any
) -> None:
    one, two = make_sharing(territory=shanghai)
    merged(one, two, approver=risk_manager)
    one.refresh_from_db()
    stranger = make_borrower(territory=shanghai, id_number="")
    for seconds, borrower in enumerate((one, two, stranger)):
        report(borrower=borrower, attempted_at=NIGHT + timedelta(seconds=seconds), at=LATER)

    def seen(user: Any, newest: int = 5) -> list[int]:
        return [breach.borrower_id for breach in breaches_of_person(borrower=one, user=user, newest=newest)]

    assert seen(officer) == [two.pk, one.pk]
    assert seen(officer, newest=1) == [two.pk]
    officer.territories.set([chengdu])
    assert seen(type(officer).objects.get(pk=officer.pk)) == []


def test_sources_count_the_breaches_of_thirty_days_that_the_reader_may_see(
    shanghai: Any, chengdu: Any, officer: Any, risk_manager: Any
) -> None:
    for territory in (shanghai, chengdu):
        report(borrower=make_borrower(territory=territory, id_number=""), attempted_at=NIGHT, at=LATER)
    ContactSource.objects.create(kind="FEED", name="quiet", created_at=AT)
    old = ContactBreach.objects.first()
    ContactBreach.objects.filter(pk=old.pk).update(attempted_at=LATER - timedelta(days=30, microseconds=1))

    def counted(user: Any) -> list[tuple[str, int]]:
        return [
            (f"{each.kind} {each.name}", each.recent)
            for each in sources_with_counts(user=user, at=LATER).order_by("kind")
        ]

    assert counted(risk_manager) == [("DESK ", 1), ("FEED quiet", 0)]
    ContactBreach.objects.filter(pk=old.pk).update(attempted_at=LATER - timedelta(days=30))
    assert counted(risk_manager) == [("DESK ", 2), ("FEED quiet", 0)]
    assert counted(officer) == [("DESK ", 1), ("FEED quiet", 0)]
