"""Admin lists answer to declared filters, searches and orders only, whoever asks and whatever the query string holds."""

import itertools
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import QueryDict
from django.test import RequestFactory
from django.urls import reverse

from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.pages.list_query import (
    MAX_PAGE,
    MAX_PARAMETERS,
    MAX_VALUE_LENGTH,
    QueryRefused,
    check_list_query,
    check_record_query,
)
from backoffice.wiring.home import CARDS, page_link
from tests.backoffice.core.rest.test_api import PEOPLE
from tests.factories.requests import signed_in
from tests.factories.world import make_world

LOOKUPS = ("", "__exact", "__startswith", "__gt", "__isnull", "__in", "__regex", "__contains")
ODD_VALUES = ("", "1", "x", "-1", "9" * 30, "2026-02-30", "0001-01-01", "None", "true", "欧阳", "[", "%", "\\", "1,2,x")


@pytest.fixture
def here(shanghai: Any, person: Any) -> Any:
    author, approver = person("CASE_OFFICER", name="author"), person("APPROVER", name="approver2")
    return make_world(territory=shanghai, author=author, approver=approver)


@pytest.fixture
def people(here: Any, person: Any) -> dict[str, Any]:
    made = {role: person(role) for role in PEOPLE if role not in ("AGENCY_COORDINATOR", "CREW")}
    return made | {"AGENCY_COORDINATOR": here.coordinator, "CREW": here.crew}


def asked(user: Any, query: str) -> Any:
    request = RequestFactory().get("/", QUERY_STRING=query)
    request.user = user
    request._messages = CookieStorage(request)
    return request


