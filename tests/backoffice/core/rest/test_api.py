"""Every REST door: who may enter, what a stranger finds, and what garbage does."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application

from backoffice.access.models import User
from backoffice.access.roles import Role
from backoffice.core.rest.callers import DeclaredPermission
from tests.factories.portfolio import make_overdue
from tests.factories.requests import signed_in
from tests.factories.world import CANARIES, make_world
from visits.models import Agency, AgencyCredential, CrewMember, PriceCard

PEOPLE = [role for role in Role.values if role != "MACHINE"]


def doors() -> Iterator[tuple[str, str, str, Any]]:
    """Yield (address pattern, method, action, view class) of every door under /api/v1/."""
    seen = set()
    for pattern, address in _patterns(get_resolver().url_patterns, ""):
        if not address.startswith("api/v1/"):
            continue
        view = getattr(pattern.callback, "cls", None)
        actions = getattr(pattern.callback, "actions", None) or {
            m: m for m in ("get", "post", "put", "patch", "delete") if hasattr(view, m)
        }
        for method, action in actions.items():
            door = (address, method, action, view)
            if (address, method) not in seen and method != "head":
                seen.add((address, method))
                yield door


def _patterns(entries: Any, prefix: str) -> Iterator[tuple[URLPattern, str]]:
    for entry in entries:
        here = prefix + str(entry.pattern).removeprefix("^").removesuffix("$")
        if isinstance(entry, URLResolver):
            yield from _patterns(entry.url_patterns, here)
        else:
            yield entry, here


DOORS = list(doors())
FORMS = (
    "api/v1/intake/",
    "api/v1/visit-reports/(?P<pk>[0-9]{1,18})/evidence/",
    "api/v1/visit-reports/(?P<pk>[0-9]{1,18})/evidence-parts/",
    "api/v1/crew/(?P<pk>[0-9]{1,18})/photo/",
)


def address_of(pattern: str, record: Any = None) -> str:
    head, _sep, tail = pattern.partition("(?P<pk>[0-9]{1,18})")
    return "/" + head + (f"{record.pk}{tail}" if record is not None else "")


def is_detail(pattern: str) -> bool:
    return "(?P<pk>" in pattern


@pytest.fixture
def worlds(shanghai: Any, chengdu: Any, person: Any) -> Any:
    author, approver = person("CASE_OFFICER", name="author"), person("APPROVER", name="approver2")
    here = make_world(territory=shanghai, author=author, approver=approver)
    there = make_world(territory=chengdu, author=author, approver=approver)
    return here, there


@pytest.fixture
def people(worlds: Any, person: Any) -> dict[str, User]:
    here, _there = worlds
    made = {role: person(role) for role in PEOPLE if role not in ("AGENCY_COORDINATOR", "CREW")}
    return made | {"AGENCY_COORDINATOR": here.coordinator, "CREW": here.crew}


def machine(*scopes: str, name: str = "core") -> dict[str, str]:
    """Return the header of a machine client that carries these scopes."""
    user = User.objects.create_user(f"machine-{name}", role="MACHINE", scopes=list(scopes))
    client = Application.objects.create(
        name=name, user=user, client_type="confidential", authorization_grant_type="client-credentials"
    )
    AccessToken.objects.create(
        token=f"token-{name}", application=client, scope=" ".join(scopes), expires=timezone.now() + timedelta(hours=1)
    )
    return {"authorization": f"Bearer token-{name}"}


def record_for(view: Any, world: Any) -> Any:
    rows = view.model._default_manager.order_by("pk")
    label = view.model._meta.label_lower
    if label in world.records:
        return world[label]
    # What the world does not name: check-ins of its order, by their own path.
    return rows.filter(order=world["visits.visitorder"]).get()


def test_every_door_declares_who_may_enter() -> None:
    undeclared = [
        (address, action)
        for address, _method, action, view in DOORS
        if action not in view.permissions and action not in view.scopes
    ]

    assert len(DOORS) > 50
    assert undeclared == []
    assert {cls for _a, _m, _action, view in DOORS for cls in view.permission_classes} == {DeclaredPermission}


@pytest.mark.parametrize("role", PEOPLE)
def test_every_door_opens_as_declared_for_own_and_foreign_rows(worlds: Any, people: Any, role: str) -> None:
    user = people[role]
    client = signed_in(user)
    wrong = []

    for address, method, action, view in DOORS:
        allowed = bool(view.permissions.get(action)) and user.has_perm(view.permissions[action])
        for world in worlds:
            record = record_for(view, world) if is_detail(address) else None
            send = client.get if method == "get" else client.post
            answer = send(address_of(address, record), **empty(address, method))
            seen = record is None or type(record).objects.visible_to(user).filter(pk=record.pk).exists()
            manages = record is None or method == "get" or is_managed(record, user)
            expected = (
                {403}
                if not allowed
                else {404}
                if not seen
                else {400, 403, 409}
                if not manages
                else {200, 201, 400, 409}
                if method == "post"
                else {200, 400}
            )
            if answer.status_code not in expected and not (answer.status_code == 403 and refuses_some(action)):
                wrong.append((method, address, record, answer.status_code, expected))

    assert wrong == []


def is_managed(record: Any, user: User) -> bool:
    """Whether the record is of no agency's entry, or of an agency that works where the user may act."""
    if type(record) not in (Agency, AgencyCredential, CrewMember, PriceCard):
        return True
    agency = record if isinstance(record, Agency) else record.agency
    return Agency.objects.managed_by(user).filter(pk=agency.pk).exists()


