"""What a visit costs in each territory: written by the floor of visits, read by rules as a feature of an account."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import Territory
from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput
from backoffice.core.scoping import must_act_in
from cases.models import VisitPrice


@transaction.atomic
def set_visit_price(
    *, territory: Territory, currency: str, amount: Decimal | None, valid_from: date, at: datetime, actor: Any = None
) -> bool:
    """
    Set the price of one visit in a territory from a day on; return whether it differs from the price so far.

    `amount` is in `currency`, None ends the price. It asks for no permission: the price follows from a price card,
    and the door of price cards asks for the permission.

    :raises NotAllowed: if the territory is not one of the actor's.
    :raises InvalidInput: if the amount is not positive.
    """
    must_act_in(actor=actor, territory_id=territory.pk)
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
    """Return the pairs of territory id and currency that have their own price on a day."""
    latest = (
        VisitPrice.objects.filter(Q(valid_from__lte=on), territory__isnull=False)
        .order_by("territory", "currency", F("valid_from").desc())
        .distinct("territory", "currency")
    )
    return {(row.territory_id, row.currency) for row in latest if row.amount is not None and row.territory_id}
