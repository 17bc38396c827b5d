"""Contacts that were reported use up their permits; what was wrong with them is kept as breaches."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.models import ContactAttempt, ContactBreach, ContactPermit, ContactSource
from cases.services.contacts.permits import release_permit
from cases.services.contacts.reports import judge_contacts
from cases.services.contacts.wishes import record_wish
from tests.factories.contacts import ask, report
from tests.factories.people import make_sharing, merged
from tests.factories.portfolio import AT, TODAY, make_borrower, make_phone, make_related

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def borrower(shanghai: Any) -> Any:
    return make_borrower(territory=shanghai)


def breaches(**by: Any) -> list[tuple[str, str]]:
    rows = ContactBreach.objects.filter(**by).order_by("contact_ref", "kind")
    return list(rows.values_list("contact_ref", "kind"))


def kinds_of(attempt: Any) -> list[str]:
    return [kind for _ref, kind in breaches(contact_ref=attempt.external_ref)]


def test_a_contact_uses_its_permit(borrower: Any) -> None:
    phone = make_phone(borrower=borrower)
    permit = ask(borrower=borrower, phone=phone)

    attempt = report(borrower=borrower, phone=phone, permit_ref=permit.reference, at=AT + 5 * MINUTE)

    permit.refresh_from_db()
    assert (permit.state, permit.used_by, permit.settled_at) == ("USED", attempt.external_ref, AT + 5 * MINUTE)
    assert (attempt.permit_ref, attempt.source.kind) == (permit.reference, "DESK")
    assert breaches() == []


def test_a_report_that_leaves_out_the_number_counts_for_that_of_its_permit(borrower: Any) -> None:
    phone = make_phone(borrower=borrower)
    permit = ask(borrower=borrower, phone=phone)

    report(borrower=borrower, channel="VOICE", permit_ref=permit.reference, at=AT + SECOND)

    assert bytes(ContactAttempt.objects.get().number_index) == bytes(phone.number_index)
    assert breaches() == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, []),
        # A dialler logs whole seconds.
        ({"attempted_at": AT.replace(microsecond=0)}, []),
        ({"attempted_at": AT.replace(microsecond=0) - SECOND}, ["OUTSIDE_VALIDITY"]),
        ({"attempted_at": AT + 15 * MINUTE - SECOND, "at": AT + 20 * MINUTE}, []),
        ({"attempted_at": AT + 15 * MINUTE, "at": AT + 20 * MINUTE}, ["OUTSIDE_VALIDITY"]),
        ({"attempted_at": AT, "at": AT + 75 * MINUTE - SECOND}, []),
        ({"attempted_at": AT, "at": AT + 75 * MINUTE}, ["OUTSIDE_VALIDITY", "REPORTED_LATE"]),
        ({"channel": "SMS"}, ["OTHER_CHANNEL"]),
        ({"permit_ref": "CP-nobody"}, ["UNKNOWN_PERMIT"]),
    ],
)
def test_a_permit_is_good_for_its_time_channel_and_nothing_else(
    borrower: Any, fields: dict[str, Any], expected: list[str]
) -> None:
    permit = ask(borrower=borrower)

    attempt = report(borrower=borrower, **{"permit_ref": permit.reference} | fields)

    found = kinds_of(attempt)
    if "REPORTED_LATE" in expected:
        # Late is enough of a reason; the contact itself was made in time.
        expected = ["REPORTED_LATE"]
    assert found == expected
    permit.refresh_from_db()
    assert permit.state == ("RESERVED" if expected else "USED")


def test_a_permit_of_another_number_or_person_is_none(borrower: Any, shanghai: Any) -> None:
    mine, second = make_phone(borrower=borrower), make_phone(borrower=borrower, number="13800000001")
    stranger = make_borrower(territory=shanghai, id_number="")
    permit = ask(borrower=borrower, phone=mine)

    other_number = report(borrower=borrower, phone=second, permit_ref=permit.reference)
    other_person = report(borrower=stranger, channel="VOICE", permit_ref=permit.reference)

    assert (kinds_of(other_number), kinds_of(other_person)) == (["OTHER_NUMBER"], ["OTHER_PERSON"])
    permit.refresh_from_db()
    assert permit.state == "RESERVED"


def test_a_permit_of_the_person_serves_any_of_their_borrowers(shanghai: Any, risk_manager: Any) -> None:
    one, two = make_sharing(territory=shanghai)
    merged(one, two, approver=risk_manager)

    report(borrower=two, permit_ref=ask(borrower=one).reference)

    assert breaches() == []


def test_a_permit_is_used_once(borrower: Any) -> None:
    permit = ask(borrower=borrower)

    first, second = (report(borrower=borrower, permit_ref=permit.reference) for _time in range(2))

    assert (kinds_of(first), kinds_of(second)) == ([], ["USED_TWICE"])


def test_a_contact_against_a_no_or_with_a_permit_that_was_given_back(borrower: Any) -> None:
    given_back = release_permit(permit=ask(borrower=borrower), actor=None, at=AT)
    for _each in range(3):
        report(borrower=borrower)
    refused = ask(borrower=borrower)

    gone, against = (report(borrower=borrower, permit_ref=each.reference) for each in (given_back, refused))

    assert kinds_of(gone) == ["CONVERSATIONS_A_DAY", "PERMIT_GONE"]
    assert kinds_of(against) == ["CONVERSATIONS_A_DAY", "DESPITE_REFUSAL"]


def test_permits_are_asked_of_a_source_from_its_day_on(borrower: Any, officer: Any) -> None:
    before = report(borrower=borrower, actor=officer)
    ContactSource.objects.update(permits_from=TODAY)

    after = report(borrower=borrower, actor=officer)
    yesterday = report(borrower=borrower, actor=officer, attempted_at=AT - timedelta(days=1))
    inbound = report(borrower=borrower, actor=officer, direction="INBOUND")

    assert [kinds_of(each) for each in (before, after, yesterday, inbound)] == [[], ["NO_PERMIT"], [], []]


@pytest.mark.parametrize(
    ("local", "channel", "expected"),
    [
        ((7, 59, 59), "APP", ["QUIET_HOURS"]),
        ((8, 0, 0), "APP", []),
        ((21, 59, 59), "SMS", []),
        ((22, 0, 0), "SMS", ["QUIET_HOURS"]),
        ((22, 0, 0), "LETTER", []),
    ],
)
def test_quiet_hours_to_the_second(
    borrower: Any, local: tuple[int, int, int], channel: str, expected: list[str]
) -> None:
    hour, minute, second = local
    moment = AT.replace(hour=0, minute=0, second=0) + timedelta(hours=hour - 8, minutes=minute, seconds=second)

    attempt = report(borrower=borrower, channel=channel, attempted_at=moment, at=AT + timedelta(days=1))

    assert kinds_of(attempt) == expected


def test_hours_are_those_of_the_territory(db: Any) -> None:
    from backoffice.access.models import Territory

    sydney = Territory.objects.create(code="NSW", name="悉尼", jurisdiction="AU", time_zone="Australia/Sydney")
    urumqi = Territory.objects.create(code="650100", name="乌鲁木齐", time_zone="Asia/Urumqi")
    aussie, uyghur = make_borrower(territory=sydney), make_borrower(territory=urumqi, id_number="")
    # 7 March 2026 is a Saturday; Sydney is eleven hours ahead in its summer.
    saturday, friday = AT.replace(day=6, hour=21, minute=45), AT.replace(day=5, hour=21, minute=45)

    found = [
        kinds_of(report(borrower=borrower, attempted_at=moment, at=AT + timedelta(days=9)))
        for borrower, moment in (
            (aussie, saturday),
            (aussie, friday),
            (uyghur, AT.replace(hour=0, minute=0)),
            (uyghur, AT.replace(hour=14, minute=0)),
        )
    ]

    assert found == [["QUIET_HOURS"], [], [], ["QUIET_HOURS"]]


def test_a_wish_of_the_borrower_is_no_breach(borrower: Any, officer: Any) -> None:
    record_wish(
        borrower=borrower,
        kind="ALSO_THEN",
        opens=time(22),
        closes=time(23),
        last_day=TODAY,
        evidence_ref="REC-1",
        actor=officer,
        at=AT,
    )
    moments = [AT.replace(hour=14), AT.replace(hour=15), AT.replace(hour=14) + timedelta(days=1)]

    found = [kinds_of(report(borrower=borrower, attempted_at=m, at=AT + timedelta(days=2))) for m in moments]

    assert found == [[], ["QUIET_HOURS"], ["QUIET_HOURS"]]


def test_holidays_count_where_the_operator_says_so(borrower: Any, settings: Any) -> None:
    national_day = AT.replace(month=10, day=1)
    allowed = report(borrower=borrower, attempted_at=national_day, at=national_day)
    settings.CONTACT = {"CN": {"holidays_off": True}}

    refused = report(borrower=borrower, attempted_at=national_day, at=national_day)

    assert (kinds_of(allowed), kinds_of(refused)) == ([], ["HOLIDAY"])


def test_the_fourth_conversation_of_the_person_is_a_breach(shanghai: Any, risk_manager: Any) -> None:
    one, two = make_sharing(territory=shanghai)
    merged(one, two, approver=risk_manager)
    attempts = [report(borrower=(one, two)[n % 2], attempted_at=AT - n * MINUTE) for n in range(3)]
    tomorrow = report(borrower=one, at=AT + timedelta(days=1))
    unanswered = report(borrower=one, outcome="NO_ANSWER")

    # It was made before the others: by time the one at the end of the day is the fourth.
    early = report(borrower=two, attempted_at=AT - 9 * MINUTE)

    assert [kinds_of(each) for each in (*attempts, early, tomorrow, unanswered)] == [
        ["CONVERSATIONS_A_DAY"],
        [],
        [],
        [],
        [],
        [],
    ]


def test_a_contact_with_a_permit_goes_before_those_without(borrower: Any) -> None:
    permit = ask(borrower=borrower)
    without = [report(borrower=borrower, attempted_at=AT - n * MINUTE) for n in range(3)]

    permitted = report(borrower=borrower, permit_ref=permit.reference, at=AT + MINUTE)

    assert [kinds_of(each) for each in (*without, permitted)] == [["CONVERSATIONS_A_DAY"], [], [], []]


def test_the_seventh_try_of_a_number_is_a_breach_whoever_is_called(borrower: Any, shanghai: Any) -> None:
    partner = make_borrower(territory=shanghai, id_number="")
    phones = {each: make_phone(borrower=each) for each in (borrower, partner)}
    attempts = [
        report(borrower=each, phone=phones[each], outcome="BUSY", attempted_at=AT - (9 - n) * MINUTE)
        for n, each in enumerate([borrower, partner] * 3 + [borrower])
    ]

    assert [kinds_of(each) for each in attempts] == [[]] * 6 + [["TRIES_A_NUMBER"]]


def test_a_refused_number_is_a_breach(borrower: Any, officer: Any) -> None:
    from cases.services.contacts.stops import stop_number

    stop_number(related=make_related(borrower=borrower, number="13800000000"), actor=officer, at=AT)

    attempt = report(borrower=borrower, phone=make_phone(borrower=borrower), outcome="BUSY")

    assert kinds_of(attempt) == ["NUMBER_STOPPED"]


def test_old_history_and_contacts_of_unknown_sources_are_left_alone(borrower: Any) -> None:
    night = AT.replace(hour=15)
    old = report(borrower=borrower, attempted_at=night - timedelta(days=91), at=night)
    new = report(borrower=borrower, attempted_at=night - timedelta(days=90), at=night)
    ContactAttempt.objects.create(
        borrower=borrower, external_ref="H1", channel="APP", outcome="READ", attempted_at=night, created_at=night
    )

    with transaction.atomic():
        judged = judge_contacts(refs=["H1"], first=night, last=night, at=night)

    assert (kinds_of(old), kinds_of(new), judged, breaches(contact_ref="H1")) == ([], ["QUIET_HOURS"], 0, [])
    assert judge_contacts(refs=[], first=night, last=night, at=night) == 0


def test_judging_again_adds_nothing(borrower: Any) -> None:
    attempt = report(borrower=borrower, attempted_at=AT.replace(hour=15), at=AT + timedelta(days=1))

    with transaction.atomic():
        again = judge_contacts(
            refs=[attempt.external_ref],
            first=attempt.attempted_at,
            last=attempt.attempted_at,
            at=AT + timedelta(days=1),
        )

    assert (again, kinds_of(attempt)) == (0, ["QUIET_HOURS"])


@pytest.mark.parametrize("many", [1, 40])
def test_three_statements_however_many_contacts(borrower: Any, many: int) -> None:
    source = ContactSource.objects.create(kind="FEED", name="f", permits_from=date(2026, 1, 1), created_at=AT)
    rows = ContactAttempt.objects.bulk_create(
        ContactAttempt(
            borrower=borrower,
            external_ref=f"N{number}",
            channel="APP",
            outcome="READ",
            right_party=True,
            attempted_at=AT - number * MINUTE,
            source=source,
            created_at=AT,
        )
        for number in range(many)
    )

    with transaction.atomic(), CaptureQueriesContext(connection) as spent:
        found = judge_contacts(refs=[row.external_ref for row in rows], first=AT - many * MINUTE, last=AT, at=AT)

    assert len(spent) == 3
    # Each without a permit, and all but the first three of the day beyond the cap.
    assert found == many + max(0, many - 3)
    assert ContactPermit.objects.count() == 0
