"""The feature catalogue: every fact that a rule may use, with its unit and the SQL that computes it."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.enums import (
    NEVER_FEATURES,
    Channel,
    ContactOutcome,
    DecisionKind,
    Direction,
    FlagKind,
    PromiseState,
    Section,
    SignalKind,
)
from cases.rules.policy.feature import EVERYWHERE, FOR_VISITS, NO_GROUND_TO_TAKE, NOWHERE, Feature, Place, Source, Unit
from cases.rules.policy.statement_sql import MONTHLY_PAID, ON_TIME_MONTHS, STANDING_SCORE, bits_of

# Contacts are counted over this many local days, including the business date.
CONTACT_WINDOW_DAYS: Final = 60
# Promises and findings older than this many days are ignored.
CONDUCT_WINDOW_DAYS: Final = 365
# Statements are read this many months back; each month is one bit of a 64-bit mask.
STATEMENT_WINDOW_MONTHS: Final = 36
# The largest value of a two-byte count column; larger counts are cut to it.
LARGEST_COUNT: Final = 30_000
# What was verified may call for a visit or spare one. What somebody can pay may keep a limit from rising; that nobody can
# pay, or where somebody lives, is no ground to take anything (domain list c, 8 and 13).
VERIFIED_PLACES: Final[Mapping[Section, frozenset[Place]]] = {
    Section.IDENTITY: EVERYWHERE,
    Section.RESIDENCE: FOR_VISITS,
    Section.CAPACITY: FOR_VISITS | {Place.REWARDS},
    Section.CAUSE: FOR_VISITS,
}
VERIFIED: Final[Mapping[Section, str | Promise]] = {
    Section.IDENTITY: _("Verified identity"),
    Section.RESIDENCE: _("Verified residence"),
    Section.CAPACITY: _("Verified capacity"),
    Section.CAUSE: _("Verified cause"),
}
STILL_COUNTS: Final = _(
    "What the latest verification established with evidence and at least 50 % confidence, while it counts; unknown without one."
)


def _f(
    name: str,
    label: str | Promise,
    unit: Unit,
    source: Source,
    expression: str,
    doc: str | Promise,
    *,
    nullable: bool = False,
    places: frozenset[Place] = EVERYWHERE,
    protects: bool = False,
) -> Feature:
    return Feature(
        name=name,
        label=label,
        unit=unit,
        source=source,
        expression=expression,
        doc=doc,
        nullable=nullable,
        places=places,
        protects=protects,
    )


# Each day of the window is one bit of a 64-bit mask: counting distinct days then needs no sort.
_OUT = f"direction = '{Direction.OUTBOUND}'"
# A refused call is not in this list: somebody answered, and refusing may not count against the borrower (domain list c, 8).
VOICE_FAILURES: Final = (
    ContactOutcome.NO_ANSWER.value,
    ContactOutcome.BUSY.value,
    ContactOutcome.SWITCHED_OFF.value,
    ContactOutcome.SUSPENDED.value,
    ContactOutcome.NO_SUCH_NUMBER.value,
    ContactOutcome.NEW_OWNER.value,
    ContactOutcome.NOT_DELIVERED.value,
)
INVALID_NUMBER: Final = (
    ContactOutcome.SUSPENDED.value,
    ContactOutcome.NO_SUCH_NUMBER.value,
    ContactOutcome.NEW_OWNER.value,
)
_FAILED_VOICE = f"{_OUT} AND channel = '{Channel.VOICE}' AND outcome IN {VOICE_FAILURES}"
# Signals of evasion are counted apart from signals that stated facts do not fit.
_EVASION = f"kind = '{SignalKind.EVASION}'"
_NO_EVASION = f"kind <> '{SignalKind.EVASION}'"
# Decision kinds of standing rules: what a rewarding and a restricting rule may propose (parser.py).
REWARD_KINDS: Final = (DecisionKind.LIMIT_INCREASE.value, DecisionKind.RATE_REDUCTION.value)
RESTRICTION_KINDS: Final = (DecisionKind.FREEZE.value, DecisionKind.LIMIT_CUT.value)
# One bit for each channel; the last one is every channel that is not named.
_CHANNEL_BIT = (
    f"CASE channel WHEN '{Channel.APP}' THEN 1 WHEN '{Channel.SMS}' THEN 2 WHEN '{Channel.VOICE}' THEN 4"
    f" WHEN '{Channel.LETTER}' THEN 8 ELSE 16 END"
)


def _count(condition: str = "true") -> str:
    return f"LEAST(count(*) FILTER (WHERE {condition}), {LARGEST_COUNT})"


# `recovery` holds the shares of RecoveryShare as two arrays ordered by days, so that no row needs a table lookup.
_RECOVERY = "arrears_amount * (SELECT shares FROM recovery)[width_bucket(days_past_due, (SELECT days FROM recovery))]"

_FEATURES: tuple[Feature, ...] = (
    _f("currency", _("Currency"), Unit.WORD, Source.ACCOUNT, "currency",
       _("Three letters, such as CNY. Amounts of a currency without a rate in the policy meet no rule.")),
    _f("product", _("Product"), Unit.WORD, Source.ACCOUNT, "product", _("What was lent, as the lender's core names it.")),
    _f("segment", _("Segment"), Unit.WORD, Source.ACCOUNT, "segment",
       _("The lender's own division of the portfolio; empty where it gives none.")),
    _f("territory_id", _("Territory"), Unit.COUNT, Source.ACCOUNT, "territory_id",
       _("The territory's number, for scoping only."), places=NOWHERE),
    _f("territory", _("Territory"), Unit.WORD, Source.ACCOUNT, "territory",
       _("Code of the territory. It may steer visits; where somebody lives never moves price or limit."),
       places=FOR_VISITS),
    _f("status", _("Account status"), Unit.WORD, Source.ACCOUNT, "status", _("As the lender's core last reported it.")),
    _f("credit_limit", _("Limit"), Unit.MONEY, Source.ACCOUNT, "credit_limit", _("As the lender's core last reported it.")),
    _f("annual_rate", _("Annual rate"), Unit.SHARE, Source.ACCOUNT, "annual_rate", _("A fraction: 0.18 is 18 %.")),
    _f("outstanding_principal", _("Outstanding principal"), Unit.MONEY, Source.ACCOUNT, "outstanding_principal",
       _("As the lender's core last reported it.")),
    _f("arrears_amount", _("Arrears"), Unit.MONEY, Source.ACCOUNT, "arrears_amount",
       _("What is due and not paid, as the lender's core last reported it.")),
    _f("days_past_due", _("Days past due"), Unit.DAYS, Source.ACCOUNT, "days_past_due",
       _("On the business date: the core's count plus the days since its last word; 0 stays 0."), places=frozenset(Place)),
    _f("figures_age_days", _("Age of the core's figures"), Unit.DAYS, Source.ACCOUNT, "GREATEST(%(on)s::date - as_of, 0)",
       _("Days since the day of the account's last figures. A rule that names it ends when they get old; the policy's own"
         " setting for old figures keeps what holds.")),
    _f("bucket", _("Bucket"), Unit.COUNT, Source.ACCOUNT, "LEAST((days_past_due + 29) / 30, 7)",
       _("Thirty days past due each: 0 is M0 (nothing overdue), 1 is M1 (1-30 days) and so on; 7 is everything above 180.")),
    _f("loan_age_days", _("Age of the loan"), Unit.DAYS, Source.ACCOUNT, "%(on)s::date - opened_on",
       _("Days since the loan was opened."), nullable=True),
    _f("limit_use_percent", _("Use of the limit"), Unit.PERCENT, Source.ACCOUNT,
       "CASE WHEN credit_limit > 0 THEN LEAST(round(outstanding_principal * 100 / credit_limit, 2), 9999999.99) END",
       _("Outstanding principal in percent of the limit; unknown without a limit."), nullable=True),
    _f("expected_recovery", _("Expected recovery"), Unit.MONEY, Source.ACCOUNT,
       f"CASE WHEN days_past_due > 0 THEN round({_RECOVERY}, 2) END",
       _("Arrears times the share usually recovered at that many days past due; unknown where no share is kept."),
       nullable=True),
    _f("visit_cost", _("Cost of a visit"), Unit.MONEY, Source.ACCOUNT, "visit_cost",
       _("The cheapest price of one visit in the account's territory and currency; unknown without a price."),
       nullable=True, places=FOR_VISITS),
    _f("recovery_per_visit_cost", _("Expected recovery against the cost of a visit"), Unit.PERCENT, Source.ACCOUNT,
       f"CASE WHEN days_past_due > 0 AND visit_cost > 0 THEN round({_RECOVERY} * 100 / visit_cost, 2) END",
       _("Expected recovery in percent of the cost of one visit: 300 % is three times the cost."), nullable=True,
       places=FOR_VISITS),
    _f("attempts", _("Contact attempts in 60 days"), Unit.COUNT, Source.CONTACTS, _count(_OUT),
       _("Outbound, on every channel, for all loans of the borrower.")),
    _f("attempt_days", _("Days with attempts"), Unit.COUNT, Source.CONTACTS,
       bits_of(f"bit_or(1::bigint << day) FILTER (WHERE {_OUT})"),
       _("Different local days with at least one outbound attempt, in 60 days.")),
    _f("attempt_span_days", _("Days from first to last attempt"), Unit.DAYS, Source.CONTACTS,
       f"COALESCE(max(day) FILTER (WHERE {_OUT}) - min(day) FILTER (WHERE {_OUT}) + 1, 0)",
       _("Both days counted; 0 without attempts.")),
    _f("attempt_channels", _("Channels tried"), Unit.COUNT, Source.CONTACTS,
       bits_of(f"bit_or({_CHANNEL_BIT}::bigint) FILTER (WHERE {_OUT})"),
       _("Of app, SMS, voice, letter and visit, in 60 days.")),
    _f("attempt_day_parts", _("Parts of the day tried"), Unit.COUNT, Source.CONTACTS,
       bits_of(f"bit_or(CASE WHEN clock < time '12:00' THEN 1 WHEN clock < time '18:00' THEN 2 ELSE 4 END::bigint) FILTER (WHERE {_OUT})"),
       _("Morning before 12, afternoon before 18, evening; local time of the borrower's territory.")),
    _f("attempts_with_receipt", _("Attempts with a receipt"), Unit.COUNT, Source.CONTACTS, _count(f"{_OUT} AND receipt"),
       _("Attempts whose outcome the channel itself confirmed, in 60 days.")),
    _f("right_party_contacts", _("Conversations with the borrower"), Unit.COUNT, Source.CONTACTS, _count("right_party"),
       _("In either direction, in 60 days.")),
    _f("voice_failure_days", _("Days of failed calls since the last conversation"), Unit.COUNT, Source.CONTACTS,
       bits_of(f"bit_or(1::bigint << day) FILTER (WHERE {_FAILED_VOICE})"
             " & ~((1::bigint << (COALESCE(max(day) FILTER (WHERE right_party), -1) + 1)) - 1)"),
       _("Days after the day of the last conversation; calls that were refused are not failures.")),
    _f("invalid_number_results", _("Results that say the number is invalid"), Unit.COUNT, Source.NUMBERS,
       f"CASE WHEN bool_and(bad >= 2 AND apart >= interval '48 hours') THEN LEAST(sum(bad), {LARGEST_COUNT}) ELSE 0 END",
       _("Counts only if every known number gave at least two, 48 hours apart; otherwise 0.")),
    _f("days_since_login", _("Days since the last app login"), Unit.DAYS, Source.ACCOUNT,
       # GREATEST ignores nulls and would return 0 for an unknown login.
       "CASE WHEN last_app_login_at IS NOT NULL THEN"
       " GREATEST(%(on)s::date - (last_app_login_at AT TIME ZONE time_zone)::date, 0) END",
       _("Local days; unknown for somebody who never signed in."), nullable=True),
    _f("days_since_payment", _("Days since the last payment"), Unit.DAYS, Source.REPAYMENTS,
       "%(on)s::date - max(paid_on)",
       _("On any account of the borrower. A payment that was wholly taken back does not count."), nullable=True),
    _f("open_promises", _("Open promises"), Unit.COUNT, Source.PROMISES, _count(f"state = '{PromiseState.OPEN}'"),
       _("Promises to pay, made within a year, that wait for their day.")),
    _f("broken_promises", _("Broken promises in a year"), Unit.COUNT, Source.PROMISES, _count(f"state = '{PromiseState.BROKEN}'"),
       _("By the day on which they were made.")),
    _f("kept_promises", _("Kept promises in a year"), Unit.COUNT, Source.PROMISES, _count(f"state = '{PromiseState.KEPT}'"),
       _("By the day on which they were made.")),
    _f("suspicion_signals", _("Signs that stated facts do not fit"), Unit.COUNT, Source.SIGNALS, _count(_NO_EVASION),
       _("Open signs of every kind but evasion."), places=NO_GROUND_TO_TAKE),
    _f("suspicion_confidence", _("Confidence of the strongest sign"), Unit.SHARE, Source.SIGNALS,
       f"COALESCE(max(confidence) FILTER (WHERE {_NO_EVASION}), 0)",
       _("Of the open signs of every kind but evasion; 0 without one."), places=NO_GROUND_TO_TAKE),
    _f("evasion_signals", _("Changes of contact data after contact"), Unit.COUNT, Source.SIGNALS, _count(_EVASION),
       _("Open signs of evasion."), places=NO_GROUND_TO_TAKE),
    *(_f(f"signal_{kind.lower()}", SignalKind(kind).label, Unit.SHARE, Source.SIGNALS,
         f"max(confidence) FILTER (WHERE kind = '{kind}')",
         _("Confidence of the strongest open sign of this kind; unknown without one."), nullable=True,
         places=NO_GROUND_TO_TAKE)
      for kind in SignalKind.values),
    _f("under_strategy_upgrade", _("Under review by the risk department"), Unit.FLAG, Source.UPGRADES, "true",
       _("An approved review of the territory or the segment is in force."), places=FOR_VISITS),
    _f("protected_flags", _("Protecting circumstances"), Unit.COUNT, Source.FLAGS, _count(),
       _("Open circumstances of every kind."), protects=True),
    # Using a right may not affect a reward (domain list c, 8), so these have no place in rewards.
    *(_f(f"flag_{kind.lower()}", FlagKind(kind).label, Unit.FLAG, Source.FLAGS, f"bool_or(kind = '{kind}')",
         _("This circumstance is open on the business date."), places=EVERYWHERE - {Place.REWARDS}, protects=True)
      for kind in FlagKind.values if kind not in NEVER_FEATURES),
    _f("on_active_plan", _("Repayment plan being kept"), Unit.FLAG, Source.PLANS, "true",
       _("A repayment plan of the account is active."), protects=True),
    _f("on_time_months", _("Consecutive months on time"), Unit.COUNT, Source.STATEMENTS, ON_TIME_MONTHS,
       _("Most recent periods, back to the last late one; periods without use are skipped; up to 36 months.")),
    _f("late_months", _("Late months in a year"), Unit.COUNT, Source.STATEMENTS, _count("days_past_due > 0 AND ago < 12 AND NOT is_idle"),
       _("Periods that closed past due within twelve months.")),
    _f("months_since_statement", _("Months since the newest period"), Unit.COUNT, Source.STATEMENTS, "min(ago)",
       _("Calendar months from the newest period that the core reported, also one without use; unknown without any in 36"
         " months."), nullable=True),
    _f("standing_score", _("Standing, 0 to 1000"), Unit.COUNT, Source.STATEMENTS, STANDING_SCORE,
       _("600 and the points of each period: 35 on time, -20 late, -40 more than 30 days late. Points halve every six"
         " months. A from 800, B from 700, C from 600, D from 500. Unknown without any period."), nullable=True),
    _f("monthly_paid_percent", _("Paid in a month, of the limit"), Unit.PERCENT, Source.STATEMENTS, MONTHLY_PAID,
       _("What was paid on average in the periods with use of the last six months, in percent of the limit: what the"
         " borrower has shown to be able to pay."), nullable=True),
    _f("cooperative_findings", _("Cooperative findings in a year"), Unit.COUNT, Source.VERIFICATIONS, _count("cooperative"),
       _("Verifications, by visit or at the desk, that found the borrower cooperative.")),
    _f("days_since_verification", _("Days since the last verification"), Unit.DAYS, Source.VERIFICATIONS,
       "%(on)s::date - max(verified_on)",
       _("By visit or at the desk, within a year; unknown without one."), nullable=True),
    *(_f(f"verified_{section.lower()}", VERIFIED[section], Unit.WORD, Source.STANDING_FACTS,
         f"max(verdict) FILTER (WHERE section = '{section}')", STILL_COUNTS, nullable=True, places=places)
      for section, places in VERIFIED_PLACES.items()),
    _f("false_statements", _("Statements found false"), Unit.COUNT, Source.ANSWERS, _count(),
       _("Signs about identity, employer, income or documents that a verification or a person confirmed, as long as that"
         " counts. An address that does not fit is none: people move.")),
    _f("days_since_reward", _("Days since the last reward"), Unit.DAYS, Source.DECISIONS,
       f"%(on)s::date - max(since) FILTER (WHERE kind IN {REWARD_KINDS})",
       _("Since the last approved rise of the limit or cut of the rate; unknown without one."), nullable=True),
    _f("days_since_restriction", _("Days since the last restriction"), Unit.DAYS, Source.DECISIONS,
       f"%(on)s::date - max(since) FILTER (WHERE kind IN {RESTRICTION_KINDS})",
       _("Since the last approved freeze or cut of the limit; unknown without one."), nullable=True),
    _f("has_open_case", _("Case open"), Unit.FLAG, Source.CASES, "true",
       _("Of the person. For overdue accounts as the business date began, for the others now.")),
)  # fmt: skip

FEATURES: Final[dict[str, Feature]] = {feature.name: feature for feature in _FEATURES}

# Traits that are never a reason for anything (domain 5.1, list c 8; PIPL 24). A policy that names one is refused.
PROTECTED_TRAITS: Final = frozenset(
    {
        "sex", "gender", "age", "birth_date", "birthday", "marriage", "marital_status", "children", "education",
        "ethnicity", "race", "nationality", "religion", "belief", "health", "disability", "pregnancy", "politics",
        "party", "sexual_orientation", "hukou", "native_place", "region", "city", "territory_id",
    }
)  # fmt: skip
