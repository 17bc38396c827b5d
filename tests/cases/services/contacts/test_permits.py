"""Asking whether a person may be contacted: one budget for all borrowers, channels and askers of the person."""

from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.access.models import Territory
from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from cases.models import BorrowerFlag, ContactAttempt, ContactPermit
from cases.services.contacts.permits import ask_permit, release_permit
from tests.factories.contacts import ask, report, rules
from tests.factories.people import make_sharing, merged
from tests.factories.portfolio import AT, make_borrower, make_phone, make_related

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def borrower(shanghai: Any) -> Any:
    return make_borrower(territory=shanghai)


@pytest.fixture
def dialler(person: Any) -> Any:
    return person("MACHINE", name="dialler", scopes=["contacts:ask", "portfolio:write"])


def test_a_yes_reserves_the_place_and_leaves_a_trail(borrower: Any, dialler: Any) -> None:
    phone = make_phone(borrower=borrower)

    permit = ask_permit(
        borrower=borrower,
        channel="VOICE",
        purpose="COLLECTION",
        request_id="call-1",
        phone=phone,
        actor=dialler,
        at=AT,
    )

    assert permit.granted
    assert (permit.state, permit.refusals, permit.policy_version) == ("RESERVED", [], "CN-1")
    assert (permit.asked_at, permit.valid_until) == (AT, AT + 15 * MINUTE)
    assert permit.counts_until == AT + 75 * MINUTE
    assert (permit.asked_by, permit.phone, bytes(permit.number_index)) == (dialler, phone, bytes(phone.number_index))
    entry = AuditEntry.objects.get(action="contactpermit.asked")
    assert (entry.actor_id, entry.subject_id) == (dialler.pk, str(permit.pk))
    assert entry.body == {
        "borrower": borrower.pk,
        "channel": "VOICE",
        "purpose": "COLLECTION",
        "state": "RESERVED",
        "rules": [],
        "policy": "CN-1",
    }


def test_a_no_names_every_clause_and_is_kept(borrower: Any) -> None:
    BorrowerFlag.objects.create(borrower=borrower, kind="CEASE", source="CALL", set_at=AT, expires_on=date(2026, 3, 9))

    permit = ask(borrower=borrower, at=AT + timedelta(hours=12))

    assert (permit.state, permit.valid_until, permit.counts_until) == ("REFUSED", None, None)
    assert permit.refusals == [
        {
            "rule": "CIRCUMSTANCE",
            "source": "House rule: circumstances; complaints measures; CONC 7; RBI",
            "until": "2026-03-09T16:00:00+00:00",
            "about": "CEASE",
        },
        {
            "rule": "QUIET_HOURS",
            "source": "GB/T 45251-2025; CBA 2026 guideline",
            "until": "2026-03-03T00:00:00+00:00",
            "about": None,
        },
    ]


def test_the_fourth_conversation_is_refused_whichever_loan_channel_or_client_asks(
    shanghai: Any, risk_manager: Any, officer: Any, dialler: Any
) -> None:
    one, two = make_sharing(territory=shanghai)
    merged(one, two, approver=risk_manager)
    report(borrower=one, phone=make_phone(borrower=one), actor=dialler)
    report(borrower=two, actor=officer)
    third = ask(borrower=one, actor=dialler, at=AT + SECOND)

    answers = [ask(borrower=each, actor=who, at=AT + 2 * SECOND) for each, who in ((one, officer), (two, dialler))]

    assert third.state == "RESERVED"
    assert [rules(each) for each in answers] == [["CONVERSATIONS_A_DAY"]] * 2
    # The place is free again once it is given back.
    release_permit(permit=third, actor=dialler, at=AT + 3 * SECOND)
    assert ask(borrower=two, at=AT + 4 * SECOND).state == "RESERVED"


def test_inbound_contacts_do_not_count(borrower: Any) -> None:
    for _each in range(4):
        report(borrower=borrower, direction="INBOUND")

    assert ask(borrower=borrower).state == "RESERVED"


