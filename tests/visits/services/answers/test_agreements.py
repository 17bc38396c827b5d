"""Recording what borrowers agree to, and its withdrawal: who may, what is needed, and what is kept of it."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from backoffice.access.roles import CARDS, Role
from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from backoffice.core.reach import Reach
from cases.models import CaseEvent
from tests.factories.agreements import CLOSES, OPENS, SECOND, SHANGHAI, make_consent, make_office, make_time
from tests.factories.people import merged_by_number
from tests.factories.portfolio import make_address
from tests.factories.visits import AT, make_case, make_coordinator, make_order
from visits.models import VisitAgreement, VisitOrder
from visits.services.answers.agreements import RECORD, WITHDRAW, record_agreement, withdraw_agreement

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=SHANGHAI)


@pytest.fixture
def office(case):
    return make_office(borrower=case.borrower)


def refused(work):
    """Return the field that an input was refused for, "" if it was taken."""
    try:
        with transaction.atomic():
            work()
    except InvalidInput as error:
        return error.field
    return ""


def test_a_time_outside_of_the_hours_is_kept_with_its_evidence_line_and_entry(case, officer):
    made = make_time(case=case, actor=officer, note="夜班后在家")

    made = VisitAgreement.objects.get(pk=made.pk)
    assert (made.kind, made.opens_at, made.closes_at, made.is_outside_hours) == ("TIME", OPENS, CLOSES, True)
    assert (made.granted_at, made.expires_at) == (AT, AT + timedelta(days=30))
    assert (made.evidence_ref, made.note, made.recorded_by, made.withdrawn_at) == ("REC-1", "夜班后在家", officer, None)
    event = CaseEvent.objects.get(case=case, kind="VISIT")
    assert (event.body, event.note, event.actor) == (
        {"action": "agreed_TIME", "agreement": str(made)},
        "夜班后在家",
        officer,
    )
    entry = AuditEntry.objects.get(action="visitagreement.recorded")
    assert len(entry.body.pop("evidence_digest")) == 32
    assert entry.body == {
        "kind": "TIME",
        "order": None,
        "from": OPENS.isoformat(),
        "until": CLOSES.isoformat(),
        "outside_hours": True,
        "address": None,
        "expires_at": (AT + timedelta(days=30)).isoformat(),
    }


def test_a_consent_keeps_the_door_and_the_kind_of_place_as_they_were(case, office, dispatcher):
    made = make_consent(case=case, address=office, actor=dispatcher)

    office.line = "上海市黄浦区另一路9号909室"
    office.save()
    made = VisitAgreement.objects.get(pk=made.pk)
    assert (made.kind, made.address, made.place, made.opens_at) == ("PLACE", office, "EMPLOYER", None)
    assert bytes(made.door_index)
    assert bytes(made.door_index) != bytes(office.door_index)


def test_a_time_inside_the_hours_needs_no_recording_and_one_outside_does(case, officer):
    inside = make_time(case=case, actor=officer, opens_at=NOON, closes_at=NOON + timedelta(hours=2), evidence_ref=" ")

    assert (inside.is_outside_hours, inside.evidence_ref) == (False, "")
    assert refused(lambda: make_time(case=case, actor=officer, evidence_ref=" ")) == "evidence_ref"
    last = datetime(2026, 3, 4, 20, 0, tzinfo=SHANGHAI)
    fits = {"opens_at": last - timedelta(hours=3), "evidence_ref": ""}
    assert refused(lambda: make_time(case=case, actor=officer, closes_at=last, **fits)) == ""
    assert refused(lambda: make_time(case=case, actor=officer, closes_at=last + SECOND, **fits)) == "evidence_ref"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"opens_at": None}, "opens_at"),
        ({"closes_at": None}, "opens_at"),
        ({"closes_at": OPENS}, "closes_at"),
        ({"closes_at": OPENS + timedelta(hours=2) - SECOND}, "opens_at"),
        ({"closes_at": CLOSES + timedelta(days=1)}, "opens_at"),
        ({"opens_at": AT + timedelta(hours=24) - SECOND, "closes_at": AT + timedelta(hours=27)}, "opens_at"),
        ({"opens_at": AT + timedelta(days=15), "closes_at": AT + timedelta(days=15, hours=2)}, "opens_at"),
        ({"kind": "VIDEO"}, "kind"),
        ({"evidence_ref": "R" * 81}, "evidence_ref"),
        ({"note": "n" * 301}, "note"),
        ({"last_day": date(2026, 3, 1)}, "last_day"),
        # The thirtieth day is the last one that may be typed, whatever is typed.
        ({"last_day": date(2026, 4, 2)}, "last_day"),
        ({"last_day": date(2026, 3, 3)}, "opens_at"),
    ],
)
def test_what_cannot_be_agreed_is_refused_with_its_field(change, field, case, officer):
    values = {"kind": "TIME", "opens_at": OPENS, "closes_at": CLOSES, "evidence_ref": "REC-1"} | change

    assert refused(lambda: record_agreement(case=case, actor=officer, at=AT, **values)) == field
    assert VisitAgreement.objects.count() == 0


def test_nothing_is_agreed_for_a_holiday(case, officer):
    at = datetime(2026, 9, 29, 10, 0, 17, 482_913, tzinfo=SHANGHAI)
    opens = datetime(2026, 10, 1, 21, 0, tzinfo=SHANGHAI)
    values = {"opens_at": opens, "closes_at": opens + timedelta(hours=2), "at": at}

    assert refused(lambda: make_time(case=case, actor=officer, **values)) == "opens_at"


def test_a_stricter_limit_ends_an_agreement_earlier(case, officer, office, settings):
    settings.CONDUCT = {"CN": {"exception_max_days": 2}}

    assert refused(lambda: make_time(case=case, actor=officer)) == "opens_at"
    made = make_consent(case=case, address=office, actor=officer)
    assert made.expires_at == AT + timedelta(days=2)


def test_a_place_is_a_workplace_or_a_relatives_home_of_the_person(case, officer, office, shanghai, approver):
    stranger = make_office(borrower=make_case(territory=shanghai).borrower)
    wrong = make_office(borrower=case.borrower, verdict="INVALID")
    home = case.borrower.addresses.get(kind="RESIDENCE")
    school = make_address(borrower=case.borrower, kind="SCHOOL")
    for address in (None, stranger, wrong, home, school):
        assert refused(lambda address=address: make_consent(case=case, address=address, actor=officer)) == "address"
    assert refused(lambda: make_consent(case=case, address=office, actor=officer, evidence_ref=" ")) == "evidence_ref"

    twin = make_case(territory=shanghai)
    merged_by_number(case.borrower, twin.borrower, approver=approver)
    theirs = make_office(borrower=twin.borrower, kind="RELATIVE")
    made = make_consent(case=case, address=theirs, actor=officer, last_day=date(2026, 3, 9))
    assert (made.place, made.expires_at) == ("RELATIVE", datetime(2026, 3, 10, tzinfo=SHANGHAI))


def test_neither_the_system_nor_a_crew_nor_an_agency_records_or_withdraws(case, placement, agency, pair, officer):
    made = make_time(case=case, actor=officer)
    people = [None, pair[0].user, make_coordinator(agency=agency)]

    for actor in people:
        with pytest.raises(NotAllowed):
            make_time(case=case, actor=actor)
        with pytest.raises(NotAllowed):
            withdraw_agreement(agreement=made, actor=actor, at=AT)
    assert VisitAgreement.objects.filter(withdrawn_at=None).count() == 1


def test_no_role_of_an_outside_firm_and_no_program_may_record_or_withdraw():
    outside = [card for card in CARDS.values() if card.reach in (Reach.AGENCY, Reach.CREW)] + [CARDS[Role.MACHINE]]

    assert len(outside) == 3
    assert [card.permissions & {RECORD, WITHDRAW} for card in outside] == [frozenset()] * 3


@pytest.mark.parametrize("role", ["REVIEWER", "APPROVER", "AUDITOR", "RISK_MANAGER"])
def test_who_only_reads_agreements_records_and_withdraws_none(role, case, officer, person):
    made = make_time(case=case, actor=officer)
    reader = person(role, name="reader")

    with pytest.raises(NotAllowed):
        make_time(case=case, actor=reader)
    with pytest.raises(NotAllowed):
        withdraw_agreement(agreement=made, actor=reader, at=AT)


def test_nobody_records_or_withdraws_for_a_case_of_another_territory(case, officer, person, chengdu):
    far = person("CASE_OFFICER", name="far", territories=(chengdu,))
    made = make_time(case=case, actor=officer)

    with pytest.raises(NotAllowed):
        make_time(case=case, actor=far)
    with pytest.raises(NotAllowed):
        withdraw_agreement(agreement=made, actor=far, at=AT)


def test_an_order_of_another_case_is_refused(case, officer, shanghai, approver):
    other = make_order(case=make_case(territory=shanghai), placement=None, state="DRAFT", approver=approver)

    with pytest.raises(NotAllowed):
        make_time(case=case, order=other, actor=officer)


@pytest.mark.parametrize(
    ("state", "after"), [("SCHEDULED", "APPROVED"), ("ACCEPTED", "APPROVED"), ("EN_ROUTE", "ABORTED")]
)
def test_a_visit_that_is_planned_for_another_time_is_taken_back(state, after, case, placement, pair, approver, officer):
    order = make_order(case=case, placement=placement, state=state, approver=approver, pair=pair)

    make_time(case=case, order=order, actor=officer)

    assert VisitOrder.objects.get(pk=order.pk).state == after


def test_a_visit_that_is_planned_for_that_time_already_stays(case, placement, pair, approver, officer):
    order = make_order(case=case, placement=placement, state="ACCEPTED", approver=approver, pair=pair)
    starts = order.planned_arrival_at

    make_time(case=case, order=order, actor=officer, opens_at=starts, closes_at=starts + timedelta(hours=2))
    assert VisitOrder.objects.get(pk=order.pk).state == "ACCEPTED"

    make_time(case=case, order=order, actor=officer, opens_at=starts + SECOND, closes_at=starts + timedelta(hours=3))
    assert VisitOrder.objects.get(pk=order.pk).state == "APPROVED"


def test_a_withdrawal_is_an_event_and_ends_what_says_the_same(case, office, officer, dispatcher, shanghai, approver):
    twin = make_case(territory=shanghai)
    merged_by_number(case.borrower, twin.borrower, approver=approver)
    first, again = (make_consent(case=case, address=office, actor=officer) for _one in range(2))
    elsewhere = make_consent(case=case, address=make_office(borrower=case.borrower), actor=officer)
    evening = make_time(case=twin, actor=officer)
    stranger = make_time(case=make_case(territory=shanghai), actor=officer)
    at = AT + timedelta(hours=1)

    withdraw_agreement(agreement=again, actor=dispatcher, at=at, note="来电撤回")

    ended = VisitAgreement.objects.filter(withdrawn_at=at, withdrawn_by=dispatcher).order_by("pk")
    assert list(ended) == [first, again]
    assert set(VisitAgreement.objects.filter(withdrawn_at=None)) == {elsewhere, evening, stranger}
    bodies = [entry.body for entry in AuditEntry.objects.filter(action="visitagreement.withdrawn").order_by("pk")]
    assert bodies == [{"kind": "PLACE", "named": str(again)}] * 2
    lines = CaseEvent.objects.filter(case=case, body__action="withdrawn_PLACE").order_by("pk")
    assert [(line.body["agreement"], line.note) for line in lines] == [(str(each), "来电撤回") for each in ended]


def test_times_that_overlap_are_withdrawn_together(case, officer):
    evening = make_time(case=case, actor=officer)
    later = make_time(
        case=case,
        actor=officer,
        opens_at=CLOSES - timedelta(hours=1, minutes=1),
        closes_at=CLOSES + timedelta(minutes=59),
    )
    next_day = make_time(
        case=case, actor=officer, opens_at=OPENS + timedelta(days=1), closes_at=CLOSES + timedelta(days=1)
    )

    withdraw_agreement(agreement=evening, actor=officer, at=AT)

    assert set(VisitAgreement.objects.exclude(withdrawn_at=None)) == {evening, later}
    with pytest.raises(StateConflict):
        withdraw_agreement(agreement=later, actor=officer, at=AT)
    with pytest.raises(InvalidInput):
        withdraw_agreement(agreement=next_day, actor=officer, at=AT, note="n" * 301)


@pytest.mark.parametrize(
    "change",
    [
        {"evidence_ref": "REC-2"},
        {"expires_at": AT + timedelta(days=29)},
        {"closes_at": CLOSES + SECOND},
        {"withdrawn_at": AT},
    ],
)
def test_the_database_refuses_to_change_what_was_recorded(change, case, officer):
    make_time(case=case, actor=officer)

    with pytest.raises(IntegrityError), transaction.atomic():
        VisitAgreement.objects.update(**change)


def test_the_database_refuses_to_take_a_withdrawal_back(case, officer):
    withdraw_agreement(agreement=make_time(case=case, actor=officer), actor=officer, at=AT)

    with pytest.raises(IntegrityError), transaction.atomic():
        VisitAgreement.objects.update(withdrawn_at=None, withdrawn_by=None)


@pytest.mark.parametrize(
    "fields",
    [
        {"evidence_ref": ""},
        {"expires_at": AT + timedelta(days=30, microseconds=1)},
        {"place": "EMPLOYER"},
        {"closes_at": OPENS},
        {"kind": "PLACE"},
        {"withdrawn_at": AT},
    ],
)
def test_the_database_refuses_an_agreement_that_is_none(fields, case, officer):
    values = {
        "case": case,
        "kind": "TIME",
        "opens_at": OPENS,
        "closes_at": CLOSES,
        "is_outside_hours": True,
        "granted_at": AT,
        "expires_at": AT + timedelta(days=30),
        "evidence_ref": "REC-1",
        "recorded_by": officer,
    }

    with pytest.raises(IntegrityError), transaction.atomic():
        VisitAgreement.objects.create(**values | fields)
    VisitAgreement.objects.create(**values)
