"""Figures through the REST doors."""

from decimal import Decimal
from typing import Any

import pytest

from cases.models import ContactAttempt, Repayment
from tests.backoffice.core.rest.test_api import machine
from tests.factories.portfolio import AT, TODAY, make_overdue
from tests.factories.requests import signed_in

PERIOD = "start_on=2026-03-01&end_on=2026-03-31"


@pytest.fixture
def paid_after_a_call(shanghai: Any, chengdu: Any) -> None:
    for territory, amount in ((shanghai, "100"), (chengdu, "900")):
        account = make_overdue(territory=territory)
        ContactAttempt.objects.create(
            borrower=account.borrower,
            external_ref=f"CA{territory.code}",
            channel="VOICE",
            outcome="RIGHT_PARTY",
            right_party=True,
            attempted_at=AT,
            created_at=AT,
            cost=Decimal("2"),
        )
        Repayment.objects.create(
            account=account, external_ref=f"RP{territory.code}", amount=Decimal(amount), paid_on=TODAY, created_at=AT
        )


@pytest.mark.usefixtures("paid_after_a_call")
def test_effectiveness_counts_what_the_caller_sees(officer: Any, risk_manager: Any) -> None:
    address = f"/api/v1/reports/effectiveness/?{PERIOD}"

    own = {row["channel"]: row for row in signed_in(officer).get(address).json()}
    every = {row["channel"]: row for row in signed_in(risk_manager).get(address).json()}

    assert (own["VOICE"]["recovered"], own["VOICE"]["cost"], own["VOICE"]["currency"]) == ("100.00", "2.0000", "CNY")
    assert every["VOICE"]["recovered"] == "1000.00"
    assert set(own) == {"APP", "SMS", "VOICE", "VISIT"}


@pytest.mark.usefixtures("paid_after_a_call")
def test_funnel_is_read_by_a_machine_with_the_scope(client: Any) -> None:
    answer = client.get(f"/api/v1/reports/funnel/?{PERIOD}", headers=machine("cases:read") | {"accept-language": "en"})

    assert answer.status_code == 200
    assert answer.json()[0] == {"name": "hits", "name_label": "Borrowers with a reason", "count": 0, "share": None}


@pytest.mark.parametrize(
    "query",
    [
        "",
        "start_on=2026-03-01",
        "start_on=2026-03-31&end_on=2026-03-01",
        "start_on=0001-01-01&end_on=2026-03-01",
        "start_on=2026-03-01&end_on=9999-12-31",
        f"{PERIOD}&territory=510100",
        f"{PERIOD}&territory=%00",
        f"{PERIOD}&currency=yuan",
    ],
)
def test_period_that_cannot_be_is_400(officer: Any, chengdu: Any, query: str) -> None:
    answers = [signed_in(officer).get(f"/api/v1/reports/{name}/?{query}") for name in ("effectiveness", "funnel")]

    bad = [answers[0]] if "currency" in query else answers
    assert {answer.status_code for answer in bad} == {400}


def test_dispatcher_reads_no_figures(dispatcher: Any) -> None:
    assert signed_in(dispatcher).get(f"/api/v1/reports/funnel/?{PERIOD}").status_code == 403
