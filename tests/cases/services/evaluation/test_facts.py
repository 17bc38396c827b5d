"""The facts against a second opinion: plain Python over the same random portfolio, account by account."""

import random
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from cases.enums import NEVER_FEATURES, FlagKind, SignalKind
from cases.models import (
    Account,
    AccountFacts,
    Borrower,
    BorrowerFlag,
    BorrowerPhone,
    ContactAttempt,
    PromiseToPay,
    RecoveryShare,
    Repayment,
    Statement,
    SuspicionSignal,
    VisitPrice,
)
from cases.rules.policy.body import AllOf, AnyOf, Condition, Not, PolicyRules, Tree
from cases.rules.policy.conditions import rule_q
from cases.rules.policy.features import INVALID_NUMBER, VOICE_FAILURES
from cases.rules.policy.parser import parse_policy
from cases.rules.standing_ladder import Period, score_of
from cases.services.evaluation.facts import lacks_facts, write_facts
from tests.factories.casework import fact, make_case, verify
from tests.factories.policy import make_upgrade, policy_body
from tests.factories.portfolio import AT, TODAY, make_account, make_borrower, make_overdue, take_back

pytestmark = pytest.mark.django_db
CENT = Decimal("0.01")
ZONE = ZoneInfo("Asia/Shanghai")
SHARES = ((11, Decimal("0.5")), (61, Decimal("0.25")), (361, Decimal("0.0625")))
OPERATORS = {
    "gte": lambda a, b: a >= b,
    "gt": lambda a, b: a > b,
    "lte": lambda a, b: a <= b,
    "lt": lambda a, b: a < b,
    "eq": lambda a, b: a == b,
    "is": lambda a, b: a is b,
    "ne": lambda a, b: a != b,
    "in": lambda a, b: a in b,
    "not_in": lambda a, b: a not in b,
}