def test_a_contact_uses_its_permit_and_counts_once(borrower: Any) -> None:
    phone = make_phone(borrower=borrower)
    for minute in range(6):
        permit = ask(borrower=borrower, phone=phone, at=AT + minute * MINUTE)
        assert permit.state == "RESERVED"
        report(
            borrower=borrower,
            phone=phone,
            outcome="NO_ANSWER",
            permit_ref=permit.reference,
            at=AT + minute * MINUTE + SECOND,
        )

    assert rules(ask(borrower=borrower, phone=phone, at=AT + 7 * MINUTE)) == ["TRIES_A_NUMBER"]
    # Another number has its own tries.
    other = make_phone(borrower=borrower, number="13800000001")
    assert ask(borrower=borrower, phone=other, at=AT + 7 * MINUTE).state == "RESERVED"


def test_people_who_share_a_telephone_share_its_tries(borrower: Any, shanghai: Any) -> None:
    partner = make_borrower(territory=shanghai, id_number="")
    mine, theirs = make_phone(borrower=borrower), make_phone(borrower=partner)
    for _each in range(5):
        report(borrower=partner, phone=theirs, outcome="BUSY")
    sixth = ask(borrower=partner, phone=theirs, at=AT + SECOND)

    assert sixth.state == "RESERVED"
    assert rules(ask(borrower=borrower, phone=mine, at=AT + SECOND)) == ["TRIES_A_NUMBER"]
    report(borrower=partner, phone=theirs, outcome="BUSY", permit_ref=sixth.reference, at=AT + MINUTE)
    assert rules(ask(borrower=borrower, phone=mine, at=AT + 2 * MINUTE)) == ["TRIES_A_NUMBER"]


def test_a_permit_that_nobody_used_stops_counting(borrower: Any) -> None:
    held = [ask(borrower=borrower) for _each in range(3)]
    ends = AT + 75 * MINUTE

    assert rules(ask(borrower=borrower, at=ends - SECOND)) == ["CONVERSATIONS_A_DAY"]
    assert ask(borrower=borrower, at=ends).state == "RESERVED"
    assert set(ContactPermit.objects.filter(pk__in=[each.pk for each in held]).values_list("state", "settled_at")) == {
        ("EXPIRED", ends)
    }


def test_a_late_report_cannot_use_a_place_that_was_given_away(borrower: Any) -> None:
    late = ask(borrower=borrower)
    for _each in range(2):
        report(borrower=borrower)
    taken = ask(borrower=borrower, at=AT + 75 * MINUTE)

    # The report's clock is behind: the place is gone all the same.
    report(borrower=borrower, permit_ref=late.reference, attempted_at=AT + MINUTE, at=AT + 74 * MINUTE)

    late.refresh_from_db()
    assert (late.state, taken.state) == ("EXPIRED", "RESERVED")


@pytest.mark.parametrize(
    "kind",
    ["CEASE", "DECEASED", "COMPLAINT", "DISPUTED", "HARDSHIP", "BEREAVED", "HOSPITAL", "FRAUD_CLAIM", "DETAINED"],
)
def test_a_circumstance_of_one_borrower_protects_the_person(kind: str, shanghai: Any, risk_manager: Any) -> None:
    one, two = make_sharing(territory=shanghai)
    merged(one, two, approver=risk_manager)
    BorrowerFlag.objects.create(borrower=one, kind=kind, source="CALL", set_at=AT)

    assert rules(ask(borrower=two)) == ["CIRCUMSTANCE"]


def test_an_answer_to_a_complaint_is_no_collection(borrower: Any) -> None:
    BorrowerFlag.objects.create(borrower=borrower, kind="COMPLAINT", source="CALL", set_at=AT)

    answers = {
        purpose: ask(borrower=borrower, purpose=purpose).granted for purpose in ("COLLECTION", "COMPLAINT_ANSWER")
    }

    assert answers == {"COLLECTION": False, "COMPLAINT_ANSWER": True}


def test_a_declined_talk_leaves_the_person_alone_for_thirty_days(borrower: Any) -> None:
    report(borrower=borrower, outcome="TALK_REFUSED")
    end = AT + timedelta(days=30)

    assert rules(ask(borrower=borrower, at=end - SECOND)) == ["AFTER_REFUSAL"]
    assert ask(borrower=borrower, at=end).granted


