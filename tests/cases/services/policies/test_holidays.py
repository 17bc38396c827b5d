"""A notice of holidays is entered by one person and confirmed by another; one is in use for each year."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from cases.models import HolidayNotice
from cases.selectors.policies.holidays import calendar_in_use, said
from cases.services.policies.holidays import MAX_SOURCE, confirm_notice, discard_notice, enter_notice
from tests.conftest import AT
from tests.factories.holidays import NOTICE_2027, SOURCE, notice_of


@pytest.fixture
def maker(person: Any) -> Any:
    return person("RISK_MANAGER", name="maker")


@pytest.fixture
def confirmer(person: Any) -> Any:
    return person("APPROVER", name="confirmer", all_territories=True)


@pytest.fixture
def entered(maker: Any) -> HolidayNotice:
    return enter_notice(notice=NOTICE_2027, source=f" {SOURCE} ", actor=maker, at=AT)


def test_an_entered_notice_counts_once_another_person_confirms_it(maker, confirmer, entered):
    assert (said(entered=entered), entered.source, entered.state) == (NOTICE_2027, SOURCE, "DRAFT")
    assert calendar_in_use().notices == ()

    confirm_notice(entered=entered, actor=confirmer, at=AT)

    assert calendar_in_use().notices == (NOTICE_2027,)
    entered.refresh_from_db()
    assert (entered.state, entered.confirmed_by, entered.confirmed_at) == ("CONFIRMED", confirmer, AT)
    entries = AuditEntry.objects.filter(action__startswith="holidays.").order_by("sequence")
    assert [(entry.action, entry.actor_id, entry.body) for entry in entries] == [
        (
            "holidays.entered",
            maker.pk,
            {"year": 2027, "jurisdiction": "CN", "territory": None, "breaks": 7, "make_up_days": 1},
        ),
        (
            "holidays.confirmed",
            confirmer.pk,
            {"year": 2027, "jurisdiction": "CN", "territory": None, "breaks": 7, "make_up_days": 1},
        ),
    ]


def test_a_newer_notice_of_the_year_replaces_the_one_before_and_no_other_year(maker, confirmer, entered):
    following = enter_notice(notice=notice_of(2028), source=SOURCE, actor=maker, at=AT)
    changed = notice_of(2027, LABOUR_DAY=(date(2027, 5, 1), date(2027, 5, 3)))
    for each in (entered, following):
        confirm_notice(entered=each, actor=confirmer, at=AT)
    newer = enter_notice(notice=changed, source=SOURCE, actor=maker, at=AT)

    confirm_notice(entered=newer, actor=confirmer, at=AT + timedelta(hours=1))

    assert calendar_in_use().notices == (changed, notice_of(2028))
    assert list(HolidayNotice.objects.order_by("pk").values_list("year", "state")) == [
        (2027, "RETIRED"),
        (2028, "CONFIRMED"),
        (2027, "CONFIRMED"),
    ]


def test_nobody_confirms_a_notice_that_they_entered(confirmer, entered):
    own = HolidayNotice.objects.create(
        year=2028, source=SOURCE, breaks=[], made_by=confirmer, created_at=AT, updated_at=AT
    )

    with pytest.raises(SelfApproval):
        confirm_notice(entered=own, actor=confirmer, at=AT)
    assert HolidayNotice.objects.filter(state="CONFIRMED").count() == 0


def test_the_database_refuses_one_person_for_both_and_a_second_notice_in_use(maker, confirmer, entered):
    with pytest.raises(IntegrityError, match="holiday_notice_four_eyes"), transaction.atomic():
        HolidayNotice.objects.filter(pk=entered.pk).update(confirmed_by=maker, confirmed_at=AT)
    with pytest.raises(IntegrityError, match="holiday_notice_in_use_is_confirmed"), transaction.atomic():
        HolidayNotice.objects.filter(pk=entered.pk).update(state="CONFIRMED")
    confirm_notice(entered=entered, actor=confirmer, at=AT)
    second = enter_notice(notice=NOTICE_2027, source=SOURCE, actor=maker, at=AT)
    with pytest.raises(IntegrityError, match="one_holiday_notice_in_use_a_year"), transaction.atomic():
        HolidayNotice.objects.filter(pk=second.pk).update(state="CONFIRMED", confirmed_by=confirmer, confirmed_at=AT)


@pytest.mark.parametrize("change", [{"year": 2028}, {"source": "x"}, {"breaks": []}, {"make_up_days": []}])
def test_what_a_notice_says_never_changes(entered, change):
    with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
        HolidayNotice.objects.filter(pk=entered.pk).update(**change)


@pytest.mark.parametrize("source", ["", "  ", "x" * (MAX_SOURCE + 1)])
def test_a_notice_needs_its_source(maker, source):
    with pytest.raises(InvalidInput) as refused:
        enter_notice(notice=NOTICE_2027, source=source, actor=maker, at=AT)

    assert (refused.value.field, HolidayNotice.objects.count()) == ("source", 0)


def test_a_notice_with_a_fault_is_refused_at_its_row(maker):
    wrong = replace(NOTICE_2027, make_up_days=(date(2027, 10, 9), date(2027, 10, 11)))

    with pytest.raises(InvalidInput) as refused:
        enter_notice(notice=wrong, source=SOURCE, actor=maker, at=AT)

    assert (refused.value.field, refused.value.row, HolidayNotice.objects.count()) == ("make_up", 2, 0)


def test_a_discarded_notice_is_kept_and_decided_once(maker, confirmer, entered):
    discard_notice(entered=entered, actor=maker, at=AT)

    assert HolidayNotice.objects.get().state == "RETIRED"
    assert AuditEntry.objects.latest("sequence").action == "holidays.discarded"
    with pytest.raises(StateConflict):
        confirm_notice(entered=entered, actor=confirmer, at=AT)
    with pytest.raises(StateConflict):
        discard_notice(entered=entered, actor=confirmer, at=AT)


def test_confirming_twice_is_refused_and_leaves_the_notice_in_use(confirmer, entered):
    confirm_notice(entered=entered, actor=confirmer, at=AT)

    with pytest.raises(StateConflict):
        confirm_notice(entered=entered, actor=confirmer, at=AT)
    assert calendar_in_use().notices == (NOTICE_2027,)


def test_other_roles_people_of_one_territory_and_programs_neither_enter_nor_decide(person, officer, maker, entered):
    limited = person("APPROVER", name="limited")

    for actor in (officer, limited, None):
        with pytest.raises(NotAllowed):
            enter_notice(notice=notice_of(2028), source=SOURCE, actor=actor, at=AT)
        with pytest.raises(NotAllowed):
            confirm_notice(entered=entered, actor=actor, at=AT)
        with pytest.raises(NotAllowed):
            discard_notice(entered=entered, actor=actor, at=AT)
    with pytest.raises(NotAllowed):
        confirm_notice(entered=entered, actor=person("RISK_MANAGER", name="other maker"), at=AT)
    assert list(HolidayNotice.objects.values_list("year", "state")) == [(2027, "DRAFT")]
