"""
Whether what a decision says still fits the account at the moment of its approval.

A proposal may wait for days. Meanwhile the borrower pays or falls behind, the core changes limit or rate, a plan is agreed,
grace is given, an appeal is upheld. `still_true` is asked at every door at which a decision is proposed or approved; the
standing job asks the part about rewards in SQL (selectors/casework/standing_decisions.py).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cases.enums import ADVERSE_KINDS, AccountStatus, CloseReason, DecisionKind, DecisionOrigin, FlagKind
from cases.rules.plans.limits import RATE_CAP
from cases.rules.policy.features import REWARD_KINDS
from cases.rules.standing import raised_limit
from cases.rules.terms import MOST_RATE_OFF
from cases.rules.waivers import NOTHING_KNOWN, KnownParts, waiver_codes

# A limit is raised for nobody who cannot accept it, or who says that the loan is not theirs. No other circumstance costs a
# reward that payments earned (list c 8).
NO_INCREASE: Final = frozenset({FlagKind.DECEASED, FlagKind.FRAUD_CLAIM})
# House value: days from the answer to an upheld appeal on which nothing of its kind and ground is decided on the account.
BAR_DAYS: Final = 180
# The ground of an officer's own proposal. It says nothing of its own, so it stands for every ground.
OWN_JUDGEMENT: Final = "OFFICER_JUDGEMENT"

_ENDED: Final = (AccountStatus.CLOSED, AccountStatus.WRITTEN_OFF)
# A debt that is written off may still be helped with or taken to law.
_ON_LIVE_ACCOUNTS: Final = (*REWARD_KINDS, DecisionKind.RATE_RELIEF, DecisionKind.FREEZE, DecisionKind.LIMIT_CUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalView:
    """
    What a decision says. `terms` are those of the record, amounts and rates as texts.

    `max_limit_percent` (10 is 10 %) and `rate_max` (0.03 is three points) are the caps of its policy version;
    `currency_rate` is units of the account's currency for one unit of the policy's, None where the policy names none.
    """

    kind: str
    origin: str
    reasons: tuple[str, ...]
    terms: Mapping[str, object]
    max_limit_percent: Decimal = Decimal(50)
    rate_max: Decimal = Decimal("0.03")
    currency_rate: Decimal | None = Decimal(1)

    def amount(self, name: str) -> Decimal:
        """Return the amount or rate that the terms hold under `name`. :raises KeyError: if there is none."""
        return Decimal(str(self.terms[name]))


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountNow:
    """An account as the core last reported it. Money is in its currency; `annual_rate` is a share 0..1."""

    status: str
    days_past_due: int
    arrears_amount: Decimal
    outstanding_principal: Decimal
    credit_limit: Decimal
    annual_rate: Decimal
    pre_default_limit: Decimal | None = None

    @property
    def is_overdue(self) -> bool:
        """Whether anything is late or due unpaid."""
        return self.days_past_due > 0 or self.arrears_amount > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class UpheldAppeal:
    """An appeal that was upheld: against which kind of decision, on which grounds, and the local day of the answer."""

    kind: str
    reasons: tuple[str, ...]
    answered_on: date

    @property
    def bars_until(self) -> date:
        """The last day on which it bars a decision like the one that was appealed against."""
        return self.answered_on + timedelta(days=BAR_DAYS)

    def bars(self, *, kind: str, reasons: Iterable[str], on: date) -> bool:
        """Return whether a decision of `kind` with `reasons` may not be taken on `on`."""
        wanted = set(reasons)
        same_ground = OWN_JUDGEMENT in wanted or bool(wanted & set(self.reasons))
        return kind in ADVERSE_KINDS and kind == self.kind and same_ground and on <= self.bars_until


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingNow:
    """
    What stands for an account besides its terms.

    `reduced` is by how much the standing decisions lower its annual rate (0.03 is three points). `may_pass_old_limit` says
    that it was paid on time for long enough to pass the limit before its default; `overdue_lately` that it stood late at a
    statement of the last months. `waiver_waits` says that an approved waiver waits for its payment, `waived_lately` that one was
    earned in the last months, and `known_parts` what may be due of penalty interest and interest, where that is known.
    """

    on_plan: bool = False
    in_grace: bool = False
    in_care: bool = False
    protected: bool = False
    no_increase: bool = False
    limit_is_cut: bool = False
    reduced: Decimal = Decimal(0)
    may_pass_old_limit: bool = False
    overdue_lately: bool = False
    waiver_waits: bool = False
    waived_lately: bool = False
    known_parts: KnownParts = NOTHING_KNOWN
    appeals: tuple[UpheldAppeal, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a decision may not be taken: a code for programs and counts, and words for the reader."""

    code: str
    text: str | Promise


