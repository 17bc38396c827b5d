"""The nightly check of stored files: bounded batches, clear files sealed, broken ones kept as problems."""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from backoffice.audit.models import AuditEntry
from backoffice.core.sealed.kept_files import KeptFile, is_sealed, keep
from tests.factories.visits import AT, VISIT_AT, make_case, make_order, make_placement
from visits.models import Evidence, VisitReport
from visits.services.files.checking import DUE_AFTER, Checked, check_files


@pytest.fixture
def make_evidence(shanghai, agency, pair, approver):
    def make(content, *, sealed=True, preview=b""):
        case = make_case(territory=shanghai)
        placement = make_placement(case=case, agency=agency)
        order = make_order(case=case, placement=placement, state="REPORTED", approver=approver, pair=pair)
        report = VisitReport.objects.create(
            order=order,
            external_ref=f"R{order.pk}",
            findings=["F20"],
            recommendation="CLOSE",
            submitted_at=VISIT_AT,
            created_at=VISIT_AT,
        )
        evidence = Evidence(
            report=report,
            external_ref=f"E{order.pk}",
            kind="DOOR" if preview else "AUDIO",
            media_type="image/jpeg" if preview else "audio/mp4",
            byte_count=len(content),
            sha256=sha256(content).hexdigest(),
            state="READ",
            read_at=VISIT_AT,
            updated_at=VISIT_AT,
            received_at=VISIT_AT,
        )
        name = f"evidence/{evidence.sha256}"
        evidence.file.name = keep(name=name, content=content) if sealed else clear(name, content)
        if preview:
            clear(evidence.preview_name, preview)
        evidence.save()
        return evidence

    return make


def clear(name, content):
    return default_storage.save(name, ContentFile(content))


def test_each_file_is_checked_once_a_night(make_evidence):
    for content in (b"one", b"two"):
        make_evidence(content)

    assert check_files(at=AT) == Checked(checked=2, sealed=0, broken=0, more=False)
    assert check_files(at=AT + timedelta(hours=1)) == Checked(checked=0, sealed=0, broken=0, more=False)
    assert check_files(at=AT + DUE_AFTER + timedelta(seconds=1)).checked == 2


def test_files_in_clear_are_sealed_with_their_copies(make_evidence):
    evidence = make_evidence(b"a door", sealed=False, preview=b"a small door")

    assert check_files(at=AT) == Checked(checked=1, sealed=2, broken=0, more=False)

    evidence.refresh_from_db()
    assert is_sealed(name=evidence.file.name)
    assert is_sealed(name=evidence.preview_name)
    assert KeptFile(name=evidence.file.name, sha256=evidence.sha256).read() == b"a door"
    # A copy from before its SHA-256 was kept is compared from now on.
    assert evidence.preview_sha256 == sha256(b"a small door").hexdigest()


def test_a_broken_file_is_kept_as_a_problem_and_stops_nobody_else(make_evidence):
    broken, lost, sound = make_evidence(b"one"), make_evidence(b"two"), make_evidence(b"three")
    at_rest = Path(default_storage.path(broken.file.name))
    at_rest.chmod(0o600)
    at_rest.write_bytes(b"another file")
    default_storage.delete(lost.file.name)

    assert check_files(at=AT) == Checked(checked=3, sealed=0, broken=2, more=False)
    assert check_files(at=AT + timedelta(days=1)).broken == 2

    found = dict(Evidence.objects.values_list("pk", "file_problem"))
    assert found == {broken.pk: "ALTERED", lost.pk: "MISSING", sound.pk: ""}
    assert at_rest.read_bytes() == b"another file"
    # Once for each, however many nights find it.
    assert AuditEntry.objects.filter(action="evidence.file_problem", actor_id=None).count() == 2


def test_a_file_that_came_back_is_no_problem_any_more(make_evidence):
    evidence = make_evidence(b"one")
    default_storage.delete(evidence.file.name)
    check_files(at=AT)
    keep(name=evidence.file.name, content=b"one")

    check_files(at=AT + timedelta(days=1))

    evidence.refresh_from_db()
    assert evidence.file_problem == ""


def test_a_batch_is_bounded_by_files_and_by_bytes(make_evidence):
    for content in (b"a" * 10, b"b" * 10, b"c" * 10):
        make_evidence(content)

    by_files = check_files(at=AT, batch=1)
    by_bytes = check_files(at=AT, batch_bytes=5)

    # Always one, so that a file larger than the bound is checked too.
    assert (by_files.checked, by_files.more) == (1, True)
    assert (by_bytes.checked, by_bytes.more) == (1, True)
    assert check_files(at=AT) == Checked(checked=1, sealed=0, broken=0, more=False)


def test_letters_are_checked_too(case, placement, pair, approver):
    order = make_order(case=case, placement=placement, state="SCHEDULED", approver=approver, pair=pair)
    order.letter_file.name = clear("letters/1.pdf", b"%PDF letter")
    order.letter_sha256 = sha256(b"%PDF letter").hexdigest()
    order.save()

    assert check_files(at=AT) == Checked(checked=1, sealed=1, broken=0, more=False)

    order.refresh_from_db()
    assert (order.letter_checked_at, order.letter_problem) == (AT, "")
