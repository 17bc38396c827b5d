"""Two approvers or two workers at the same moment, on real connections: one wins, and there is one file."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import StateConflict
from reports.models import ExportJob
from reports.services import exports
from tests.factories.casework import make_case
from tests.factories.portfolio import AT, make_overdue

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works):
    """Run the works in threads that start together; return what each gave, or StateConflict for the loser."""
    start = Barrier(len(works))

    def run(work):
        start.wait(timeout=10)
        try:
            return work()
        except StateConflict:
            return StateConflict
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(run, works))


def test_one_of_two_approvers_and_one_of_two_workers_wins(officer, person, shanghai, settings, monkeypatch):
    # A commit would ring for workers that look into another database.
    monkeypatch.setattr(exports, "enqueue", lambda *_task, **_ids: None)
    make_case(account=make_overdue(territory=shanghai))
    export = exports.request_export(report="OPEN_CASES", parameters={}, purpose="meeting", actor=officer, at=AT)
    approvers = [person("APPROVER", name=name) for name in ("first", "second")]
    copies = [ExportJob.objects.get(pk=export.pk) for _approver in approvers]

    approved = at_once(
        *(
            lambda copy=copy, actor=actor: exports.approve_export(export=copy, actor=actor, at=AT)
            for copy, actor in zip(copies, approvers, strict=True)
        )
    )
    made = at_once(*(lambda: exports.produce_export(export_id=export.pk, at=AT) for _worker in range(2)))

    assert approved.count(StateConflict) == 1
    assert made.count(None) == 1
    assert len([path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]) == 1
    assert AuditEntry.objects.filter(action__in=["export.approved", "export.produced"]).count() == 2
