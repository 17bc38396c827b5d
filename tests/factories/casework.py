"""Factories of cases, verifications, decisions and complaints."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from cases.enums import DecisionKind, DecisionOrigin, VerificationSource
from cases.models import Account, Borrower, Case, Decision, Policy, PolicyVersion, PromiseToPay, Verification
from cases.services.casework.verification import FactInput, record_verification

AT = datetime(2026, 3, 2, 2, 0, 17, 482_913, tzinfo=UTC)
TODAY = date(2026, 3, 2)
_numbers = count(1)


def make_policy_version(**fields: Any) -> PolicyVersion:
    """Make one version of the default policy, a draft unless told otherwise."""
    policy, _created = Policy.objects.get_or_create(name="house", defaults={"segment": "house", "created_at": AT})
    values = {"number": next(_numbers), "body": {}, "created_at": AT, "updated_at": AT} | fields
    return PolicyVersion.objects.create(policy=policy, **values)


def make_case(*, account: Account, without_person: bool = False, **fields: Any) -> Case:
    """Make an open case of the account's borrower, with the person that the borrower has now."""
    person = None
    if not without_person:
        person = Borrower.objects.values_list("person_id", flat=True).get(pk=account.borrower_id)
    values = {
        "territory": account.territory,
        "opened_on": TODAY - timedelta(days=3),
        "sla_due_on": TODAY + timedelta(days=7),
        "created_at": AT,
        "updated_at": AT,
    } | fields
    if "policy_version" not in values:
        values["policy_version"] = PolicyVersion.objects.order_by("pk").first() or make_policy_version()
    return Case.objects.create(borrower=account.borrower, person_id=person, **values)


def fact(section: str, verdict: str, *, confidence: str = "0.90", evidence: tuple[str, ...] = ("E1",)) -> FactInput:
    """Make the fact of one section, with high confidence by default."""
    return FactInput(section=section, verdict=verdict, confidence=Decimal(confidence), evidence=evidence)


WILFUL = (fact("IDENTITY", "CONFIRMED"), fact("CAPACITY", "ABLE"), fact("CAUSE", "WILFUL"))
PARTLY = (fact("IDENTITY", "CONFIRMED"), fact("CAPACITY", "PARTLY_ABLE"), fact("CAUSE", "TEMPORARY"))
HARDSHIP = (fact("IDENTITY", "CONFIRMED"), fact("CAPACITY", "UNABLE"), fact("CAUSE", "FORCE_MAJEURE"))


def verify(*, case: Case, facts: Any = PARTLY, actor: Any = None, **fields: Any) -> Verification:
    """Record a verification from a visit; without an actor the system records it."""
    values = {
        "source": VerificationSource.VISIT,
        "source_ref": f"V{next(_numbers):07d}",
        "findings": ["F01"],
        "right_party_met": True,
        "cooperative": True,
        "verified_on": TODAY,
        "at": AT,
    } | fields
    return record_verification(case=case, facts=facts, actor=actor, **values)


def make_decision(*, account: Account, kind: str = DecisionKind.GRACE, **fields: Any) -> Decision:
    """Make one proposed decision on an account; without `case` it looks like one of the standing job."""
    terms = {
        DecisionKind.GRACE: {"days": 30, "waive_penalty": True},
        DecisionKind.LIMIT_INCREASE: {"limit": "66000.00"},
        DecisionKind.RATE_REDUCTION: {"rate": "0.17500"},
        DecisionKind.RATE_RELIEF: {"before": "0.18000", "rate": "0.17500", "days": 90},
        DecisionKind.LIMIT_CUT: {"limit": "30000.00", "way_back": "APPEAL"},
        DecisionKind.FREEZE: {"status": "FROZEN", "way_back": "APPEAL"},
        DecisionKind.LEGAL: {"first_step": "MEDIATION", "way_back": "APPEAL"},
        DecisionKind.SPECIAL_CARE: {"flag": "VULNERABLE", "days": 90, "fraud_review": False},
        DecisionKind.CLOSE: {"close_reason": "CURED"},
        DecisionKind.WAIVER: {
            "part": "PENALTY",
            "due": "800.00",
            "amount": "800.00",
            "pay": "31200.00",
            "settle_by": (TODAY + timedelta(days=20)).isoformat(),
        },
        DecisionKind.PLAN: {"total": "40000.00", "annual_rate": "0.18000", "instalments": 24, "first_share": "0.05"},
    }[DecisionKind(kind)]
    adverse = kind in (DecisionKind.LEGAL, DecisionKind.FREEZE, DecisionKind.LIMIT_CUT)
    values = {
        "borrower": account.borrower,
        "origin": DecisionOrigin.STANDING,
        "reasons": ["PAID_ON_TIME"],
        "terms": terms,
        "business_date": TODAY,
        "expires_on": TODAY + timedelta(days=180) if adverse else None,
        "created_at": AT,
        "updated_at": AT,
    } | fields
    if "policy_version" not in values:
        values["policy_version"] = PolicyVersion.objects.order_by("pk").first() or make_policy_version()
    return Decision.objects.create(account=account, kind=kind, **values)


def make_promise(*, account: Account, due_on: date, amount: str = "1000", **fields: Any) -> PromiseToPay:
    """Make one open promise, given five days before it falls due."""
    values = {
        "borrower": account.borrower,
        "external_ref": f"PTP{next(_numbers)}",
        "channel": "VOICE",
        "amount": Decimal(amount),
        "promised_on": due_on - timedelta(days=5),
        "due_on": due_on,
        "created_at": AT,
        "updated_at": AT,
    } | fields
    return PromiseToPay.objects.create(account=account, **values)
