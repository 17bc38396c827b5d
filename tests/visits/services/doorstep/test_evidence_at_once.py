"""Photographs read at the same moment by two workers, on real connections: each once, and none misses the other."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from backoffice.audit.models import AuditEntry
from tests.factories.evidence import alike, attach, make_reported
from tests.factories.visits import make_case, make_placement, photo
from tests.visits.services.dispatch.test_at_once import at_once
from tests.visits.services.doorstep.test_evidence_reading import READ_AT
from tests.visits.services.doorstep.test_trust import names
from visits.models import Evidence
from visits.services.doorstep.evidence_reading import read_evidence

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def send(shanghai, agency, approver, pair):
    def of_another_visit(content):
        case = make_case(territory=shanghai)
        placement = make_placement(case=case, agency=agency)
        report = make_reported(case=case, placement=placement, approver=approver, pair=pair, contents=[content])
        return attach(report, content)

    return of_another_visit


def test_two_workers_at_once_read_a_photograph_once(send):
    evidence = send(photo(seed=1))

    outcomes = at_once(*(lambda: read_evidence(evidence_id=evidence.pk, at=READ_AT) for _each in range(3)))

    evidence.refresh_from_db()
    assert sorted(outcomes, key=str) == [None, None, "READ"]
    assert (evidence.state, evidence.read_attempts) == ("READ", 1)
    assert AuditEntry.objects.filter(action="evidence.read").count() == 1


def test_a_row_that_another_transaction_holds_is_left_to_it(send):
    evidence = send(photo(seed=1))

    with transaction.atomic():
        Evidence.objects.select_for_update().get(pk=evidence.pk)
        outcomes = at_once(lambda: read_evidence(evidence_id=evidence.pk, at=READ_AT))

    evidence.refresh_from_db()
    assert (outcomes, evidence.state, evidence.read_attempts) == ([None], "WAITING", 0)


def test_two_look_alikes_read_at_once_do_not_miss_each_other(send):
    content = photo(seed=4)
    first, second = send(content), send(alike(content))

    def read_second():
        try:
            return read_evidence(evidence_id=second.pk, at=READ_AT)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as worker:
        with transaction.atomic():
            read_evidence(evidence_id=first.pk, at=READ_AT)
            # Until the first is committed, the second waits to compare itself.
            reading = worker.submit(read_second)
            with pytest.raises(TimeoutError):
                reading.result(timeout=1)
        assert reading.result(timeout=15) == "READ"

    assert ["LOOKALIKE" in names(each) for each in (first, second)] == [False, True]
