"""Reading photographs in a worker: once, whoever comes; what stops it, and what only makes it wait."""

import errno
import hashlib
import io
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db.models import F
from PIL import Image

from backoffice.audit.models import AuditEntry
from backoffice.core.sealed import kept_files
from backoffice.core.sealed.kept_files import FileLost, StorageFull
from tests.factories.evidence import attach
from tests.factories.visits import SENT_AT, VISIT_AT, photo, read_waiting, stored
from visits.models import Evidence
from visits.services.doorstep.evidence_reading import LEASE, OWN_MESSAGE, read_evidence, sweep_evidence

READ_AT = SENT_AT + timedelta(seconds=3, microseconds=7)
LATER = READ_AT + LEASE


class Killed(BaseException):
    """Ends a reading in the middle as the end of its process does: nothing that handles errors runs."""


@contextmanager
def killed_while_decoding():
    """Kill every worker that decodes while the body runs."""

    def kill(*_args, **_kwargs):
        raise Killed

    with pytest.MonkeyPatch.context() as decoder:
        decoder.setattr(Image.Image, "thumbnail", kill)
        yield


@contextmanager
def full_disk():
    """Let the disk have no room while the body runs."""

    def full(_handle):
        raise OSError(errno.ENOSPC, "no space left on device")

    with pytest.MonkeyPatch.context() as disk:
        disk.setattr(kept_files.os, "fsync", full)
        yield


def waiting(make_report, *contents):
    """Attach photographs to one report and return what waits."""
    report = make_report(*contents)
    return [attach(report, content, number=number) for number, content in enumerate(contents)]


def audited(evidence):
    """Return the (action, body) of what the trail says about a photograph after its upload."""
    rows = AuditEntry.objects.filter(subject_type="visits.evidence", subject_id=str(evidence.pk))
    return list(rows.exclude(action="evidence.attached").order_by("sequence").values_list("action", "body"))


def row(evidence):
    return Evidence.objects.filter(pk=evidence.pk).values().get()


def test_a_photograph_is_read_into_a_copy_without_metadata_camera_data_and_a_score(make_report):
    (evidence,) = waiting(make_report, photo(seed=1))

    assert read_evidence(evidence_id=evidence.pk, at=READ_AT) == "READ"

    evidence.refresh_from_db()
    kept = stored(evidence.preview_name)
    assert dict(Image.open(io.BytesIO(kept)).getexif()) == {}
    assert evidence.preview_sha256 == hashlib.sha256(kept).hexdigest()
    assert (evidence.state, evidence.read_at, evidence.updated_at) == ("READ", READ_AT, READ_AT)
    assert (evidence.read_attempts, evidence.has_preview, len(evidence.perceptual_hash)) == (1, True, 32)
    # A camera writes whole seconds into its EXIF.
    assert (evidence.camera, evidence.taken_at) == ("Doorstep Camera 1", VISIT_AT.replace(microsecond=0))
    assert tuple(round(float(part), 4) for part in evidence.point.split(",")) == (31.2304, 121.4737)
    assert evidence.trust_score == 100
    assert audited(evidence) == [
        ("evidence.read", {"sha256": evidence.sha256, "state": "READ", "attempts": 1, "score": 100})
    ]


def test_reading_twice_changes_nothing(make_report):
    (evidence,) = waiting(make_report, photo(seed=1))
    read_evidence(evidence_id=evidence.pk, at=READ_AT)
    before = row(evidence)

    assert read_evidence(evidence_id=evidence.pk, at=LATER) is None
    assert read_evidence(evidence_id=0, at=LATER) is None

    assert row(evidence) == before
    assert len(audited(evidence)) == 1