_WORDS: Final[Mapping[str, Promise]] = {
    "ACCOUNT_ENDED": _("The account is closed or written off."),
    "STATUS_CHANGED": _("The account is no longer active."),
    "OVERDUE": _("The account is overdue; a reward needs an account with nothing due."),
    "OVERDUE_AGAIN": _("The account is overdue; its case is not closed as cured."),
    "NOT_RAISED": _("The limit is as high already; the decision would not raise it."),
    "RAISED_TOO_FAR": _("The limit would rise by more than the policy allows."),
    "ABOVE_OLD_LIMIT": _("The limit would pass what it was before the default."),
    "CUT_STANDS": _("A cut of the limit stands; the limit is raised once that has ended."),
    "NOBODY_TO_ACCEPT": _("The borrower has died, or says that the loan is not theirs; the limit is not raised."),
    "NOT_LOWERED": _("The limit is as low already; the decision would not lower it."),
    "RATE_NOT_LOWERED": _("The annual rate is as low already; the decision would not lower it."),
    "RATE_OVER_CAP": _("The annual rate would still be over the cap of 24 %."),
    "RATE_LOWERED_TOO_FAR": _("All reductions that stand would together lower the annual rate by more than the cap."),
    "PLAN_RATE_RISES": _("The plan's annual rate is higher than the account's."),
    "PAID": _("The arrears have been paid meanwhile."),
    "ON_PLAN": _("A repayment plan is kept on the account."),
    "MORE_THAN_DUE": _("More is named as due than the account shows for it."),
    "WAIVED_TOO_MUCH": _("Penalty interest may be waived whole, interest by half at most."),
    "PAYS_TOO_MUCH": _("What is waived and what is to be paid are together more than the arrears."),
    "DAY_OUT_OF_RANGE": _("The day to pay by is past, or more than 31 days ahead."),
    "WAIVER_WAITS": _("An approved waiver waits for its payment; another one comes after it."),
    "IN_GRACE": _("Grace stands on the account."),
    "IN_CARE": _("Special care stands for the borrower."),
    "PROTECTED": _("A circumstance of the borrower is open under which nothing may be taken from them."),
}


def still_true(*, decision: ProposalView, account: AccountNow, standing: StandingNow, on: date) -> tuple[Refusal, ...]:
    """Return why a decision may not be taken on `on`, in the order of a page; empty where it still fits the account."""
    codes = [*_codes(decision, account, standing)]
    if decision.kind == DecisionKind.WAIVER:
        codes += waiver_codes(terms=decision.terms, arrears=account.arrears_amount, known=standing.known_parts, on=on)
    found = [Refusal(code=code, text=_WORDS[code]) for code in codes]
    barring = [a for a in standing.appeals if a.bars(kind=decision.kind, reasons=decision.reasons, on=on)]
    if barring:
        until = max(appeal.bars_until for appeal in barring)
        text = _("An appeal against such a decision was upheld; the same is not decided again up to {until}.")
        found.append(Refusal(code="BARRED", text=format_lazy(text, until=date_format(until))))
    return tuple(found)


