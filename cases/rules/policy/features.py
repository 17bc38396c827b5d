"""The feature catalogue: every fact that a rule may look at, its unit, and how its source works it out."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.enums import FlagKind, SignalKind

# Contacts count over this many local days, the business date included.
CONTACT_WINDOW_DAYS: Final = 60
# Promises and findings older than this say nothing any more.
CONDUCT_WINDOW_DAYS: Final = 365
# Statements are read this far back; 60 would still fit the 64 bits of a mask.
STATEMENT_WINDOW_MONTHS: Final = 36
# Counts stand in two bytes; nobody is called more often than this.
LARGEST_COUNT: Final = 30_000


class Unit(StrEnum):
    """What a value counts; decides operators, bounds and how it is written."""

    DAYS = "DAYS"
    COUNT = "COUNT"
    MONEY = "MONEY"
    PERCENT = "PERCENT"
    SHARE = "SHARE"
    FLAG = "FLAG"
    WORD = "WORD"


class Source(StrEnum):
    """Where a feature comes from; one SQL aggregate each (services/facts.py)."""

    ACCOUNT = "account"
    CONTACTS = "contacts"
    NUMBERS = "numbers"
    PROMISES = "promises"
    SIGNALS = "signals"
    FLAGS = "flags"
    STATEMENTS = "statements"
    REPAYMENTS = "repayments"
    PLANS = "plans"
    UPGRADES = "upgrades"
    VERIFICATIONS = "verifications"
    DECISIONS = "decisions"
    CASES = "cases"


class Place(StrEnum):
    """A part of a policy in which conditions stand; the words are the body's own."""

    GATE = "gate"
    RULES = "rules"
    REWARDS = "rewards"
    RESTRICTIONS = "restrictions"


EVERYWHERE: Final = frozenset(Place)
FOR_VISITS: Final = frozenset({Place.GATE, Place.RULES})
# A sign that facts do not fit is a reason to verify, never a finding (domain list c, 13).
NO_GROUND_TO_TAKE: Final = EVERYWHERE - {Place.RESTRICTIONS}
NOWHERE: Final[frozenset[Place]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """
    One column of AccountFacts. `expression` is SQL over its source's rows, with the aliases documented there.

    `nullable`: unknown is possible, and an unknown value meets no condition. `places`: where a policy may name it.
    `protects`: where anything is taken or a visit is asked for, it may keep a rule from holding, never make it hold.
    """

    name: str
    label: str | Promise
    unit: Unit
    source: Source
    expression: str
    doc: str | Promise
    nullable: bool = False
    places: frozenset[Place] = EVERYWHERE
    protects: bool = False

    @property
    def in_rules(self) -> bool:
        """Whether a policy may name it at all."""
        return bool(self.places)


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
        name=name, label=label, unit=unit, source=source, expression=expression, doc=doc, nullable=nullable,
        places=places, protects=protects,
    )  # fmt: skip


# The days of the window are bits of one 64-bit mask, so that distinct days need no sort.
_OUT = "direction = 'OUTBOUND'"
# A refused call was answered by somebody: it is no failure to reach (domain list c, 8: refusing lowers nobody).
VOICE_FAILURES: Final = (
    "NO_ANSWER",
    "BUSY",
    "SWITCHED_OFF",
    "SUSPENDED",
    "NO_SUCH_NUMBER",
    "NEW_OWNER",
    "NOT_DELIVERED",
)
INVALID_NUMBER: Final = ("SUSPENDED", "NO_SUCH_NUMBER", "NEW_OWNER")
_FAILED_VOICE = f"{_OUT} AND channel = 'VOICE' AND outcome IN {VOICE_FAILURES}"


def _bits(mask: str) -> str:
    return f"COALESCE(bit_count(({mask})::bit(64)), 0)"


def _count(condition: str = "true") -> str:
    return f"LEAST(count(*) FILTER (WHERE {condition}), {LARGEST_COUNT})"