def test_pixels_that_cannot_be_decoded_make_it_unreadable_at_once(make_report):
    whole = photo(seed=1)
    (evidence,) = waiting(make_report, whole[: len(whole) // 2])

    assert read_evidence(evidence_id=evidence.pk, at=READ_AT) == "UNREADABLE"
    assert read_evidence(evidence_id=evidence.pk, at=LATER) is None

    evidence.refresh_from_db()
    assert (evidence.state, evidence.read_at, evidence.has_preview) == ("UNREADABLE", READ_AT, False)
    assert (evidence.trust_score, evidence.signals) == (0, [])
    assert not default_storage.exists(evidence.preview_name)
    assert audited(evidence) == [
        (
            "evidence.unreadable",
            {"sha256": evidence.sha256, "state": "UNREADABLE", "attempts": 1, "reason": "PIXELS"},
        )
    ]


def test_a_photograph_that_killed_three_workers_is_not_decoded_again(make_report):
    (evidence,) = waiting(make_report, photo(seed=1))

    for number in range(3):
        with killed_while_decoding(), pytest.raises(Killed):
            read_evidence(evidence_id=evidence.pk, at=READ_AT + number * LEASE)
        evidence.refresh_from_db()
        assert (evidence.state, evidence.read_attempts) == ("WAITING", number + 1)
    with killed_while_decoding():
        assert read_evidence(evidence_id=evidence.pk, at=READ_AT + 3 * LEASE) == "UNREADABLE"

    body = {"sha256": evidence.sha256, "state": "UNREADABLE", "attempts": 3, "reason": "ATTEMPTS"}
    assert audited(evidence) == [("evidence.unreadable", body)]


def test_after_two_killed_workers_the_third_reads_it(make_report):
    (evidence,) = waiting(make_report, photo(seed=1))
    for number in range(2):
        with killed_while_decoding(), pytest.raises(Killed):
            read_evidence(evidence_id=evidence.pk, at=READ_AT + number * LEASE)

    assert read_evidence(evidence_id=evidence.pk, at=READ_AT + 2 * LEASE) == "READ"


def test_within_its_lease_a_worker_has_the_photograph_to_itself(make_report):
    (evidence,) = waiting(make_report, photo(seed=1))
    with killed_while_decoding(), pytest.raises(Killed):
        read_evidence(evidence_id=evidence.pk, at=READ_AT)

    assert read_evidence(evidence_id=evidence.pk, at=READ_AT + LEASE - timedelta(microseconds=1)) is None
    assert row(evidence)["read_attempts"] == 1
    assert read_evidence(evidence_id=evidence.pk, at=READ_AT + LEASE) == "READ"


def test_a_worker_that_comes_back_after_its_lease_leaves_the_next_one_s_reading_as_it_is(make_report, monkeypatch):
    (evidence,) = waiting(make_report, photo(seed=1))
    shrink, taken_over = Image.Image.thumbnail, []

    def meanwhile(*args, **kwargs):
        if not taken_over:
            taken_over.append(None)
            assert read_evidence(evidence_id=evidence.pk, at=LATER) == "READ"
        return shrink(*args, **kwargs)

    monkeypatch.setattr(Image.Image, "thumbnail", meanwhile)

    assert read_evidence(evidence_id=evidence.pk, at=READ_AT) is None

    assert (row(evidence)["read_at"], row(evidence)["read_attempts"]) == (LATER, 2)
    assert [action for action, _body in audited(evidence)] == ["evidence.read"]


def test_a_full_disk_leaves_it_waiting_with_nothing_half_written_however_often(make_report):
    (evidence,) = waiting(make_report, photo(seed=1))

    for number in range(5):
        with full_disk(), pytest.raises(StorageFull):
            read_evidence(evidence_id=evidence.pk, at=READ_AT + number * LEASE)

    left = row(evidence)
    assert (left["state"], left["read_attempts"], left["preview_sha256"]) == ("WAITING", 0, "")
    assert default_storage.listdir(f"previews/{evidence.sha256[:2]}") == ([], [])
    assert audited(evidence) == []
    assert read_evidence(evidence_id=evidence.pk, at=READ_AT + 5 * LEASE) == "READ"


def test_a_lost_original_is_reported_once_and_read_when_it_is_back(make_report):
    content = photo(seed=1)
    (evidence,) = waiting(make_report, content)
    default_storage.delete(evidence.file.name)

    for number in range(4):
        with pytest.raises(FileLost):
            read_evidence(evidence_id=evidence.pk, at=READ_AT + number * LEASE)
    kept_files.keep(name=evidence.file.name, content=content)

    left = row(evidence)
    assert (left["state"], left["read_attempts"], left["file_problem"]) == ("WAITING", 0, "MISSING")
    assert [action for action, _body in audited(evidence)] == ["evidence.file_problem"]
    assert read_evidence(evidence_id=evidence.pk, at=READ_AT + 4 * LEASE) == "READ"


def test_the_sweep_enqueues_what_was_left_and_nothing_that_is_on_its_way(
    make_report, django_capture_on_commit_callbacks
):
    read, fresh, held = waiting(make_report, photo(seed=1), photo(seed=2), photo(seed=3))
    read_evidence(evidence_id=read.pk, at=READ_AT)
    Evidence.objects.filter(pk=held.pk).update(received_at=F("received_at") - OWN_MESSAGE)
    with killed_while_decoding(), pytest.raises(Killed):
        read_evidence(evidence_id=held.pk, at=READ_AT)

    with django_capture_on_commit_callbacks() as enqueued:
        found = [sweep_evidence(at=at) for at in (READ_AT, fresh.received_at + OWN_MESSAGE, LATER)]

    assert found == [0, 1, 2]
    assert len(enqueued) == 3


def test_a_sweep_asks_one_question(make_report, django_assert_num_queries):
    waiting(make_report, *(photo(seed=number) for number in range(3)))

    with django_assert_num_queries(1):
        assert sweep_evidence(at=LATER) == 3


def test_a_photograph_is_seen_by_whom_sees_its_visit_whatever_its_state(
    make_report, reviewer, coordinator, person, chengdu
):
    whole = photo(seed=2)
    waiting(make_report, photo(seed=1), whole[: len(whole) // 2], photo(seed=3))
    stranger = person("REVIEWER", name="stranger", territories=(chengdu,))
    read_waiting()
    Evidence.objects.filter(external_ref__endswith="-2").update(state="WAITING", read_at=None)

    every = ["READ", "UNREADABLE", "WAITING"]
    for user, states in ((reviewer, every), (coordinator, every), (stranger, [])):
        assert sorted(Evidence.objects.visible_to(user).values_list("state", flat=True)) == states
