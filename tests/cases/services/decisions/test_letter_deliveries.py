"""How a letter arrived is kept as it was reported, in any order; an opened letter stays opened."""

from datetime import timedelta

import pytest

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed
from cases.models import DecisionLetter, LetterDelivery
from cases.services.decisions.letter_deliveries import report_delivery
from cases.services.decisions.lifecycle import approve_decision
from tests.factories.casework import AT, make_decision
from tests.factories.portfolio import make_overdue

NOW = AT + timedelta(days=3)


@pytest.fixture
def letter(shanghai, approver):
    approve_decision(decision=make_decision(account=make_overdue(territory=shanghai)), actor=approver, at=AT)
    return DecisionLetter.objects.get()


def report(letter, officer, word, *, hours=1, channel="APP"):
    return report_delivery(
        letter=letter, report=word, channel=channel, happened_at=AT + timedelta(hours=hours), actor=officer, at=NOW
    )


@pytest.mark.parametrize(
    ("words", "state"),
    [
        (["DELIVERED"], "DELIVERED"),
        (["RETURNED"], "RETURNED"),
        (["RETURNED", "DELIVERED"], "DELIVERED"),
        (["DELIVERED", "OPENED"], "OPENED"),
        (["OPENED", "DELIVERED"], "OPENED"),
        (["OPENED", "RETURNED"], "OPENED"),
        (["DELIVERED", "RETURNED"], "DELIVERED"),
    ],
)
def test_reports_move_a_letter_on_and_never_back(letter, officer, words, state):
    for hours, word in enumerate(words, start=1):
        letter = report(letter, officer, word, hours=hours)

    assert letter.state == DecisionLetter.objects.get().state == state
    kept = LetterDelivery.objects.order_by("happened_at").values_list("report", "channel", "happened_at", "created_at")
    assert list(kept) == [(word, "APP", AT + timedelta(hours=hours), NOW) for hours, word in enumerate(words, start=1)]


def test_the_same_report_again_changes_nothing(letter, officer):
    report(letter, officer, "DELIVERED")
    report(letter, officer, "DELIVERED")

    assert LetterDelivery.objects.count() == 1
    entries = AuditEntry.objects.filter(action="letter.reported")
    assert [(entry.actor_id, entry.body) for entry in entries] == [
        (
            officer.pk,
            {
                "report": "DELIVERED",
                "channel": "APP",
                "happened_at": str(AT + timedelta(hours=1)),
                "state": "DELIVERED",
            },
        )
    ]


def test_who_may_not_report_is_refused(letter, auditor):
    with pytest.raises(NotAllowed):
        report(letter, auditor, "DELIVERED")

    assert LetterDelivery.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"report": "LOST"}, "report"),
        ({"channel": "PIGEON"}, "channel"),
        ({"happened_at": AT - timedelta(minutes=6)}, "happened_at"),
        ({"happened_at": NOW + timedelta(minutes=6)}, "happened_at"),
    ],
)
def test_a_report_that_cannot_be_is_refused_with_its_field(letter, officer, change, field):
    given = {"report": "DELIVERED", "channel": "APP", "happened_at": AT + timedelta(hours=1)} | change

    with pytest.raises(InvalidInput) as refused:
        report_delivery(letter=letter, **given, actor=officer, at=NOW)

    assert refused.value.field == field
    assert LetterDelivery.objects.count() == 0


@pytest.mark.parametrize("happened_at", [AT - timedelta(minutes=5), NOW + timedelta(minutes=5)])
def test_clocks_may_differ_by_five_minutes(letter, officer, happened_at):
    report_delivery(letter=letter, report="OPENED", channel="APP", happened_at=happened_at, actor=officer, at=NOW)

    assert LetterDelivery.objects.get().happened_at == happened_at
