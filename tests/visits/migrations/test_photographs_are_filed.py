"""The migration that files the hashes that photographs have: a copy of an old photograph is found afterwards."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.factories.evidence import make_reported
from tests.factories.visits import SENT_AT, make_agency, make_case, make_member, make_placement
from visits.models import PhotoBand
from visits.rules.report.lookalikes import band_keys
from visits.selectors.lookalikes import lookalikes

BEFORE, FILED = ("visits", "0020_evidence_network"), ("visits", "0021_photographs_are_filed")
PDQ = bytes(range(7, 39))


@pytest.fixture
def newest_tables():
    """Bring the tables up to date again after the test: others need today's columns."""
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield
    MigrationExecutor(connection).migrate(leaves)


@pytest.mark.owner_rights
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("newest_tables")
def test_hashes_that_are_there_are_filed_and_found(shanghai, approver):
    agency, case = make_agency(territory=shanghai), make_case(territory=shanghai)
    pair = make_member(agency=agency), make_member(agency=agency)
    placement = make_placement(case=case, agency=agency)
    report = make_reported(case=case, placement=placement, approver=approver, pair=pair)
    MigrationExecutor(connection).migrate([BEFORE])
    # The columns of that time: today's model has more.
    old = MigrationExecutor(connection).loader.project_state([BEFORE]).apps.get_model("visits", "Evidence")
    values = {
        "kind": "DOOR",
        "media_type": "image/jpeg",
        "byte_count": 1,
        "sha256": "0" * 64,
        "state": "READ",
        "read_at": SENT_AT,
        "received_at": SENT_AT,
        "updated_at": SENT_AT,
    }
    hashed = old.objects.create(report_id=report.pk, external_ref="E1", perceptual_hash=PDQ, **values)
    old.objects.create(report_id=report.pk, external_ref="E2", **values)

    MigrationExecutor(connection).migrate([FILED])

    rows = PhotoBand.objects.order_by("band_key")
    assert [(row.evidence_id, row.part, row.band_key, row.pdq) for row in rows] == [
        (hashed.pk, "WHOLE", key, PDQ) for key in band_keys(pdq=PDQ)
    ]
    assert [each.bits for each in lookalikes(asked=(PDQ,), itself=0, report=0)] == [0]
