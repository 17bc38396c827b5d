"""The feature catalogue: every fact that a rule may look at, its unit, and how its source works it out."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Contacts count over this many local days, the business date included.
CONTACT_WINDOW_DAYS: Final = 60
# Promises and findings older than this say nothing any more.
CONDUCT_WINDOW_DAYS: Final = 365
# Statements are read this far back; 60 would still fit the 64 bits of a mask.
STATEMENT_WINDOW_MONTHS: Final = 36


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """
    One column of AccountFacts. `expression` is SQL over its source's rows, with the aliases documented there.

    `nullable`: unknown is possible, and an unknown value meets no condition. `in_rules`: a policy may name it.
    """

    name: str
    label: str | Promise
    unit: Unit
    source: Source
    expression: str
    doc: str = ""
    nullable: bool = False
    in_rules: bool = True


def _f(
    name: str, label: str | Promise, unit: Unit, source: Source, expression: str, doc: str = "", **more: bool
) -> Feature:
    return Feature(name=name, label=label, unit=unit, source=source, expression=expression, doc=doc, **more)


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


_FEATURES: tuple[Feature, ...] = (
    _f("currency", _("Currency"), Unit.WORD, Source.ACCOUNT, "currency"),
    _f("product", _("Product"), Unit.WORD, Source.ACCOUNT, "product"),
    _f("segment", _("Segment"), Unit.WORD, Source.ACCOUNT, "segment"),
    _f("territory_id", _("Territory"), Unit.COUNT, Source.ACCOUNT, "territory_id",
       "For scoping only: where somebody lives is no reason (a territory under review is: under_strategy_upgrade).",
       in_rules=False),
    _f("status", _("Account status"), Unit.WORD, Source.ACCOUNT, "status"),
    _f("credit_limit", _("Limit"), Unit.MONEY, Source.ACCOUNT, "credit_limit"),
    _f("annual_rate", _("Annual rate"), Unit.SHARE, Source.ACCOUNT, "annual_rate", "A fraction: 0.18 is 18 %."),
    _f("outstanding_principal", _("Outstanding principal"), Unit.MONEY, Source.ACCOUNT, "outstanding_principal"),
    _f("arrears_amount", _("Arrears"), Unit.MONEY, Source.ACCOUNT, "arrears_amount"),
    _f("days_past_due", _("Days past due"), Unit.DAYS, Source.ACCOUNT, "days_past_due",
       "On the business date: the core's count plus the days since its last word; 0 stays 0."),
    _f("loan_age_days", _("Age of the loan"), Unit.DAYS, Source.ACCOUNT, "%(on)s::date - opened_on", nullable=True),
    _f("limit_use_percent", _("Use of the limit"), Unit.PERCENT, Source.ACCOUNT,
       "CASE WHEN credit_limit > 0 THEN LEAST(round(outstanding_principal * 100 / credit_limit, 2), 9999999.99) END", nullable=True),
    _f("attempts", _("Contact attempts in 60 days"), Unit.COUNT, Source.CONTACTS,
       f"count(*) FILTER (WHERE {_OUT})", "Outbound, on every channel, for all loans of the borrower."),
    _f("attempt_days", _("Days with attempts"), Unit.COUNT, Source.CONTACTS,
       _bits(f"bit_or(1::bigint << day) FILTER (WHERE {_OUT})")),
    _f("attempt_span_days", _("Days from first to last attempt"), Unit.DAYS, Source.CONTACTS,
       f"COALESCE(max(day) FILTER (WHERE {_OUT}) - min(day) FILTER (WHERE {_OUT}) + 1, 0)",
       "Both days counted; 0 without attempts."),
    _f("attempt_channels", _("Channels tried"), Unit.COUNT, Source.CONTACTS,
       _bits("bit_or(CASE channel WHEN 'APP' THEN 1 WHEN 'SMS' THEN 2 WHEN 'VOICE' THEN 4 WHEN 'LETTER' THEN 8 ELSE 16 END"
             f"::bigint) FILTER (WHERE {_OUT})")),
    _f("attempt_day_parts", _("Parts of the day tried"), Unit.COUNT, Source.CONTACTS,
       _bits(f"bit_or(CASE WHEN hour < 12 THEN 1 WHEN hour < 18 THEN 2 ELSE 4 END::bigint) FILTER (WHERE {_OUT})"),
       "Morning before 12, afternoon before 18, evening; local time of the borrower's territory."),
    _f("attempts_with_receipt", _("Attempts with a receipt"), Unit.COUNT, Source.CONTACTS,
       f"count(*) FILTER (WHERE {_OUT} AND receipt)"),
    _f("right_party_contacts", _("Conversations with the borrower"), Unit.COUNT, Source.CONTACTS,
       "count(*) FILTER (WHERE right_party)", "In either direction."),
    _f("voice_failure_days", _("Days of failed calls since the last conversation"), Unit.COUNT, Source.CONTACTS,
       _bits(f"bit_or(1::bigint << day) FILTER (WHERE {_FAILED_VOICE})"
             " & ~((1::bigint << (COALESCE(max(day) FILTER (WHERE right_party), -1) + 1)) - 1)"),
       "Days after the day of the last conversation; calls that were refused are not failures."),
    _f("invalid_number_results", _("Results that say the number is invalid"), Unit.COUNT, Source.NUMBERS,
       "CASE WHEN bool_and(bad >= 2 AND apart >= interval '48 hours') THEN sum(bad) ELSE 0 END",
       "Counts only if every known number gave at least two, 48 hours apart; otherwise 0 (domain table b)."),
    _f("days_since_login", _("Days since the last app login"), Unit.DAYS, Source.ACCOUNT,
       # GREATEST passes over nulls, so it must not see one.
       "CASE WHEN last_app_login_at IS NOT NULL THEN"
       " GREATEST(%(on)s::date - (last_app_login_at AT TIME ZONE time_zone)::date, 0) END", nullable=True),
    _f("days_since_payment", _("Days since the last payment"), Unit.DAYS, Source.REPAYMENTS,
       "%(on)s::date - max(paid_on)", "On any account of the borrower.", nullable=True),
    _f("open_promises", _("Open promises"), Unit.COUNT, Source.PROMISES, "count(*) FILTER (WHERE state = 'OPEN')"),
    _f("broken_promises", _("Broken promises in a year"), Unit.COUNT, Source.PROMISES, "count(*) FILTER (WHERE state = 'BROKEN')"),
    _f("kept_promises", _("Kept promises in a year"), Unit.COUNT, Source.PROMISES, "count(*) FILTER (WHERE state = 'KEPT')"),
    _f("suspicion_signals", _("Signs that stated facts do not fit"), Unit.COUNT, Source.SIGNALS,
       "count(*) FILTER (WHERE kind <> 'EVASION')"),
    _f("suspicion_confidence", _("Confidence of the strongest sign"), Unit.SHARE, Source.SIGNALS,
       "COALESCE(max(confidence) FILTER (WHERE kind <> 'EVASION'), 0)"),
    _f("evasion_signals", _("Changes of contact data after contact"), Unit.COUNT, Source.SIGNALS,
       "count(*) FILTER (WHERE kind = 'EVASION')"),
    _f("under_strategy_upgrade", _("Under review by the risk department"), Unit.FLAG, Source.UPGRADES, "true",
       "An approved review of the territory or the segment is in force."),
    _f("protected_flags", _("Protecting circumstances"), Unit.COUNT, Source.FLAGS, "count(*)"),
    _f("on_active_plan", _("Repayment plan being kept"), Unit.FLAG, Source.PLANS, "true"),
    _f("on_time_months", _("Consecutive months on time"), Unit.COUNT, Source.STATEMENTS,
       _bits("COALESCE(bit_or(1::bigint << ago) FILTER (WHERE days_past_due = 0), 0) &"
             " (CASE WHEN count(*) FILTER (WHERE days_past_due > 0) = 0 THEN -1::bigint ELSE"
             " (1::bigint << min(ago) FILTER (WHERE days_past_due > 0)) - 1 END)"),
       "Most recent periods, back to the last late one; periods without use are skipped; up to 36 months."),
    _f("late_months", _("Late months in a year"), Unit.COUNT, Source.STATEMENTS,
       "count(*) FILTER (WHERE days_past_due > 0 AND ago < 12)"),
    _f("cooperative_findings", _("Cooperative findings in a year"), Unit.COUNT, Source.VERIFICATIONS,
       "count(*) FILTER (WHERE cooperative)"),
    _f("days_since_reward", _("Days since the last reward"), Unit.DAYS, Source.DECISIONS,
       "%(on)s::date - max(since) FILTER (WHERE kind IN ('LIMIT_INCREASE', 'RATE_REDUCTION'))", nullable=True),
    _f("days_since_restriction", _("Days since the last restriction"), Unit.DAYS, Source.DECISIONS,
       "%(on)s::date - max(since) FILTER (WHERE kind IN ('FREEZE', 'LIMIT_CUT'))", nullable=True),
    _f("has_open_case", _("Case open"), Unit.FLAG, Source.CASES, "true",
       "Of the borrower. For overdue accounts as the business date began, for the others now."),
)  # fmt: skip

FEATURES: Final[dict[str, Feature]] = {feature.name: feature for feature in _FEATURES}

# Never a reason for anything (domain 5.1, list c 8; PIPL 24): they do not exist here, and naming one is refused.
PROTECTED_TRAITS: Final = frozenset(
    {
        "sex", "gender", "age", "birth_date", "birthday", "marriage", "marital_status", "children", "education",
        "ethnicity", "race", "nationality", "religion", "belief", "health", "disability", "pregnancy", "politics",
        "party", "sexual_orientation", "hukou", "native_place", "region", "city", "territory", "territory_id",
    }
)  # fmt: skip
