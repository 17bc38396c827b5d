"""What the guard is told about a borrower: attempts, protections, reasons and payments as they stand."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from cases.models import Account, BorrowerFlag, ContactAttempt, PromiseToPay, Repayment
from tests.factories.people import merged_by_number
from tests.factories.portfolio import make_overdue, make_phone, take_back
from tests.factories.visits import AT, TODAY, make_agency, make_case, make_member, make_order, make_placement
from visits.enums import Protection
from visits.selectors.conduct import OFFICIAL_ZONE, conduct_histories, conduct_history


@pytest.fixture
def case(shanghai):
    return make_case(territory=shanghai, is_tried=False)


def known(case, at=AT):
    return conduct_history(borrower_id=case.borrower_id, at=at)


def promise(case, *, due_on):
    PromiseToPay.objects.create(
        borrower=case.borrower,
        account=Account.objects.get(borrower=case.borrower),
        external_ref=f"promise-{due_on}",
        channel="VOICE",
        amount=Decimal(100),
        promised_on=TODAY,
        due_on=due_on,
        created_at=AT,
        updated_at=AT,
    )


def tried(case, *, days_ago, hour=10, channel="VOICE", outcome="NO_ANSWER", **fields):
    # Hours are Shanghai's.
    at = AT.replace(hour=0) - timedelta(days=days_ago) + timedelta(hours=hour - 8)
    ContactAttempt.objects.create(
        borrower=case.borrower,
        external_ref=f"K{ContactAttempt.objects.count()}",
        channel=channel,
        outcome=outcome,
        attempted_at=at,
        created_at=at,
        **fields,
    )


def test_attempts_are_counted_by_day_channel_and_part_of_the_day(case):
    for days_ago, hour, channel in (
        (9, 10, "VOICE"),
        (8, 14, "VOICE"),
        (7, 19, "VOICE"),
        (5, 9, "SMS"),
        (3, 9, "APP"),
        (3, 9, "APP"),
    ):
        tried(
            case,
            days_ago=days_ago,
            hour=hour,
            channel=channel,
            outcome="NO_ANSWER" if channel == "VOICE" else "DELIVERED",
        )
    tried(case, days_ago=91)
    tried(case, days_ago=2, channel="LETTER")
    tried(case, days_ago=2, direction="INBOUND")

    attempts = known(case).attempts

    assert (attempts.attempts, attempts.days_spanned, attempts.channels, attempts.dayparts) == (6, 7, 3, 3)
    assert (attempts.voice_failure_days, attempts.right_party_contacts, attempts.days_since_app_use) == (3, 0, None)


def test_reaching_the_borrower_starts_the_failures_anew(case):
    tried(case, days_ago=9)
    tried(case, days_ago=8, outcome="RIGHT_PARTY", right_party=True)
    tried(case, days_ago=7)

    attempts = known(case).attempts

    assert (attempts.voice_failure_days, attempts.right_party_contacts) == (1, 1)


def test_numbers_are_all_invalid_only_if_there_are_any(case):
    assert not known(case).attempts.all_numbers_invalid
    make_phone(borrower=case.borrower, verdict="INVALID")
    assert known(case).attempts.all_numbers_invalid
    make_phone(borrower=case.borrower, number="13900000000", verdict="UNKNOWN")
    assert not known(case).attempts.all_numbers_invalid


def test_app_use_is_the_later_of_login_and_payment(case):
    type(case.borrower).objects.filter(pk=case.borrower_id).update(last_app_login_at=AT - timedelta(days=20))
    assert known(case).attempts.days_since_app_use == 20
    paid = Repayment.objects.create(
        account=Account.objects.get(), external_ref="p", amount=1, paid_on=TODAY - timedelta(days=4), created_at=AT
    )
    assert (known(case).attempts.days_since_app_use, known(case).last_payment_at) == (4, AT)
    take_back(repayment=paid, on=TODAY)
    assert (known(case).attempts.days_since_app_use, known(case).last_payment_at) == (20, None)


def test_a_flag_holds_through_its_last_day_in_shanghai(case):
    BorrowerFlag.objects.create(
        borrower=case.borrower, kind="CEASE", source="CALL", set_at=AT, expires_on=date(2026, 3, 9)
    )

    (flag,) = known(case).flags

    assert flag.kind == "CEASE"
    assert flag.until.isoformat() == "2026-03-10T00:00:00+08:00"


def test_a_cleared_flag_does_not_protect(case):
    BorrowerFlag.objects.create(borrower=case.borrower, kind="CEASE", source="CALL", set_at=AT, cleared_at=AT)

    assert known(case).flags == ()


@pytest.mark.parametrize(
    ("amount", "paid_on", "booked", "protected"),
    [
        # In full, after the account was last brought: paid, though the account does not show it yet.
        ("32000", TODAY, AT + timedelta(hours=1), True),
        ("31999", TODAY, AT + timedelta(hours=1), False),
        # The account's figures already count it.
        ("32000", TODAY, AT, False),
        ("32000", TODAY - timedelta(days=1), AT + timedelta(hours=1), False),
    ],
)
def test_a_borrower_who_paid_in_full_is_protected(amount, paid_on, booked, protected, case):
    paid = Repayment.objects.create(
        account=Account.objects.get(), external_ref="p", amount=Decimal(amount), paid_on=paid_on, created_at=booked
    )

    assert [flag.kind for flag in known(case, at=AT + timedelta(hours=2)).flags] == (["PAID"] if protected else [])
    take_back(repayment=paid, on=TODAY, amount=1)
    assert known(case, at=AT + timedelta(hours=2)).flags == ()


def test_muted_and_ended_hits_are_no_reasons(case):
    assert known(case).reasons == {"UNREACHABLE"}
    case.borrower.hits.update(muted=True)
    assert known(case).reasons == frozenset()
    case.borrower.hits.update(muted=False, left_on=TODAY)
    assert known(case).reasons == frozenset()


def test_only_open_promises_wait_and_the_latest_counts(case):
    for number, (due_on, state) in enumerate(
        ((date(2026, 3, 5), "OPEN"), (date(2026, 3, 8), "OPEN"), (date(2026, 4, 1), "BROKEN"))
    ):
        PromiseToPay.objects.create(
            borrower=case.borrower,
            account=Account.objects.get(),
            external_ref=f"p{number}",
            channel="VOICE",
            amount=1,
            promised_on=TODAY,
            due_on=due_on,
            state=state,
            settled_on=None if state == "OPEN" else TODAY,
            created_at=AT,
            updated_at=AT,
        )

    assert known(case).history.promise_due_on == date(2026, 3, 8)


def test_what_limits_a_person_counts_for_each_of_their_borrowers(shanghai, risk_manager, approver):
    case, other, stranger = (make_case(territory=shanghai, is_tried=False) for _each in range(3))
    agency = make_agency(territory=shanghai)
    pair = make_member(agency=agency), make_member(agency=agency)
    placement = make_placement(case=other, agency=agency)
    make_order(case=other, placement=placement, state="SCHEDULED", approver=approver, pair=pair)
    merged_by_number(case.borrower, other.borrower, approver=risk_manager)
    BorrowerFlag.objects.create(borrower=other.borrower, kind="CEASE", source="LETTER", set_at=AT)
    promise(other, due_on=TODAY + timedelta(days=9))
    tried(other, days_ago=2, outcome="RIGHT_PARTY", right_party=True)
    make_phone(borrower=case.borrower, verdict="INVALID")
    make_phone(borrower=other.borrower, number="13900000000", verdict="UNKNOWN")

    known_of = {each: known(each) for each in (case, other, stranger)}

    for each in (case, other):
        facts = known_of[each]
        assert [visit.placement_ref for visit in facts.history.visits] == [str(placement.pk)]
        assert facts.history.promise_due_on == TODAY + timedelta(days=9)
        assert [flag.kind for flag in facts.flags] == ["CEASE"]
        assert (facts.attempts.right_party_contacts, facts.attempts.all_numbers_invalid) == (1, False)
    assert (known_of[stranger].history.visits, known_of[stranger].flags) == ((), ())


def test_reasons_are_those_of_the_person(shanghai, risk_manager):
    case, stranger = (make_case(territory=shanghai, is_tried=False) for _each in range(2))
    other = make_overdue(territory=shanghai)
    merged_by_number(case.borrower, other.borrower, approver=risk_manager)
    stranger.borrower.hits.update(left_on=TODAY)

    found = conduct_histories(borrower_ids=[case.borrower_id, other.borrower_id, stranger.borrower_id], at=AT)

    assert [found[each].reasons for each in (case.borrower_id, other.borrower_id, stranger.borrower_id)] == [
        {"UNREACHABLE"},
        {"UNREACHABLE"},
        frozenset(),
    ]


@pytest.mark.parametrize("number", [1, 3])
def test_the_number_of_queries_does_not_depend_on_the_borrowers(number, shanghai, django_assert_num_queries):
    cases = [make_case(territory=shanghai, is_tried=False) for _each in range(number)]
    for each in cases:
        tried(each, days_ago=2)

    with django_assert_num_queries(16):
        conduct_histories(borrower_ids=[each.borrower_id for each in cases], at=AT)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        # Seventy on the day of AT, and on the last day that is looked ahead to.
        ("999999195603020017", [(Protection.AGED, AT.date())]),
        ("110105560302001", [(Protection.AGED, AT.date())]),
        ("999999195604020017", [(Protection.AGED, AT.date() + timedelta(days=31))]),
        ("999999195604030017", []),
        ("E12345678", []),
    ],
)
def test_the_age_of_the_person_is_read_from_the_identity_number(case, number, expected):
    case.borrower.id_number = number
    case.borrower.save()

    found = known(case).flags

    assert [(flag.kind, flag.not_before.astimezone(OFFICIAL_ZONE).date()) for flag in found] == expected
