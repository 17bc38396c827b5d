"""Why a case exists, in words."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from cases.models import Account, Case, PolicyVersion, TriggerHit
from cases.selectors.casework.explanations import why
from cases.services.evaluation.triggers import evaluate_range
from cases.services.policies.policy_book import book_of
from tests.factories.policy import make_version
from tests.factories.portfolio import AT, TODAY, make_account, make_overdue

pytestmark = pytest.mark.django_db


def test_why_gives_the_values_on_entry_and_what_would_end_it_from_the_latest_facts(shanghai: Any, officer: Any) -> None:
    make_overdue(territory=shanghai, outstanding_principal=Decimal(60000))
    version = make_version()
    for night in range(2):
        with transaction.atomic():
            evaluate_range(
                book=book_of({"": version}),
                business_date=TODAY + timedelta(days=night),
                lower=0,
                upper=2**60,
                at=AT + timedelta(days=night),
            )

    with override("en"):
        (reason,) = why(case=Case.objects.get(), user=officer).reasons

    assert (reason.title, reason.entered_on, reason.facts_on) == ("Large arrears", TODAY, TODAY + timedelta(days=1))
    assert reason.because == (
        "Days past due at least 61 days (here: 95 days)",
        "Outstanding principal at least CNY 50,000 (here: CNY 60,000)",
        "Arrears at least CNY 20,000 (here: CNY 32,000)",
    )
    assert reason.ends_when[0] == "Days past due less than 61 days (here: 96 days)"


def test_why_keeps_the_code_of_a_rule_that_cannot_be_read(shanghai: Any, officer: Any) -> None:
    make_overdue(territory=shanghai, outstanding_principal=Decimal(60000))
    version = make_version()
    with transaction.atomic():
        evaluate_range(book=book_of({"": version}), business_date=TODAY, lower=0, upper=2**60, at=AT)
    # A version of an older release, whose body this one cannot read.
    older = PolicyVersion.objects.create(
        policy=version.policy, number=2, body={}, state="RETIRED", created_at=AT, updated_at=AT
    )
    TriggerHit.objects.update(policy_version=older)

    (reason,) = why(case=Case.objects.get(), user=officer).reasons

    assert (reason.title, reason.because) == ("LARGE_ARREARS", ())


@pytest.mark.parametrize("accounts", [1, 3])
def test_why_takes_two_queries(shanghai: Any, officer: Any, accounts: int) -> None:
    first: Account = make_overdue(territory=shanghai, outstanding_principal=Decimal(60000))
    for _ in range(accounts - 1):
        make_account(
            borrower=first.borrower,
            days_past_due=90,
            arrears_amount=Decimal(30000),
            outstanding_principal=Decimal(60000),
        )
    with transaction.atomic():
        evaluate_range(book=book_of({"": make_version()}), business_date=TODAY, lower=0, upper=2**60, at=AT)
    case = Case.objects.get()

    with CaptureQueriesContext(connection) as captured:
        explanation = why(case=case, user=officer)

    assert (len(captured), len(explanation.reasons)) == (2, accounts)  # the hits; the latest facts
