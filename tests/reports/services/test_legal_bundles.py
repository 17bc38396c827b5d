"""Bundles for legal recovery: four eyes, only while the decision stands, made once, logged, and gone after thirty days."""

import hashlib
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from backoffice.audit.models import AccessEntry, AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from backoffice.core.sealed.kept_files import FileAltered
from cases.models import Decision
from reports.models import LegalBundle
from reports.services import legal_bundles
from reports.tasks import produce_bundle, sweep_bundles
from tests.clear_text import tables_with
from tests.factories.casework import make_decision
from tests.factories.legal import AT, CONTACT_PHONE, NOTE, make_accepted_visit, make_history, make_recovery
from tests.factories.portfolio import make_overdue

LATER = AT + timedelta(minutes=5)


@pytest.fixture
def decision(shanghai: Any, approver: Any) -> Decision:
    return make_recovery(account=make_overdue(territory=shanghai), approver=approver)


def ask(decision: Any, actor: Any, **fields: Any) -> LegalBundle:
    given = {"language": "zh-hans", "purpose": "claim at the district court"} | fields
    return legal_bundles.request_bundle(decision=decision, actor=actor, at=AT, **given)


def made(decision: Any, officer: Any, approver: Any, **fields: Any) -> Any:
    bundle = ask(decision, officer, **fields)
    legal_bundles.approve_bundle(bundle=bundle, actor=approver, at=AT)
    return legal_bundles.produce_bundle(bundle_id=bundle.pk, at=LATER)


def held(bundle: Any, actor: Any) -> dict[str, bytes]:
    with legal_bundles.hand_out_bundle(bundle=bundle, actor=actor, at=LATER) as opened:
        content = opened.read()
    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist()}


def stored_files(settings: Any) -> list[Path]:
    return [path for path in (settings.MEDIA_ROOT / "bundles").rglob("*") if path.is_file()]


# --- asking ---
def test_an_officer_asks_and_nothing_is_made_yet(decision, officer, settings):
    bundle = ask(decision, officer)

    assert (bundle.state, bundle.requested_by, bundle.purpose) == ("REQUESTED", officer, "claim at the district court")
    entry = AuditEntry.objects.latest("sequence")
    assert (entry.action, entry.body) == (
        "legal_bundle.requested",
        {"decision": decision.pk, "language": "zh-hans"},
    )
    assert legal_bundles.produce_bundle(bundle_id=bundle.pk, at=LATER) is None
    assert stored_files(settings) == []
    assert tables_with("claim at the district court") == []


def test_only_officers_ask(decision, approver, auditor, risk_manager):
    for actor in (approver, auditor, risk_manager, None):
        with pytest.raises(NotAllowed):
            ask(decision, actor)


def test_what_cannot_be_asked_for_stands_at_its_field(decision, officer, shanghai, chengdu, approver, person):
    freeze = make_decision(account=make_overdue(territory=shanghai), kind="FREEZE")
    elsewhere = person("CASE_OFFICER", name="elsewhere", territories=(chengdu,))
    for asked, actor, fields, field in (
        (freeze, officer, {}, "decision"),
        (decision, elsewhere, {}, "decision"),
        (decision, officer, {"language": "fr"}, "language"),
        (decision, officer, {"purpose": " "}, "purpose"),
    ):
        with pytest.raises(InvalidInput) as refused:
            ask(asked, actor, **fields)
        assert refused.value.field == field
    assert LegalBundle.objects.count() == 0


def test_a_proposal_gives_no_documents(officer, shanghai):
    with pytest.raises(StateConflict):
        ask(make_decision(account=make_overdue(territory=shanghai), kind="LEGAL"), officer)


def test_one_bundle_waits_at_a_time(decision, officer, approver):
    first = ask(decision, officer)
    with pytest.raises(StateConflict):
        ask(decision, officer)

    legal_bundles.refuse_bundle(bundle=first, reason="too early", actor=approver, at=AT)

    assert ask(decision, officer).state == "REQUESTED"


