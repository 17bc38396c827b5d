"""Who may call a REST door, and how its lists are cut into pages."""

from typing import Any

import pytest

from backoffice.core.rest.callers import DeclaredPermission
from tests.factories.portfolio import make_borrower, make_overdue
from tests.factories.requests import signed_in


def test_declared_permission_refuses_a_door_that_declares_nothing(officer: Any, rf: Any) -> None:
    class Undeclared:
        action = "list"

    request = rf.get("/")
    request.user, request.auth = officer, None

    assert DeclaredPermission().has_permission(request, Undeclared()) is False


@pytest.mark.parametrize("query", ["page_size=1000000000", "page_size=0", "page_size=x", "page_size=%00"])
def test_page_size_is_capped(officer: Any, shanghai: Any, query: str) -> None:
    for _one in range(3):
        make_overdue(territory=shanghai)

    answer = signed_in(officer).get(f"/api/v1/accounts/?{query}")

    assert answer.status_code == 200
    assert len(answer.json()["results"]) == 3


def test_page_size_never_passes_200(officer: Any, shanghai: Any) -> None:
    for _one in range(201):
        make_borrower(territory=shanghai)

    page = signed_in(officer).get("/api/v1/borrowers/?page_size=1000").json()

    assert len(page["results"]) == 200
    assert page["next"] is not None


def test_pages_follow_each_other_without_gap_or_repeat(officer: Any, shanghai: Any) -> None:
    made = [make_borrower(territory=shanghai).pk for _one in range(7)]
    client = signed_in(officer)
    address: str | None = "/api/v1/borrowers/?page_size=3"
    met: list[int] = []

    while address:
        page = client.get(address).json()
        met += [row["id"] for row in page["results"]]
        address = page["next"]

    assert met == sorted(made, reverse=True)
