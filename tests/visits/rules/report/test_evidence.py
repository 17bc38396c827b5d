from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.rules.coordinates import to_wgs84
from visits.enums import TrustSignal
from visits.rules.conduct.policy import ConductPolicy
from visits.rules.report.evidence import (
    WEIGHTS,
    CheckInPlace,
    KnownCopies,
    PhotoFacts,
    TrustReading,
    VisitFrame,
    trust_score,
    trust_signals,
)

CN = ConductPolicy()
IN = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
OUT = IN + timedelta(minutes=30)
METRE = 1 / 111_195
VISIT = VisitFrame(checked_in_at=IN, checked_out_at=OUT, latitude=30.25, longitude=120.15)
SOUND = PhotoFacts(
    has_exif=True,
    captured_at=IN + timedelta(minutes=5),
    software="HUAWEI firmware 4.2",
    latitude=30.25,
    longitude=120.15,
    accuracy_m=15,
)
GOOD = {TrustSignal.CAPTURED_DURING_VISIT, TrustSignal.WITHIN_GEOFENCE, TrustSignal.CAMERA_METADATA}


def signals(
    photo: PhotoFacts = SOUND, copies: KnownCopies | None = None, *, visit: VisitFrame = VISIT
) -> set[TrustSignal]:
    return {reading.signal for reading in trust_signals(policy=CN, photo=photo, visit=visit, copies=copies)}


def score(photo: PhotoFacts, copies: KnownCopies | None = None) -> int:
    return trust_score(signals=trust_signals(policy=CN, photo=photo, visit=VISIT, copies=copies))


def test_a_sound_photograph_reaches_the_top() -> None:
    assert signals() == GOOD
    assert score(SOUND) == 100


@pytest.mark.parametrize(
    ("captured_at", "expected"),
    [
        (IN - timedelta(seconds=300), TrustSignal.CAPTURED_DURING_VISIT),
        (IN - timedelta(seconds=301), TrustSignal.CAPTURED_OUTSIDE_VISIT),
        (OUT + timedelta(seconds=300), TrustSignal.CAPTURED_DURING_VISIT),
        (OUT + timedelta(seconds=301), TrustSignal.CAPTURED_OUTSIDE_VISIT),
    ],
)
def test_the_capture_time_may_miss_the_visit_by_the_clock_drift(captured_at: datetime, expected: TrustSignal) -> None:
    found = signals(replace(SOUND, captured_at=captured_at))

    assert found & {TrustSignal.CAPTURED_DURING_VISIT, TrustSignal.CAPTURED_OUTSIDE_VISIT} == {expected}


def test_the_visit_has_no_end_before_the_check_out() -> None:
    late = replace(SOUND, captured_at=OUT + timedelta(hours=2))

    assert signals(late, visit=replace(VISIT, checked_out_at=None)) == GOOD


@pytest.mark.parametrize(
    ("metres", "is_rural", "inside"),
    [(199, False, True), (201, False, False), (201, True, True), (499, True, True), (501, True, False)],
)
def test_the_geofence(metres: float, is_rural: bool, inside: bool) -> None:
    photo = replace(SOUND, latitude=30.25 + metres * METRE)

    found = signals(photo, visit=replace(VISIT, is_rural=is_rural))

    assert (TrustSignal.WITHIN_GEOFENCE in found) is inside
    assert (TrustSignal.OUTSIDE_GEOFENCE in found) is not inside


@pytest.mark.parametrize(
    ("changes", "adverse"),
    [
        ({"software": "Adobe Photoshop 25.1"}, {TrustSignal.EDITED}),
        ({"software": "美图秀秀"}, {TrustSignal.EDITED}),
        ({"has_exif": False}, {TrustSignal.NO_METADATA}),
        ({"clock_drift_seconds": 300}, set()),
        ({"clock_drift_seconds": -301}, {TrustSignal.CLOCK_DRIFT}),
        ({"is_mock_location": True}, {TrustSignal.MOCK_LOCATION}),
        ({"accuracy_m": 100}, set()),
        ({"accuracy_m": 101}, {TrustSignal.POSITION_INACCURATE}),
        ({"latitude": None}, set()),
        ({"latitude": 0.0, "longitude": 0.0}, {TrustSignal.POSITION_ZERO}),
        ({"latitude": 0.0}, {TrustSignal.OUTSIDE_GEOFENCE}),
    ],
)
def test_signals_of_the_file_and_the_device(changes: dict[str, Any], adverse: set[TrustSignal]) -> None:
    assert {signal for signal in signals(replace(SOUND, **changes)) if WEIGHTS[signal] < 0} == adverse