# --- four eyes ---
def test_another_person_approves(decision, officer, approver, person, chengdu, django_capture_on_commit_callbacks):
    bundle = ask(decision, officer)
    there = person("APPROVER", name="there", territories=(chengdu,))
    for actor, error in (
        (officer, SelfApproval),
        (person("AUDITOR"), NotAllowed),
        (there, NotAllowed),
        (None, NotAllowed),
    ):
        with pytest.raises(error):
            legal_bundles.approve_bundle(bundle=bundle, actor=actor, at=AT)
    officer.role = "APPROVER"
    officer.save()
    with pytest.raises(SelfApproval):
        legal_bundles.refuse_bundle(bundle=bundle, reason="no", actor=officer, at=AT)

    with django_capture_on_commit_callbacks() as left:
        legal_bundles.approve_bundle(bundle=bundle, actor=approver, at=AT)

    assert (len(left), bundle.state, bundle.approved_by) == (1, "APPROVED", approver)
    with pytest.raises(StateConflict):
        legal_bundles.approve_bundle(bundle=bundle, actor=approver, at=AT)


def test_the_database_holds_the_four_eyes(decision, officer, approver):
    rows = LegalBundle.objects.filter(pk=ask(decision, officer).pk)

    with pytest.raises(IntegrityError, match="bundle_four_eyes"), transaction.atomic():
        rows.update(state="APPROVED", approved_by=officer, approved_at=AT)
    for state in ("APPROVED", "READY", "EXPIRED"):
        with pytest.raises(IntegrityError, match="bundle_approved_before_made"), transaction.atomic():
            rows.update(state=state)
    with pytest.raises(IntegrityError, match="one_bundle_in_the_making"), transaction.atomic():
        LegalBundle.objects.create(decision=decision, requested_by=officer, created_at=AT, updated_at=AT)


def test_a_refusal_keeps_its_reason(decision, officer, approver):
    bundle = ask(decision, officer)
    with pytest.raises(InvalidInput):
        legal_bundles.refuse_bundle(bundle=bundle, reason=" ", actor=approver, at=AT)

    legal_bundles.refuse_bundle(bundle=bundle, reason="mediation runs", actor=approver, at=AT)

    assert (bundle.state, bundle.refused_reason) == ("REFUSED", "mediation runs")


# --- the file ---
def test_the_bundle_names_its_files_with_hashes_and_who_asked(decision, officer, approver):
    make_history(decision=decision, officer=officer)
    make_accepted_visit(decision=decision, approver=approver)

    bundle = made(decision, officer, approver)

    files = held(bundle, officer)
    manifest = json.loads(files.pop("manifest.json"))
    assert {each["name"]: (each["bytes"], each["sha256"]) for each in manifest["files"]} == {
        name: (len(content), hashlib.sha256(content).hexdigest()) for name, content in files.items()
    }
    assert {name.partition("/")[0] for name in files} == {"case-file.pdf", "letters", "visits"}
    assert {name: manifest[name] for name in ("bundle", "decision", "asked_by", "approved_by", "made_at")} == {
        "bundle": str(bundle),
        "decision": str(decision),
        "asked_by": str(officer),
        "approved_by": str(approver),
        "made_at": LATER.isoformat(),
    }
    assert manifest["policy_version"] == str(decision.policy_version)
    assert bundle.file_count == len(files) + 1
    raw = b"".join(files.values()) + json.dumps(manifest).encode()
    assert [word for word in (CONTACT_PHONE, NOTE) if word.encode() in raw] == []


def test_data_files_are_the_same_when_they_are_made_again(decision, officer, approver):
    make_history(decision=decision, officer=officer)

    manifests = [json.loads(held(made(decision, officer, approver), officer)["manifest.json"]) for _time in range(2)]

    assert manifests[0]["files"] == manifests[1]["files"]
    assert manifests[0]["bundle"] != manifests[1]["bundle"]


def test_the_file_is_sealed_and_made_once(decision, officer, approver, settings):
    bundle = made(decision, officer, approver)

    assert legal_bundles.produce_bundle(bundle_id=bundle.pk, at=LATER) is None
    (path,) = stored_files(settings)
    assert not zipfile.is_zipfile(path)
    assert bundle.expires_at == LATER + timedelta(days=30)


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": "DISPATCHER"}])
def test_who_may_no_longer_have_it_gets_none(decision, officer, approver, settings, change):
    bundle = ask(decision, officer)
    legal_bundles.approve_bundle(bundle=bundle, actor=approver, at=AT)
    type(officer).objects.filter(pk=officer.pk).update(**change)

    assert legal_bundles.produce_bundle(bundle_id=bundle.pk, at=LATER).state == "REFUSED"
    assert stored_files(settings) == []


