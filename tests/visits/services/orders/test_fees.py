"""What a visit costs by the price card of its day. Nothing depends on what the visit found."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.factories.visits import AT, make_order, make_price
from visits.models import PriceCard, VisitOrder
from visits.services.orders.conduct_guard import local_date
from visits.services.orders.fees import charge_way, owed_parts, visit_fee


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

    moments = (
        midnight - timedelta(days=1, microseconds=1),
        midnight - timedelta(days=1),
        midnight - timedelta(microseconds=1),
        midnight,
    )
    by_window, by_call, by_statement = [], [], []
    for at in moments:
        order.window_start = at
        by_window.append(visit_fee(order=order, on=AT, report_accepted=False))
        order.window_start = None
        by_call.append(visit_fee(order=order, on=at, report_accepted=False))
        VisitOrder.objects.filter(pk=order.pk).update(window_start=at, window_end=at + timedelta(hours=1))
        by_statement.append(list(owed_parts().values_list("of_order", "of_agency", "amount")))

    assert by_window == by_call == [0, 100, 100, 0]
    assert by_statement == [[], *[[(order.pk, agency.pk, Decimal("100.00"))]] * 2, []]


def test_a_way_is_charged_at_the_price_of_its_own_day(order, agency):
    window = order.window_start
    PriceCard.objects.filter(basis="PER_VISIT").update(valid_to=local_date(window))
    make_price(agency=agency, basis="PER_VISIT", amount=Decimal(999), valid_from=local_date(window) + timedelta(days=1))

    # Called back days after the visit.
    charge_way(orders=[order.pk], on=window + timedelta(days=5))

    assert VisitOrder.objects.get(pk=order.pk).fee == Decimal("140.00")


def test_of_two_prices_for_one_part_the_later_is_owed(order, agency):
    for day, amount in ((date(2026, 3, 4), 125), (date(2026, 3, 1), 130), (date(2026, 3, 4), 127)):
        make_price(agency=agency, basis="PER_VISIT", amount=Decimal(amount), valid_from=day)

    assert sorted(owed_parts().values_list("basis", "amount")) == [
        ("PER_ACCEPTED_REPORT", Decimal("80.00")),
        ("PER_VISIT", Decimal("127.00")),
        ("TRAVEL", Decimal("20.00")),
    ]
