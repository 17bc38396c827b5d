"""What the accounts of people say about visits: who owes nothing any more, whose plan or grace runs, when they last paid."""

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, Exists, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from backoffice.core.kept_queries import KeptQuery
from cases.enums import MeasureMode, PlanState, TermsField
from cases.models import Account, Borrower, Repayment, RepaymentPlan, TermsMeasure
from visits.enums import Protection
from visits.rules.conduct.contact import Flag
from visits.selectors.persons import People

NO_MONEY = Decimal(0)


def _left_to_pay(borrowers: Any) -> QuerySet[Account]:
    """Return the accounts with arrears once the repayments that the account does not show yet are taken off."""
    unseen = (
        Repayment.objects.left()
        .filter(account=OuterRef("pk"), paid_on__gte=OuterRef("as_of"), created_at__gt=OuterRef("updated_at"))
        .values("account")
        .annotate(total=Sum("left_amount"))
        .values("total")
    )
    paid = Coalesce(Subquery(unseen), NO_MONEY, output_field=DecimalField(max_digits=14, decimal_places=2))
    owing: QuerySet[Account] = Account.objects.filter(borrower__in=borrowers, arrears_amount__gt=0)
    return owing.filter(arrears_amount__gt=paid)


# Accounts with a plan or a grace that runs: who is helped is not visited.
_HELPED = KeptQuery(
    lambda borrowers: (
        Account.objects.filter(borrower__in=borrowers)
        .annotate(
            on_plan=Exists(RepaymentPlan.objects.filter(account=OuterRef("pk"), state=PlanState.ACTIVE)),
            in_grace=Exists(
                TermsMeasure.objects.filter(
                    account=OuterRef("pk"),
                    field=TermsField.COLLECTION,
                    mode=MeasureMode.PAUSED,
                    ended_at__isnull=True,
                    suspended_at__isnull=True,
                )
            ),
        )
        .filter(Q(on_plan=True) | Q(in_grace=True))
        .values_list("borrower", "on_plan", "in_grace")
    ),
    borrowers="ids",
)
_WITHOUT_ARREARS = KeptQuery(
    lambda borrowers: (
        Borrower.objects.filter(pk__in=borrowers)
        .exclude(pk__in=_left_to_pay(borrowers).values("borrower"))
        .values_list("pk")
    ),
    borrowers="ids",
)
_LAST_PAYMENTS = KeptQuery(
    lambda borrowers: (
        Repayment.objects.left()
        .filter(account__borrower__in=borrowers)
        .values("account__borrower")
        .annotate(booked_at=Max("created_at"), last_paid_on=Max("paid_on"))
        .values_list("account__borrower", "booked_at", "last_paid_on")
    ),
    borrowers="ids",
)


def protections_of_accounts(*, ids: set[int], people: People) -> dict[int, list[Flag]]:
    """Return the protections that follow from accounts: a borrower's plan or grace that runs, nothing that the person has left to pay."""
    flags: dict[int, list[Flag]] = defaultdict(list)
    helped = set(_HELPED(borrowers=ids))
    for borrower_id in sorted({borrower_id for borrower_id, on_plan, _in_grace in helped if on_plan}):
        flags[borrower_id].append(Flag(kind=Protection.PLAN_ACTIVE))
    for borrower_id in sorted({borrower_id for borrower_id, _on_plan, in_grace in helped if in_grace}):
        flags[borrower_id].append(Flag(kind=Protection.GRACE))
    has_paid = {borrower_id for (borrower_id,) in _WITHOUT_ARREARS(borrowers=people.ids)}
    if has_paid:
        owing = {person for borrower_id, person in people.person_of.items() if borrower_id not in has_paid}
        for borrower_id in ids & has_paid:
            if people.person_of[borrower_id] not in owing:
                flags[borrower_id].append(Flag(kind=Protection.PAID))
    return flags


def last_payments(*, ids: set[int]) -> dict[int, tuple[datetime, date]]:
    """Return when the last repayment of each borrower (id) that still stands was booked here, and on which day it was paid."""
    return {borrower_id: (booked_at, paid_on) for borrower_id, booked_at, paid_on in _LAST_PAYMENTS(borrowers=ids)}
