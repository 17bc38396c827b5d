"""A run that would do far too much stops before it writes."""

from typing import Any

import pytest

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import StateConflict
from cases.models import AccountFacts, BreakerLimit, Case, TriggerHit
from cases.services.evaluation import chunks, runs
from tests.factories.policy import make_version
from tests.factories.portfolio import AT, TODAY, make_overdue


def begun(shanghai: Any, *, overdue: int = 4) -> Any:
    for _number in range(overdue):
        make_overdue(territory=shanghai, outstanding_principal=60000)
    make_version()
    run = runs.start_run(job="TRIGGERS", business_date=TODAY, at=AT)
    while chunks.work_chunk(run_id=run.pk, at=AT):
        pass
    run.refresh_from_db()
    return run


@pytest.mark.django_db
def test_a_run_beyond_its_share_is_held_and_has_written_nothing_but_facts(shanghai: Any) -> None:
    BreakerLimit.objects.create(measure="OPENED", max_share="0.5", max_multiple=5, at_least=2, updated_at=AT)

    run = begun(shanghai)

    assert (run.state, run.phase) == ("HELD", "APPLYING")
    assert run.preview == {"effects": {"OPENED": 4}, "of": {"OPENED": 4}}
    assert [(e["measure"], e["count"], e["of"], e["is_share"]) for e in run.held_because] == [("OPENED", 4, 4, True)]
    assert (Case.objects.count(), TriggerHit.objects.count(), AccountFacts.objects.count()) == (0, 0, 4)
    assert not chunks.work_chunk(run_id=run.pk, at=AT)
    assert not runs.settle_run(run_id=run.pk, at=AT)
    assert AuditEntry.objects.order_by("-sequence")[0].action == "evaluation.held"


@pytest.mark.django_db
def test_a_held_run_is_not_begun_again_past_its_approver(shanghai: Any) -> None:
    BreakerLimit.objects.create(measure="OPENED", max_share="0.5", max_multiple=5, at_least=2, updated_at=AT)
    begun(shanghai)

    with pytest.raises(StateConflict):
        runs.start_run(job="TRIGGERS", business_date=TODAY, at=AT)

    assert Case.objects.count() == 0


@pytest.mark.django_db
def test_what_is_previewed_is_what_is_opened(shanghai: Any) -> None:
    run = begun(shanghai)

    assert runs.settle_run(run_id=run.pk, at=AT)
    run.refresh_from_db()
    assert run.preview["effects"]["OPENED"] == run.opened_count == Case.objects.count() == 4
