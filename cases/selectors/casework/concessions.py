"""Concession budgets: which one bears a waiver, what is left in it, and how much may be due of each part."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from django.db.models import DecimalField, F, Q, Sum
from django.db.models.functions import Greatest, Least

from backoffice.core.id_lists import any_of
from cases.enums import BudgetState
from cases.models import Account, ConcessionBudget
from cases.rules.waivers import NOTHING_KNOWN, KnownParts

_MONEY = DecimalField(max_digits=14, decimal_places=2)


def budget_for(*, account: Account, on: date) -> ConcessionBudget | None:
    """Return the budget in use that bears waivers on an account on `on`: its territory's own, else that of everywhere."""
    return (
        ConcessionBudget.objects.filter(
            Q(territory=account.territory_id) | Q(territory__isnull=True),
            state=BudgetState.CONFIRMED,
            currency=account.currency,
            starts_on__lte=on,
            ends_on__gte=on,
        )
        .order_by(F("territory").asc(nulls_last=True), "pk")
        .first()
    )


def known_parts(*, accounts: Collection[int], on: date) -> dict[int, KnownParts]:
    """
    Return for each account (ids) the most that may be due of penalty interest and interest. One query.

    Arrears come as one sum. Where the core's files give the instalments, interest is at most what the unpaid ones hold beside
    principal, and what the arrears are beyond the unpaid ones is penalty interest; arrears that are not beyond them were
    calculated from them and say nothing of it. Without instalments both are None.
    """
    unpaid = Q(scheduled_instalments__due_on__lte=on) & Q(
        scheduled_instalments__due_amount__gt=F("scheduled_instalments__paid_amount")
    )
    rest = F("scheduled_instalments__due_amount") - F("scheduled_instalments__paid_amount")
    interest = Greatest(F("scheduled_instalments__due_amount") - F("scheduled_instalments__principal"), Decimal(0))
    rows = Account.objects.filter(pk__in=any_of(accounts)).annotate(
        instalments=Sum(rest, filter=unpaid, output_field=_MONEY),
        interest=Sum(Least(rest, interest), filter=unpaid, output_field=_MONEY),
    )
    found = {}
    for pk, arrears, instalments, part in rows.values_list("pk", "arrears_amount", "instalments", "interest"):
        if instalments is None:
            found[pk] = NOTHING_KNOWN
        else:
            found[pk] = KnownParts(penalty=arrears - instalments if arrears > instalments else None, interest=part)
    return found