# `recovery` holds the kept shares as two arrays in the order of days, so that no row looks a table up.
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
       _("On the business date: the core's count plus the days since its last word; 0 stays 0.")),
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
       _bits(f"bit_or(1::bigint << day) FILTER (WHERE {_OUT})"),
       _("Different local days with at least one outbound attempt, in 60 days.")),
    _f("attempt_span_days", _("Days from first to last attempt"), Unit.DAYS, Source.CONTACTS,
       f"COALESCE(max(day) FILTER (WHERE {_OUT}) - min(day) FILTER (WHERE {_OUT}) + 1, 0)",
       _("Both days counted; 0 without attempts.")),
    _f("attempt_channels", _("Channels tried"), Unit.COUNT, Source.CONTACTS,
       _bits("bit_or(CASE channel WHEN 'APP' THEN 1 WHEN 'SMS' THEN 2 WHEN 'VOICE' THEN 4 WHEN 'LETTER' THEN 8 ELSE 16 END"
             f"::bigint) FILTER (WHERE {_OUT})"),
       _("Of app, SMS, voice, letter and visit, in 60 days.")),
    _f("attempt_day_parts", _("Parts of the day tried"), Unit.COUNT, Source.CONTACTS,
       _bits(f"bit_or(CASE WHEN clock < time '12:00' THEN 1 WHEN clock < time '18:00' THEN 2 ELSE 4 END::bigint) FILTER (WHERE {_OUT})"),
       _("Morning before 12, afternoon before 18, evening; local time of the borrower's territory.")),
    _f("attempts_with_receipt", _("Attempts with a receipt"), Unit.COUNT, Source.CONTACTS, _count(f"{_OUT} AND receipt"),
       _("Attempts whose outcome the channel itself confirmed, in 60 days.")),
    _f("right_party_contacts", _("Conversations with the borrower"), Unit.COUNT, Source.CONTACTS, _count("right_party"),
       _("In either direction, in 60 days.")),
    _f("voice_failure_days", _("Days of failed calls since the last conversation"), Unit.COUNT, Source.CONTACTS,
       _bits(f"bit_or(1::bigint << day) FILTER (WHERE {_FAILED_VOICE})"
             " & ~((1::bigint << (COALESCE(max(day) FILTER (WHERE right_party), -1) + 1)) - 1)"),
       _("Days after the day of the last conversation; calls that were refused are not failures.")),
    _f("invalid_number_results", _("Results that say the number is invalid"), Unit.COUNT, Source.NUMBERS,
       f"CASE WHEN bool_and(bad >= 2 AND apart >= interval '48 hours') THEN LEAST(sum(bad), {LARGEST_COUNT}) ELSE 0 END",
       _("Counts only if every known number gave at least two, 48 hours apart; otherwise 0.")),
    _f("days_since_login", _("Days since the last app login"), Unit.DAYS, Source.ACCOUNT,
       # GREATEST passes over nulls, so it must not see one.
       "CASE WHEN last_app_login_at IS NOT NULL THEN"
       " GREATEST(%(on)s::date - (last_app_login_at AT TIME ZONE time_zone)::date, 0) END",
       _("Local days; unknown for somebody who never signed in."), nullable=True),
    _f("days_since_payment", _("Days since the last payment"), Unit.DAYS, Source.REPAYMENTS,
       "%(on)s::date - max(paid_on)", _("On any account of the borrower."), nullable=True),
    _f("open_promises", _("Open promises"), Unit.COUNT, Source.PROMISES, _count("state = 'OPEN'"),
       _("Promises to pay, made within a year, that wait for their day.")),
    _f("broken_promises", _("Broken promises in a year"), Unit.COUNT, Source.PROMISES, _count("state = 'BROKEN'"),
       _("By the day on which they were made.")),
    _f("kept_promises", _("Kept promises in a year"), Unit.COUNT, Source.PROMISES, _count("state = 'KEPT'"),
       _("By the day on which they were made.")),
    _f("suspicion_signals", _("Signs that stated facts do not fit"), Unit.COUNT, Source.SIGNALS, _count("kind <> 'EVASION'"),
       _("Open signs of every kind but evasion."), places=NO_GROUND_TO_TAKE),
    _f("suspicion_confidence", _("Confidence of the strongest sign"), Unit.SHARE, Source.SIGNALS,
       "COALESCE(max(confidence) FILTER (WHERE kind <> 'EVASION'), 0)",
       _("Of the open signs of every kind but evasion; 0 without one."), places=NO_GROUND_TO_TAKE),
    _f("evasion_signals", _("Changes of contact data after contact"), Unit.COUNT, Source.SIGNALS, _count("kind = 'EVASION'"),
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
    # A right that somebody used neither earns nor costs anything (domain list c, 8): no part in rewards.
    *(_f(f"flag_{kind.lower()}", FlagKind(kind).label, Unit.FLAG, Source.FLAGS, f"bool_or(kind = '{kind}')",
         _("This circumstance is open on the business date."), places=EVERYWHERE - {Place.REWARDS}, protects=True)
      for kind in FlagKind.values),
    _f("on_active_plan", _("Repayment plan being kept"), Unit.FLAG, Source.PLANS, "true",
       _("A repayment plan of the account is active."), protects=True),
    _f("on_time_months", _("Consecutive months on time"), Unit.COUNT, Source.STATEMENTS,
       _bits("COALESCE(bit_or(1::bigint << ago) FILTER (WHERE days_past_due = 0), 0) &"
             " (CASE WHEN count(*) FILTER (WHERE days_past_due > 0) = 0 THEN -1::bigint ELSE"
             " (1::bigint << min(ago) FILTER (WHERE days_past_due > 0)) - 1 END)"),
       _("Most recent periods, back to the last late one; periods without use are skipped; up to 36 months.")),
    _f("late_months", _("Late months in a year"), Unit.COUNT, Source.STATEMENTS, _count("days_past_due > 0 AND ago < 12"),
       _("Periods that closed past due within twelve months.")),
    _f("cooperative_findings", _("Cooperative findings in a year"), Unit.COUNT, Source.VERIFICATIONS, _count("cooperative"),
       _("Verifications, by visit or at the desk, that found the borrower cooperative.")),
    _f("days_since_reward", _("Days since the last reward"), Unit.DAYS, Source.DECISIONS,
       "%(on)s::date - max(since) FILTER (WHERE kind IN ('LIMIT_INCREASE', 'RATE_REDUCTION'))",
       _("Since the last approved rise of the limit or cut of the rate; unknown without one."), nullable=True),
    _f("days_since_restriction", _("Days since the last restriction"), Unit.DAYS, Source.DECISIONS,
       "%(on)s::date - max(since) FILTER (WHERE kind IN ('FREEZE', 'LIMIT_CUT'))",
       _("Since the last approved freeze or cut of the limit; unknown without one."), nullable=True),
    _f("has_open_case", _("Case open"), Unit.FLAG, Source.CASES, "true",
       _("Of the borrower. For overdue accounts as the business date began, for the others now.")),
)  # fmt: skip

FEATURES: Final[dict[str, Feature]] = {feature.name: feature for feature in _FEATURES}

# Never a reason for anything (domain 5.1, list c 8; PIPL 24): they do not exist here, and naming one is refused.
PROTECTED_TRAITS: Final = frozenset(
    {
        "sex", "gender", "age", "birth_date", "birthday", "marriage", "marital_status", "children", "education",
        "ethnicity", "race", "nationality", "religion", "belief", "health", "disability", "pregnancy", "politics",
        "party", "sexual_orientation", "hukou", "native_place", "region", "city", "territory_id",
    }
)  # fmt: skip