def random_portfolio(territory: Any, *, seed: int, people: int) -> None:
    """Fill every source, at and around the edges of its window."""
    dice = random.Random(seed)
    numbers = (b"n1", b"n2")
    ref = iter(range(10**6))

    def back(most: int) -> date:
        return TODAY - timedelta(days=dice.randint(-1, most))

    for _ in range(people):
        login = None if dice.random() < 0.4 else AT - timedelta(hours=dice.randint(-8, 400))
        borrower = make_borrower(territory=territory, last_app_login_at=login)
        for number in numbers[: dice.randint(0, 2)]:
            phone = BorrowerPhone.objects.create(
                borrower=borrower, external_ref=f"T{next(ref)}", number="", created_at=AT
            )
            BorrowerPhone.objects.filter(pk=phone.pk).update(number_index=number)
        is_invalid_number = dice.random() < 0.3
        contacts = []
        for _ in range(dice.randint(0, 14)):
            outcome = dice.choice(
                INVALID_NUMBER if is_invalid_number else (*VOICE_FAILURES, "REFUSED", "DELIVERED", "RIGHT_PARTY")
            )
            at = datetime.combine(back(62), time(dice.randint(0, 23), dice.randint(0, 59)), tzinfo=UTC)
            contacts.append(
                ContactAttempt(
                    borrower=borrower,
                    external_ref=f"C{next(ref)}",
                    channel=dice.choice(["APP", "SMS", "VOICE", "LETTER"]),
                    direction=dice.choice(["OUTBOUND", "OUTBOUND", "INBOUND"]),
                    outcome=outcome,
                    right_party=outcome == "RIGHT_PARTY" and dice.random() < 0.3,
                    receipt=dice.random() < 0.5,
                    attempted_at=at,
                    number_index=dice.choice(numbers),
                    created_at=AT,
                )
            )
        ContactAttempt.objects.bulk_create(contacts)
        if dice.random() < 0.2:
            BorrowerFlag.objects.create(
                borrower=borrower,
                kind=dice.choice(["HARDSHIP", "DISPUTED"]),
                source="CALL",
                set_at=AT,
                expires_on=dice.choice([None, back(1)]),
            )
        for _ in range(dice.randint(0, 3)):
            SuspicionSignal.objects.create(
                borrower=borrower,
                external_ref=f"S{next(ref)}",
                kind=dice.choice(["EVASION", "FALSE_INCOME", "FALSE_ADDRESS"]),
                source="t",
                confidence=Decimal(dice.randint(0, 100)) / 100,
                noticed_on=back(30),
                cleared_on=dice.choice([None, None, TODAY]),
                created_at=AT,
            )
        for _ in range(dice.randint(0, 2)):
            SuspicionSignal.objects.create(
                borrower=borrower,
                external_ref=f"S{next(ref)}",
                kind=dice.choice(["FALSE_IDENTITY", "FALSE_INCOME", "FALSE_ADDRESS", "EVASION"]),
                source="t",
                confidence=Decimal("0.9"),
                noticed_on=back(30),
                answer="CONFIRMED",
                cleared_on=back(1),
                counts_until=TODAY + timedelta(days=dice.randint(-1, 1)),
                created_at=AT,
            )
        for _ in range(dice.randint(1, 2)):
            days = dice.choice([0, 5, 11, 31, 61, 95, 360, 361])
            account = make_account(
                borrower=borrower,
                days_past_due=days,
                arrears_amount=dice.choice([0, 5000, 20000, 32000, 90000]),
                outstanding_principal=dice.choice([10000, 20000, 50000, 88000, 300000]),
                currency=dice.choice(["CNY", "CNY", "TWD", "VND"]),
                as_of=TODAY - timedelta(days=dice.randint(0, 3)),
                credit_limit=dice.choice([0, 60000]),
                opened_on=dice.choice([None, back(40), date(2024, 1, 1)]),
                segment=dice.choice(["", "S1"]),
                status=dice.choice(["ACTIVE", "FROZEN", "CLOSED"]),
            )
            for month in range(dice.randint(0, 15)):
                first = date(2024 + (14 - month + 11) // 12, (14 - month + 11) % 12 + 1, 1)
                Statement.objects.create(
                    account=account,
                    period=first,
                    days_past_due=dice.choice([0, 0, 0, 0, 30]),
                    is_idle=dice.random() < 0.2,
                )
            if dice.random() < 0.7:
                paid = Repayment.objects.create(
                    account=account, external_ref=f"R{next(ref)}", amount=1, paid_on=back(20), created_at=AT
                )
                if dice.random() < 0.3:
                    day = TODAY + timedelta(days=dice.randint(-1, 1))
                    take_back(repayment=paid, on=day, amount=dice.choice([1, "0.5"]))
            for _ in range(dice.randint(0, 2)):
                PromiseToPay.objects.create(
                    borrower=borrower,
                    account=account,
                    external_ref=f"P{next(ref)}",
                    channel="VOICE",
                    amount=1,
                    promised_on=back(400),
                    due_on=TODAY,
                    state=dice.choice(["KEPT", "BROKEN", "OPEN"]),
                    settled_on=TODAY,
                    created_at=AT,
                    updated_at=AT,
                )


def price_visits(territory: Any, elsewhere: Any) -> None:
    """Keep prices of which exactly one counts in each currency, and shares in three steps."""
    now, before, later = TODAY - timedelta(days=3), TODAY - timedelta(days=90), TODAY + timedelta(days=1)
    for place, currency, amount, day in [
        (territory, "CNY", 150, before),
        (territory, "CNY", 180, now),
        (territory, "CNY", 999, later),
        (elsewhere, "CNY", 10, now),
        (None, "CNY", 20, now),
        # Ended in the territory: the price of everywhere counts again.
        (territory, "TWD", 700, before),
        (territory, "TWD", None, now),
        (None, "TWD", 900, before),
        (elsewhere, "VND", 5, now),
    ]:
        VisitPrice.objects.create(territory=place, currency=currency, amount=amount, valid_from=day, updated_at=AT)
    RecoveryShare.objects.all().delete()
    RecoveryShare.objects.bulk_create(
        RecoveryShare(from_days_past_due=days, share=share, source="t", updated_at=AT) for days, share in SHARES
    )


def second_opinion(account: Account) -> dict[str, Any]:
    """Work the facts out again, one account at a time and without SQL."""
    person = account.borrower
    local = [
        (c, at.date(), at.hour)
        for c in ContactAttempt.objects.filter(borrower=person)
        if TODAY - timedelta(days=59) <= (at := c.attempted_at.astimezone(ZONE)).date() <= TODAY
    ]
    out = [(c, day, hour) for c, day, hour in local if c.direction == "OUTBOUND"]
    reached = [day for c, day, _ in local if c.right_party]
    failed = {
        d
        for c, d, _ in out
        if c.channel == "VOICE" and c.outcome in VOICE_FAILURES and (not reached or d > max(reached))
    }
    tried: dict[bytes, list[datetime]] = defaultdict(list)
    for c, _, _ in out:
        if c.channel in ("VOICE", "SMS"):
            tried[bytes(c.number_index)] += [c.attempted_at] if c.outcome in INVALID_NUMBER else []
    for phone in BorrowerPhone.objects.filter(borrower=person):
        tried[bytes(phone.number_index)] += []
    sure = tried and all(len(ats) >= 2 and max(ats) - min(ats) >= timedelta(hours=48) for ats in tried.values())
    since = TODAY - timedelta(days=365)
    promises = [p.state for p in PromiseToPay.objects.filter(borrower=person) if since < p.promised_on <= TODAY]
    signals = [
        s for s in SuspicionSignal.objects.filter(borrower=person) if s.cleared_on is None and s.noticed_on <= TODAY
    ]
    doubts = [s for s in signals if s.kind != "EVASION"]
    flags = [f for f in BorrowerFlag.objects.filter(borrower=person) if f.expires_on is None or f.expires_on >= TODAY]
    months = [
        s for s in Statement.objects.filter(account=account).order_by("-period") if not s.is_idle and s.period <= TODAY
    ]
    seen = [s for s in Statement.objects.filter(account=account) if date(2023, 3, 1) < s.period <= TODAY]
    periods = [Period(months_ago=_months_ago(s.period), days_past_due=s.days_past_due, is_idle=s.is_idle) for s in seen]
    lately = [s.paid_amount for s in seen if not s.is_idle and _months_ago(s.period) <= 6]
    on_time = next((i for i, s in enumerate(months) if s.days_past_due > 0), len(months))
    paid = [
        r.paid_on
        for r in Repayment.objects.filter(account__borrower=person)
        if r.paid_on <= TODAY and r.amount > sum(v.amount for v in r.reversals.all() if v.reversed_on <= TODAY)
    ]
    login = person.last_app_login_at
    days = account.days_past_due and account.days_past_due + (TODAY - account.as_of).days
    share = next((share for start, share in reversed(SHARES) if days >= start), None)
    expected = round(Decimal(account.arrears_amount) * share, 2) if share is not None and days else None
    cost = {"CNY": Decimal(180), "TWD": Decimal(900)}.get(account.currency)
    return {
        "days_past_due": days,
        "bucket": next((m for m in range(7) if days <= 30 * m), 7),
        "territory": account.territory.code,
        "expected_recovery": expected,
        "visit_cost": cost,
        "recovery_per_visit_cost": None if expected is None or cost is None else round(expected * 100 / cost, 2),
        **{f"flag_{kind.lower()}": any(f.kind == kind for f in flags) for kind in set(FlagKind) - NEVER_FEATURES},
        **{
            f"signal_{kind.lower()}": max((s.confidence for s in signals if s.kind == kind), default=None)
            for kind in SignalKind
        },
        "loan_age_days": (TODAY - account.opened_on).days if account.opened_on else None,
        "limit_use_percent": round(account.outstanding_principal * 100 / account.credit_limit, 2)
        if account.credit_limit
        else None,
        "attempts": len(out),
        "attempt_days": len({day for _, day, _ in out}),
        "attempt_span_days": (max(d for _, d, _ in out) - min(d for _, d, _ in out)).days + 1 if out else 0,
        "attempt_channels": len({c.channel for c, _, _ in out}),
        "attempt_day_parts": len({(hour >= 12) + (hour >= 18) for _, _, hour in out}),
        "attempts_with_receipt": sum(c.receipt for c, _, _ in out),
        "right_party_contacts": len(reached),
        "voice_failure_days": len(failed),
        "invalid_number_results": sum(map(len, tried.values())) if sure else 0,
        "days_since_login": max((TODAY - login.astimezone(ZONE).date()).days, 0) if login else None,
        "days_since_payment": (TODAY - max(paid)).days if paid else None,
        "open_promises": promises.count("OPEN"),
        "broken_promises": promises.count("BROKEN"),
        "kept_promises": promises.count("KEPT"),
        "suspicion_signals": len(doubts),
        "suspicion_confidence": max((s.confidence for s in doubts), default=Decimal(0)),
        "evasion_signals": len(signals) - len(doubts),
        "false_statements": sum(
            s.kind in ("FALSE_IDENTITY", "FALSE_INCOME")
            and s.counts_until is not None
            and s.cleared_on <= TODAY <= s.counts_until
            for s in SuspicionSignal.objects.filter(borrower=person)
        ),
        "under_strategy_upgrade": account.segment == "S1",
        "protected_flags": len(flags),
        "on_time_months": on_time,
        "months_since_statement": min((period.months_ago for period in periods), default=None),
        "standing_score": score_of(periods=periods),
        "monthly_paid_percent": (sum(lately) / len(lately) * 100 / account.credit_limit).quantize(CENT, ROUND_HALF_UP)
        if lately and account.credit_limit
        else None,
        "late_months": sum(s.days_past_due > 0 and s.period > date(2025, 3, 1) for s in months),
    }


def _months_ago(period: date) -> int:
    return (TODAY.year - period.year) * 12 + TODAY.month - period.month


def holds(tree: Tree, row: AccountFacts, policy: PolicyRules) -> bool:
    """Judge a tree in Python: the oracle that the SQL must agree with."""
    if isinstance(tree, AllOf):
        return all(holds(part, row, policy) for part in tree.parts)
    if isinstance(tree, AnyOf):
        return any(holds(part, row, policy) for part in tree.parts)
    if isinstance(tree, Not):
        return not holds(tree.part, row, policy)
    return _compares(tree, row, policy)


def _compares(leaf: Condition, row: AccountFacts, policy: PolicyRules) -> bool:
    value, threshold = getattr(row, leaf.feature), leaf.value
    if value is None:
        return False
    if leaf.feature in ("credit_limit", "outstanding_principal", "arrears_amount", "expected_recovery", "visit_cost"):
        threshold = threshold * policy.rates[row.currency]  # type: ignore[operator]
    return bool(OPERATORS[leaf.op](value, threshold))


@pytest.mark.parametrize("seed", [1, 2])
def test_write_facts_agrees_with_a_second_opinion(
    shanghai: Any, chengdu: Any, risk_manager: Any, approver: Any, seed: int
) -> None:
    random_portfolio(shanghai, seed=seed, people=40)
    price_visits(shanghai, chengdu)
    make_upgrade(raised_by=risk_manager, approved_by=approver, segment="S1")

    with transaction.atomic():
        written = sum(write_facts(business_date=TODAY, lower=0, upper=2**60, scope=s) for s in ("overdue", "current"))

    rows = {row.account_id: row for row in AccountFacts.objects.all()}
    assert written == len(rows)
    for account in Account.objects.filter(pk__in=rows).select_related("borrower", "territory"):
        expected = second_opinion(account)
        assert {name: getattr(rows[account.pk], name) for name in expected} == expected


def test_what_was_paid_is_unknown_without_a_period_with_use(shanghai: Any) -> None:
    account = make_overdue(territory=shanghai)
    Statement.objects.create(account=account, period=date(2025, 3, 1), paid_amount=500)
    Statement.objects.create(account=account, period=date(2026, 2, 1), is_idle=True)

    with transaction.atomic():
        write_facts(business_date=TODAY, lower=0, upper=2**60, scope="overdue")

    assert AccountFacts.objects.get().monthly_paid_percent is None


def verified(account: Account, *, days: int = 0) -> tuple[Any, ...]:
    """Return what the facts of an account say of verifications, `days` after today."""
    with transaction.atomic():
        write_facts(business_date=TODAY + timedelta(days=days), lower=0, upper=2**60, scope="overdue")
    row = AccountFacts.objects.get(account=account, business_date=TODAY + timedelta(days=days))
    words = (row.verified_identity, row.verified_residence, row.verified_capacity, row.verified_cause)
    return (*words, row.days_since_verification)


def test_facts_know_what_was_established_and_still_counts(shanghai: Any) -> None:
    account = make_overdue(territory=shanghai)
    case = make_case(account=account)
    assert verified(account) == (None, None, None, None, None)

    verify(case=case, facts=(fact("IDENTITY", "CONFIRMED"), fact("CAPACITY", "ABLE"), fact("CAUSE", "TEMPORARY")))
    later = AT + timedelta(days=3)
    verify(
        case=case,
        facts=(
            fact("CAPACITY", "UNABLE"),
            # Not established, unsure, and without evidence: what was established before still counts.
            fact("IDENTITY", "NOT_ESTABLISHED"),
            fact("CAUSE", "WILFUL", confidence="0.40"),
            fact("RESIDENCE", "REFUTED", evidence=()),
        ),
        verified_on=TODAY + timedelta(days=3),
        at=later,
    )

    assert verified(account) == ("CONFIRMED", None, "ABLE", "TEMPORARY", 0)
    assert verified(account, days=3) == ("CONFIRMED", None, "UNABLE", "TEMPORARY", 0)
    # Capacity and cause count for 90 days, an identity for 365.
    assert verified(account, days=90) == ("CONFIRMED", None, "UNABLE", "TEMPORARY", 87)
    assert verified(account, days=91) == ("CONFIRMED", None, "UNABLE", None, 88)
    assert verified(account, days=94) == ("CONFIRMED", None, None, None, 91)
    assert verified(account, days=366) == (None, None, None, None, 363)


def random_tree(dice: random.Random, depth: int = 0) -> dict[str, Any]:
    kind = dice.choice(["leaf", "leaf", "all", "any", "not"] if depth < 4 else ["leaf"])
    if kind == "not":
        return {"not": random_tree(dice, depth + 1)}
    if kind in ("all", "any"):
        return {kind: [random_tree(dice, depth + 1) for _ in range(dice.randint(1, 3))]}
    feature, values = dice.choice(
        [
            ("days_past_due", [11, 61, 95]),
            ("arrears_amount", ["5000", "20000"]),
            ("outstanding_principal", ["20000", "50000"]),
            ("days_since_login", [0, 3, 7]),
            ("days_since_payment", [1, 7]),
            ("loan_age_days", [30]),
            ("attempts", [3, 6]),
            ("limit_use_percent", ["80"]),
            ("suspicion_confidence", ["0.5"]),
            ("bucket", [2, 3]),
            ("signal_evasion", ["0.5"]),
            ("expected_recovery", ["4000", "9000"]),
            ("visit_cost", ["180", "200"]),
            ("recovery_per_visit_cost", ["3000"]),
        ]
    )
    return {"feature": feature, "op": dice.choice(["gte", "gt", "lte", "lt"]), "value": dice.choice(values)}


def test_rule_q_agrees_with_plain_python_on_every_account(shanghai: Any, chengdu: Any) -> None:
    random_portfolio(shanghai, seed=3, people=40)
    price_visits(shanghai, chengdu)
    with transaction.atomic():
        write_facts(business_date=TODAY, lower=0, upper=2**60, scope="overdue")
    rows = list(AccountFacts.objects.all())
    dice = random.Random(4)
    rule = {"code": "RANDOM", "title": {"en": "r", "zh": "r"}, "priority": 1, "needs_visit": False}

    for _ in range(100):
        policy = parse_policy(policy_body(gate=random_tree(dice, 3), rules=[{**rule, "when": random_tree(dice)}]))
        (only,) = policy.rules
        found = set(AccountFacts.objects.filter(rule_q(only.when, policy=policy)).values_list("pk", flat=True))
        comparable = [row for row in rows if row.currency in policy.rates]
        assert found == {r.pk for r in comparable if holds(policy.gate, r, policy) and holds(only.when, r, policy)}


def test_shipped_rules_agree_with_plain_python(shanghai: Any) -> None:
    random_portfolio(shanghai, seed=5, people=60)
    with transaction.atomic():
        write_facts(business_date=TODAY, lower=0, upper=2**60, scope="overdue")
    policy = parse_policy(policy_body())

    for rule in policy.rules:
        found = set(AccountFacts.objects.filter(rule_q(rule.when, policy=policy)).values_list("pk", flat=True))
        rows = [row for row in AccountFacts.objects.all() if row.currency in policy.rates]
        assert found == {r.pk for r in rows if holds(policy.gate, r, policy) and holds(rule.when, r, policy)}


def test_write_facts_drops_the_row_of_an_account_that_changed_sides(shanghai: Any) -> None:
    account = make_account(borrower=make_borrower(territory=shanghai), days_past_due=31, arrears_amount=9)
    with transaction.atomic():
        write_facts(business_date=TODAY, lower=0, upper=2**60, scope="overdue")
        Account.objects.update(days_past_due=0, arrears_amount=0)
        write_facts(business_date=TODAY, lower=0, upper=2**60, scope="overdue")

    assert not AccountFacts.objects.filter(account=account).exists()
    assert Borrower.objects.count() == 1


def test_lacks_facts_until_every_account_of_the_scope_has_some(shanghai: Any) -> None:
    make_account(borrower=make_borrower(territory=shanghai), days_past_due=1, arrears_amount=Decimal(1))
    make_account(borrower=make_borrower(territory=shanghai))
    everybody: dict[str, Any] = {"business_date": TODAY, "lower": 0, "upper": 2**60, "scope": "overdue"}

    assert lacks_facts(**everybody)
    with transaction.atomic():
        write_facts(**everybody)
    assert not lacks_facts(**everybody)
    assert lacks_facts(**everybody | {"scope": "current"})
    assert lacks_facts(**everybody | {"business_date": TODAY + timedelta(days=1)})
