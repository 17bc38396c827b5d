"""Who may go: crew, agency, mandate, and their arrival at the door."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils.translation import override

from tests.factories.conduct import CN, LAWFUL, NO_HISTORY, NO_NOTICES, NOON, arrived, check_in, member, refused
from visits.enums import AgencyState
from visits.rules.conduct.clauses import ConductRule
from visits.rules.conduct.contact import (
    Arrival,
    CrewMember,
    Mandate,
)
from visits.rules.conduct.crew import agency_refusals, are_together, crew_refusals, training_until
from visits.rules.conduct.guard import (
    may_start,
)


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (member("c2", exam_passed_on=date(2025, 11, 24)), []),
        (member("c2", exam_passed_on=date(2025, 11, 23)), [ConductRule.CREW_TRAINING]),
        (member("c2", exam_passed_on=None), [ConductRule.CREW_TRAINING]),
        (member("c2", screened=False), [ConductRule.CREW_STANDING]),
        (member("c2", certified=False), [ConductRule.CREW_STANDING]),
        (member("c2", confidentiality_signed=False), [ConductRule.CREW_STANDING]),
        (member("c2", confirmed=False), [ConductRule.CREW_STANDING]),
        (member("c2", orders_that_day=7), []),
        (member("c2", orders_that_day=8), [ConductRule.CREW_LOAD]),
        (member("c2", agency_ref="A2"), [ConductRule.ONE_AGENCY]),
        (member("c1"), [ConductRule.CREW_SIZE]),
    ],
)
def test_crew_rules(second: CrewMember, expected: list[ConductRule]) -> None:
    assert refused(replace(LAWFUL, crew=(member("c1"), second))) == expected


@pytest.mark.parametrize(
    ("state", "listed", "expected"),
    [
        (AgencyState.ACTIVE, True, []),
        (AgencyState.RESTRICTED, True, []),
        (AgencyState.ACTIVE, False, [ConductRule.AGENCY_LISTED]),
        (AgencyState.SUSPENDED, True, [ConductRule.AGENCY_LISTED]),
        (AgencyState.EXITED, True, [ConductRule.AGENCY_LISTED]),
    ],
)
def test_only_a_listed_agency_in_good_standing_visits(
    state: AgencyState, listed: bool, expected: list[ConductRule]
) -> None:
    assert refused(replace(LAWFUL, agency=replace(LAWFUL.agency, state=state, listed=listed))) == expected


@pytest.mark.parametrize(
    ("contract_ends_on", "papers_until", "refusals"),
    [
        (date(2026, 11, 24), date(2026, 11, 24), 0),
        (date(2026, 11, 23), date(2026, 11, 24), 1),
        (date(2026, 11, 24), date(2026, 11, 23), 1),
        (date(2026, 11, 24), None, 1),
        (date(2026, 11, 23), date(2026, 11, 23), 2),
    ],
)
def test_an_agency_visits_to_the_last_day_of_its_contract_and_papers(
    contract_ends_on: date, papers_until: date | None, refusals: int
) -> None:
    agency = replace(LAWFUL.agency, contract_ends_on=contract_ends_on, papers_until=papers_until)

    assert refused(replace(LAWFUL, agency=agency)) == [ConductRule.AGENCY_LISTED] * refusals


@pytest.mark.parametrize(
    ("exam_passed_on", "until"),
    [(date(2026, 3, 1), date(2027, 3, 1)), (date(2024, 2, 29), date(2025, 2, 28)), (None, None)],
)
def test_training_is_valid_for_a_year_after_the_exam(exam_passed_on: date | None, until: date | None) -> None:
    assert training_until(policy=CN, exam_passed_on=exam_passed_on) == until


@pytest.mark.parametrize(
    ("issued_on", "expires_on", "expected"),
    [
        (date(2026, 11, 24), date(2026, 11, 24), []),
        (date(2026, 11, 1), date(2026, 11, 23), [ConductRule.MANDATE]),
        (date(2026, 11, 25), date(2026, 12, 25), [ConductRule.MANDATE]),
        (date(2026, 8, 26), date(2027, 8, 26), []),
        (date(2026, 8, 25), date(2027, 8, 25), [ConductRule.MANDATE]),
    ],
)
def test_a_mandate_holds_ninety_days_at_most(issued_on: date, expires_on: date, expected: list[ConductRule]) -> None:
    mandate = Mandate(agency_ref="A1", issued_on=issued_on, expires_on=expires_on)

    assert refused(replace(LAWFUL, mandate=mandate)) == expected


@pytest.mark.parametrize(
    ("arrival", "expected"),
    [
        (arrived(check_in("c1"), check_in("c2")), []),
        (arrived(check_in("c1"), check_in("c2", seconds=600, metres=49)), []),
        (arrived(check_in("c1"), check_in("c2", seconds=601)), [ConductRule.CHECK_IN_TOGETHER]),
        (arrived(check_in("c1"), check_in("c2", metres=51)), [ConductRule.CHECK_IN_TOGETHER]),
        (arrived(check_in("c1")), [ConductRule.CHECK_IN_TOGETHER]),
        (arrived(check_in("c1"), check_in("stranger")), [ConductRule.CHECK_IN_TOGETHER]),
        # An early check-in from afar does not spoil the later one at the door.
        (arrived(check_in("c1", seconds=-3000, metres=900), check_in("c1"), check_in("c2")), []),
        (arrived(check_in("c1", is_mock=True), check_in("c2")), [ConductRule.TRUE_POSITION]),
        (arrived(check_in("c1", metres=201), check_in("c2", metres=190)), [ConductRule.AT_ADDRESS]),
        (arrived(check_in("c1", metres=201), check_in("c2", metres=190), is_rural=True), []),
        (arrived(check_in("c1", accuracy_m=51), check_in("c2")), [ConductRule.AT_ADDRESS]),
        (arrived(check_in("c1", accuracy_m=51), check_in("c2"), is_indoors=True), []),
        (arrived(check_in("c1"), check_in("c2"), badge_evidence_ref=""), [ConductRule.BADGE_SHOWN]),
    ],
)
def test_may_start_looks_at_the_arrival(arrival: Arrival, expected: list[ConductRule]) -> None:
    refusals = may_start(
        policy=CN, calendar=NO_NOTICES, proposal=LAWFUL, history=NO_HISTORY, flags=(), at=NOON, arrival=arrival
    )

    assert [refusal.rule for refusal in refusals] == expected


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "A visit needs 2 crew members; add one."), ("zh-hans", "外访须有 2 名外访员；请补足。")],
)
def test_a_refusal_says_what_to_do_in_the_readers_language(language: str, words: str) -> None:
    (refusal,) = crew_refusals(policy=CN, proposal=replace(LAWFUL, crew=(member("c1"),)))

    with override(language):
        assert str(refusal.message) == words


def test_each_person_who_may_not_go_is_a_refusal_of_its_own() -> None:
    unfit = tuple(member(ref, screened=False, exam_passed_on=None) for ref in ("c1", "c2"))

    found = [refusal.rule for refusal in crew_refusals(policy=CN, proposal=replace(LAWFUL, crew=unfit))]

    assert found == [ConductRule.CREW_STANDING, ConductRule.CREW_TRAINING] * 2


def test_training_and_mandate_are_judged_by_the_day_at_the_address() -> None:
    # 16:00 UTC is midnight in Shanghai: the next day has begun there.
    last_day = date(2026, 11, 24)
    trained = tuple(
        member(ref, exam_passed_on=last_day - timedelta(days=CN.training_valid_days)) for ref in ("c1", "c2")
    )
    mandate = Mandate(agency_ref="A1", issued_on=last_day, expires_on=last_day)

    def found(starts_at: datetime) -> list[ConductRule]:
        visit = replace(
            LAWFUL, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=30), crew=trained, mandate=mandate
        )
        refusals = [*crew_refusals(policy=CN, proposal=visit), *agency_refusals(policy=CN, proposal=visit)]
        return [refusal.rule for refusal in refusals]

    assert found(datetime(2026, 11, 24, 15, 59, 59, tzinfo=UTC)) == []
    assert found(datetime(2026, 11, 24, 16, 0, 0, tzinfo=UTC)) == [
        ConductRule.CREW_TRAINING,
        ConductRule.CREW_TRAINING,
        ConductRule.MANDATE,
    ]


@pytest.mark.parametrize(
    ("seconds", "metres", "together"),
    [(600, 49, True), (-600, -49, True), (601, 0, False), (-601, 0, False), (0, 51, False)],
)
def test_two_check_ins_are_one_arrival_within_ten_minutes_and_fifty_metres(
    seconds: int, metres: float, together: bool
) -> None:
    one, other = check_in("c1"), check_in("c2", seconds=seconds, metres=metres)

    assert are_together(policy=CN, one=one, other=other) is together
    assert are_together(policy=CN, one=other, other=one) is together