def _codes(decision: ProposalView, account: AccountNow, standing: StandingNow) -> Iterator[str]:
    kind = decision.kind
    if kind == DecisionKind.CLOSE:
        if decision.terms.get("close_reason") == CloseReason.CURED and account.is_overdue:
            yield "OVERDUE_AGAIN"
    elif account.status == AccountStatus.CLOSED or (account.status in _ENDED and kind in _ON_LIVE_ACCOUNTS):
        yield "ACCOUNT_ENDED"
    elif kind in REWARD_KINDS:
        yield from _reward_codes(decision, account, standing)
    elif kind == DecisionKind.RATE_RELIEF:
        yield from _relief_codes(decision, account, standing)
    elif kind in ADVERSE_KINDS:
        yield from _adverse_codes(decision, account, standing)
    elif kind == DecisionKind.WAIVER:
        yield from _waiver_codes(account, standing)
    elif kind == DecisionKind.PLAN and decision.amount("annual_rate") > account.annual_rate:
        yield "PLAN_RATE_RISES"


def _reward_codes(decision: ProposalView, account: AccountNow, standing: StandingNow) -> Iterator[str]:
    if account.is_overdue:
        yield "OVERDUE"
    if decision.kind == DecisionKind.RATE_REDUCTION:
        yield from _rate_codes(decision, account, standing, most=decision.rate_max)
        return
    limit, now = decision.amount("limit"), account.credit_limit
    # An officer's own proposal never passes the limit before the default.
    passes_old_limit = standing.may_pass_old_limit and decision.origin != DecisionOrigin.OFFICER
    if limit <= now:
        yield "NOT_RAISED"
    elif limit > raised_limit(limit=now, percent=decision.max_limit_percent):
        yield "RAISED_TOO_FAR"
    elif account.pre_default_limit is not None and limit > account.pre_default_limit and not passes_old_limit:
        yield "ABOVE_OLD_LIMIT"
    if standing.limit_is_cut:
        yield "CUT_STANDS"
    if standing.no_increase:
        yield "NOBODY_TO_ACCEPT"


def _relief_codes(decision: ProposalView, account: AccountNow, standing: StandingNow) -> Iterator[str]:
    if not account.is_overdue:
        yield "PAID"
    # A plan has a rate of its own.
    if standing.on_plan:
        yield "ON_PLAN"
    yield from _rate_codes(decision, account, standing, most=MOST_RATE_OFF)


def _rate_codes(decision: ProposalView, account: AccountNow, standing: StandingNow, *, most: Decimal) -> Iterator[str]:
    rate = decision.amount("rate")
    if rate >= account.annual_rate:
        yield "RATE_NOT_LOWERED"
    elif standing.reduced + account.annual_rate - rate > most:
        yield "RATE_LOWERED_TOO_FAR"
    if rate > RATE_CAP:
        yield "RATE_OVER_CAP"


def _waiver_codes(account: AccountNow, standing: StandingNow) -> Iterator[str]:
    if account.arrears_amount <= 0:
        yield "PAID"
    if standing.on_plan:
        yield "ON_PLAN"
    if standing.waiver_waits:
        yield "WAIVER_WAITS"


def _adverse_codes(decision: ProposalView, account: AccountNow, standing: StandingNow) -> Iterator[str]:
    if decision.kind == DecisionKind.FREEZE and account.status != AccountStatus.ACTIVE:
        yield "STATUS_CHANGED"
    if decision.kind == DecisionKind.LIMIT_CUT and decision.amount("limit") >= account.credit_limit:
        yield "NOT_LOWERED"
    if account.arrears_amount <= 0:
        yield "PAID"
    if standing.on_plan:
        yield "ON_PLAN"
    if standing.in_grace:
        yield "IN_GRACE"
    if standing.in_care:
        yield "IN_CARE"
    if standing.protected:
        yield "PROTECTED"
