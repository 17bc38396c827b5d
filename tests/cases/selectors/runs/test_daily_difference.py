"""The changes of a business date: counted by rule, territory and bucket, in the territories of a person, by pages."""

from datetime import timedelta
from typing import Any

import pytest

from cases.models import Account, Case, CaseEvent, TriggerHit
from cases.selectors.runs import daily_difference as selector
from cases.selectors.runs.daily_difference import WorkedDays, changed_hits, difference, worked_days
from tests.factories.portfolio import TODAY
from tests.factories.runs import make_two_days

NEXT = TODAY + timedelta(days=1)


@pytest.fixture
def nights(shanghai: Any, chengdu: Any) -> list[Account]:
    return make_two_days(here=shanghai, there=chengdu)


def test_difference_counts_what_began_ended_and_stayed(nights: list[Account], auditor: Any, shanghai: Any) -> None:
    found = difference(user=auditor, business_date=NEXT)

    assert (found.entered, found.left, sum((found.stayed or {}).values()), found.regraded) == (1, 1, 3, 1)
    assert {(change.territory_id, change.bucket, change.entered, change.left) for change in found.changes} == {
        (shanghai.pk, 5, 1, 0),
        (shanghai.pk, 0, 0, 1),
    }


def test_difference_of_an_older_day_is_not_moved_by_what_came_later(nights: list[Account], auditor: Any) -> None:
    found = difference(user=auditor, business_date=TODAY)

    assert (found.entered, found.left, found.stayed, found.regraded) == (4, 0, {}, 0)


def test_difference_is_that_of_the_territories_one_sees(nights: list[Account], person: Any, chengdu: Any) -> None:
    there = person("CASE_OFFICER", name="there", territories=(chengdu,))

    found = difference(user=there, business_date=TODAY)

    assert (found.entered, {change.territory_id for change in found.changes}) == (1, {chengdu.pk})
    assert changed_hits(user=there, business_date=NEXT, kind="entered") == []


def test_regraded_case_tells_from_what_to_what(nights: list[Account]) -> None:
    event = CaseEvent.objects.get(kind="REGRADED")

    assert (event.case.borrower_id, event.business_date) == (nights[1].borrower_id, NEXT)
    assert event.body["grade_before"] != event.body["grade"]


def test_changed_hits_have_their_case_and_are_filtered(nights: list[Account], auditor: Any, shanghai: Any) -> None:
    (hit,) = changed_hits(user=auditor, business_date=NEXT, kind="entered")

    assert hit.case_id == Case.objects.get(borrower=nights[4].borrower).pk
    assert [
        len(changed_hits(user=auditor, business_date=NEXT, kind="entered", **narrowed))
        for narrowed in (
            {"rule": hit.rule},
            {"rule": "NONE"},
            {"territory_id": shanghai.pk},
            {"territory_id": 0},
            {"bucket": 5},
            {"bucket": 0},
            {"after": hit.pk},
        )
    ] == [1, 0, 1, 0, 1, 0, 0]


def test_pages_follow_each_other_without_gap_or_repeat(
    nights: list[Account], auditor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selector, "PAGE", 3)

    first = changed_hits(user=auditor, business_date=TODAY, kind="entered")
    second = changed_hits(user=auditor, business_date=TODAY, kind="entered", after=first[2].pk)

    assert (len(first), len(second)) == (4, 1)
    assert [hit.pk for hit in [*first[:3], *second]] == sorted(
        TriggerHit.objects.filter(entered_on=TODAY).values_list("pk", flat=True)
    )


def test_worked_days_are_neighbours(nights: list[Account]) -> None:
    far = NEXT + timedelta(days=9)

    assert worked_days(around=None) == WorkedDays(before=TODAY, day=NEXT, after=None, newest=NEXT)
    assert worked_days(around=TODAY) == WorkedDays(before=None, day=TODAY, after=NEXT, newest=NEXT)
    assert worked_days(around=far) == WorkedDays(before=NEXT, day=far, after=None, newest=NEXT)


def test_who_stayed_is_not_counted_for_a_day_long_past(nights: list[Account], auditor: Any) -> None:
    within, beyond = (
        difference(user=auditor, business_date=TODAY, newest=TODAY + timedelta(days=days)).stayed for days in (92, 93)
    )

    assert (within, beyond) == ({}, None)
