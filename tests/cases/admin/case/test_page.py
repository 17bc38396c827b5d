"""The page of a case for a person with several borrowers: linked accounts and reasons, each with a link, none unseen."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.models import Account, Borrower, Case, TriggerHit
from tests.factories.casework import make_case
from tests.factories.people import merged_by_number
from tests.factories.policy import make_rule, make_version
from tests.factories.portfolio import AT, TODAY, make_overdue
from tests.factories.requests import signed_in


def with_hit(account: Account, *, rule: str) -> TriggerHit:
    return TriggerHit.objects.create(
        account=account,
        borrower=account.borrower,
        rule=rule,
        policy_version=make_once(),
        entered_on=TODAY - timedelta(days=1),
        created_at=AT,
    )


def make_once() -> Any:
    from cases.models import PolicyVersion

    rules = [make_rule(), make_rule(code="OLD", feature="days_past_due", value=120, priority=1)]
    return PolicyVersion.objects.first() or make_version(rules=rules)


@pytest.fixture
def everywhere(person: Any) -> Any:
    return person("RISK_MANAGER", name="everywhere", all_territories=True)


@pytest.fixture
def linked(shanghai: Any, chengdu: Any, everywhere: Any) -> tuple[Case, Account, Account]:
    """Make a person with a case in Shanghai, a second borrower there and a third in Chengdu; return case and others."""
    own, near, far = (
        make_overdue(territory=territory, arrears=arrears, outstanding_principal=Decimal(60000))
        for territory, arrears in ((shanghai, "21000"), (shanghai, "22000"), (chengdu, "23000"))
    )
    merged_by_number(own.borrower, near.borrower, far.borrower, approver=everywhere)
    with_hit(near, rule="LARGE_ARREARS")
    with_hit(far, rule="OLD")
    return make_case(account=own, policy_version=make_once()), near, far


def shown(client: Client, user: Any, model: str, pk: int | None) -> str:
    client.force_login(user)
    client.cookies["django_language"] = "en"
    name = f"admin:cases_{model}_{'changelist' if pk is None else 'change'}"
    response = client.get(reverse(name, args=[] if pk is None else [pk]))
    assert response.status_code == 200
    return str(response.content.decode())


@pytest.mark.django_db
def test_accounts_and_reasons_of_linked_borrowers_are_marked_and_linked(
    client: Client, linked: tuple[Case, Account, Account], officer: Any
) -> None:
    case, near, far = linked

    text = shown(client, officer, "case", case.pk)

    assert "One case for one person, who is also:" in text
    assert text.count("of the linked borrower") == 2  # the reason and the account
    assert reverse("admin:cases_borrower_change", args=[near.borrower_id]) in text
    for word in (near.external_ref, "Large_Arrears", "CNY 43,000.00"):
        assert word in text, word
    assert "1 borrower of another territory, whose reasons count but are not shown to you" in text
    assert [word for word in (far.external_ref, far.borrower.external_ref, "23,000") if word in text] == []


@pytest.mark.django_db
def test_who_sees_all_territories_sees_all_linked_borrowers(
    client: Client, linked: tuple[Case, Account, Account], everywhere: Any
) -> None:
    case, _near, far = linked

    text = shown(client, everywhere, "case", case.pk)

    assert text.count("of the linked borrower") == 4
    assert far.external_ref in text
    assert "of another territory" not in text


@pytest.mark.django_db
def test_the_list_shows_reasons_of_linked_borrowers_that_the_reader_sees(
    client: Client, linked: tuple[Case, Account, Account], officer: Any
) -> None:
    text = shown(client, officer, "case", None)

    assert "Large_Arrears" in text
    assert "Old" not in text.replace("Older", "")


@pytest.mark.django_db
def test_a_borrower_of_one_person_leads_to_the_open_case(
    client: Client, linked: tuple[Case, Account, Account], officer: Any
) -> None:
    case, near, _far = linked

    text = shown(client, officer, "borrower", near.borrower_id)

    assert f"{case} · the open case of this person" in text


@pytest.mark.django_db
def test_the_api_gives_the_linked_borrowers_and_whose_each_reason_is(
    linked: tuple[Case, Account, Account], officer: Any, everywhere: Any
) -> None:
    case, near, far = linked
    address = f"/api/v1/cases/{case.pk}/"

    some, every = (signed_in(user).get(address).json() for user in (officer, everywhere))

    assert some["linked_borrower_refs"] == [near.borrower.external_ref]
    assert [(hit["rule"], hit["linked_borrower_ref"]) for hit in some["hits"]] == [
        ("LARGE_ARREARS", near.borrower.external_ref)
    ]
    assert sorted(every["linked_borrower_refs"]) == sorted([near.borrower.external_ref, far.borrower.external_ref])
    assert {hit["linked_borrower_ref"] for hit in every["hits"]} == set(every["linked_borrower_refs"])


@pytest.mark.django_db
def test_a_case_of_a_person_by_themself_says_nothing_of_links(client: Client, shanghai: Any, officer: Any) -> None:
    account = make_overdue(territory=shanghai)
    with_hit(account, rule="LARGE_ARREARS")
    case = make_case(account=account, policy_version=make_once())

    text = shown(client, officer, "case", case.pk)

    assert "One case for one person" not in text
    assert "of the linked borrower" not in text
    answer = signed_in(officer).get(f"/api/v1/cases/{case.pk}/").json()
    assert (answer["linked_borrower_refs"], answer["hits"][0]["linked_borrower_ref"]) == ([], None)
    assert Borrower.objects.get(pk=account.borrower_id).person_id is None
