"""The guard's reading of the records: who sees an order, how a crew stands on a day, and a payment since the notice."""

from datetime import UTC, datetime, timedelta

import pytest

from backoffice.core.errors import NotAllowed, StateConflict
from cases.rules.calendar import Calendar
from tests.factories.conduct import arrived, check_in
from tests.factories.holidays import notice_of
from tests.factories.visits import AT, VISIT_AT, make_case, make_member, make_order, make_placement
from visits.enums import Protection
from visits.models import Placement
from visits.rules.conduct.clauses import ConductRule
from visits.rules.conduct.contact import AttemptTotals, ContactHistory
from visits.selectors.conduct import ConductFacts
from visits.selectors.policy import conduct_policy
from visits.services.orders.conduct_guard import (
    crew_standings,
    flags_now,
    local_date,
    must_see,
    planned,
    refusals_to_knock,
)


@pytest.fixture
def order(case, placement, pair, approver):
    return make_order(case=case, placement=placement, state="SCHEDULED", approver=approver, pair=pair)


def facts(**fields):
    return ConductFacts(
        **(
            {
                "history": ContactHistory(),
                "flags": (),
                "attempts": AttemptTotals(),
                "calendar": Calendar(),
                "policy": conduct_policy(),
            }
            | fields
        )
    )


def test_an_order_is_seen_by_its_agency_until_the_placement_is_recalled(order, coordinator, person, chengdu):
    must_see(order=order, actor=None)
    must_see(order=order, actor=coordinator)
    with pytest.raises(NotAllowed):
        must_see(order=order, actor=person("DISPATCHER", name="far", territories=(chengdu,)))

    Placement.objects.update(state="RECALLED", ended_on=AT.date())

    with pytest.raises(NotAllowed):
        must_see(order=order, actor=coordinator)


def test_a_crew_stands_on_the_day_as_its_papers_and_orders_say(
    shanghai, agency, pair, approver, order, django_assert_num_queries
):
    screened, unscreened = pair[0], make_member(agency=agency, screened_on=None)
    other = make_case(territory=shanghai)
    make_order(
        case=other, placement=make_placement(case=other, agency=agency), state="ACCEPTED", approver=approver, pair=pair
    )
    members = {
        member.pk: type(member).objects.select_related("agency").get(pk=member.pk) for member in (screened, unscreened)
    }

    # members with their certificates, orders of the day
    with django_assert_num_queries(2):
        found = crew_standings(
            policy=conduct_policy(), members=members, day=local_date(VISIT_AT), without_orders=(order.pk,)
        )

    sound = found[screened.pk]
    assert (sound.confirmed, sound.screened, sound.certified, sound.orders_that_day) == (True, True, True, 1)
    assert (found[unscreened.pk].screened, found[unscreened.pk].orders_that_day) == (False, 0)


@pytest.mark.parametrize(("after", "kinds"), [(timedelta(0), []), (timedelta(microseconds=1), [Protection.PAID])])
def test_a_payment_after_the_notice_protects(after, kinds, order):
    known = facts(last_payment_at=order.notice_sent_at + after)

    assert [flag.kind for flag in flags_now(order=order, facts=known, at=VISIT_AT)] == kinds


def test_nobody_knocks_on_a_holiday_that_staff_have_entered(order):
    day = local_date(VISIT_AT)
    entered = Calendar(notices=(notice_of(day.year, OTHER=(day, day)),))

    def rules(calendar):
        refusals = refusals_to_knock(
            order=order, facts=facts(calendar=calendar), arrival=arrived(check_in("c1"), check_in("c2")), at=VISIT_AT
        )
        return {refusal.rule for refusal in refusals}

    assert rules(entered) - rules(Calendar()) == {ConductRule.HOLIDAY}


def test_an_order_without_a_plan_cannot_be_asked_about(case, placement, approver):
    draft = make_order(case=case, placement=placement, state="APPROVED", approver=approver)

    with pytest.raises(StateConflict):
        planned(order=draft, facts=facts(), crew=())


def test_the_day_is_the_one_at_the_addresses():
    assert local_date(datetime(2026, 3, 2, 15, 59, 59, 999_999, tzinfo=UTC)).isoformat() == "2026-03-02"
    assert local_date(datetime(2026, 3, 2, 16, 0, tzinfo=UTC)).isoformat() == "2026-03-03"
