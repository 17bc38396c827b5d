"""Prices: from a day on, confirmed by another person, never rewriting the past, never above half for recovery."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from cases.models import VisitPrice
from tests.factories.visits import AT, TODAY, make_order, make_price
from visits.models import PriceCard
from visits.services.agencies.price_cards import confirm_price, enter_price, withdraw_price
from visits.services.orders.fees import visit_fee

DAY = timedelta(days=1)


def enter(agency, actor, **fields):
    asked = {
        "agency": agency,
        "basis": "PER_VISIT",
        "amount": Decimal("130.00"),
        "valid_from": TODAY + 10 * DAY,
        "actor": actor,
        "at": AT,
        "business_date": TODAY,
    }
    return enter_price(**asked | fields)


def confirm(price, actor, day=TODAY):
    return confirm_price(price=price, actor=actor, at=AT, business_date=day)


@pytest.mark.parametrize(("amount", "refused"), [("50", False), ("51", True), ("100", True)])
def test_a_share_of_recovery_above_half_is_refused(amount, refused, agency, dispatcher):
    if refused:
        with pytest.raises(InvalidInput) as error:
            enter(agency, dispatcher, basis="RECOVERY_SHARE", amount=Decimal(amount))
        assert error.value.field == "amount"
        with pytest.raises(IntegrityError, match="recovery_share_to_half"), transaction.atomic():
            make_price(agency=agency, basis="RECOVERY_SHARE", amount=Decimal(amount))
    else:
        assert enter(agency, dispatcher, basis="RECOVERY_SHARE", amount=Decimal(amount)).state == "ENTERED"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"basis": "PER_FINDING"}, "basis"),
        ({"amount": Decimal(0)}, "amount"),
        ({"currency": "yuan"}, "currency"),
        ({"currency": "cny"}, "currency"),
        ({"valid_from": TODAY - DAY}, "valid_from"),
        ({"valid_from": TODAY + 1099 * DAY}, "valid_from"),
    ],
)
def test_a_wrong_price_is_refused_at_its_field(fields, field, agency, dispatcher):
    with pytest.raises(InvalidInput) as error:
        enter(agency, dispatcher, **fields)

    assert (error.value.field, PriceCard.objects.filter(state="ENTERED").count()) == (field, 0)


def test_a_price_counts_from_its_day_on_and_the_past_stays(
    case, placement, pair, approver, agency, dispatcher, risk_manager
):
    order = make_order(case=case, placement=placement, state="VERIFIED", approver=approver, pair=pair)

    # Without a window the day that is asked about counts.
    order.window_start = None

    def fees():
        return [visit_fee(order=order, on=AT + n * DAY, report_accepted=False) for n in (0, 9, 10)]

    price = enter(agency, dispatcher)
    assert fees() == [Decimal("140.00")] * 3

    confirm(price, risk_manager)

    assert fees() == [Decimal("140.00"), Decimal("140.00"), Decimal("150.00")]
    lines = PriceCard.objects.filter(basis="PER_VISIT").order_by("valid_from")
    assert [(line.amount, line.valid_to) for line in lines] == [
        (Decimal("120.00"), TODAY + 9 * DAY),
        (Decimal("130.00"), None),
    ]


def test_the_price_of_a_visit_follows_at_once(agency, dispatcher, risk_manager):
    confirm(enter(agency, dispatcher, valid_from=TODAY), risk_manager)

    assert VisitPrice.objects.get().amount == Decimal("230.00")


def test_nobody_confirms_their_own_price(agency, dispatcher, approver):
    price = enter(agency, dispatcher)
    for actor in (dispatcher, None):
        with pytest.raises(NotAllowed):
            confirm(price, actor)
    PriceCard.objects.filter(pk=price.pk).update(entered_by=approver)
    with pytest.raises(SelfApproval):
        confirm(price, approver)
    with pytest.raises(IntegrityError, match="price_four_eyes"), transaction.atomic():
        PriceCard.objects.filter(pk=price.pk).update(confirmed_by=approver)


def test_a_price_whose_day_is_over_or_taken_is_not_confirmed(agency, dispatcher, risk_manager):
    price, twin = enter(agency, dispatcher), enter(agency, dispatcher)

    with pytest.raises(InvalidInput):
        confirm(price, risk_manager, day=TODAY + 11 * DAY)
    confirm(price, risk_manager, day=TODAY + 10 * DAY)
    with pytest.raises(InvalidInput):
        confirm(twin, risk_manager)

    assert list(
        PriceCard.objects.filter(pk__in=(price.pk, twin.pk)).order_by("pk").values_list("state", flat=True)
    ) == [
        "CONFIRMED",
        "ENTERED",
    ]


def test_a_price_that_counts_is_not_withdrawn(agency, dispatcher, risk_manager):
    price, other = enter(agency, dispatcher), enter(agency, dispatcher, valid_from=TODAY + 20 * DAY)
    confirm(price, risk_manager)

    with pytest.raises(StateConflict):
        withdraw_price(price=price, actor=dispatcher, at=AT)
    assert withdraw_price(price=other, actor=dispatcher, at=AT).state == "WITHDRAWN"
    with pytest.raises(StateConflict):
        confirm(other, risk_manager)
