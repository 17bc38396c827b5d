"""The level of a report: low only with a serious reason, whatever else comes together."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visits.enums import TrustSignal
from visits.rules.conduct.policy import ConductPolicy
from visits.rules.report.evidence import BASE_SCORE, WEIGHTS
from visits.rules.report.report_signals import REPORT_WEIGHTS
from visits.rules.report.trust_level import ORDINARY, PhotoTrust, Reason, Trust, report_trust
from visits.trust_enums import ReportSignal, TrustLevel

CN = ConductPolicy()
GOOD = {TrustSignal.CAPTURED_DURING_VISIT, TrustSignal.WITHIN_GEOFENCE, TrustSignal.CAMERA_METADATA}


def a_photo(*signals: TrustSignal) -> PhotoTrust:
    score = max(0, min(100, BASE_SCORE + sum(WEIGHTS[each] for each in signals)))
    return PhotoTrust(score=score, signals=frozenset(signals))


def trust(*photos: PhotoTrust, signals: tuple[ReportSignal, ...] = ()) -> Trust:
    return report_trust(policy=CN, photos=photos, signals=signals)


@pytest.mark.parametrize(
    "some", [some for count in range(len(ORDINARY) + 1) for some in combinations(sorted(ORDINARY), count)]
)
def test_what_happens_to_honest_crews_never_makes_the_level_low(some: tuple[TrustSignal, ...]) -> None:
    assert trust(a_photo(*some)).level != TrustLevel.LOW
    assert trust(a_photo(*GOOD), a_photo(*some)).level != TrustLevel.LOW


@pytest.mark.parametrize("signal", [TrustSignal.SAME_FILE, TrustSignal.LOOKALIKE, TrustSignal.MOCK_LOCATION])
def test_one_copy_among_good_photographs_makes_it_low(signal: TrustSignal) -> None:
    found = trust(a_photo(*GOOD), a_photo(*GOOD, signal), a_photo(*GOOD))

    assert found.level == TrustLevel.LOW
    assert found.reasons == (Reason(signal=signal, weight=WEIGHTS[signal], count=1),)


@pytest.mark.parametrize(
    ("signal", "level"),
    [
        (ReportSignal.TRAVEL_TOO_FAST, TrustLevel.LOW),
        (ReportSignal.PHONE_TOO_FAST, TrustLevel.LOW),
        (ReportSignal.TWO_PLACES, TrustLevel.LOW),
        (ReportSignal.POSITION_REPEATED, TrustLevel.LOW),
        (ReportSignal.PHOTO_POSITION_REPEATED, TrustLevel.LOW),
        (ReportSignal.SHORT_STAY, TrustLevel.LOW),
        (ReportSignal.PICTURES_REPEATED, TrustLevel.LOW),
        (ReportSignal.LONG_STAY, TrustLevel.MEDIUM),
        (ReportSignal.TEXT_COPIED, TrustLevel.MEDIUM),
        (ReportSignal.TALK_OUTSIDE_STAY, TrustLevel.HIGH),
    ],
)
def test_reasons_of_the_report_beside_good_photographs(signal: ReportSignal, level: TrustLevel) -> None:
    assert trust(a_photo(*GOOD), signals=(signal,)).level == level


def test_a_photograph_near_the_door_and_away_from_the_check_in_asks_for_a_closer_look() -> None:
    away = trust(a_photo(TrustSignal.CAPTURED_DURING_VISIT, TrustSignal.AWAY_FROM_CHECK_IN))

    assert away.level == TrustLevel.MEDIUM


def test_the_worst_photograph_counts_and_reasons_are_counted_heaviest_first() -> None:
    found = trust(
        a_photo(*GOOD), a_photo(TrustSignal.NO_METADATA), a_photo(TrustSignal.NO_METADATA, TrustSignal.LOOKALIKE)
    )

    assert (found.score, found.level) == (0, TrustLevel.LOW)
    assert [(each.signal, each.count) for each in found.reasons] == [("LOOKALIKE", 1), ("NO_METADATA", 2)]


def test_a_report_without_files_is_neither_good_nor_bad() -> None:
    assert trust() == Trust(score=50, level=TrustLevel.MEDIUM, reasons=())


def test_every_reason_has_a_weight_against_the_report() -> None:
    assert set(REPORT_WEIGHTS) == set(ReportSignal)
    assert all(weight < 0 for weight in REPORT_WEIGHTS.values())


@settings(deadline=None)
@given(
    photos=st.lists(st.sets(st.sampled_from(TrustSignal)), max_size=4),
    signals=st.sets(st.sampled_from(ReportSignal)),
    more=st.sampled_from(ReportSignal),
)
def test_a_further_reason_never_raises_trust(
    photos: list[set[TrustSignal]], signals: set[ReportSignal], more: ReportSignal
) -> None:
    files = [a_photo(*each) for each in photos]
    order = [TrustLevel.LOW, TrustLevel.MEDIUM, TrustLevel.HIGH]

    before, after = trust(*files, signals=tuple(signals)), trust(*files, signals=tuple(signals | {more}))

    assert 0 <= after.score <= before.score <= 100
    assert order.index(after.level) <= order.index(before.level)
