"""The migration that gives evidence a state: what is there counts as read when it was received."""

from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from tests.factories.evidence import make_reported
from tests.factories.visits import SENT_AT, make_agency, make_case, make_member, make_placement
from visits.models import Evidence

APP = "visits"
BEFORE = import_module("visits.migrations.0008_evidence_is_read_by_a_worker").Migration.dependencies[0]


@pytest.fixture
def latest():
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield next(node for node in leaves if node[0] == APP)
    MigrationExecutor(connection).migrate(leaves)


@pytest.mark.owner_rights
@pytest.mark.django_db(transaction=True)
def test_what_is_there_was_read_when_it_was_received(latest, shanghai, approver):
    agency, case = make_agency(territory=shanghai), make_case(territory=shanghai)
    pair = make_member(agency=agency), make_member(agency=agency)
    placement = make_placement(case=case, agency=agency)
    report = make_reported(case=case, placement=placement, approver=approver, pair=pair)
    MigrationExecutor(connection).migrate([BEFORE])
    old = MigrationExecutor(connection).loader.project_state([BEFORE]).apps.get_model(APP, "Evidence")
    old.objects.create(
        report_id=report.pk,
        external_ref="E-old",
        kind="DOOR",
        media_type="image/jpeg",
        byte_count=1,
        sha256="0" * 64,
        trust_score=70,
        received_at=SENT_AT,
    )

    MigrationExecutor(connection).migrate([latest])

    evidence = Evidence.objects.get()
    assert (evidence.state, evidence.read_at, evidence.updated_at) == ("READ", SENT_AT, SENT_AT)
    assert (evidence.device_at, evidence.mock_location, evidence.read_attempts) == (None, False, 0)
    assert evidence.trust_score == 70
    with pytest.raises(IntegrityError, match="evidence_read_at_iff_read"), transaction.atomic():
        Evidence.objects.update(state="WAITING")
