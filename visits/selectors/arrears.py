"""What the accounts of people say about visits: who owes nothing any more, whose plan runs, when they last paid."""

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal

from django.db.models import DecimalField, Max, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from backoffice.core.id_lists import any_of
from cases.enums import PlanState
from cases.models import Account, Repayment, RepaymentPlan
from visits.enums import Protection
from visits.rules.conduct.contact import Flag
from visits.selectors.persons import People

NO_MONEY = Decimal(0)


def protections_of_accounts(*, ids: set[int], people: People) -> dict[int, list[Flag]]:
    """Return the protections that follow from accounts: a borrower's plan that runs, nothing that the person has left to pay."""
    flags: dict[int, list[Flag]] = defaultdict(list)
    planned = RepaymentPlan.objects.filter(account__borrower__in=any_of(ids), state=PlanState.ACTIVE)
    for borrower_id in planned.values_list("account__borrower", flat=True).distinct():
        flags[borrower_id].append(Flag(kind=Protection.PLAN_ACTIVE))
    owing = {people.person_of[each] for each in _owing(ids=set(people.person_of))}
    for borrower_id in ids:
        if people.person_of[borrower_id] not in owing:
            flags[borrower_id].append(Flag(kind=Protection.PAID))
    return flags


def last_payments(*, ids: set[int]) -> dict[int, tuple[datetime, date]]:
    """Return when the last repayment of each borrower (id) that still stands was booked here, and on which day it was paid."""
    rows = (
        Repayment.objects.left()
        .filter(account__borrower__in=any_of(ids))
        .values("account__borrower")
        .annotate(booked_at=Max("created_at"), paid_on=Max("paid_on"))
    )
    return {row["account__borrower"]: (row["booked_at"], row["paid_on"]) for row in rows}


def _owing(*, ids: set[int]) -> set[int]:
    """Return who still has arrears once the repayments that the account does not show yet are taken off."""
    unseen = (
        Repayment.objects.left()
        .filter(account=OuterRef("pk"), paid_on__gte=OuterRef("as_of"), created_at__gt=OuterRef("updated_at"))
        .values("account")
        .annotate(total=Sum("left_amount"))
        .values("total")
    )
    paid = Coalesce(Subquery(unseen), NO_MONEY, output_field=DecimalField(max_digits=14, decimal_places=2))
    rows = Account.objects.filter(borrower__in=any_of(ids), arrears_amount__gt=0).annotate(unseen=paid)
    return {
        borrower
        for borrower, arrears, seen in rows.values_list("borrower", "arrears_amount", "unseen")
        if arrears > seen
    }
