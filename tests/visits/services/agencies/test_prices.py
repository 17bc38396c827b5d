"""Price cards become what a visit costs in a territory."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from backoffice.audit.models import AuditEntry
from cases.models import VisitPrice
from tests.factories.portfolio import AT, TODAY
from tests.factories.visits import make_agency, make_price
from visits.enums import AgencyState
from visits.models import AgencyTerritory, PriceCard
from visits.services.agencies.prices import push_visit_prices

pytestmark = pytest.mark.django_db


def known() -> list[tuple[str, str, Decimal | None, int]]:
    rows = VisitPrice.objects.order_by("territory__code", "currency", "valid_from")
    return [(p.territory.code, p.currency, p.amount, (p.valid_from - TODAY).days) for p in rows if p.territory]


def test_the_cheapest_active_agency_with_room_makes_the_price(shanghai: Any, chengdu: Any) -> None:
    make_agency(territory=shanghai)
    dear = make_agency(territory=chengdu)
    PriceCard.objects.filter(agency=dear, basis="PER_VISIT").update(amount=200)
    AgencyTerritory.objects.create(agency=dear, territory=shanghai, capacity=5)
    cheap = make_agency(territory=shanghai, state=AgencyState.SUSPENDED)
    full = make_agency(territory=shanghai, capacity=0)
    PriceCard.objects.filter(agency__in=(cheap, full)).update(amount=1)
    make_price(
        agency=dear, basis="TRAVEL", amount=1, valid_from=TODAY - timedelta(days=9), valid_to=TODAY - timedelta(days=1)
    )

    assert push_visit_prices(business_date=TODAY, at=AT) == 2
    assert known() == [("310000", "CNY", Decimal(220), 0), ("510100", "CNY", Decimal(300), 0)]
    assert push_visit_prices(business_date=TODAY, at=AT) == 0
    assert AuditEntry.objects.filter(action="visitprice.set").count() == 2


def test_a_price_ends_when_its_last_card_does_and_comes_back(shanghai: Any) -> None:
    agency = make_agency(territory=shanghai)
    push_visit_prices(business_date=TODAY, at=AT)
    PriceCard.objects.filter(agency=agency).update(valid_to=TODAY)

    assert push_visit_prices(business_date=TODAY + timedelta(days=1), at=AT) == 1
    PriceCard.objects.filter(agency=agency).update(valid_to=None)
    assert push_visit_prices(business_date=TODAY + timedelta(days=2), at=AT) == 1

    assert known() == [
        ("310000", "CNY", Decimal(220), 0),
        ("310000", "CNY", None, 1),
        ("310000", "CNY", Decimal(220), 2),
    ]


def test_a_change_within_a_day_leaves_one_price(shanghai: Any) -> None:
    agency = make_agency(territory=shanghai)
    push_visit_prices(business_date=TODAY, at=AT)
    PriceCard.objects.filter(agency=agency, basis="TRAVEL").update(amount=25)

    assert push_visit_prices(business_date=TODAY, at=AT) == 1
    assert known() == [("310000", "CNY", Decimal(225), 0)]


def test_a_person_of_one_territory_changes_the_price_of_that_territory_only(
    shanghai: Any, chengdu: Any, dispatcher: Any
) -> None:
    for territory in (shanghai, chengdu):
        make_agency(territory=territory)

    assert push_visit_prices(business_date=TODAY, at=AT, actor=dispatcher) == 1
    assert [row[0] for row in known()] == ["310000"]
    assert push_visit_prices(business_date=TODAY, at=AT) == 1
    assert [row[0] for row in known()] == ["310000", "510100"]
