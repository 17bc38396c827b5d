"""Papers: taken by content, size and header, kept sealed, and drawn anew by a worker before anybody looks."""

from datetime import timedelta

import pytest

from backoffice.core.errors import InvalidInput
from backoffice.core.sealed.kept_files import is_sealed
from tests.factories.visits import photo, stored
from tests.visits.services.answers.conftest import ANSWERED_AT
from visits.models import LetterAnswer
from visits.services.answers.papers import (
    LEASE,
    MOST_BYTES,
    check_paper,
    open_paper,
    open_paper_preview,
    read_paper,
    sweep_papers,
)

READ_AT = ANSWERED_AT + timedelta(seconds=5)


@pytest.fixture
def paper(order, answer):
    return lambda content=None: answer("PAPER", paper=content or photo(seed=3), paper_kind="HOSPITAL")


@pytest.mark.parametrize(
    ("content", "kind", "field"),
    [
        (b"", "RECEIPT", "paper"),
        (b"<html><script>", "RECEIPT", "paper"),
        (b"\xff\xd8\xff no photograph", "RECEIPT", "paper"),
        (b"\xff\xd8\xff" + b"0" * MOST_BYTES, "RECEIPT", "paper"),
        (b"0000ftypM4A 00", "RECEIPT", "paper"),
        (photo(seed=1), "LETTER", "paper_kind"),
    ],
)
def test_what_is_no_photograph_of_a_paper_is_refused(content, kind, field):
    with pytest.raises(InvalidInput) as refused:
        check_paper(content=content, kind=kind)

    assert refused.value.field == field


def test_too_many_pixels_are_refused_before_they_are_decoded(settings):
    settings.EVIDENCE_PIXELS_MAX = 512 * 512 - 1

    with pytest.raises(InvalidInput):
        check_paper(content=photo(seed=1), kind="RECEIPT")


def test_a_paper_is_sealed_and_has_a_copy_without_metadata_once_it_is_read(paper):
    content = photo(seed=3)
    sent = paper(content)

    assert is_sealed(name=sent.paper.name)
    assert read_paper(answer_id=sent.pk, at=READ_AT) == "READ"
    sent.refresh_from_db()
    assert open_paper(answer=sent).read() == content == stored(sent.paper.name)
    copy = open_paper_preview(answer=sent).read()
    assert copy.startswith(b"\xff\xd8\xff")
    assert b"Doorstep" in content
    assert b"Doorstep" not in copy
    assert read_paper(answer_id=sent.pk, at=READ_AT) is None


def test_a_paper_whose_pixels_are_broken_is_unreadable(paper):
    sent = paper(photo(seed=3)[:3000])

    assert read_paper(answer_id=sent.pk, at=READ_AT) == "UNREADABLE"


def test_a_paper_that_kills_its_worker_is_given_up_after_three_attempts(paper):
    sent = paper()
    at = READ_AT
    for attempt in range(1, 4):
        # What a worker has written when it is killed while it decodes.
        LetterAnswer.objects.filter(pk=sent.pk).update(paper_attempts=attempt, paper_began_at=at)
        assert read_paper(answer_id=sent.pk, at=at + LEASE - timedelta(microseconds=1)) is None
        at += LEASE

    assert read_paper(answer_id=sent.pk, at=at) == "UNREADABLE"


def test_the_sweep_finds_papers_that_wait(paper):
    sent = paper()

    assert sweep_papers(at=READ_AT) == 1
    read_paper(answer_id=sent.pk, at=READ_AT)
    assert sweep_papers(at=READ_AT) == 0
