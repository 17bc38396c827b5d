"""Evidence: what is taken, what is refused, and what an honest and a dishonest photograph score."""

import hashlib
import io
from datetime import timedelta

import pytest
from PIL import Image

from backoffice.core.errors import InvalidInput, StateConflict
from tests.factories.visits import AT, HOME, VISIT_AT, make_case, make_order, make_placement, photo, position, stored
from visits.models import CheckIn, Evidence, VisitReport
from visits.services.doorstep.evidence import Device, attach_evidence, missing_media

DONE = VISIT_AT + timedelta(hours=1)


def reported(*, case, placement, approver, pair, contents=(), kind="DOOR", findings=("F01",)):
    """Make a reported visit, checked in and out, that announced `contents`."""
    order = make_order(case=case, placement=placement, state="REPORTED", approver=approver, pair=pair)
    for member, moment, minutes in ((pair[0], "IN", 0), (pair[1], "IN", 1), (pair[0], "OUT", 30)):
        at = VISIT_AT + timedelta(minutes=minutes)
        CheckIn.objects.create(
            order=order,
            member=member,
            moment=moment,
            external_ref=position(at=at).external_ref,
            point="31.2304,121.4737",
            device_at=at,
            received_at=at,
        )
    return VisitReport.objects.create(
        order=order,
        external_ref=f"R{order.pk}",
        findings=list(findings),
        recommendation="CLOSE",
        submitted_at=DONE,
        created_at=DONE,
        announced_media=[
            {"ref": f"M{order.pk}-{n}", "kind": kind, "sha256": hashlib.sha256(content).hexdigest()}
            for n, content in enumerate(contents)
        ],
    )


def attach(report, content, *, number=0, kind="DOOR", device=None, **fields):
    ref = fields.pop("external_ref", f"M{report.order_id}-{number}")
    return attach_evidence(
        report=report,
        kind=kind,
        content=content,
        external_ref=ref,
        device=device or Device(at=DONE),
        uploaded_by=None,
        actor=None,
        at=DONE,
        **fields,
    )


@pytest.fixture
def make_report(case, placement, approver, pair):
    return lambda *contents, **fields: reported(
        case=case, placement=placement, approver=approver, pair=pair, contents=contents, **fields
    )


def test_an_honest_photograph_is_kept_as_it_came_with_a_copy_without_metadata(make_report):
    content = photo(seed=1)
    report = make_report(content)

    evidence = attach(report, content)

    preview = Image.open(io.BytesIO(stored(evidence.preview_name)))
    assert evidence.trust_score == 100
    assert stored(evidence.file.name) == content
    assert evidence.sha256 in evidence.file.name
    assert dict(preview.getexif()) == {}
    # A camera writes whole seconds into its EXIF.
    assert (evidence.camera, evidence.taken_at) == ("Doorstep Camera 1", VISIT_AT.replace(microsecond=0))
    assert tuple(round(float(part), 4) for part in evidence.point.split(",")) == (31.2304, 121.4737)
    assert missing_media(report=report) == []


@pytest.mark.parametrize(
    ("fields", "device", "signals", "score"),
    [
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
            Device(at=DONE - timedelta(minutes=9), mock_location=True),
            {"CAPTURED_DURING_VISIT", "WITHIN_GEOFENCE", "CAMERA_METADATA", "CLOCK_DRIFT", "MOCK_LOCATION"},
            25,
        ),
    ],
)
def test_a_dishonest_photograph_scores_low(fields, device, signals, score, make_report):
    content = photo(seed=2, **fields)
    report = make_report(content)

    evidence = attach(report, content, device=device)

    assert {each["signal"] for each in evidence.signals} == signals
    assert evidence.trust_score == score


def test_the_same_file_and_a_look_alike_of_another_visit_are_noticed(shanghai, agency, pair, approver):
    def elsewhere(content):
        case = make_case(territory=shanghai)
        placement = make_placement(case=case, agency=agency)
        return reported(case=case, placement=placement, approver=approver, pair=pair, contents=[content])

    content = photo(seed=3)
    again = Image.open(io.BytesIO(content))
    buffer = io.BytesIO()
    again.save(buffer, format="JPEG", quality=60, exif=again.getexif())
    attach(elsewhere(content), content)

    same = attach(elsewhere(content), content)
    alike = attach(elsewhere(buffer.getvalue()), buffer.getvalue())

    assert same.trust_score == 0
    assert "SAME_FILE" in {each["signal"] for each in same.signals}
    assert "LOOKALIKE" in {each["signal"] for each in alike.signals}


def test_sending_a_file_again_changes_nothing(make_report):
    content = photo(seed=4)
    report = make_report(content)
    first = attach(report, content)

    again = attach(report, content)

    assert again == first
    assert Evidence.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "kind", "field"),
    [
        (b"GIF89a" + b"0" * 100, "DOOR", "content"),
        (b"", "DOOR", "content"),
        (b"\xff\xd8\xff" + b"0" * 100, "DOOR", "content"),
        (b"\x00\x00\x00\x18ftypM4A " + b"0" * 100, "DOOR", "kind"),
    ],
)
def test_files_of_other_kinds_and_broken_ones_are_refused(content, kind, field, make_report):
    report = make_report(content, kind=kind)

    with pytest.raises(InvalidInput) as refused:
        attach(report, content, kind=kind)

    assert refused.value.field == field
    assert not Evidence.objects.exists()


def test_a_photograph_with_too_many_pixels_is_refused_before_it_is_decoded(make_report):
    buffer = io.BytesIO()
    Image.new("1", (8000, 8000)).save(buffer, format="PNG")
    report = make_report(buffer.getvalue())

    with pytest.raises(InvalidInput, match=r"像素|pixels"):
        attach(report, buffer.getvalue())


def test_a_sound_recording_is_taken_without_looking_at_pixels(make_report):
    content = b"\x00\x00\x00\x18ftypM4A " + b"0" * 100
    report = make_report(content, kind="AUDIO")

    evidence = attach(report, content, kind="AUDIO")

    assert (evidence.media_type, evidence.trust_score, evidence.signals) == ("audio/mp4", 50, [])


def test_a_file_that_the_report_did_not_announce_is_refused(make_report):
    report = make_report(photo(seed=5))

    with pytest.raises(InvalidInput):
        attach(report, photo(seed=6))
    with pytest.raises(InvalidInput):
        attach(report, photo(seed=7), external_ref="other")

    assert not Evidence.objects.exists()
    assert missing_media(report=report) == [f"M{report.order_id}-0"]


@pytest.mark.parametrize(("findings", "kind"), [(("F13",), "DOOR"), (("F10",), "DOCUMENT")])
def test_pictures_that_the_findings_forbid_are_refused(findings, kind, make_report):
    content = photo(seed=8)
    report = make_report(content, kind=kind, findings=findings)

    with pytest.raises(InvalidInput) as refused:
        attach(report, content, kind=kind)

    assert refused.value.field == "kind"


def test_a_judged_report_takes_no_more_evidence(make_report):
    content = photo(seed=9)
    report = make_report(content)
    type(report.order).objects.filter(pk=report.order_id).update(state="VERIFIED", ended_at=AT)

    with pytest.raises(StateConflict):
        attach(report, content)
