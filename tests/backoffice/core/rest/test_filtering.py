"""REST lists answer to their declared filters only: any other parameter changes nothing, whoever asks."""

import itertools
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from backoffice.access.models import User
from tests.backoffice.core.pages.test_list_query import LOOKUPS, columns, related_columns
from tests.backoffice.core.rest.test_api import DOORS, PEOPLE, machine
from tests.factories.requests import signed_in
from tests.factories.world import make_world

LISTS = [
    (f"/{address}", view)
    for address, method, action, view in DOORS
    if action == "list" and method == "get" and "(?P<pk>" not in address
]


@pytest.fixture
def people(shanghai: Any, person: Any) -> dict[str, Any]:
    author, approver = person("CASE_OFFICER", name="author"), person("APPROVER", name="approver2")
    here = make_world(territory=shanghai, author=author, approver=approver)
    made = {role: person(role) for role in PEOPLE if role not in ("AGENCY_COORDINATOR", "CREW")}
    return made | {"AGENCY_COORDINATOR": here.coordinator, "CREW": here.crew}


def undeclared(view: Any) -> Iterator[list[str]]:
    """Yield, forty at a time, parameters of columns that the list's filter set does not name, and orders."""
    declared = set(view.filterset_class.base_filters) if view.filterset_class else set()
    names = (f"{c}{lookup}" for c, lookup in itertools.product(columns(view.model), LOOKUPS))
    names = itertools.chain(
        names, (f"{c}__startswith" for c in related_columns(view.model)), ("ordering", "o", "search")
    )
    foreign = [name for name in names if name not in declared]
    for start in range(0, len(foreign), 40):
        yield foreign[start : start + 40]


@pytest.mark.parametrize("role", PEOPLE)
def test_undeclared_parameters_change_nothing(people: dict[str, Any], role: str) -> None:
    client = signed_in(people[role])
    differ = []

    for address, view in LISTS:
        plain = client.get(address)
        if plain.status_code == 403:
            continue
        for names in undeclared(view):
            # No row has this value: a parameter that was taken would empty the list or be refused.
            answer = client.get(f"{address}?{urlencode(dict.fromkeys(names, 'no such value'))}")
            if (answer.status_code, answer.json()) != (200, plain.json()):
                differ.append((address, names))

    assert differ == []


def test_client_of_scopes_that_cannot_go_together_is_403_with_their_names(db: Any) -> None:
    answer = Client().get("/api/v1/cases/", headers=machine("visits:write", "cases:read"))

    assert answer.status_code == 403
    (error,) = answer.json()["errors"]
    assert error["code"] == "scope_conflict"
    assert "cases:read" in error["detail"]
    assert User.objects.get(role="MACHINE").scope_conflict == ("cases:read",)
