"""What was stated when applying, on the pages of the borrower and of the case: masked, and in clear for a purpose."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backoffice.audit.models import AccessEntry
from cases.models import Application
from tests.factories.casework import make_case
from tests.factories.portfolio import make_application, make_overdue

CLEAR = ("上海示范电子有限公司", "8500.00", "3200.00")


@pytest.fixture
def case(shanghai: Any) -> Any:
    account = make_overdue(territory=shanghai)
    make_application(borrower=account.borrower)
    return make_case(account=account)


def page(client: Client, user: Any, model: str, pk: int) -> str:
    client.force_login(user)
    client.cookies["django_language"] = "en"
    answer = client.get(reverse(f"admin:cases_{model}_change", args=[pk]))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("model", ["borrower", "case"])
def test_the_page_shows_it_masked(client: Client, case: Any, officer: Any, model: str) -> None:
    text = page(client, officer, model, case.pk if model == "case" else case.borrower_id)

    assert "上********司" in text
    assert "***" in text
    assert "2025" in text
    assert [clear for clear in CLEAR if clear in text] == []


def test_a_case_without_an_application_says_nothing_of_one(client: Client, shanghai: Any, officer: Any) -> None:
    case = make_case(account=make_overdue(territory=shanghai))

    assert "Stated when applying" not in page(client, officer, "case", case.pk)


@pytest.mark.parametrize("model", ["borrower", "case"])
def test_it_is_shown_in_clear_for_a_purpose(client: Client, case: Any, officer: Any, model: str) -> None:
    client.force_login(officer)
    address = reverse(f"admin:cases_{model}_reveal", args=[case.pk if model == "case" else case.borrower_id])

    text = client.post(address, {"_form_submitted": "on", "purpose": "CONTACT", "note": ""}).content.decode()

    assert [clear for clear in CLEAR if clear not in text] == []
    assert "application" in AccessEntry.objects.get().fields


def test_the_case_page_costs_one_query_more_whether_there_is_one_or_not(
    client: Client, case: Any, officer: Any
) -> None:
    def cost() -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            page(client, officer, "case", case.pk)
        return [query["sql"] for query in queries if "cases_application" in query["sql"]]

    page(client, officer, "case", case.pk)
    with_one = cost()
    Application.objects.all().delete()

    assert (len(with_one), len(cost())) == (1, 1)
