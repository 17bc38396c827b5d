"""Stand-ins: entered by who is away or an administrator, counting on their days only, and adding no right."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from backoffice.access.models import StandIn, User
from backoffice.access.stand_ins import acting_for, end_stand_in, enter_stand_in, stood_in_for
from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from tests.clear_text import tables_with

DAY = timedelta(days=1)


@pytest.fixture
def colleague(person: Any, chengdu: Any) -> Any:
    """An approver who works in another territory."""
    return person("APPROVER", name="colleague", territories=[chengdu])


@pytest.fixture
def enter(approver: Any, colleague: Any, at: Any, today: Any) -> Any:
    """Enter the colleague for the approver, who is away from today on for a week."""

    def entered(**changes: Any) -> StandIn:
        given = {
            "person": approver,
            "stand_in": colleague,
            "starts_on": today,
            "ends_on": today + 6 * DAY,
            "reason": "operation in hospital",
            "actor": approver,
            "at": at,
        }
        return enter_stand_in(**given | changes)

    return entered


def test_an_entry_is_kept_with_a_sealed_reason_and_an_audit_record(enter, approver, colleague, today):
    entry = enter(reason=" operation in hospital ")

    kept = StandIn.objects.get()
    assert (kept.person, kept.stand_in, kept.entered_by) == (approver, colleague, approver)
    assert kept.reason == "operation in hospital"
    assert tables_with("operation in hospital") == []
    body = AuditEntry.objects.get(action="stand_in.entered").body
    assert (body["person"], body["stand_in"]) == (approver.pk, colleague.pk)
    assert [each.pk for each in stood_in_for(user=colleague, on=today)] == [entry.pk]
    assert stood_in_for(user=approver, on=today) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"starts_on": -1}, "starts_on"),
        ({"ends_on": -1}, "ends_on"),
        ({"starts_on": 1, "ends_on": 0}, "ends_on"),
        ({"ends_on": 91}, "ends_on"),
    ],
)
def test_days_and_reason_are_checked(enter, today, changes, field):
    given = {name: value if name == "reason" else today + value * DAY for name, value in changes.items()}

    with pytest.raises(InvalidInput) as refused:
        enter(**given)

    assert (refused.value.field, StandIn.objects.count()) == (field, 0)


def test_ninety_days_are_the_most(enter, today):
    assert enter(ends_on=today + 90 * DAY).pk


def test_the_stand_in_is_another_active_approver(enter, approver, colleague, officer):
    signed_off = User.objects.create(username="gone", role="APPROVER", is_active=False)
    for stand_in in (approver, officer, signed_off):
        with pytest.raises(InvalidInput) as refused:
            enter(stand_in=stand_in)
        assert refused.value.field == "stand_in"


def test_nobody_makes_themselves_a_stand_in(enter, approver, colleague, person, officer):
    with pytest.raises(NotAllowed):
        enter(actor=colleague)
    with pytest.raises(NotAllowed):
        enter(actor=officer)
    entry = enter()
    with pytest.raises(IntegrityError), transaction.atomic():
        StandIn.objects.filter(pk=entry.pk).update(entered_by=colleague)


def test_an_administrator_enters_for_an_approver_who_cannot(enter, administrator, officer, colleague):
    with pytest.raises(InvalidInput) as refused:
        enter(person=officer, actor=administrator)
    assert refused.value.field == "person"

    assert enter(actor=administrator).entered_by == administrator


def test_the_same_two_have_one_entry_for_a_day(enter, today, at, approver, person, shanghai):
    entry = enter()
    with pytest.raises(InvalidInput):
        enter(starts_on=today + 6 * DAY, ends_on=today + 9 * DAY)

    enter(starts_on=today + 7 * DAY, ends_on=today + 9 * DAY)
    enter(stand_in=person("APPROVER", name="third", territories=[shanghai]))
    end_stand_in(entry=entry, actor=approver, at=at)
    assert enter().pk


def test_territories_are_added_on_the_days_only(enter, colleague, shanghai, chengdu, today, at, time_machine):
    enter(starts_on=today + DAY, ends_on=today + 2 * DAY)

    def seen(days: int) -> set[int]:
        time_machine.move_to(at + days * DAY, tick=False)
        return set(User.objects.get(pk=colleague.pk).territory_ids)

    both = {shanghai.pk, chengdu.pk}
    assert [seen(days) for days in range(4)] == [{chengdu.pk}, both, both, {chengdu.pk}]


def test_an_entry_that_ended_early_adds_nothing(enter, colleague, chengdu, at, time_machine):
    time_machine.move_to(at, tick=False)
    entry = enter()
    assert len(User.objects.get(pk=colleague.pk).territory_ids) == 2

    end_stand_in(entry=entry, actor=colleague, at=at)

    assert User.objects.get(pk=colleague.pk).territory_ids == (chengdu.pk,)
    assert stood_in_for(user=colleague, on=localdate(at)) == []
    with pytest.raises(StateConflict):
        end_stand_in(entry=entry, actor=colleague, at=at)


def test_only_the_two_or_an_administrator_end_it(enter, person, administrator, at):
    entry = enter()
    with pytest.raises(NotAllowed):
        end_stand_in(entry=entry, actor=person("APPROVER", name="third"), at=at)

    end_stand_in(entry=entry, actor=administrator, at=at)

    assert AuditEntry.objects.filter(action="stand_in.ended", actor_id=administrator.pk).exists()


@pytest.mark.parametrize("change", [{"role": "RISK_MANAGER"}, {"is_active": False}])
def test_who_is_no_approver_any_more_lends_nothing(enter, approver, colleague, chengdu, at, time_machine, change):
    time_machine.move_to(at, tick=False)
    enter()

    User.objects.filter(pk=approver.pk).update(**change)

    assert User.objects.get(pk=colleague.pk).territory_ids == (chengdu.pk,)


def test_lent_territories_are_not_lent_on(enter, colleague, person, chengdu, today, at, time_machine):
    time_machine.move_to(at, tick=False)
    third = person("APPROVER", name="third", territories=[chengdu])
    enter()
    enter_stand_in(
        person=colleague, stand_in=third, starts_on=today, ends_on=today, reason="away", actor=colleague, at=at
    )

    assert User.objects.get(pk=third.pk).territory_ids == (chengdu.pk,)


def test_who_works_everywhere_lends_every_territory_but_not_what_holds_for_all(
    enter, general_approver, colleague, shanghai, chengdu, at, time_machine
):
    time_machine.move_to(at, tick=False)
    enter(person=general_approver, actor=general_approver)

    reached = User.objects.get(pk=colleague.pk)
    assert set(reached.territory_ids) >= {shanghai.pk, chengdu.pk}
    assert reached.reach == "TERRITORY"


def test_acting_for_names_who_is_away_in_territories_that_are_not_the_persons_own(
    enter, approver, colleague, general_approver, shanghai, chengdu, today
):
    enter()

    assert acting_for(user=colleague, territory_id=shanghai.pk, on=today) == (approver.pk,)
    assert acting_for(user=colleague, territory_id=chengdu.pk, on=today) == ()
    assert acting_for(user=colleague, territory_id=shanghai.pk, on=today + 7 * DAY) == ()
    assert acting_for(user=approver, territory_id=shanghai.pk, on=today) == ()
    assert acting_for(user=general_approver, territory_id=shanghai.pk, on=today) == ()


def test_territories_take_one_query(enter, colleague, django_assert_num_queries):
    enter()
    reached = User.objects.get(pk=colleague.pk)

    with django_assert_num_queries(1):
        assert reached.territory_ids
