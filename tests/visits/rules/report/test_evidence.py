from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visits.enums import TrustSignal
from visits.rules.conduct.policy import ConductPolicy
from visits.rules.report.evidence import (
    WEIGHTS,
    OtherPhoto,
    PhotoFacts,
    TrustReading,
    VisitFrame,
    hamming_distance,
    trust_score,
    trust_signals,
)

CN = ConductPolicy()
IN = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
OUT = IN + timedelta(minutes=30)
METRE = 1 / 111_195
VISIT = VisitFrame(checked_in_at=IN, checked_out_at=OUT, latitude=30.25, longitude=120.15)
HASH = bytes(32)
SOUND = PhotoFacts(
    sha256="aa",
    has_exif=True,
    captured_at=IN + timedelta(minutes=5),
    software="HUAWEI firmware 4.2",
    latitude=30.25,
    longitude=120.15,
    accuracy_m=15,
    pdq=HASH,
)
GOOD = {TrustSignal.CAPTURED_DURING_VISIT, TrustSignal.WITHIN_GEOFENCE, TrustSignal.CAMERA_METADATA}


def signals(photo: PhotoFacts = SOUND, *others: OtherPhoto, visit: VisitFrame = VISIT) -> set[TrustSignal]:
    return {reading.signal for reading in trust_signals(policy=CN, photo=photo, visit=visit, others=others)}


def score(photo: PhotoFacts, *others: OtherPhoto) -> int:
    return trust_score(signals=trust_signals(policy=CN, photo=photo, visit=VISIT, others=others))


def other(*, sha256: str = "bb", bits: int | None = None) -> OtherPhoto:
    pdq = None if bits is None else ((1 << bits) - 1).to_bytes(32)
    return OtherPhoto(visit_ref="V9", sha256=sha256, pdq=pdq)


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
        ({"latitude": 0.0, "longitude": 0.0}, set()),
    ],
)
def test_signals_of_the_file_and_the_device(changes: dict[str, Any], adverse: set[TrustSignal]) -> None:
    assert {signal for signal in signals(replace(SOUND, **changes)) if WEIGHTS[signal] < 0} == adverse


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([other(bits=31)], {TrustSignal.LOOKALIKE}),
        ([other(bits=32)], set()),
        ([other(bits=200), other(bits=3)], {TrustSignal.LOOKALIKE}),
        ([other(bits=3), other(sha256="aa")], {TrustSignal.SAME_FILE}),
        ([other()], set()),
    ],
)
def test_duplicates_of_other_visits(others: list[OtherPhoto], expected: set[TrustSignal]) -> None:
    assert signals(SOUND, *others) - GOOD == expected


def test_the_score_of_the_same_file_is_zero_whatever_else_holds() -> None:
    assert score(SOUND, other(sha256="aa")) == 0


def test_the_score_of_a_bare_file_is_thirty() -> None:
    assert score(PhotoFacts(sha256="cc", has_exif=False)) == 30


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


@settings(deadline=None)
@given(one=st.binary(min_size=32, max_size=32), two=st.binary(min_size=32, max_size=32))
def test_hamming_distance_counts_bits(one: bytes, two: bytes) -> None:
    expected = sum((a ^ b).bit_count() for a, b in zip(one, two, strict=True))

    assert hamming_distance(one=one, other=two) == expected == hamming_distance(one=two, other=one)


def test_hamming_distance_refuses_unequal_lengths() -> None:
    with pytest.raises(ValueError, match="lengths"):
        hamming_distance(one=b"ab", other=b"a")
