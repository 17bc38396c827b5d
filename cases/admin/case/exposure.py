"""What decisions do to a borrower's account in figures: what could still be drawn, and the payments of a plan."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from backoffice.core.pages.cells import money
from backoffice.core.pages.charts import chart
from cases.enums import TermsField
from cases.models import Account, PlanInstalment
from cases.rules.exposure import undrawn_by
from cases.rules.plans.schedule import PlanSchedule
from cases.selectors.casework.effects import Effect

HEIGHT: Final = 150


def drawable_sentence(*, account: Account, effects: Iterable[Effect]) -> str:
    """Return what could still be drawn before and after a decision; empty where it changes neither limit nor status."""
    touched = [effect for effect in effects if effect.field in (TermsField.LIMIT, TermsField.STATUS)]
    if not touched:
        return ""

    def drawable(values: dict[str, str]) -> str:
        left = undrawn_by(
            terms=values,
            limit=account.credit_limit,
            principal=account.outstanding_principal,
            status=account.status,
        )
        return money(left, account.currency)

    before = drawable({str(effect.field): effect.without for effect in touched})
    after = drawable({str(effect.field): effect.with_it for effect in touched})
    return _("Could still be drawn: {before} → {after}").format(before=before, after=after)


def offered_chart(*, schedule: PlanSchedule) -> dict[str, Any]:
    """Return the payments of a proposed plan as bars: what of each is principal, and what interest."""
    rows = schedule.instalments
    return chart(
        title=_("Payment by instalment"),
        labels=[each.number for each in rows],
        series={
            ("new", _("Principal")): [float(each.amount - each.interest) for each in rows],
            ("more", _("Interest")): [float(each.interest) for each in rows],
        },
        stacked=True,
        height=HEIGHT,
    )


def running_chart(*, instalments: Sequence[PlanInstalment]) -> dict[str, Any]:
    """Return the instalments of a plan as bars: those that were paid, and those still to pay."""
    amounts = [(float(each.amount), each.paid_on is not None) for each in instalments]
    return chart(
        title=_("Payment by instalment"),
        labels=[each.number for each in instalments],
        series={
            ("new", _("Paid")): [amount if paid else None for amount, paid in amounts],
            ("old", _("Still to pay")): [None if paid else amount for amount, paid in amounts],
        },
        stacked=True,
        height=HEIGHT,
    )