def empty(address: str, method: str) -> dict[str, Any]:
    """Return a request that says nothing, as the door takes it: a form where it takes files, else JSON."""
    if method == "get":
        return {}
    return {"data": {}} if address in FORMS else {"data": {}, "content_type": "application/json"}


def refuses_some(action: str) -> bool:
    """
    Whether people of the right role may be refused: for what they did before, as people of one territory, or (a replay) as
    readers of policies who read no verifications.
    """
    return action in ("approve", "reverse", "answer", "release", "refuse", "undo", "keep", "replay")


@pytest.mark.parametrize("scope", ["portfolio:write", "cases:read", "visits:read", "visits:write", "terms:write"])
def test_every_door_opens_to_machines_by_scope(worlds: Any, scope: str) -> None:
    headers = machine(scope)
    client = Client()
    wrong = []

    for address, method, action, view in DOORS:
        record = record_for(view, worlds[0]) if is_detail(address) else None
        send = client.get if method == "get" else client.post
        status = send(address_of(address, record), headers=headers, **empty(address, method)).status_code
        allowed = view.scopes.get(action) == scope
        # A program of an agency that names it nowhere sees no visit at all.
        expected = (
            {403} if not allowed else {404} if record is not None and scope == "visits:write" else {200, 201, 400, 409}
        )
        if status not in expected:
            wrong.append((method, address, status, expected))

    assert wrong == []


def test_machine_that_writes_visits_sees_those_of_its_agency_only(worlds: Any) -> None:
    here, there = worlds
    headers = machine("visits:read", "visits:write")
    here["visits.agency"].coordinators.add(User.objects.get(username="machine-core"))

    orders = Client().get("/api/v1/visit-orders/", headers=headers).json()["results"]
    foreign = Client().get(f"/api/v1/visit-orders/{there['visits.visitorder'].pk}/", headers=headers)

    assert [order["id"] for order in orders] == [here["visits.visitorder"].pk]
    assert (orders[0]["case"], orders[0]["reason"], orders[0]["requested_by"]) == (None, None, None)
    assert foreign.status_code == 404


@pytest.mark.parametrize("role", PEOPLE)
def test_no_door_shows_personal_data(worlds: Any, people: Any, role: str) -> None:
    client = signed_in(people[role])
    leaks = []

    for address, method, _action, view in DOORS:
        if method == "get":
            record = record_for(view, worlds[0]) if is_detail(address) else None
            text = client.get(address_of(address, record)).content.decode(errors="replace")
            leaks += [(address, canary) for canary in CANARIES if canary in text]

    assert leaks == []


def test_post_by_a_person_needs_the_form_token(worlds: Any, officer: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    case = worlds[0]["cases.case"]

    answer = client.post(f"/api/v1/cases/{case.pk}/note/", {"text": "x"}, content_type="application/json")

    assert answer.status_code == 403
    assert list(case.events.values_list("kind", flat=True)) == ["OPENED"]


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_method_that_a_door_has_not_is_405(worlds: Any, officer: Any, method: str) -> None:
    client = signed_in(officer)
    case = worlds[0]["cases.case"]

    answers = [
        getattr(client, method)(address).status_code for address in ("/api/v1/cases/", f"/api/v1/cases/{case.pk}/")
    ]

    assert answers == [405, 405]


BAD_QUERIES = [
    "borrower=9223372036854775808",
    "borrower=99999999999999999999999999",
    "borrower=-1",
    "borrower=1.5",
    "borrower=x",
    "borrower=1e9",
    "borrower_ref=%00",
    "territory=%00",
    "stage=%00",
    "stage=NOWHERE",
    "opened_from=2026-13-01",
    "opened_from=%00",
    "cursor=%00",
    "cursor=x",
    "cursor=cD0lMDA=",
    "cursor=cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5",
    "owner=0",
]


@pytest.mark.parametrize("query", BAD_QUERIES)
def test_garbage_in_a_query_is_400(officer: Any, query: str) -> None:
    answer = signed_in(officer).get(f"/api/v1/cases/?{query}")

    assert answer.status_code == 400
    assert answer.json()["type"] == "validation_error"


@pytest.mark.parametrize(
    "lookup", ["borrower__name__startswith=张", "ordering=borrower__name", "owner__password__startswith=a", "search=张"]
)
def test_query_names_no_column_that_no_filter_declares(officer: Any, shanghai: Any, lookup: str) -> None:
    account = make_overdue(territory=shanghai)

    results = signed_in(officer).get(f"/api/v1/accounts/?{lookup}").json()["results"]

    assert [row["id"] for row in results] == [account.pk]
