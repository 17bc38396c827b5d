"""Visit prices and recovery shares in the admin: who may set them, and what only follows from price cards."""

from datetime import date
from typing import Any

import pytest

from backoffice.audit.models import AuditEntry
from cases.models import RecoveryShare, VisitPrice
from tests.factories.portfolio import AT, TODAY

pytestmark = pytest.mark.django_db
PRICES = "/admin/cases/visitprice/"
SHARES = "/admin/cases/recoveryshare/"


def test_the_risk_manager_sets_the_price_of_everywhere_and_it_is_recorded(client: Any, risk_manager: Any) -> None:
    client.force_login(risk_manager)

    answer = client.post(f"{PRICES}add/", {"amount": "150", "currency": "CNY", "valid_from": "2026-03-02"})

    assert answer.status_code == 302
    assert list(VisitPrice.objects.values_list("territory", "amount", "valid_from")) == [(None, 150, date(2026, 3, 2))]
    assert AuditEntry.objects.filter(action="visitprice.added").count() == 1


@pytest.mark.parametrize("amount", ["0", "-5", "NaN", "1e400"])
def test_a_price_of_nothing_is_refused(client: Any, risk_manager: Any, amount: str) -> None:
    client.force_login(risk_manager)

    answer = client.post(f"{PRICES}add/", {"amount": amount, "currency": "CNY", "valid_from": "2026-03-02"})

    assert answer.status_code == 200
    assert not VisitPrice.objects.exists()


def test_a_price_that_follows_from_a_card_is_only_shown(client: Any, risk_manager: Any, shanghai: Any) -> None:
    price = VisitPrice.objects.create(territory=shanghai, amount=220, valid_from=TODAY, updated_at=AT)
    client.force_login(risk_manager)

    assert client.get(f"{PRICES}{price.pk}/change/").status_code == 200
    assert client.post(f"{PRICES}{price.pk}/change/", {"amount": "1"}).status_code == 403


def test_shares_are_kept_between_none_and_all(client: Any, risk_manager: Any) -> None:
    client.force_login(risk_manager)
    RecoveryShare.objects.all().delete()

    for share, kept in (("1.2", 0), ("-0.1", 0), ("0.35", 1)):
        client.post(f"{SHARES}add/", {"from_days_past_due": "40", "share": share, "source": "2025 cohort"})
        assert RecoveryShare.objects.count() == kept


@pytest.mark.parametrize(
    ("role", "status"), [("APPROVER", 200), ("AUDITOR", 200), ("CASE_OFFICER", 403), ("CREW", 403)]
)
def test_lists_open_to_those_who_read_policies(client: Any, person: Any, role: str, status: int) -> None:
    client.force_login(person(role))

    assert [client.get(page).status_code for page in (PRICES, SHARES)] == [status, status]
    assert (
        client.post(f"{PRICES}add/", {"amount": "1", "currency": "CNY", "valid_from": "2026-03-02"}).status_code == 403
    )
