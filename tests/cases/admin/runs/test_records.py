"""Lists beside the runs: people of a territory see the borrowers of their territories, and change nothing that is global."""

from typing import Any

import pytest
from django.urls import reverse

from cases.models import BreakerLimit, DueEvaluation, EvaluationRun, Quarantine
from cases.services.evaluation import runs
from tests.factories.policy import make_version
from tests.factories.portfolio import AT, TODAY, make_borrower, make_overdue

SUBMIT = {"_form_submitted": "on"}
LIMIT = {"measure": "OPENED", "max_share": "0.9", "max_multiple": "3", "at_least": "50"}


@pytest.fixture
def people(shanghai: Any, chengdu: Any) -> tuple[Any, Any]:
    return make_borrower(territory=shanghai), make_borrower(territory=chengdu)


@pytest.fixture
def run(people: Any, shanghai: Any) -> EvaluationRun:
    make_version()
    make_overdue(territory=shanghai, outstanding_principal=60000)
    begun = runs.start_run(job="TRIGGERS", business_date=TODAY, at=AT)
    for borrower in people:
        Quarantine.objects.create(run=begun, borrower_id=borrower.pk, error="DataError 22003", created_at=AT)
        DueEvaluation.objects.create(borrower=borrower, due_at=AT)
    EvaluationRun.objects.update(state="HELD", phase="APPLYING")
    begun.refresh_from_db()
    return begun


def page(client: Any, name: str, *args: Any) -> str:
    answer = client.get(reverse(f"admin:cases_{name}", args=args))
    assert answer.status_code == 200
    return str(answer.content.decode())


def link_to(borrower: Any) -> str:
    return reverse("admin:cases_borrower_change", args=[borrower.pk])


@pytest.mark.parametrize("name", ["dueevaluation_changelist", "quarantine_changelist"])
def test_list_has_the_borrowers_of_ones_territories_only(
    client: Any, approver: Any, auditor: Any, people: Any, run: EvaluationRun, name: str
) -> None:
    own, other = people
    rows = {"quarantine_changelist": Quarantine, "dueevaluation_changelist": DueEvaluation}[name].objects
    addresses = {
        row.borrower_id: reverse(f"admin:cases_{name.replace('changelist', 'change')}", args=[row.pk])
        for row in rows.all()
    }

    shown = {}
    for user in (approver, auditor):
        client.force_login(user)
        text = page(client, name)
        shown[user.role] = [addresses[borrower.pk] in text for borrower in (own, other)]
    client.force_login(approver)
    foreign = client.get(addresses[other.pk])

    assert shown == {"APPROVER": [True, False], "AUDITOR": [True, True]}
    # Django leads away from the page of a record that is not there, for the reader.
    assert foreign.status_code in (302, 404)


def test_run_page_lists_and_links_the_quarantined_borrowers_of_ones_territories(
    client: Any, approver: Any, auditor: Any, people: Any, run: EvaluationRun
) -> None:
    found = {}
    for user in (approver, auditor):
        client.force_login(user)
        text = page(client, "evaluationrun_change", run.pk)
        found[user.role] = [(f"#{each.pk}<" in text, link_to(each) in text) for each in people]

    assert found == {"APPROVER": [(True, True), (False, False)], "AUDITOR": [(True, True), (True, True)]}


def test_administrator_sees_numbers_of_quarantined_borrowers_without_links(
    client: Any, administrator: Any, people: Any, run: EvaluationRun
) -> None:
    client.force_login(administrator)

    text = page(client, "quarantine_changelist")

    assert [(f"#{each.pk}" in text, link_to(each) in text) for each in people] == [(True, False)] * 2
    assert DueEvaluation.objects.visible_to(administrator).count() == 0


def test_machine_reads_every_quarantined_borrower_and_agencies_none(person: Any, run: EvaluationRun) -> None:
    counts = {
        role: Quarantine.objects.visible_to(person(role)).count() for role in ("AGENCY_COORDINATOR", "CREW", "AUDITOR")
    }

    assert counts == {"AGENCY_COORDINATOR": 0, "CREW": 0, "AUDITOR": 2}


def test_approver_of_one_territory_is_offered_no_release_and_refused_one(
    client: Any, approver: Any, general_approver: Any, run: EvaluationRun
) -> None:
    address = reverse("admin:cases_evaluationrun_release", args=[run.pk])

    offered = {}
    for user in (approver, general_approver):
        client.force_login(user)
        offered[user.username] = address in page(client, "evaluationrun_change", run.pk)
    client.force_login(approver)
    client.post(address, SUBMIT | {"note": "fits"})

    assert offered == {"approver": False, "general_approver": True}
    assert EvaluationRun.objects.get().state == "HELD"


def test_limits_are_changed_and_added_by_approvers_of_all_territories_only(
    client: Any, approver: Any, general_approver: Any
) -> None:
    limit = BreakerLimit.objects.create(measure="REWARDED", updated_at=AT)
    change, add = reverse("admin:cases_breakerlimit_change", args=[limit.pk]), reverse("admin:cases_breakerlimit_add")

    client.force_login(approver)
    assert [client.post(change, LIMIT).status_code, client.post(add, LIMIT).status_code] == [403, 403]
    assert BreakerLimit.objects.filter(max_share="0.9").count() == 0
    client.force_login(general_approver)
    assert [client.post(change, LIMIT).status_code, client.post(add, LIMIT).status_code] == [302, 302]
    assert BreakerLimit.objects.filter(max_share="0.9").count() == 2


@pytest.mark.parametrize("name", ["start", "catch_up"])
def test_forms_that_begin_runs_are_for_people_of_all_territories(
    client: Any, risk_manager: Any, approver: Any, name: str
) -> None:
    statuses = []
    for user in (risk_manager, approver):
        client.force_login(user)
        statuses.append(client.get(reverse(f"admin:cases_evaluationrun_{name}")).status_code)

    assert statuses == [200, 403]
