"""The page of a replay: who opens it, what it shows, and that it writes nothing."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backoffice.access.roles import Role
from backoffice.audit.models import AuditEntry
from cases.models import Decision, PolicyVersion
from cases.services.policies import versions
from tests.factories.casework import PARTLY, WILFUL, make_case, verify
from tests.factories.policy import make_version, policy_body
from tests.factories.portfolio import AT, make_overdue

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(risk_manager: Any) -> PolicyVersion:
    """A draft that freezes nothing any more."""
    make_version(number=9)
    body = policy_body()
    proven = next(row for row in body["proposals"] if row["code"] == "WITHHELD_PROVEN")
    proven["result"]["decisions"] = proven["result"]["decisions"][:1]
    return versions.draft_version(body=body, note="", actor=risk_manager, at=AT)


def page_of(client: Client, version: PolicyVersion, query: str = "") -> Any:
    return client.get(reverse("admin:cases_policyversion_replay", args=[version.pk]) + query)


def verified(territory: Any, facts: Any, version: PolicyVersion) -> Any:
    now = timezone.now()
    case = make_case(account=make_overdue(territory=territory), policy_version=version)
    return verify(case=case, facts=facts, at=now, verified_on=timezone.localdate(now))


def test_the_page_shows_counts_before_and_after_and_links_what_changes(
    client: Client, risk_manager: Any, shanghai: Any, draft: PolicyVersion
) -> None:
    in_force = PolicyVersion.objects.get(number=9)
    wilful = verified(shanghai, WILFUL, in_force)
    verified(shanghai, PARTLY, in_force)
    client.force_login(risk_manager)
    client.cookies["django_language"] = "en"
    before = (AuditEntry.objects.count(), Decision.objects.count())

    page = page_of(client, draft)

    matrix, text = page.context["matrix"], page.content.decode()
    assert {line["label"] for line in matrix["lines"]} == {"Legal recovery + Freeze the limit", "Repayment plan"}
    assert set(matrix["heads"]) == {"Legal recovery", "Repayment plan"}
    assert len(page.context["changed"]) == 1
    assert f"C{wilful.case_id:07d}" in text
    assert page.context["changed"][0]["after"]["text"] == "propose Legal recovery, for 180 days"
    assert page.context["changed"][0]["before"]["title"] == "Withheld on purpose, with firm evidence"
    assert (AuditEntry.objects.count(), Decision.objects.count()) == before


def test_the_days_are_chosen_from_a_list(client: Client, risk_manager: Any, draft: PolicyVersion) -> None:
    client.force_login(risk_manager)

    assert [page_of(client, draft, f"?days={days}").context["days"] for days in ("30", "365", "31", "x", "-1")] == [
        30,
        365,
        90,
        90,
        90,
    ]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.MACHINE])
def test_who_reads_policies_and_verifications_opens_it(
    client: Client, person: Any, draft: PolicyVersion, role: str
) -> None:
    user = person(role, name="visitor")
    client.force_login(user)

    page = page_of(client, draft)

    if not user.has_perm("cases.view_policyversion"):
        assert page.status_code in (403, 404)
    else:
        assert page.status_code == 200
        assert (page.context["replay"] is not None) is user.has_perm("cases.view_verification")


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_for_one_and_three(
    client: Client,
    risk_manager: Any,
    shanghai: Any,
    draft: PolicyVersion,
    count: int,
    django_assert_num_queries: Any,
) -> None:
    for _ in range(count):
        verified(shanghai, WILFUL, PolicyVersion.objects.get(number=9))
    client.force_login(risk_manager)
    page_of(client, draft)

    with django_assert_num_queries(QUERIES):
        page_of(client, draft)


# Session, person, their territories, the version, and the five of the replay.
QUERIES = 9
