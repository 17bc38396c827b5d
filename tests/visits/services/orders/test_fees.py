"""What a visit costs by the price card of its day. Nothing depends on what the visit found."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.factories.visits import AT, make_order, make_price
from visits.models import PriceCard
from visits.services.orders.fees import visit_fee


@pytest.fixture
def order(case, placement, pair, approver):
    return make_order(case=case, placement=placement, state="VERIFIED", approver=approver, pair=pair)


@pytest.mark.parametrize(("accepted", "fee"), [(False, "140.00"), (True, "220.00")])
def test_an_accepted_report_is_paid_on_top_of_visit_and_travel(accepted, fee, order):
    assert visit_fee(order=order, on=AT, report_accepted=accepted) == Decimal(fee)


def test_waiting_and_shares_of_recovery_are_no_part_of_a_fee(order, agency):
    for basis in ("WAITING", "RECOVERY_SHARE"):
        make_price(agency=agency, basis=basis, amount=Decimal(30))

    assert visit_fee(order=order, on=AT, report_accepted=True) == Decimal("220.00")


def test_a_price_counts_on_its_first_and_last_local_day(order, agency):
    day = date(2026, 3, 2)
    PriceCard.objects.all().delete()
    make_price(agency=agency, basis="PER_VISIT", amount=Decimal(100), valid_from=day, valid_to=day)
    # 16:00 UTC is midnight in Shanghai.
    midnight = AT.replace(hour=16, minute=0, second=0, microsecond=0)

    assert [
        visit_fee(order=order, on=at, report_accepted=False)
        for at in (
            midnight - timedelta(days=1, microseconds=1),
            midnight - timedelta(days=1),
            midnight - timedelta(microseconds=1),
            midnight,
        )
    ] == [0, 100, 100, 0]
