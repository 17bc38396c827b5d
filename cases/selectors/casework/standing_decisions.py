"""
What stands for accounts at the moment: plans, grace, care, circumstances, reductions of the rate, upheld appeals.

`standing_of` gives it to the pure rules (rules/approval.py) with two queries for any number of accounts. The standing job
asks the same of its rewards in SQL, `reward_still_true`; a test holds both to the same answers.
"""

from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import DecimalField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Round
from django.db.models.lookups import GreaterThan, LessThan, LessThanOrEqual
from django.utils.timezone import localdate

from backoffice.core.id_lists import any_of
from cases.enums import AccountStatus, ComplaintKind, ComplaintState, DecisionKind, MeasureMode, PlanState, WaiverState
from cases.models import (
    Account,
    AccountFacts,
    BorrowerFlag,
    Complaint,
    Decision,
    RepaymentPlan,
    Statement,
    TermsMeasure,
    Waiver,
)
from cases.rules.approval import BAR_DAYS, NO_INCREASE, OWN_JUDGEMENT, AccountNow, StandingNow, UpheldAppeal
from cases.rules.approval_matrix import CLEAN_DAYS
from cases.rules.circumstances import PROTECTIVE
from cases.rules.lifecycle import STANDING_DECISION
from cases.rules.plans.limits import RATE_CAP
from cases.rules.standing import MONTHS_TO_PASS_OLD_LIMIT, STEP
from cases.rules.waivers import REPEATED_DAYS

_RATE: Final[Any] = DecimalField(max_digits=6, decimal_places=5)
_WIDE: Final[Any] = DecimalField(max_digits=24, decimal_places=8)
# Facts of an account are written every night; older ones say nothing of how it is paid now.
_RECENT_DAYS: Final = 31
_COLUMNS: Final = (
    "on_plan",
    "in_grace",
    "in_care",
    "protected",
    "no_increase",
    "limit_is_cut",
    "reduced",
    "may_pass_old_limit",
    "overdue_lately",
    "waiver_waits",
    "waived_lately",
)
_OF_PERSON: Final = Q(borrower__person_key=OuterRef("borrower__person_key"))


def account_now(account: Account) -> AccountNow:
    """Return the columns of an account that the rules of approval read."""
    return AccountNow(
        status=account.status,
        days_past_due=account.days_past_due,
        arrears_amount=account.arrears_amount,
        outstanding_principal=account.outstanding_principal,
        credit_limit=account.credit_limit,
        annual_rate=account.annual_rate,
        pre_default_limit=account.pre_default_limit,
    )


def standing_of(*, accounts: Collection[int], on: date) -> dict[int, StandingNow]:
    """
    Return what stands on `on` for each account (ids). Two queries.

    Care and circumstances count for the person: those of any of their borrowers.
    """
    decisions = Decision.objects.filter(_counts(on), state__in=STANDING_DECISION)
    flags = BorrowerFlag.objects.filter(_OF_PERSON, _counts(on), cleared_at__isnull=True)
    first_month = (on - timedelta(days=CLEAN_DAYS)).replace(day=1)
    late = Statement.objects.filter(account=OuterRef("pk"), period__gte=first_month, days_past_due__gt=0)
    waivers = Waiver.objects.filter(account=OuterRef("pk"))
    rows = (
        Account.objects.filter(pk__in=any_of(accounts))
        .annotate(
            on_plan=Exists(RepaymentPlan.objects.filter(account=OuterRef("pk"), state=PlanState.ACTIVE)),
            in_grace=in_grace(on=on, account="pk"),
            in_care=Exists(decisions.filter(_OF_PERSON, kind=DecisionKind.SPECIAL_CARE)),
            protected=Exists(flags.filter(kind__in=PROTECTIVE)),
            no_increase=Exists(flags.filter(kind__in=NO_INCREASE)),
            limit_is_cut=limit_is_cut(account="pk"),
            reduced=reduced_rate("pk"),
            may_pass_old_limit=Exists(_long_on_time("pk", on)),
            overdue_lately=Exists(late),
            waiver_waits=Exists(waivers.filter(state=WaiverState.HELD, decision__state__in=STANDING_DECISION)),
            waived_lately=Exists(waivers.filter(earned_on__gt=on - timedelta(days=REPEATED_DAYS))),
        )
        .values("pk", *_COLUMNS)
    )
    appeals = upheld_appeals(accounts=accounts, on=on)
    return {row["pk"]: StandingNow(**{n: row[n] for n in _COLUMNS}, appeals=appeals.get(row["pk"], ())) for row in rows}


def upheld_appeals(*, accounts: Collection[int], on: date) -> dict[int, tuple[UpheldAppeal, ...]]:
    """Return the upheld appeals of each account (ids) that has any that still bar a decision on `on`. One query."""
    rows = _upheld(on).filter(decision__account__in=any_of(accounts)).order_by("pk")
    found: dict[int, tuple[UpheldAppeal, ...]] = {}
    for account, kind, reasons, answered_at in rows.values_list(
        "decision__account", "decision__kind", "decision__reasons", "answered_at"
    ):
        appeal = UpheldAppeal(kind=kind, reasons=tuple(reasons), answered_on=localdate(answered_at))
        found[account] = (*found.get(account, ()), appeal)
    return found