@pytest.mark.parametrize(
    ("copies", "expected"),
    [
        (KnownCopies(), set()),
        (KnownCopies(elsewhere_bits=0), {TrustSignal.LOOKALIKE}),
        (KnownCopies(here_bits=0), {TrustSignal.REPEATED_IN_REPORT}),
        (KnownCopies(elsewhere_bits=31, here_bits=31), {TrustSignal.LOOKALIKE, TrustSignal.REPEATED_IN_REPORT}),
        # The same file says more than that it looks the same.
        (KnownCopies(same_file_elsewhere=True, elsewhere_bits=0), {TrustSignal.SAME_FILE}),
    ],
)
def test_copies_in_other_visits_and_in_the_same_report(copies: KnownCopies, expected: set[TrustSignal]) -> None:
    assert signals(SOUND, copies) - GOOD == expected


PLACE_SIGNALS = {
    TrustSignal.WITHIN_GEOFENCE,
    TrustSignal.OUTSIDE_GEOFENCE,
    TrustSignal.AWAY_FROM_CHECK_IN,
    TrustSignal.POSITION_CONVERTED,
}


def checked_in(metres: float, accuracy_m: float = 0) -> tuple[CheckInPlace, ...]:
    """Return the crew's check-ins, the nearer one `metres` north of the address."""
    return tuple(
        CheckInPlace(latitude=30.25 + away * METRE, longitude=120.15, accuracy_m=accuracy_m)
        for away in (metres + 900, metres)
    )


@pytest.mark.parametrize(
    ("metres", "accuracy_m", "photo_accuracy_m", "expected"),
    [
        (199, 0, 0, TrustSignal.WITHIN_GEOFENCE),
        (201, 0, 0, TrustSignal.AWAY_FROM_CHECK_IN),
        # What both positions are inaccurate by may be the whole distance.
        (239, 25, 15, TrustSignal.WITHIN_GEOFENCE),
        (242, 25, 15, TrustSignal.AWAY_FROM_CHECK_IN),
    ],
)
def test_a_photograph_is_compared_with_the_nearest_check_in(
    metres: float, accuracy_m: float, photo_accuracy_m: float, expected: TrustSignal
) -> None:
    frame = replace(VISIT, check_ins=checked_in(metres, accuracy_m))

    assert signals(replace(SOUND, accuracy_m=photo_accuracy_m), visit=frame) & PLACE_SIGNALS == {expected}


def test_without_a_position_of_the_address_the_check_in_is_all_there_is() -> None:
    frame = replace(VISIT, latitude=None, longitude=None, check_ins=checked_in(0))
    far = replace(SOUND, latitude=30.25 + 2_500 * METRE)

    assert signals(visit=frame) & PLACE_SIGNALS == set()
    assert signals(far, visit=frame) & PLACE_SIGNALS == {TrustSignal.AWAY_FROM_CHECK_IN}
    assert signals(far, visit=replace(frame, check_ins=())) & PLACE_SIGNALS == set()


def test_of_two_distances_that_are_too_large_one_is_raised() -> None:
    far = replace(SOUND, latitude=30.25 + 5_000 * METRE)

    assert signals(far, visit=replace(VISIT, check_ins=checked_in(0))) & PLACE_SIGNALS == {TrustSignal.OUTSIDE_GEOFENCE}


def test_a_position_in_gcj_02_is_named_and_neither_raised_nor_rewarded() -> None:
    # Where the camera stood, and what a map of China makes of it: some 500 metres away.
    door = to_wgs84(latitude=30.25, longitude=120.15, datum="gcj02")
    frame = replace(VISIT, latitude=door.latitude, longitude=door.longitude)
    frame = replace(frame, check_ins=(CheckInPlace(latitude=door.latitude, longitude=door.longitude),))

    assert signals(visit=frame) & PLACE_SIGNALS == {TrustSignal.POSITION_CONVERTED}
    assert WEIGHTS[TrustSignal.POSITION_CONVERTED] == 0
    # The conversion excuses its own shift alone.
    assert signals(replace(SOUND, latitude=30.26), visit=frame) & PLACE_SIGNALS == {TrustSignal.OUTSIDE_GEOFENCE}


def test_the_score_of_the_same_file_is_zero_whatever_else_holds() -> None:
    assert score(SOUND, KnownCopies(same_file_elsewhere=True)) == 0


def test_the_score_of_a_bare_file_is_thirty() -> None:
    assert score(PhotoFacts(has_exif=False)) == 30


def test_the_score_of_nothing_is_unknown() -> None:
    assert trust_score(signals=()) == 50


@settings(deadline=None)
@given(chosen=st.sets(st.sampled_from(TrustSignal)), extra=st.sampled_from(TrustSignal))
def test_the_score_is_bounded_and_no_adverse_signal_raises_it(chosen: set[TrustSignal], extra: TrustSignal) -> None:
    readings = [TrustReading(signal=signal, weight=WEIGHTS[signal], explanation="") for signal in chosen]
    more = [*readings, TrustReading(signal=extra, weight=WEIGHTS[extra], explanation="")]

    assert 0 <= trust_score(signals=readings) <= 100
    if WEIGHTS[extra] < 0:
        assert trust_score(signals=more) <= trust_score(signals=readings)


def test_every_signal_has_a_weight() -> None:
    assert set(WEIGHTS) == set(TrustSignal)
