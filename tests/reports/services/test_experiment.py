"""Drawing the arms of an experiment."""

from datetime import timedelta
from hashlib import md5

import pytest

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed
from cases.enums import FlagKind
from cases.models import BorrowerFlag
from reports.models import ExperimentArm
from reports.services.experiment import draw_arms
from tests.factories.casework import make_case
from tests.factories.portfolio import AT, TODAY, make_borrower, make_overdue

END = TODAY + timedelta(days=28)


def draw(actor, **fields):
    values = {"experiment": "visit-timing", "business_date": TODAY, "at": AT, "actor": actor} | fields
    return draw_arms(**values)


def expected_arm(borrower_id):
    part = int(md5(f"visit-timing:{borrower_id}".encode(), usedforsecurity=False).hexdigest()[:8], 16) / 2**32
    return "CHAMPION" if part < 0.8 else "CHALLENGER" if part < 0.9 else "HOLDOUT"


def test_draw_arms_follows_the_hash_of_the_borrower(risk_manager, shanghai):
    cases = [make_case(account=make_overdue(territory=shanghai)) for _case in range(60)]

    assert draw(risk_manager) == 60

    arms = dict(ExperimentArm.objects.values_list("borrower_id", "arm"))
    assert arms == {c.borrower_id: expected_arm(c.borrower_id) for c in cases}
    assert set(ExperimentArm.objects.values_list("drawn_on", flat=True)) == {TODAY}


def test_draw_arms_again_changes_nobody_and_adds_the_new(risk_manager, shanghai):
    make_case(account=make_overdue(territory=shanghai))
    draw(risk_manager)
    before = list(ExperimentArm.objects.values())
    assert draw(risk_manager, business_date=END) == 0
    make_case(account=make_overdue(territory=shanghai))

    assert draw(risk_manager, business_date=END) == 1

    assert list(ExperimentArm.objects.order_by("pk").values())[:1] == before
    assert AuditEntry.objects.filter(action="experiment.drawn").count() == 2


@pytest.mark.parametrize("kind", FlagKind.values)
@pytest.mark.parametrize("cleared_at", [None, AT])
def test_draw_arms_leaves_out_whoever_ever_had_a_circumstance(risk_manager, shanghai, kind, cleared_at):
    account = make_overdue(territory=shanghai)
    make_case(account=account)
    BorrowerFlag.objects.create(
        borrower=account.borrower, kind=kind, source="CALL", set_at=AT - timedelta(days=400), cleared_at=cleared_at
    )

    assert draw(risk_manager) == 0


def test_draw_arms_leaves_out_whoever_has_no_open_case(risk_manager, shanghai):
    make_borrower(territory=shanghai)
    make_case(account=make_overdue(territory=shanghai), stage="CLOSED", closed_on=TODAY, close_reason="CURED")

    assert draw(risk_manager) == 0
    assert AuditEntry.objects.count() == 0


def test_draw_arms_is_the_risk_managers(officer, approver, auditor, shanghai):
    make_case(account=make_overdue(territory=shanghai))

    for actor in (officer, approver, auditor, None):
        with pytest.raises(NotAllowed):
            draw(actor)
    assert ExperimentArm.objects.count() == 0


@pytest.mark.parametrize("experiment", ["rate", "", "visit-timing "])
def test_draw_arms_knows_a_closed_list_of_experiments(risk_manager, experiment):
    with pytest.raises(InvalidInput):
        draw(risk_manager, experiment=experiment)


@pytest.mark.parametrize("item_count", [1, 3])
def test_draw_arms_costs_the_same_for_one_borrower_and_three(
    item_count, risk_manager, shanghai, django_assert_num_queries
):
    for _case in range(item_count):
        make_case(account=make_overdue(territory=shanghai))

    # Savepoint and its release; the draw; the trail's head and entry.
    with django_assert_num_queries(5):
        assert draw(risk_manager) == item_count
