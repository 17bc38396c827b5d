"""Filters of the list of decisions: what waits, and since when."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.services.decisions.lifecycle import approve_decision
from tests.factories.casework import AT, make_decision
from tests.factories.portfolio import make_overdue


@pytest.mark.parametrize(
    ("value", "shown"), [("overdue", ["late"]), ("second", ["half"]), ("", ["fresh", "half", "late"])]
)
def test_the_list_shows_what_waits(client, shanghai, approver, value, shown):
    now = timezone.now()
    decisions = {
        "late": make_decision(account=make_overdue(territory=shanghai), created_at=now - timedelta(days=3)),
        "fresh": make_decision(account=make_overdue(territory=shanghai), created_at=now),
        "half": make_decision(
            account=make_overdue(territory=shanghai), kind="FREEZE", approvals_needed=2, created_at=now
        ),
    }
    approve_decision(decision=decisions["half"], actor=approver, at=AT, note="Evidence read")
    client.force_login(approver)

    answer = client.get(reverse("admin:cases_decision_changelist"), {"waiting": value} if value else {})

    found = {row.pk for row in answer.context["cl"].result_list}
    assert sorted(name for name, decision in decisions.items() if decision.pk in found) == shown
