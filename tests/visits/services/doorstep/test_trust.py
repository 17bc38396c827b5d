"""What an honest and a dishonest photograph score: the rules of trust applied to real files and visits."""

import io
from datetime import timedelta
from hashlib import sha256

import pytest
from PIL import Image

from tests.factories.evidence import alike, attach
from tests.factories.visits import HOME, SENT_AT, VISIT_AT, photo, read_waiting
from visits.models import CheckIn, PhotoBand, ReportTrust, VisitReport
from visits.services.doorstep.evidence import Device
from visits.services.doorstep.evidence_reading import read_evidence

COPIES = {"SAME_FILE", "LOOKALIKE", "REPEATED_IN_REPORT"}


def names(evidence):
    evidence.refresh_from_db()
    return {each["signal"] for each in evidence.signals}


@pytest.mark.parametrize(
    ("fields", "device", "signals", "score"),
    [
        ({}, None, {"CAPTURED_DURING_VISIT", "WITHIN_GEOFENCE", "CAMERA_METADATA"}, 100),
        ({"taken_at": None, "place": None}, None, {"NO_METADATA"}, 30),
        (
            {"taken_at": VISIT_AT - timedelta(days=2)},
            None,
            {"CAPTURED_OUTSIDE_VISIT", "WITHIN_GEOFENCE", "CAMERA_METADATA"},
            40,
        ),
        (
            {"place": (HOME[0] + 0.1, HOME[1])},
            None,
            {"CAPTURED_DURING_VISIT", "OUTSIDE_GEOFENCE", "CAMERA_METADATA"},
            40,
        ),
        (
            {"software": "Adobe Photoshop 25"},
            None,
            {"CAPTURED_DURING_VISIT", "WITHIN_GEOFENCE", "CAMERA_METADATA", "EDITED"},
            75,
        ),
        (
            {},
            Device(at=SENT_AT - timedelta(minutes=9), mock_location=True),
            {"CAPTURED_DURING_VISIT", "WITHIN_GEOFENCE", "CAMERA_METADATA", "CLOCK_DRIFT", "MOCK_LOCATION"},
            25,
        ),
    ],
)
def test_signals_and_score_are_as_of_the_upload_however_late_it_is_read(fields, device, signals, score, make_report):
    content = photo(seed=2, **fields)
    evidence = attach(make_report(content), content, device=device)

    read_waiting(at=SENT_AT + timedelta(hours=9))

    assert names(evidence) == signals
    assert evidence.trust_score == score


def test_a_photograph_is_compared_with_where_the_crew_checked_in(make_report):
    content = photo(seed=2)
    report = make_report(content)
    address = report.order.address
    address.point = ""
    address.save()
    for check_in in CheckIn.objects.filter(order=report.order):
        check_in.point = f"{HOME[0] + 0.1},{HOME[1]}"
        check_in.save()
    evidence = attach(report, content)

    read_waiting()

    assert names(evidence) == {"CAPTURED_DURING_VISIT", "AWAY_FROM_CHECK_IN", "CAMERA_METADATA"}
    assert {each["signal"] for each in ReportTrust.objects.get(report=report).reasons} == {"AWAY_FROM_CHECK_IN"}


def test_the_same_file_and_a_look_alike_of_another_visit_are_noticed(elsewhere):
    content = photo(seed=3)
    first, same = attach(elsewhere(content), content), attach(elsewhere(content), content)
    other = attach(elsewhere(alike(content)), alike(content))

    read_waiting()

    assert not names(first) & {"SAME_FILE", "LOOKALIKE"}
    assert "SAME_FILE" in names(same)
    assert same.trust_score == 0
    assert "LOOKALIKE" in names(other)


def test_a_recycled_photograph_is_noticed_in_whatever_order_the_files_are_read(elsewhere):
    content = photo(seed=4)
    first, same = attach(elsewhere(content), content), attach(elsewhere(content), content)
    other = attach(elsewhere(alike(content)), alike(content))

    for evidence in (other, same, first):
        read_evidence(evidence_id=evidence.pk, at=SENT_AT)

    assert "LOOKALIKE" not in names(other)
    assert "SAME_FILE" in names(same)
    assert "SAME_FILE" in names(first)


def test_the_same_picture_twice_in_one_report_is_a_weaker_signal(make_report):
    content = photo(seed=5)
    report = make_report(content, alike(content))
    both = [attach(report, each, number=number) for number, each in enumerate((content, alike(content)))]

    read_waiting()

    assert [names(each) & COPIES for each in both] == [set(), {"REPEATED_IN_REPORT"}]
    assert [each.trust_score for each in both] == [100, 85]


def test_a_photograph_that_a_returned_report_brought_may_be_sent_again(make_report):
    content = photo(seed=6)
    report = make_report(content)
    attach(report, content)
    read_waiting()
    again = VisitReport.objects.create(
        order=report.order,
        version=2,
        external_ref="R-again",
        findings=["F01"],
        recommendation="CLOSE",
        submitted_at=SENT_AT,
        created_at=SENT_AT,
        announced_media=[{"ref": "again", "kind": "DOOR", "sha256": sha256(alike(content)).hexdigest()}],
    )
    second = attach(again, alike(content), external_ref="again")

    read_waiting()

    assert names(second) & COPIES == set()


def test_flat_pictures_do_not_look_alike(elsewhere):
    walls = [flat(shade) for shade in (200, 203)]
    both = [attach(elsewhere(each), each) for each in walls]

    read_waiting()

    assert [names(each) & COPIES for each in both] == [set(), set()]
    assert PhotoBand.objects.count() == 0


def flat(shade):
    buffer = io.BytesIO()
    Image.new("RGB", (640, 480), (shade, shade, shade)).save(buffer, "JPEG")
    return buffer.getvalue()
