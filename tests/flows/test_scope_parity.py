"""One definition of "may see": admin list, REST list and `visible_to` give the same rows to every role."""

from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.backoffice.core.rest.test_api import DOORS, PEOPLE
from tests.factories.requests import signed_in
from tests.factories.world import make_world

# Every model with a REST list; its admin is found by the model.
LISTS = {
    view.model: f"/{address}"
    for address, method, action, view in DOORS
    if action == "list" and method == "get" and "(?P<pk>" not in address
}
BOTH = [model for model in LISTS if model in admin.site._registry]
# Check-ins are seen on their order's page only, a version's terms on its own page, and wishes and stops on the borrower's.
API_ONLY = {"visits.checkin", "visits.crewdevice", "cases.policyterm", "cases.contactwish", "cases.contactstop"}
# Agencies and crews see their own rows; the lender's staff see all of them.
FIRMS = {"visits.agency", "visits.agencycredential", "visits.crewmember", "visits.pricecard", "visits.agencystatement"}
# Rows without a territory, and budgets that may have one: all staff of the lender read them.
SHARED = FIRMS | {"cases.concessionbudget", "cases.evaluationrun", "cases.policytrial", "cases.policyversion"}
# A file holds a whole portfolio: only roles that see everything, or configure, read it.
FILES = {"cases.intakefile"}
EVERYTHING = {model._meta.label_lower for model in BOTH}
DOORSTEP = {"visits.placement", "visits.visitorder", "visits.visitreport", "visits.evidence"}
# How many rows each role sees in its own territory and in the other one; literals, not computed by the code under test.
OWN = {
    "RISK_MANAGER": EVERYTHING,
    "AUDITOR": EVERYTHING,
    "ADMINISTRATOR": SHARED | FILES,
    "AGENCY_COORDINATOR": DOORSTEP | FIRMS,
    "CREW": DOORSTEP - {"visits.placement"} | {"visits.crewmember"},
}
FOREIGN = {
    "RISK_MANAGER": EVERYTHING,
    "AUDITOR": EVERYTHING,
    "ADMINISTRATOR": SHARED | FILES,
    "AGENCY_COORDINATOR": set(),
    "CREW": set(),
}


@pytest.fixture
def worlds(shanghai: Any, chengdu: Any, person: Any) -> Any:
    author, approver = person("CASE_OFFICER", name="author"), person("APPROVER", name="approver2")
    return tuple(make_world(territory=place, author=author, approver=approver) for place in (shanghai, chengdu))


@pytest.fixture
def people(worlds: Any, person: Any) -> dict[str, Any]:
    here, _there = worlds
    made = {role: person(role) for role in PEOPLE if role not in ("AGENCY_COORDINATOR", "CREW")}
    return made | {"AGENCY_COORDINATOR": here.coordinator, "CREW": here.crew}


def test_every_model_with_a_rest_list_has_its_admin() -> None:
    assert {model._meta.label_lower for model in LISTS} - {model._meta.label_lower for model in BOTH} == API_ONLY
    assert len(BOTH) >= 15


@pytest.mark.parametrize("role", PEOPLE)
def test_admin_and_rest_list_what_visible_to_says(worlds: Any, people: Any, role: str) -> None:
    user = people[role]
    client = signed_in(user)
    differ = []

    for model in BOTH:
        meta = model._meta
        page = client.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"))
        answer = client.get(LISTS[model], {"page_size": 200})
        if {page.status_code, answer.status_code} == {403}:
            continue
        visible = set(model.objects.visible_to(user).values_list("pk", flat=True))
        in_admin = {row.pk for row in page.context["cl"].result_list} if page.status_code == 200 else page.status_code
        in_rest = {row["id"] for row in answer.json()["results"]} if answer.status_code == 200 else answer.status_code
        if not in_admin == in_rest == visible:
            differ.append((meta.label_lower, in_admin, in_rest, visible))

    assert differ == []


@pytest.mark.parametrize("role", PEOPLE)
def test_foreign_rows_are_seen_by_nobody_but_whom_they_are_for(worlds: Any, people: Any, role: str) -> None:
    here, there = worlds
    labels = {model._meta.label_lower: model for model in BOTH}
    seen = {
        name: {
            label
            for label, model in labels.items()
            if model.objects.visible_to(people[role]).filter(pk=world[label].pk).exists()
        }
        for name, world in (("own", here), ("foreign", there))
    }

    assert seen == {"own": OWN.get(role, set(labels) - FILES), "foreign": FOREIGN.get(role, SHARED)}
