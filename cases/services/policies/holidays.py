"""Notices of national holidays: entered by one person, confirmed by another, one in use for each year."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import Jurisdiction, Territory
from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval
from backoffice.core.scoping import must_act_everywhere
from backoffice.core.transitions import may, move, move_all
from cases.models import HolidayNotice
from cases.rules.holiday_lifecycle import HOLIDAY_NOTICE
from cases.rules.holiday_notice import breaks_as_json, notice_faults
from cases.rules.holidays import Notice

MAX_SOURCE = 300


@transaction.atomic
def enter_notice(
    *,
    notice: Notice,
    source: str,
    actor: Any,
    at: datetime,
    jurisdiction: str = Jurisdiction.CHINA,
    territory: Territory | None = None,
) -> HolidayNotice:
    """
    Keep a notice of one year's holidays and return it; it changes nothing until another person confirms it.

    `source` is its number or address, 1 to 300 characters. With a territory of the jurisdiction the days are added there.

    :raises NotAllowed: if the actor is no person, or may not enter holidays for all territories.
    :raises InvalidInput: if the source is missing or too long, the territory is of another jurisdiction, or the notice
        has a fault; it names the first one.
    """
    _must_be_permitted(actor, "cases.add_holidaynotice")
    source = source.strip()
    if not 0 < len(source) <= MAX_SOURCE:
        message = _("Give the number or the address of the notice, at most {n} characters.").format(n=MAX_SOURCE)
        raise InvalidInput(message, field="source")
    if jurisdiction not in Jurisdiction.values:
        raise InvalidInput(_("Choose whose holidays these are."), field="jurisdiction")
    if territory is not None and territory.jurisdiction != jurisdiction:
        raise InvalidInput(_("This territory follows the rules of another jurisdiction."), field="territory")
    for fault in notice_faults(notice=notice, is_whole=territory is None, jurisdiction=jurisdiction):
        raise InvalidInput(fault.message, field=str(fault.field), row=fault.row or None)
    entered = HolidayNotice.objects.create(
        year=notice.year,
        jurisdiction=jurisdiction,
        territory=territory,
        source=source,
        breaks=breaks_as_json(notice=notice),
        make_up_days=list(notice.make_up_days),
        made_by=actor,
        created_at=at,
        updated_at=at,
    )
    _recorded("holidays.entered", entered, actor, at)
    return entered


@transaction.atomic
def confirm_notice(*, entered: HolidayNotice, actor: Any, at: datetime) -> HolidayNotice:
    """
    Confirm a notice that another person entered: it counts from now on, and the one of that year that counted so far is retired.

    :raises NotAllowed: if the actor is no person, or may not confirm holidays for all territories.
    :raises SelfApproval: if the actor entered it.
    :raises StateConflict: if it does not await confirmation.
    """
    _must_be_permitted(actor, "cases.confirm_holidaynotice")
    if actor.pk == entered.made_by_id:
        raise SelfApproval
    of_year = HolidayNotice.objects.filter(
        year=entered.year, jurisdiction=entered.jurisdiction, territory=entered.territory_id
    )
    # Locked, so that of two notices of one year confirmed at once the second retires the first.
    list(of_year.select_for_update(no_key=True).order_by("pk"))
    move_all(rows=of_year.exclude(pk=entered.pk), lifecycle=HOLIDAY_NOTICE, action="retire", at=at)
    move(
        record=entered,
        lifecycle=HOLIDAY_NOTICE,
        action="confirm",
        actor=actor,
        at=at,
        confirmed_by_id=actor.pk,
        confirmed_at=at,
    )
    _recorded("holidays.confirmed", entered, actor, at)
    return entered


@transaction.atomic
def discard_notice(*, entered: HolidayNotice, actor: Any, at: datetime) -> HolidayNotice:
    """
    Discard a notice that awaits confirmation; it is kept and never counts.

    :raises NotAllowed: if the actor is no person, or may not change holidays for all territories.
    :raises StateConflict: if it does not await confirmation.
    """
    _must_be_permitted(actor, "cases.change_holidaynotice")
    move(record=entered, lifecycle=HOLIDAY_NOTICE, action="discard", actor=actor, at=at)
    _recorded("holidays.discarded", entered, actor, at)
    return entered


def _must_be_permitted(actor: Any, permission: str) -> None:
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission=permission)
    must_act_everywhere(actor=actor)


def _recorded(action: str, entered: HolidayNotice, actor: Any, at: datetime) -> None:
    body = {
        "year": entered.year,
        "jurisdiction": entered.jurisdiction,
        "territory": entered.territory_id,
        "breaks": len(entered.breaks),
        "make_up_days": len(entered.make_up_days),
    }
    record(actor=actor, action=action, subject=entered, at=at, body=body)