def test_a_contact_person_is_asked_only_if_the_borrower_is_unreachable(borrower: Any) -> None:
    related = make_related(borrower=borrower, number="13911112222")
    wanted = {"borrower": borrower, "related": related, "purpose": "RESTORE_CONTACT"}

    assert rules(ask(**wanted)) == ["CONTACT_PERSON"]
    for days in (3, 2, 1):
        report(
            borrower=borrower,
            channel="VOICE",
            outcome="NO_ANSWER",
            attempted_at=AT - timedelta(days=days),
        )
    assert ask(**wanted).granted
    assert rules(ask(borrower=borrower, related=related)) == ["PURPOSE"]


def test_with_a_representative_on_file_only_they_are_contacted(borrower: Any) -> None:
    representative = make_related(
        borrower=borrower, role="REPRESENTATIVE", number="13911113333", ends_on=date(2026, 3, 3)
    )

    direct = ask(borrower=borrower)

    assert [(kept["rule"], kept["until"]) for kept in direct.refusals] == [("REPRESENTED", "2026-03-03T16:00:00+00:00")]
    assert ask(borrower=borrower, related=representative).granted
    assert ask(borrower=borrower, at=AT + timedelta(days=2)).granted


def test_each_territory_has_the_rules_of_its_country(db: Any) -> None:
    new_york = Territory.objects.create(code="NY", name="纽约", jurisdiction="US", time_zone="America/New_York")
    urumqi = Territory.objects.create(code="650100", name="乌鲁木齐", time_zone="Asia/Urumqi")
    american, uyghur = make_borrower(territory=new_york), make_borrower(territory=urumqi, id_number="")
    # 8:00 in New York after the clocks were set forward on 8 March, and the same hour by winter time.
    summer, winter = AT.replace(day=9, hour=12, minute=0), AT.replace(day=7, hour=12, minute=0)

    assert ask(borrower=american, at=summer).granted
    assert rules(ask(borrower=american, at=winter)) == ["QUIET_HOURS"]
    assert ask(borrower=american, at=winter + timedelta(hours=1)).granted
    # 8:00 and 22:00 official time in Urumqi, where the sun says six and twenty.
    opens, closes = AT.replace(hour=0, minute=0, second=0), AT.replace(hour=14, minute=0, second=0)
    assert ask(borrower=uyghur, at=opens).granted
    assert rules(ask(borrower=uyghur, at=opens - SECOND)) == ["QUIET_HOURS"]
    assert ask(borrower=uyghur, at=closes - SECOND).valid_until == closes.replace(microsecond=0)
    assert rules(ask(borrower=uyghur, at=closes)) == ["QUIET_HOURS"]


