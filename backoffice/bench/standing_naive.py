"""The naive standing job: one account after the other, one query for each fact, one decision at a time."""

import time
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from backoffice.bench.portfolio import BUSINESS_DATE
from cases.enums import DecisionKind, DecisionState
from cases.models import Account, BorrowerFlag, Case, Decision, PolicyVersion, PromiseToPay, Statement
from cases.services.decisions.letters import write_letters
from cases.services.decisions.measures import begin_measures


def sample_rate(*, size: int) -> float:
    """Judge `size` accounts one by one, take all back, and return the accounts a second."""
    version = PolicyVersion.objects.get()
    began = time.monotonic()
    with transaction.atomic():
        accounts = list(Account.objects.select_related("borrower").order_by("pk")[:size])
        for account in accounts:
            _judge(account, version)
        transaction.set_rollback(True)
    return len(accounts) / (time.monotonic() - began)


def _judge(account: Account, version: PolicyVersion) -> None:
    statements = list(Statement.objects.filter(account=account, is_idle=False).order_by("-period")[:12])
    broken = PromiseToPay.objects.filter(borrower=account.borrower, state="BROKEN").exists()
    earlier = Decision.objects.filter(account=account).exclude(state=DecisionState.REJECTED).exists()
    is_open = Case.objects.filter(borrower=account.borrower).exclude(stage="CLOSED").exists()
    protected = BorrowerFlag.objects.filter(borrower=account.borrower, cleared_at__isnull=True)
    if account.days_past_due > 0:
        if not protected.exists() and not earlier:
            _decide(account, version, DecisionKind.FREEZE, {"status": "FROZEN", "way_back": "PAY_THE_ARREARS"})
        return
    on_time = next((place for place, each in enumerate(statements) if each.days_past_due > 0), len(statements))
    barred = protected.filter(Q(kind="DECEASED") | Q(kind="FRAUD_CLAIM")).exists()
    use = account.outstanding_principal * 100 / account.credit_limit
    if on_time < 6 or broken or earlier or is_open or barred or not 20 <= use <= 80:
        return
    terms = {"before": f"{account.credit_limit:.2f}", "limit": f"{account.credit_limit + Decimal(10_000):.2f}"}
    _decide(account, version, DecisionKind.LIMIT_INCREASE, terms)


def _decide(account: Account, version: PolicyVersion, kind: str, terms: dict[str, str]) -> None:
    now = timezone.now()
    is_reward = kind == DecisionKind.LIMIT_INCREASE
    decision = Decision.objects.create(
        borrower=account.borrower,
        account=account,
        policy_version=version,
        kind=kind,
        origin="STANDING",
        state=DecisionState.APPROVED if is_reward else DecisionState.PROPOSED,
        reasons=["SIX_MONTHS_ON_TIME" if is_reward else "DRAWING_STOPS"],
        terms=terms,
        business_date=BUSINESS_DATE,
        approved_under=version if is_reward else None,
        approved_at=now if is_reward else None,
        expires_on=None if is_reward else BUSINESS_DATE.replace(year=BUSINESS_DATE.year + 1),
        created_at=now,
        updated_at=now,
    )
    if is_reward:
        alone = Decision.objects.filter(pk=decision.pk)
        begin_measures(decisions=alone, at=now)
        write_letters(decisions=alone, occasion="APPROVED", at=now)