def test_nothing_is_approved_made_or_handed_out_once_the_decision_is_over(decision, officer, approver, settings):
    ready = made(decision, officer, approver)
    approved, rows = ask(decision, officer), Decision.objects.filter(pk=decision.pk)
    legal_bundles.approve_bundle(bundle=approved, actor=approver, at=AT)
    rows.update(state="LIFTED")

    assert legal_bundles.produce_bundle(bundle_id=approved.pk, at=LATER).state == "REFUSED"
    with pytest.raises(StateConflict):
        legal_bundles.hand_out_bundle(bundle=ready, actor=officer, at=LATER)
    rows.update(state="APPROVED")
    waiting = ask(decision, officer)
    rows.update(state="REVERSED")
    with pytest.raises(StateConflict):
        legal_bundles.approve_bundle(bundle=waiting, actor=approver, at=LATER)
    assert len(stored_files(settings)) == 1


# --- taking it, and its end ---
def test_each_download_is_access_to_the_borrowers_data(decision, officer, approver):
    bundle = made(decision, officer, approver)

    for _time in range(2):
        held(bundle, officer)

    entries = list(AccessEntry.objects.values_list("actor_id", "subject_type", "subject_id", "purpose"))
    assert entries == [(officer.pk, "cases.borrower", str(decision.borrower_id), "EXPORT")] * 2
    assert AccessEntry.objects.latest("sequence").fields == ["name", "id_number", "phones", "addresses"]
    assert AuditEntry.objects.filter(action="legal_bundle.downloaded", actor_id=officer.pk).count() == 2


def test_nobody_else_takes_it(decision, officer, approver, auditor, person, chengdu):
    bundle = made(decision, officer, approver)

    for actor in (approver, auditor, person("CASE_OFFICER", name="colleague"), None):
        with pytest.raises(NotAllowed):
            legal_bundles.hand_out_bundle(bundle=bundle, actor=actor, at=LATER)
    officer.territories.set([chengdu])
    with pytest.raises(NotAllowed):
        legal_bundles.hand_out_bundle(bundle=bundle, actor=type(officer).objects.get(pk=officer.pk), at=LATER)
    assert AccessEntry.objects.count() == 0


def test_a_swapped_file_is_not_handed_out(decision, officer, approver):
    bundle = made(decision, officer, approver)
    path = Path(bundle.file.storage.path(bundle.file.name))
    path.chmod(0o600)
    path.write_bytes(b"another file")

    with pytest.raises(FileAltered):
        legal_bundles.hand_out_bundle(bundle=bundle, actor=officer, at=LATER)
    assert AuditEntry.objects.latest("sequence").action == "legal_bundle.file_broken"


def test_it_ends_after_thirty_days(decision, officer, approver, settings):
    bundle = made(decision, officer, approver)
    with pytest.raises(StateConflict):
        legal_bundles.hand_out_bundle(bundle=bundle, actor=officer, at=bundle.expires_at)

    moments = (bundle.expires_at - timedelta(seconds=1), bundle.expires_at, bundle.expires_at)

    assert [legal_bundles.expire_bundles(at=at) for at in moments] == [0, 1, 0]
    assert stored_files(settings) == []
    bundle.refresh_from_db()
    assert (bundle.state, bundle.file.name) == ("EXPIRED", "")


def test_the_jobs_make_and_sweep(
    decision, officer, approver, settings, time_machine, django_capture_on_commit_callbacks
):
    time_machine.move_to(LATER, tick=False)
    bundle = ask(decision, officer)
    legal_bundles.approve_bundle(bundle=bundle, actor=approver, at=AT)
    with django_capture_on_commit_callbacks() as left:
        assert legal_bundles.enqueue_waiting_bundles() == 1
    assert len(left) == 1

    produce_bundle(bundle_id=bundle.pk)
    assert len(stored_files(settings)) == 1
    time_machine.move_to(LATER + timedelta(days=30), tick=False)
    sweep_bundles()

    assert stored_files(settings) == []


@pytest.mark.parametrize("count", [1, 3])
def test_making_costs_the_same_for_one_row_and_three(decision, officer, approver, count, django_assert_num_queries):
    make_history(decision=decision, officer=officer, count=count)
    bundle = ask(decision, officer)
    legal_bundles.approve_bundle(bundle=bundle, actor=approver, at=AT)

    # Savepoint and its release; the bundle; the asker's territories and the row within them, the decision's state; the papers
    # (18); the step; the trail's head and entry.
    with django_assert_num_queries(27):
        assert legal_bundles.produce_bundle(bundle_id=bundle.pk, at=LATER).state == "READY"