def test_the_same_request_is_answered_the_same(borrower: Any, dialler: Any, officer: Any) -> None:
    asked = {"borrower": borrower, "request_id": "call-1", "actor": dialler}
    first = ask(**asked)
    BorrowerFlag.objects.create(borrower=borrower, kind="CEASE", source="CALL", set_at=AT)

    again = ask(**asked, at=AT + SECOND)

    assert (again.pk, again.state, again.valid_until) == (first.pk, "RESERVED", first.valid_until)
    with pytest.raises(InvalidInput) as refused:
        ask(**asked, purpose="DUE_REMINDER")
    assert refused.value.field == "request_id"
    # The number of another client is another request.
    assert ask(borrower=borrower, request_id="call-1", actor=officer).pk != first.pk
    assert ContactPermit.objects.count() == 2


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"channel": "PIGEON"}, "channel"),
        ({"channel": "VISIT"}, "channel"),
        ({"purpose": "FUN"}, "purpose"),
        ({"request_id": " "}, "request_id"),
        ({"request_id": "x" * 81}, "request_id"),
        ({"channel": "VOICE"}, "phone_ref"),
        ({"channel": "SMS"}, "phone_ref"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(borrower: Any, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        ask(borrower=borrower, **fields)

    assert refused.value.field == field
    assert ContactPermit.objects.count() == 0


def test_a_number_must_be_the_persons(borrower: Any, shanghai: Any) -> None:
    stranger = make_borrower(territory=shanghai, id_number="")
    phone, related = make_phone(borrower=stranger), make_related(borrower=stranger, number="13911112222")
    silent = make_related(borrower=borrower, number="")

    for fields, field in (
        ({"phone": phone}, "phone_ref"),
        ({"related": related}, "related_ref"),
        ({"related": silent}, "phone_ref"),
        ({"phone": make_phone(borrower=borrower), "related": silent}, "related_ref"),
    ):
        with pytest.raises(InvalidInput) as refused:
            ask(borrower=borrower, **fields)
        assert refused.value.field == field


def test_only_who_asked_gives_a_permit_back_and_once(borrower: Any, dialler: Any, officer: Any, auditor: Any) -> None:
    permit = ask(borrower=borrower, actor=dialler)

    for other in (officer, auditor):
        with pytest.raises(NotAllowed):
            release_permit(permit=permit, actor=other, at=AT)
    released = release_permit(permit=permit, actor=dialler, at=AT + SECOND)
    assert (released.state, released.settled_at) == ("RELEASED", AT + SECOND)
    with pytest.raises(StateConflict):
        release_permit(permit=permit, actor=dialler, at=AT + SECOND)
    assert list(AuditEntry.objects.filter(action="contactpermit.released").values_list("actor_id", flat=True)) == [
        dialler.pk
    ]


def test_who_may_not_ask_learns_nothing(borrower: Any, auditor: Any) -> None:
    with pytest.raises(NotAllowed):
        ask(borrower=borrower, actor=auditor)

    assert ContactPermit.objects.count() == 0


@pytest.mark.parametrize("contacts", [0, 30])
def test_a_question_costs_the_same_whatever_went_before(borrower: Any, contacts: int) -> None:
    phone = make_phone(borrower=borrower)
    ContactAttempt.objects.bulk_create(
        ContactAttempt(
            borrower=borrower,
            external_ref=f"H{number}",
            channel="VOICE",
            outcome="BUSY",
            attempted_at=AT - timedelta(days=number),
            number_index=bytes(phone.number_index),
            created_at=AT,
        )
        for number in range(contacts)
    )

    with CaptureQueriesContext(connection) as spent:
        ask(borrower=borrower, phone=phone)

    assert len(spent) == 21, [query["sql"][:120] for query in spent]


def at_once(work: Any, count: int) -> list[Any]:
    """Run `work(number)` on so many threads that begin together, and return what each returned."""
    start, answers = Barrier(count), [None] * count

    def run(number: int) -> None:
        try:
            start.wait()
            answers[number] = work(number)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_eight_requests_for_the_last_place_get_one_yes(shanghai: Any, risk_manager: Any) -> None:
    one, two = make_sharing(territory=shanghai)
    merged(one, two, approver=risk_manager)
    for borrower in (one, two):
        report(borrower=borrower)

    answers = at_once(lambda number: ask(borrower=(one, two)[number % 2], at=AT + SECOND).state, 8)

    assert sorted(answers) == ["REFUSED"] * 7 + ["RESERVED"]


@pytest.mark.django_db(transaction=True)
def test_people_who_share_a_telephone_get_one_yes_for_its_last_try(shanghai: Any) -> None:
    both = [make_borrower(territory=shanghai, id_number="") for _each in range(2)]
    phones = [make_phone(borrower=each) for each in both]
    for _each in range(5):
        report(borrower=both[0], phone=phones[0], outcome="BUSY")

    answers = at_once(lambda n: ask(borrower=both[n % 2], phone=phones[n % 2], at=AT + SECOND).state, 8)

    assert sorted(answers) == ["REFUSED"] * 7 + ["RESERVED"]


@pytest.mark.django_db(transaction=True)
def test_one_request_sent_eight_times_at_once_is_one_permit(shanghai: Any) -> None:
    borrower = make_borrower(territory=shanghai)

    answers = at_once(lambda _number: ask(borrower=borrower, request_id="call-1").pk, 8)

    assert set(answers) == {ContactPermit.objects.get().pk}
