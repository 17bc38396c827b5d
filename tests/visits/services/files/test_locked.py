"""Files that were locked away are deleted after 30 days; that they were sent stays known."""

from datetime import timedelta

from django.core.files.storage import default_storage

from backoffice.audit.models import AuditEntry
from tests.factories.evidence import attach, make_reported
from tests.factories.visits import SENT_AT, photo, stored
from visits.services.files.locked import delete_locked


def test_a_locked_file_is_deleted_after_thirty_days_and_others_stay(
    case, placement, approver, pair, django_capture_on_commit_callbacks
):
    first, second = photo(seed=1), photo(seed=2)
    report = make_reported(
        case=case, placement=placement, approver=approver, pair=pair, contents=[first, second], findings=("F13",)
    )
    gone = attach(report, first)
    report.findings = ["F01"]
    report.save(update_fields=["findings"])
    stays = attach(report, second, number=1)
    name = gone.file.name
    at = SENT_AT + timedelta(days=30)

    with django_capture_on_commit_callbacks(execute=True):
        assert delete_locked(at=at) == 0
        assert delete_locked(at=at + timedelta(seconds=1)) == 1
        assert delete_locked(at=at + timedelta(seconds=2)) == 0

    gone.refresh_from_db()
    assert (gone.state, gone.file.name, default_storage.exists(name)) == ("LOCKED", "", False)
    assert stored(stays.file.name) == second
    assert AuditEntry.objects.get(action="evidence.deleted").body == {"sha256": gone.sha256}