def list_address(model: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def lists_of(user: Any) -> Iterator[Any]:
    """Yield the admins whose list the person may open."""
    for model_admin in admin.site._registry.values():
        if model_admin.has_view_permission(asked(user, "")):
            yield model_admin


def columns(model: Any) -> list[str]:
    """Return the name of every column."""
    names = {field.name for field in model._meta.concrete_fields}
    return sorted(names | {field.attname for field in model._meta.concrete_fields})


def related_columns(model: Any) -> list[str]:
    """Return the name of every column one relation away, in both directions."""
    relations = [field for field in model._meta.get_fields() if field.is_relation and field.related_model]
    return sorted({f"{r.name}__{f.name}" for r in relations for f in r.related_model._meta.concrete_fields})


def declared(model_admin: Any, request: Any) -> set[str]:
    """Return the parameter names of a list's filters, from its declarations."""
    names = set(model_admin.link_lookups)
    names |= {getattr(spec, "parameter_name", "") for spec in model_admin.get_list_filter(request)} - {""}
    # A related filter with a single choice is not shown, and takes its parameters all the same.
    for spec in model_admin.get_list_filter(request):
        path = spec[0] if isinstance(spec, tuple) else spec
        names |= {f"{path}__id__exact", f"{path}__isnull"} if isinstance(path, str) else set()
    for spec in model_admin.get_changelist_instance(request).filter_specs:
        names |= {name for name in spec.expected_parameters() if name}
    return names


def undeclared(model_admin: Any, user: Any, *, every_lookup: bool) -> Iterator[str]:
    """Yield parameters that the list must refuse: with each lookup, or with one lookup for each column in turn."""
    names = declared(model_admin, asked(user, ""))
    own, related = columns(model_admin.model), related_columns(model_admin.model)
    lookups = LOOKUPS * (len(own) + len(related))
    pairs = list(zip([*own, *related], lookups, strict=False))
    if every_lookup:
        pairs += itertools.product(own, LOOKUPS)
    for column, lookup in pairs:
        if f"{column}{lookup}" not in names:
            yield f"{column}{lookup}"


def test_every_list_is_on_the_base_that_refuses_undeclared_filters() -> None:
    assert [m for m in admin.site._registry.values() if not isinstance(m, ScopedAdmin)] == []


@pytest.mark.parametrize("role", PEOPLE)
def test_no_list_is_filtered_by_an_undeclared_column(people: dict[str, Any], role: str) -> None:
    user = people[role]
    answered, tried = [], 0

    for model_admin in lists_of(user):
        for parameter in undeclared(model_admin, user, every_lookup=role in ("AUDITOR", "CREW")):
            tried += 1
            try:
                model_admin.get_changelist_instance(asked(user, f"{parameter}=1"))
            except QueryRefused:
                continue
            answered.append(f"{model_admin.model._meta.label} {parameter}")

    assert answered == []
    assert tried > 100


@pytest.mark.parametrize("role", PEOPLE)
def test_undeclared_filters_answer_400_in_the_readers_language(people: dict[str, Any], role: str) -> None:
    client = signed_in(people[role])
    client.cookies["django_language"] = "en"
    answers = {}

    for model in admin.site._registry:
        meta = model._meta
        answer = client.get(list_address(model), {f"{meta.pk.name}__gte": "1"})
        answers[meta.label_lower] = answer.status_code
        if answer.status_code == 400:
            assert "cannot be filtered" in answer.content.decode()

    may_open = {m.model._meta.label_lower for m in lists_of(people[role])}
    assert answers == {label: 400 if label in may_open else 403 for label in answers}


def test_crew_member_does_not_read_the_reason_of_a_visit(here: Any, people: dict[str, Any]) -> None:
    client = signed_in(people["CREW"])
    order = here["visits.visitorder"]

    answers = {
        letter: client.get(list_address(type(order)), {"id": order.pk, "reason__startswith": letter}).status_code
        for letter in ("n", "x")
    }

    assert order.reason == "no answer"
    assert answers == {"n": 400, "x": 400}


@pytest.mark.parametrize("role", ["AUDITOR", "CREW", "ADMINISTRATOR"])
def test_declared_filters_take_odd_values_without_an_error(people: dict[str, Any], role: str) -> None:
    client, values, wrong = signed_in(people[role]), itertools.cycle(ODD_VALUES), []

    for model_admin in lists_of(people[role]):
        for name in sorted(declared(model_admin, asked(people[role], ""))):
            value = next(values)
            answer = client.get(list_address(model_admin.model), {name: value})
            if answer.status_code not in (200, 400):
                wrong.append((model_admin.model._meta.label, name, value, answer.status_code))

    assert wrong == []


def test_every_card_of_the_home_page_leads_to_a_list_that_opens(people: dict[str, Any]) -> None:
    # Between them these two people have every list that a card leads to.
    clients = [signed_in(people[role]) for role in ("AUDITOR", "RISK_MANAGER")]

    answers = {
        name: [client.get(page_link(page=card.page, query=card.query)).status_code for client in clients]
        for name, card in CARDS.items()
    }

    assert {name: min(statuses) for name, statuses in answers.items()} == dict.fromkeys(CARDS, 200)


@pytest.mark.parametrize("role", ["AUDITOR", "CREW"])
def test_lists_sort_by_their_sortable_columns_only(people: dict[str, Any], role: str) -> None:
    user = people[role]
    differ = []

    for model_admin in lists_of(user):
        changes = model_admin.get_changelist_instance(asked(user, ""))
        sortable = {n for n, name in enumerate(changes.list_display) if changes.get_ordering_field(name)}
        taken = set()
        for number in range(len(changes.list_display) + 2):
            try:
                model_admin.get_changelist_instance(asked(user, f"o=-{number}"))
                taken.add(number)
            except QueryRefused:
                continue
        if taken != sortable:
            differ.append((model_admin.model._meta.label, taken, sortable))

    assert differ == []


@pytest.mark.parametrize(
    "query",
    [
        "p=0",
        "p=-1",
        "p=x",
        "p=" + "9" * 30,
        f"p={MAX_PAGE + 1}",
        "p=1&p=2",
        "o=x",
        "o=1.x",
        "o=--1",
        "o=" + "9" * 30,
        "o=%C2%B2",
        "o=1&o=2",
        "q=%00",
        "q=" + "x" * (MAX_VALUE_LENGTH + 1),
        "q=a&q=b",
        "_popup=2",
        "all=1",
        "_facets=1",
        "e=1",
        "_to_field=reason",
        "&".join("state__exact=DRAFT" for _one in range(MAX_PARAMETERS + 1)),
        "x" * (MAX_VALUE_LENGTH + 1) + "=1",
    ],
)
def test_a_list_refuses_what_is_out_of_bounds(here: Any, people: dict[str, Any], query: str) -> None:
    answer = signed_in(people["AUDITOR"]).get(list_address(type(here["visits.visitorder"])) + "?" + query)

    assert answer.status_code == 400


@pytest.mark.parametrize("query", ["p=1", f"p={MAX_PAGE}", "o=", "o=-9.4", "q=", "q=V0000001", "_popup=1", "all="])
def test_a_list_takes_what_its_own_links_send(here: Any, people: dict[str, Any], query: str) -> None:
    answer = signed_in(people["AUDITOR"]).get(list_address(type(here["visits.visitorder"])) + "?" + query)

    assert answer.status_code == 200


def test_a_records_page_refuses_a_page_of_an_inline_that_is_no_number() -> None:
    for number in ("²", "x", "-1", "9" * 5000):
        with pytest.raises(QueryRefused):
            check_record_query(QueryDict(urlencode({"caseevent_set-page": number})))
    check_record_query(QueryDict("caseevent_set-page=2"))
    check_list_query(QueryDict("page=2"), page_name="page")


@pytest.mark.parametrize("label", ["cases.case", "visits.agency", "visits.visitorder"])
def test_a_records_page_answers_odd_queries_without_an_error(here: Any, people: dict[str, Any], label: str) -> None:
    record = here[label]
    page = reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])
    client = signed_in(people["AUDITOR"])

    odd = ["events-page=%C2%B2", "x=%00", "_changelist_filters=" + "x" * 5000]
    answers = [client.get(f"{page}?{query}").status_code for query in odd]

    assert answers == [400, 400, 400]
    assert client.get(f"{page}?_changelist_filters=state__exact%3DDRAFT").status_code == 200


def test_a_form_takes_no_values_from_its_address(people: dict[str, Any]) -> None:
    answer = signed_in(people["ADMINISTRATOR"]).get(
        reverse("admin:access_user_add") + "?territories=x&username=planted"
    )

    assert answer.status_code == 200
    assert "planted" not in answer.context["adminform"].form.initial.values()
