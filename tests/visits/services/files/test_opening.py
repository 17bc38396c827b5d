"""Opening stored evidence and letters: a file that is not the one that was kept is refused, kept as a problem, recorded."""

from hashlib import sha256
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from backoffice.audit.models import AuditEntry
from backoffice.core.sealed.kept_files import FileAltered, FileLost, keep
from tests.factories.visits import AT, make_order
from visits.services.dispatch.letters import issue_letter
from visits.services.files.opening import open_letter


@pytest.fixture
def order(case, placement, pair, approver, dispatcher):
    order = make_order(case=case, placement=placement, state="SCHEDULED", approver=approver, pair=pair)
    return issue_letter(order=order, actor=dispatcher, at=AT)


def swap(order):
    name = keep(name="letters/other.pdf", content=b"%PDF-1.7 another letter")
    at_rest = Path(default_storage.path(order.letter_file.name))
    at_rest.chmod(0o600)
    at_rest.write_bytes(Path(default_storage.path(name)).read_bytes())


def test_a_letter_that_is_what_was_kept_opens(order, dispatcher):
    with open_letter(order=order, actor=dispatcher, at=AT) as opened:
        assert sha256(opened.read()).hexdigest() == order.letter_sha256


def test_a_swapped_letter_is_refused_and_recorded_once(order, dispatcher, caplog):
    swap(order)

    for _each in range(2):
        with pytest.raises(FileAltered):
            open_letter(order=order, actor=dispatcher, at=AT)

    order.refresh_from_db()
    entry = AuditEntry.objects.get(action="visit.letter_problem")
    assert (order.letter_problem, order.letter_checked_at) == ("ALTERED", AT)
    assert (entry.actor_id, entry.subject_id) == (dispatcher.pk, str(order.pk))
    assert entry.body == {"problem": "ALTERED", "sha256": order.letter_sha256}
    assert len([line for line in caplog.records if line.name == "visits.services.files.opening"]) == 1


def test_a_lost_letter_is_refused_and_recorded(order, dispatcher):
    default_storage.delete(order.letter_file.name)

    with pytest.raises(FileLost):
        open_letter(order=order, actor=dispatcher, at=AT)

    order.refresh_from_db()
    assert order.letter_problem == "MISSING"


def test_a_letter_issued_anew_has_no_problem_any_more(order, dispatcher):
    swap(order)
    with pytest.raises(FileAltered):
        open_letter(order=order, actor=dispatcher, at=AT)

    order = issue_letter(order=order, actor=dispatcher, at=AT)

    open_letter(order=order, actor=dispatcher, at=AT).close()
    order.refresh_from_db()
    assert (order.letter_problem, order.letter_checked_at) == ("", None)
