"""The daily difference: counted by rule, territory and bucket, within the person's sight, page by page."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Account, Case, CaseEvent, EvaluationRun, TriggerHit
from cases.selectors.runs import daily_difference as selector
from cases.selectors.runs.daily_difference import WorkedDays, changed_hits, difference, worked_days
from cases.services.evaluation import chunks, runs
from tests.factories.policy import make_version
from tests.factories.portfolio import AT, TODAY, make_overdue

NEXT = TODAY + timedelta(days=1)
WHERE = reverse("cases_daily_difference")


def night(day: Any) -> EvaluationRun:
    run = runs.start_run(job="TRIGGERS", business_date=day, at=AT)
    while chunks.work_chunk(run_id=run.pk, at=AT):
        pass
    runs.settle_run(run_id=run.pk, at=AT)
    return run


@pytest.fixture
def nights(shanghai: Any, chengdu: Any) -> list[Account]:
    """Two nights: on the second one account is paid up, one is new, one is worse, one stays as it is."""
    make_version()
    here = [make_overdue(territory=shanghai, days=95, outstanding_principal=60000) for _ in range(3)]
    there = make_overdue(territory=chengdu, days=95, outstanding_principal=60000)
    night(TODAY)
    Account.objects.filter(pk=here[0].pk).update(days_past_due=0, arrears_amount=0)
    Account.objects.filter(pk=here[1].pk).update(outstanding_principal=900000)
    new = make_overdue(territory=shanghai, days=125, outstanding_principal=60000)
    night(NEXT)
    return [*here, there, new]


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


def test_turned_names_the_case_and_narrows(nights: list[Account], auditor: Any, shanghai: Any) -> None:
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


def test_page_links_to_cases_and_neighbouring_days(client: Any, auditor: Any, nights: list[Account]) -> None:
    client.force_login(auditor)

    page = client.get(WHERE).content.decode()

    case = Case.objects.get(borrower=nights[4].borrower)
    assert reverse("admin:cases_case_change", args=[case.pk]) in page
    assert f"?day={TODAY.isoformat()}" in page


@pytest.mark.parametrize("show", ["entered", "left", "regraded"])
def test_page_shows_each_list(client: Any, auditor: Any, nights: list[Account], show: str) -> None:
    client.force_login(auditor)

    answer = client.get(WHERE, {"show": show})

    assert (answer.status_code, len(answer.context["rows"])) == (200, 1)


def test_page_before_any_night_says_what_to_do(client: Any, auditor: Any) -> None:
    client.force_login(auditor)

    assert client.get(WHERE).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "day=2026-02-30",
        "day=%00",
        "bucket=-1",
        "bucket=99999999999999999999",
        "after=x",
        "after=99999999999999999999",
        "show=all",
        "rule=" + "x" * 41,
    ],
)
def test_garbage_is_refused_not_guessed(client: Any, auditor: Any, nights: list[Account], query: str) -> None:
    client.force_login(auditor)

    assert client.get(f"{WHERE}?{query}").status_code == 400


@pytest.mark.parametrize("query", ["territory=nowhere", "rule=NONE", "day=0001-01-01", "day=9999-12-31"])
def test_what_is_not_there_gives_an_empty_list(client: Any, auditor: Any, nights: list[Account], query: str) -> None:
    client.force_login(auditor)

    answer = client.get(f"{WHERE}?{query}")

    assert (answer.status_code, answer.context["rows"]) == (200, [])


@pytest.mark.parametrize(
    ("role", "status"), [("AUDITOR", 200), ("CASE_OFFICER", 200), ("ADMINISTRATOR", 403), ("CREW", 403)]
)
def test_page_is_for_those_who_see_hits(client: Any, person: Any, role: str, status: int) -> None:
    client.force_login(person(role, name="visitor"))

    assert client.get(WHERE).status_code == status


def test_csv_holds_counts_and_nobody(client: Any, auditor: Any, nights: list[Account]) -> None:
    client.force_login(auditor)

    answer = client.get(WHERE, {"format": "csv"})

    lines = answer.content.decode().splitlines()
    assert (len(lines), lines[1].split(",")[0]) == (3, NEXT.isoformat())
    assert nights[0].external_ref not in "".join(lines)


@pytest.mark.parametrize("rows", [1, 3])
def test_page_costs_the_same_for_one_row_and_three(
    client: Any, auditor: Any, shanghai: Any, settings: Any, rows: int
) -> None:
    settings.UNFOLD = settings.UNFOLD | {"SIDEBAR": {"navigation": []}}
    make_version()
    for _one in range(rows):
        make_overdue(territory=shanghai, outstanding_principal=60000)
    night(TODAY)
    client.force_login(auditor)

    with CaptureQueriesContext(connection) as spent:
        answer = client.get(WHERE)

    assert len(answer.context["rows"]) == rows
    # Session, person; the newest day, its neighbours; titles, entered, left, stayed, regraded; titles; territories;
    # titles, the page of hits.
    assert len(spent) == 13, "\n".join(query["sql"][:160] for query in spent)
