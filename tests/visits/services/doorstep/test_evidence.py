"""Evidence: what is taken and what is refused. No pixel of a photograph is decoded."""

import io

import pytest
from PIL import Image

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from backoffice.core.sealed.kept_files import FileLost
from tests.factories.evidence import attach
from tests.factories.visits import AT, SENT_AT, photo, stored
from visits.models import Evidence
from visits.services.doorstep.evidence import Device, count_waiting, missing_media
from visits.services.files.opening import open_evidence


def test_a_photograph_is_kept_as_it_came_and_waits(make_report):
    content = photo(seed=1)
    report = make_report(content)
    device = Device(at=SENT_AT.replace(second=0), mock_location=True)

    evidence = attach(report, content, device=device)

    evidence.refresh_from_db()
    assert stored(evidence.file.name) == content
    assert evidence.sha256 in evidence.file.name
    assert (evidence.state, evidence.read_at, evidence.read_attempts) == ("WAITING", None, 0)
    assert (evidence.device_at, evidence.mock_location) == (device.at, True)
    assert (evidence.camera, evidence.taken_at, evidence.point, evidence.signals) == ("", None, "", [])
    assert not evidence.has_preview
    with pytest.raises(FileLost):
        stored(evidence.preview_name)
    assert missing_media(report=report) == []
    assert count_waiting(order=report.order) == 1
    assert AuditEntry.objects.get(action="evidence.attached").body == {
        "report": report.external_ref,
        "sha256": evidence.sha256,
        "kind": "DOOR",
        "state": "WAITING",
    }


def test_a_photograph_whose_pixels_are_cut_is_taken_since_only_its_header_is_read(make_report):
    whole = photo(seed=1)
    content = whole[: len(whole) // 2]

    evidence = attach(make_report(content), content)

    assert (evidence.state, stored(evidence.file.name)) == ("WAITING", content)


def test_the_reading_is_enqueued_once_the_file_is_committed(make_report, django_capture_on_commit_callbacks):
    content = photo(seed=1)
    report = make_report(content)

    with django_capture_on_commit_callbacks() as first:
        attach(report, content)
    with django_capture_on_commit_callbacks() as again:
        attach(report, content)

    assert (len(first), len(again)) == (1, 0)


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


def test_a_sound_recording_is_read_at_once(make_report, elsewhere, django_capture_on_commit_callbacks):
    content = b"\x00\x00\x00\x18ftypM4A " + b"0" * 100

    with django_capture_on_commit_callbacks() as enqueued:
        first = attach(make_report(content, kind="AUDIO"), content, kind="AUDIO")
        same = attach(elsewhere(content, kind="AUDIO"), content, kind="AUDIO")

    assert (first.media_type, first.state, first.read_at) == ("audio/mp4", "READ", SENT_AT)
    assert (first.trust_score, first.signals) == (50, [])
    assert (same.trust_score, same.signals) == (0, [{"signal": "SAME_FILE", "weight": -100}])
    assert enqueued == []


def test_a_file_that_the_report_did_not_announce_is_refused(make_report):
    report = make_report(photo(seed=5))

    with pytest.raises(InvalidInput):
        attach(report, photo(seed=6))
    with pytest.raises(InvalidInput):
        attach(report, photo(seed=7), external_ref="other")

    assert not Evidence.objects.exists()
    assert missing_media(report=report) == [f"M{report.order_id}-0"]


def test_pictures_that_the_findings_forbid_are_refused(make_report):
    content = photo(seed=8)
    report = make_report(content, kind="DOCUMENT", findings=("F10",))

    with pytest.raises(InvalidInput) as refused:
        attach(report, content, kind="DOCUMENT")

    assert refused.value.field == "kind"


def test_a_judged_report_takes_no_more_evidence(make_report):
    content = photo(seed=9)
    report = make_report(content)
    type(report.order).objects.filter(pk=report.order_id).update(state="VERIFIED", ended_at=AT)

    with pytest.raises(StateConflict):
        attach(report, content)


def test_a_file_of_a_minors_visit_is_locked_away_and_shown_to_nobody(make_report, django_capture_on_commit_callbacks):
    content = photo(seed=1)
    report = make_report(content, findings=("F13",))

    with django_capture_on_commit_callbacks() as left:
        evidence = attach(report, content)

    assert (evidence.state, evidence.has_preview, evidence.trust_score, left) == ("LOCKED", False, 0, [])
    assert evidence.file.name.startswith(f"locked/{report.pk}/")
    assert stored(evidence.file.name) == content
    with pytest.raises(NotAllowed):
        open_evidence(evidence=evidence, actor=None, at=SENT_AT)


def test_nothing_waits_for_files_of_a_minors_visit(make_report):
    report = make_report(photo(seed=1), findings=("F13",))

    assert missing_media(report=report) == []
    report.findings = ["F20"]
    assert missing_media(report=report) == [f"M{report.order_id}-0"]
