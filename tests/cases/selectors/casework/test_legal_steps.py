"""What may come next under a decision for legal recovery, in words."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from cases.models import Decision
from cases.selectors.casework.legal_steps import coming_steps, coming_words, recorded_steps, recovery_began_on
from tests.factories.casework import make_decision
from tests.factories.legal import TODAY, make_recovery, record_step
from tests.factories.portfolio import make_overdue


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def recovery(shanghai: Any, approver: Any) -> Decision:
    return make_recovery(account=make_overdue(territory=shanghai), approver=approver)


def words(decision: Decision) -> list[str]:
    return coming_words(steps=coming_steps(decision=decision, on=TODAY), on=TODAY)


def test_words_say_what_and_from_when(recovery, officer):
    assert words(recovery) == ["Offer mediation"]
    record_step(decision=recovery, actor=officer)

    assert [(step.kind, step.on) for step in recorded_steps(decision=recovery)] == [("MEDIATION_OFFERED", TODAY)]
    assert words(recovery) == [
        "Record an agreement in mediation; a repayment plan follows",
        "Record that the mediation failed",
        "File the claim with a court, from March 17, 2026",
        "Close the legal recovery",
    ]
    assert recovery_began_on(decision=recovery) == TODAY


def test_what_was_begun_is_closed_when_the_decision_is_over(recovery, officer):
    over = TODAY + timedelta(days=181)
    assert coming_steps(decision=recovery, on=over) == ()
    record_step(decision=recovery, actor=officer)

    assert [step.kind for step in coming_steps(decision=recovery, on=over)] == ["CLOSED"]
    Decision.objects.filter(pk=recovery.pk).update(state="LIFTED")
    recovery.refresh_from_db()
    assert words(recovery) == ["Close the legal recovery"]


def test_other_decisions_have_no_steps(shanghai):
    assert coming_steps(decision=make_decision(account=make_overdue(territory=shanghai)), on=TODAY) == ()
