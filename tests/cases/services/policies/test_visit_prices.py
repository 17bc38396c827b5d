"""The price of a visit: set by day, ended by a row without an amount, and only in the actor's territories."""

from datetime import timedelta
from decimal import Decimal

import pytest

from backoffice.core.errors import InvalidInput, NotAllowed
from cases.models import VisitPrice
from cases.services.policies.visit_prices import priced_places, set_visit_price

DAY = timedelta(days=1)


def price(territory, amount, *, on, at, actor=None):
    return set_visit_price(territory=territory, currency="CNY", amount=amount, valid_from=on, at=at, actor=actor)


def test_a_price_is_news_once_and_ends_by_a_row_without_an_amount(shanghai, at, today):
    assert price(shanghai, Decimal(120), on=today, at=at) is True
    assert price(shanghai, Decimal(120), on=today + DAY, at=at) is False
    assert price(shanghai, None, on=today + 2 * DAY, at=at) is True

    assert [priced_places(on=today + days * DAY) for days in (-1, 0, 2)] == [set(), {(shanghai.pk, "CNY")}, set()]


def test_a_price_of_nothing_is_refused(shanghai, at, today):
    with pytest.raises(InvalidInput):
        price(shanghai, Decimal(0), on=today, at=at)

    assert VisitPrice.objects.count() == 0


def test_a_price_of_another_territory_is_refused(shanghai, chengdu, dispatcher, administrator, at, today):
    with pytest.raises(NotAllowed):
        price(chengdu, Decimal(90), on=today, at=at, actor=dispatcher)
    assert VisitPrice.objects.count() == 0

    assert price(shanghai, Decimal(90), on=today, at=at, actor=dispatcher) is True
    assert price(chengdu, Decimal(90), on=today, at=at, actor=administrator) is True
