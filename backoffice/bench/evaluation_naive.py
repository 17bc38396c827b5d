"""The naive evaluation: one account after the other, one query for each fact."""

import time
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from backoffice.bench.portfolio import BUSINESS_DATE
from cases.models import (
    Account,
    BorrowerFlag,
    Case,
    ContactAttempt,
    PolicyVersion,
    Repayment,
    SuspicionSignal,
    TriggerHit,
)


def sample_rate(*, size: int) -> tuple[int, float]:
    """Judge `size` overdue accounts one by one; return how many are overdue in all and the accounts a second."""
    overdue = Account.objects.filter(Q(days_past_due__gt=0) | Q(arrears_amount__gt=0))
    total = overdue.count()
    version = PolicyVersion.objects.get()
    began = time.monotonic()
    accounts = list(overdue.select_related("borrower").order_by("pk")[:size])
    for account in accounts:
        _judge(account, version)
    return total, len(accounts) / (time.monotonic() - began)


def _judge(account: Account, version: PolicyVersion) -> None:
    since = timezone.now().replace(
        year=BUSINESS_DATE.year, month=BUSINESS_DATE.month, day=BUSINESS_DATE.day
    ) - timedelta(days=60)
    attempts = list(
        ContactAttempt.objects.filter(borrower=account.borrower, attempted_at__gte=since, direction="OUTBOUND")
    )
    paid = Repayment.objects.left_on(BUSINESS_DATE).filter(account=account).order_by("-paid_on").first()
    signals = list(SuspicionSignal.objects.filter(borrower=account.borrower, cleared_on__isnull=True))
    flagged = BorrowerFlag.objects.filter(borrower=account.borrower, cleared_at__isnull=True).exists()
    if (
        flagged
        or (BUSINESS_DATE - account.as_of).days > 3
        or not 10 < account.days_past_due <= 360
        or account.outstanding_principal < 20000
    ):
        return
    rules = []
    if account.days_past_due >= 61 and account.outstanding_principal >= 50000 and account.arrears_amount >= 20000:
        rules.append("LARGE_ARREARS")
    failures = {a.attempted_at.date() for a in attempts if a.channel == "VOICE" and not a.right_party}
    quiet = paid is None or (BUSINESS_DATE - paid.paid_on).days > 7
    if (
        account.days_past_due >= 31
        and quiet
        and len(attempts) >= 6
        and len(failures) >= 3
        and not any(a.right_party for a in attempts)
    ):
        rules.append("LONG_OVERDUE_UNREACHABLE")
    if account.days_past_due >= 31 and any(s.confidence >= 0.7 for s in signals):
        rules.append("FALSE_INFORMATION")
    now = timezone.now()
    for rule in rules:
        TriggerHit.objects.get_or_create(
            account=account,
            rule=rule,
            left_on=None,
            defaults={
                "borrower": account.borrower,
                "policy_version": version,
                "entered_on": BUSINESS_DATE,
                "created_at": now,
            },
        )
    if rules and not Case.objects.filter(borrower=account.borrower).exclude(stage="CLOSED").exists():
        Case.objects.create(
            borrower=account.borrower,
            territory_id=account.territory_id,
            opened_on=BUSINESS_DATE,
            sla_due_on=BUSINESS_DATE,
            policy_version=version,
            created_at=now,
            updated_at=now,
        )