def barred(*, kind: str, reason: str, on: date) -> Exists:
    """Return `UpheldAppeal.bars` for a decision of `kind` with one reason code, as SQL over rows with `account_id`."""
    rows = _upheld(on).filter(decision__account=OuterRef("account_id"), decision__kind=kind)
    if reason != OWN_JUDGEMENT:
        rows = rows.filter(decision__reasons__contains=[reason])
    return Exists(rows)


def in_grace(*, on: date, account: str = "account_id") -> Exists:
    """Return whether grace stands on `on` for the account that the column `account` names."""
    standing = Decision.objects.filter(_counts(on), state__in=STANDING_DECISION, kind=DecisionKind.GRACE)
    return Exists(standing.filter(account=OuterRef(account)))


def limit_is_cut(*, account: str = "account_id") -> Exists:
    """Return whether a cut of the limit stands for the account that the column `account` names."""
    return Exists(TermsMeasure.objects.filter(account=OuterRef(account), mode=MeasureMode.CAP, ended_at__isnull=True))


def reduced_rate(account: str) -> Combinable:
    """Return by how much decisions lower the rate of the account that the column `account` names; 0 if none."""
    # A reward that rests counts too: it stands again once the account is paid.
    measures = TermsMeasure.objects.filter(account=OuterRef(account), mode=MeasureMode.REDUCTION, ended_at__isnull=True)
    total = Sum("amount", output_field=_RATE)
    summed = measures.order_by().values("account").annotate(total=total).values("total")
    return Coalesce(Subquery(summed, output_field=_RATE), Value(Decimal(0)), output_field=_RATE)


def reward_still_true(*, max_limit_percent: Decimal, rate_max: Decimal, on: date) -> Q:
    """
    Return `still_true` for rewards of the standing job, as a condition over decisions.

    The caps are those of the policy version: percent (10 is 10 %) and a share (0.03 is three points).
    """
    limit, rate = Cast(KT("terms__limit"), _WIDE), Cast(KT("terms__rate"), _RATE)
    limit_now, rate_now = F("account__credit_limit"), F("account__annual_rate")
    raised = Round(_wide(limit_now * Value((100 + max_limit_percent) / 100 / STEP))) * Value(STEP)
    unsure = BorrowerFlag.objects.filter(_OF_PERSON, _counts(on), cleared_at__isnull=True, kind__in=NO_INCREASE)
    increase = (
        Q(GreaterThan(limit, limit_now))
        & Q(LessThanOrEqual(limit, _wide(raised)))
        & (
            Q(account__pre_default_limit__isnull=True)
            | Q(LessThanOrEqual(limit, F("account__pre_default_limit")))
            | Q(Exists(_long_on_time("account_id", on)))
        )
        & ~Q(Exists(unsure))
        & ~Q(limit_is_cut(account="account_id"))
    )
    together = ExpressionWrapper(reduced_rate("account_id") + rate_now - rate, output_field=_RATE)
    reduction = (
        Q(LessThan(rate, rate_now))
        & Q(LessThanOrEqual(together, Value(rate_max, output_field=_RATE)))
        & Q(LessThanOrEqual(rate, Value(RATE_CAP, output_field=_RATE)))
    )
    live = Q(account__status__in=(AccountStatus.ACTIVE, AccountStatus.FROZEN))
    return (
        live
        & Q(account__days_past_due=0, account__arrears_amount__lte=0)
        & (Q(kind=DecisionKind.LIMIT_INCREASE) & increase | Q(kind=DecisionKind.RATE_REDUCTION) & reduction)
    )


def _counts(on: date) -> Q:
    return Q(expires_on__isnull=True) | Q(expires_on__gte=on)


def _long_on_time(account: str, on: date) -> QuerySet[Any]:
    """Return the recent facts that say that the account was paid on time for long enough to pass its old limit."""
    facts: QuerySet[Any] = AccountFacts.objects.filter(
        account=OuterRef(account),
        business_date__gt=on - timedelta(days=_RECENT_DAYS),
        business_date__lte=on,
        on_time_months__gte=MONTHS_TO_PASS_OLD_LIMIT,
    )
    return facts


def _upheld(on: date) -> QuerySet[Any]:
    """Return the upheld appeals whose bar lasts up to `on` at least."""
    rows: QuerySet[Any] = Complaint.objects.filter(
        kind=ComplaintKind.APPEAL,
        state=ComplaintState.UPHELD,
        answered_at__date__gte=on - timedelta(days=BAR_DAYS),
    )
    return rows


def _wide(expression: Any) -> Combinable:
    return ExpressionWrapper(expression, output_field=_WIDE)
