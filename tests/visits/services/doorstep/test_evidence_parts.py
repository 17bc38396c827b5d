"""Files that arrive in parts: resumed, repeated, joined once, and forgotten when they are never completed."""

import hashlib
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from backoffice.core.sealed.kept_files import is_sealed
from tests.factories.visits import SENT_AT, make_agency, make_member, photo, stored
from visits.models import Evidence, EvidencePart, VisitOrder
from visits.services.doorstep import evidence_parts
from visits.services.doorstep.evidence import Device
from visits.services.doorstep.evidence_parts import attach_parts, delete_abandoned_parts, parts_there, take_part

SIZE = 10_000


@pytest.fixture
def content():
    return photo(seed=5)


@pytest.fixture
def report(make_report, content):
    return make_report(content)


def pieces(content):
    return [content[start : start + SIZE] for start in range(0, len(content), SIZE)]


def send(report, content, number, *, actor=None, at=SENT_AT, piece=None, count=None):
    cut = pieces(content)
    return take_part(
        report=report,
        sha256=hashlib.sha256(content).hexdigest(),
        number=number,
        count=count or len(cut),
        content=cut[number] if piece is None else piece,
        actor=actor,
        at=at,
    )


def join(report, content, *, actor=None):
    return attach_parts(
        report=report,
        sha256=hashlib.sha256(content).hexdigest(),
        kind="DOOR",
        external_ref=f"M{report.order_id}-0",
        device=Device(at=SENT_AT),
        uploaded_by=None,
        actor=actor,
        at=SENT_AT,
    )


def test_parts_in_any_order_become_the_file(report, content, django_capture_on_commit_callbacks):
    numbers = list(range(len(pieces(content))))
    assert len(numbers) > 2
    names = []
    for number in reversed(numbers):
        there = send(report, content, number)
    names = list(EvidencePart.objects.values_list("file_name", flat=True))
    assert (there.missing, there.is_attached) == ((), False)
    assert all(is_sealed(name=name) for name in names)

    with django_capture_on_commit_callbacks(execute=True):
        evidence = join(report, content)

    assert stored(evidence.file.name) == content
    assert not EvidencePart.objects.exists()
    assert not any(default_storage.exists(name) for name in names)
    assert parts_there(report=report, sha256=evidence.sha256).is_attached


def test_what_is_missing_is_said_and_nothing_is_attached_before_it_came(report, content):
    send(report, content, 0)
    send(report, content, 2)

    there = parts_there(report=report, sha256=hashlib.sha256(content).hexdigest())

    assert there.missing == tuple(n for n in range(len(pieces(content))) if n not in (0, 2))
    with pytest.raises(InvalidInput, match=str(_("Parts of the file are missing; send them first."))):
        join(report, content)
    assert not Evidence.objects.exists()


def test_a_part_sent_twice_is_one_part_and_a_joined_file_one_file(report, content):
    for number in (0, 0, *range(len(pieces(content)))):
        send(report, content, number)
    first = join(report, content)

    assert join(report, content).pk == first.pk
    assert send(report, content, 0).is_attached
    assert (Evidence.objects.count(), EvidencePart.objects.count()) == (1, 0)


def test_a_broken_part_is_replaced_when_it_is_sent_again(report, content):
    send(report, content, 0, piece=b"noise")
    for number in range(1, len(pieces(content))):
        send(report, content, number)
    with pytest.raises(InvalidInput):
        join(report, content)

    send(report, content, 0)

    assert stored(join(report, content).file.name) == content


@pytest.mark.parametrize(
    ("number", "count", "piece"), [(3, 3, b"x"), (-1, 3, b"x"), (0, 0, b"x"), (0, 401, b"x"), (0, 3, b"")]
)
def test_numbers_and_sizes_that_do_not_fit_are_refused(report, content, number, count, piece):
    with pytest.raises(InvalidInput):
        take_part(
            report=report,
            sha256=hashlib.sha256(content).hexdigest(),
            number=number,
            count=count,
            content=piece,
            actor=None,
            at=SENT_AT,
        )

    assert not EvidencePart.objects.exists()


def test_a_file_cannot_grow_beyond_its_limit_nor_change_its_count(report, content, monkeypatch):
    monkeypatch.setattr(evidence_parts, "FILE_BYTES_MAX", SIZE + 5)
    send(report, content, 0)
    with pytest.raises(InvalidInput):
        send(report, content, 1)
    with pytest.raises(InvalidInput):
        send(report, content, 1, piece=b"x", count=399)

    assert EvidencePart.objects.count() == 1


def test_a_part_is_at_most_two_megabytes(report, content):
    with pytest.raises(InvalidInput):
        send(report, content, 0, piece=bytes(evidence_parts.PART_BYTES_MAX + 1))


def test_a_file_that_was_not_announced_is_refused(report):
    with pytest.raises(InvalidInput):
        send(report, photo(seed=99), 0)


def test_strangers_and_judged_reports_take_no_part(report, content, shanghai):
    stranger = make_member(agency=make_agency(territory=shanghai)).user
    with pytest.raises(NotAllowed):
        send(report, content, 0, actor=stranger)
    VisitOrder.objects.filter(pk=report.order_id).update(state="VERIFIED")
    with pytest.raises(StateConflict):
        send(report, content, 0)
    with pytest.raises(StateConflict):
        join(report, content)

    assert not EvidencePart.objects.exists()


def test_parts_of_a_file_that_is_never_completed_are_deleted_after_seven_days(
    report, content, django_capture_on_commit_callbacks
):
    send(report, content, 0)
    send(report, content, 1, at=SENT_AT + timedelta(days=1))
    old = EvidencePart.objects.get(number=0).file_name
    at = SENT_AT + timedelta(days=7)

    with django_capture_on_commit_callbacks(execute=True):
        assert delete_abandoned_parts(at=at) == 0
        assert delete_abandoned_parts(at=at + timedelta(seconds=1)) == 1

    assert list(EvidencePart.objects.values_list("number", flat=True)) == [1]
    assert not default_storage.exists(old)


def test_the_database_keeps_one_part_a_number_within_the_count(report, content):
    send(report, content, 0)
    row = EvidencePart.objects.get()
    row.pk = None
    with pytest.raises(IntegrityError, match="one_part_a_number"), transaction.atomic():
        row.save()
    row.number = row.count
    with pytest.raises(IntegrityError, match="part_number_within_count"), transaction.atomic():
        row.save()
