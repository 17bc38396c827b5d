"""The daily difference: counted by rule, territory and bucket, within the person's sight, page by page."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Account, Case
from tests.factories.policy import make_version
from tests.factories.portfolio import TODAY, make_overdue
from tests.factories.runs import make_two_days, start, work

NEXT = TODAY + timedelta(days=1)
WHERE = reverse("cases_daily_difference")


@pytest.fixture
def nights(shanghai: Any, chengdu: Any) -> list[Account]:
    return make_two_days(here=shanghai, there=chengdu)


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
    work(start())
    client.force_login(auditor)

    with CaptureQueriesContext(connection) as spent:
        answer = client.get(WHERE)

    assert len(answer.context["rows"]) == rows
    # Session, person; the newest day, its neighbours; titles, entered, left, stayed, regraded; titles; territories;
    # titles, the page of hits.
    assert len(spent) == 13, "\n".join(query["sql"][:160] for query in spent)
