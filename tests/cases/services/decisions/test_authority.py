"""A stand-in approves in the territories of who is away, is named beside them, and is no second person beside them."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from backoffice.access.models import User
from backoffice.access.stand_ins import enter_stand_in
from backoffice.audit.models import AuditEntry
from backoffice.core.errors import SelfApproval
from cases.models import Decision
from cases.services.decisions.lifecycle import approve_decision, approve_decisions
from tests.factories.casework import AT, TODAY, make_decision
from tests.factories.portfolio import make_overdue
from tests.factories.requests import post
from tests.factories.standing import FREEZE, judge, make_good, version_with


@pytest.fixture(autouse=True)
def _clock(time_machine: Any) -> None:
    time_machine.move_to(AT, tick=False)


@pytest.fixture
def stand_in(approver: Any, person: Any, chengdu: Any) -> Any:
    """An approver of Chengdu who stands in for the approver of Shanghai this week."""
    colleague = person("APPROVER", name="colleague", territories=[chengdu])
    enter_stand_in(
        person=approver,
        stand_in=colleague,
        starts_on=TODAY,
        ends_on=TODAY + timedelta(days=6),
        reason="away",
        actor=approver,
        at=AT,
    )
    return colleague


def waiting(account: Any, officer: Any, **fields: Any) -> Decision:
    return make_decision(account=account, kind="GRACE", terms={"days": 30}, proposed_by=officer, **fields)


def test_the_stand_in_approves_over_rest_and_is_named_beside_who_is_away(
    shanghai, officer, approver, stand_in, person, chengdu
):
    decision = waiting(make_overdue(territory=shanghai), officer)
    stranger = person("APPROVER", name="stranger", territories=[chengdu])
    address = f"/api/v1/decisions/{decision.pk}/approve/"

    assert post(stranger, address, {}).status_code == 404
    answer = post(stand_in, address, {})

    assert answer.status_code == 200
    assert (answer.json()["approved_by"], answer.json()["approved_for"]) == ("colleague", "approver")
    decision.refresh_from_db()
    assert (decision.approved_by, decision.approved_for) == (stand_in, approver)
    assert AuditEntry.objects.get(action="decision.approved").body["approved_for"] == [approver.pk]


def test_in_a_territory_of_their_own_nobody_is_named(chengdu, officer, stand_in):
    decision = waiting(make_overdue(territory=chengdu), officer)

    approve_decision(decision=decision, actor=stand_in, at=AT)

    assert decision.approved_for is None


def test_who_is_away_and_their_stand_in_are_not_two_people(shanghai, officer, approver, stand_in, person):
    decision = make_decision(
        account=make_overdue(territory=shanghai),
        kind="GRACE",
        origin="OFFICER",
        terms={"days": 90},
        proposed_by=officer,
        approvals_needed=2,
    )
    approve_decision(decision=decision, actor=approver, at=AT)

    with pytest.raises(SelfApproval):
        approve_decision(decision=decision, actor=User.objects.get(pk=stand_in.pk), at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(second_approved_for=approver)

    approve_decision(decision=decision, actor=person("APPROVER", name="third"), at=AT)
    assert decision.second_approved_for is None


def test_a_stand_in_may_give_the_first_approval_and_another_the_second(shanghai, officer, approver, stand_in, person):
    decision = make_decision(
        account=make_overdue(territory=shanghai),
        kind="GRACE",
        origin="OFFICER",
        terms={"days": 90},
        proposed_by=officer,
        approvals_needed=2,
    )
    approve_decision(decision=decision, actor=stand_in, at=AT)
    decision.refresh_from_db()
    assert (decision.state, decision.approved_for) == ("PROPOSED", approver)

    approve_decision(decision=decision, actor=person("APPROVER", name="third"), at=AT)

    assert (decision.state, decision.second_approved_for) == ("APPROVED", None)


def test_a_bulk_approval_names_who_is_away_where_the_territory_is_theirs(shanghai, chengdu, approver, stand_in):
    there, here = make_overdue(territory=shanghai), make_overdue(territory=chengdu)
    make_good(shanghai)
    judge(version_with(restrictions=[FREEZE]))

    result = approve_decisions(decisions=Decision.objects.all(), actor=stand_in, at=AT, note="overdue")

    assert result.approved == 2
    assert dict(Decision.objects.values_list("account", "approved_for")) == {there.pk: approver.pk, here.pk: None}


def test_a_territory_that_both_have_is_the_stand_ins_own(shanghai, chengdu, approver, stand_in):
    approver.territories.add(chengdu)
    there, here = make_overdue(territory=shanghai), make_overdue(territory=chengdu)
    judge(version_with(restrictions=[FREEZE]))

    approve_decisions(decisions=Decision.objects.all(), actor=stand_in, at=AT, note="overdue")

    assert dict(Decision.objects.values_list("account", "approved_for")) == {there.pk: approver.pk, here.pk: None}


def test_who_works_everywhere_lends_everything_in_bulk(shanghai, general_approver, person, chengdu):
    colleague = person("APPROVER", name="colleague", territories=[chengdu])
    enter_stand_in(
        person=general_approver,
        stand_in=colleague,
        starts_on=TODAY,
        ends_on=TODAY,
        reason="away",
        actor=general_approver,
        at=AT,
    )
    make_overdue(territory=shanghai)
    judge(version_with(restrictions=[FREEZE]))

    assert approve_decisions(decisions=Decision.objects.all(), actor=colleague, at=AT, note="overdue").approved == 1
    assert Decision.objects.get().approved_for == general_approver
