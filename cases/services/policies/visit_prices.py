"""What a visit costs: told by the floor that buys visits, read by the rules that weigh them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import Territory
from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput
from cases.models import VisitPrice


@transaction.atomic
def set_visit_price(
    *, territory: Territory, currency: str, amount: Decimal | None, valid_from: date, at: datetime, actor: Any = None
) -> bool:
    """
    Let one visit in a territory cost `amount` from a day on, None for no price; return whether that is news.

    Asks for no right of its own: it follows from a price card, and who may keep those is asked there.

    :raises InvalidInput: if the amount is not positive.
    """
    if amount is not None and amount <= 0:
        raise InvalidInput(_("A visit's price is more than nothing."), field="amount")
    rows = VisitPrice.objects.filter(territory=territory, currency=currency)
    last = rows.filter(valid_from__lte=valid_from).order_by("-valid_from").first()
    if (last.amount if last else None) == amount:
        return False
    price, _made = rows.update_or_create(
        valid_from=valid_from,
        defaults={"amount": amount, "updated_at": at},
        create_defaults={"territory": territory, "currency": currency, "amount": amount, "updated_at": at},
    )
    record(
        actor=actor,
        action="visitprice.set",
        subject=price,
        at=at,
        body={
            "territory": territory.code,
            "currency": currency,
            "amount": None if amount is None else str(amount),
            "from": valid_from,
        },
    )
    return True


def priced_places(*, on: date) -> set[tuple[int, str]]:
    """Return the (territory id, currency) that have a price of their own on a day."""
    latest = (
        VisitPrice.objects.filter(Q(valid_from__lte=on), territory__isnull=False)
        .order_by("territory", "currency", F("valid_from").desc())
        .distinct("territory", "currency")
    )
    return {(row.territory_id, row.currency) for row in latest if row.amount is not None and row.territory_id}
