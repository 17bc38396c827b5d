"""The migration that seals free text: nothing is lost, nothing stays in clear, and it can be reversed."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from cases.models import BorrowerFlag, Complaint, Decision, RuleMute
from tests.clear_text import tables_with
from tests.factories.casework import AT, TODAY, make_decision
from tests.factories.portfolio import make_overdue

APP = "cases"
BEFORE = import_module("cases.migrations.0023_sealed_columns_for_free_text").Migration.dependencies[0]


def migrate(*target):
    """Move the tables to a state and return its models; the deferred constraints must have been checked before."""
    executor = MigrationExecutor(connection)
    executor.migrate([target])
    return MigrationExecutor(connection).loader.project_state([target]).apps


@pytest.fixture
def latest():
    leaves = [node for node in MigrationExecutor(connection).loader.graph.leaf_nodes() if node[0] == APP]
    yield leaves[0]
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@pytest.mark.owner_rights
@pytest.mark.django_db(transaction=True)
def test_free_text_is_sealed_and_opened_again(latest, shanghai, officer):
    account = make_overdue(territory=shanghai)
    decision = make_decision(account=account, proposed_by=officer)
    borrower = account.borrower
    apps = migrate(*BEFORE)
    old = SimpleNamespace(**{name: apps.get_model(APP, name).objects for name in ("Decision", "Complaint")})
    flags, mutes = apps.get_model(APP, "BorrowerFlag").objects, apps.get_model(APP, "RuleMute").objects
    old.Decision.filter(pk=decision.pk).update(
        approval_note="Zhou Ba agreed", terms={"days": 30, "explanation": "Zhou Ba is ill"}
    )
    old.Complaint.create(
        borrower_id=borrower.pk,
        kind="COMPLAINT",
        subject="Zhou Ba called",
        answer="Zhou Ba was trained",
        received_at=AT,
        answer_due_on=TODAY,
        created_at=AT,
        updated_at=AT,
    )
    flags.create(borrower_id=borrower.pk, kind="CEASE", source="D0000007", set_at=AT)
    flags.create(borrower_id=borrower.pk, kind="HOSPITAL", source="Zhou Ba called", set_at=AT)
    mutes.create(
        borrower_id=borrower.pk, rule="X", until=TODAY, why="Zhou Ba said so", set_by_id=officer.pk, created_at=AT
    )

    migrate(*latest)

    sealed, complaint = Decision.objects.get(), Complaint.objects.get()
    assert (sealed.approval_note, sealed.explanation, sealed.terms) == (
        "Zhou Ba agreed",
        "Zhou Ba is ill",
        {"days": 30},
    )
    assert (complaint.topic, complaint.subject, complaint.answer) == ("OTHER", "Zhou Ba called", "Zhou Ba was trained")
    assert [(f.source, f.source_ref, f.note) for f in BorrowerFlag.objects.order_by("kind")] == [
        ("DECISION", "D0000007", None),
        ("OTHER", "", "Zhou Ba called"),
    ]
    assert RuleMute.objects.get().why == "Zhou Ba said so"
    assert tables_with("Zhou Ba") == []

    apps = migrate(*BEFORE)

    opened, complained = apps.get_model(APP, "Decision").objects.get(), apps.get_model(APP, "Complaint").objects.get()
    assert (opened.approval_note, opened.terms) == ("Zhou Ba agreed", {"days": 30, "explanation": "Zhou Ba is ill"})
    assert (complained.subject, complained.answer) == ("Zhou Ba called", "Zhou Ba was trained")
    sources = apps.get_model(APP, "BorrowerFlag").objects.order_by("kind").values_list("source", flat=True)
    assert list(sources) == ["D0000007", "Zhou Ba called"]
    assert apps.get_model(APP, "RuleMute").objects.get().why == "Zhou Ba said so"
