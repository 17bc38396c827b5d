"""A decision that stands is reversed once, and what it did ends."""

import pytest

from backoffice.core.errors import StateConflict
from backoffice.outbox.models import OutboxEvent
from cases.models import TermsChange
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.reversal import reverse_decision
from tests.factories.casework import AT, make_decision
from tests.factories.portfolio import make_overdue


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai)


def test_reverse_decision_instructs_the_opposite_once(account, approver):
    decision = make_decision(account=account, kind="FREEZE")
    approve_decision(decision=decision, actor=approver, at=AT, note="Evidence read")

    reverse_decision(decision=decision, reason="Wrong account", actor=approver, at=AT)

    keys = [f"{account.pk}-STATUS-1", f"{account.pk}-STATUS-2"]
    assert list(TermsChange.objects.order_by("pk").values_list("effect_key", "before", "after")) == [
        (keys[0], "ACTIVE", "FROZEN"),
        (keys[1], "FROZEN", "ACTIVE"),
    ]
    assert list(OutboxEvent.objects.filter(topic="terms.changed").order_by("pk").values_list("key", flat=True)) == keys
    with pytest.raises(StateConflict):
        reverse_decision(decision=decision, reason="Again", actor=approver, at=AT)
