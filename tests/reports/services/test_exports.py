"""Exports: four eyes, the requester's own rows, masked, logged, and gone after a week."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from backoffice.audit.models import AccessEntry, AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from backoffice.core.sealed.kept_files import FileAltered, KeptFile
from reports.models import ExportJob
from reports.services import exports
from tests.clear_text import tables_with
from tests.factories.casework import make_case
from tests.factories.portfolio import AT, TODAY, make_account, make_address, make_borrower, make_overdue, make_phone

PERIOD = {"start_on": TODAY - timedelta(days=30), "end_on": TODAY}
LATER = AT + timedelta(minutes=5)


def ask(actor, report="OPEN_CASES", purpose="weekly meeting", **parameters):
    return exports.request_export(report=report, parameters=parameters, purpose=purpose, actor=actor, at=AT)


def made(actor, approver, **fields):
    export = ask(actor, **fields)
    exports.approve_export(export=export, actor=approver, at=AT)
    return exports.produce_export(export_id=export.pk, at=LATER)


def lines(export):
    with KeptFile(name=export.file.name, sha256=export.file_sha256).open() as file:
        content = file.read()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def stored_files(settings):
    return [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


# --- asking ---
def test_request_export_waits_and_leaves_a_trail(officer, settings):
    export = ask(officer)

    assert (export.state, export.parameters, export.requested_by) == ("REQUESTED", {}, officer)
    assert AuditEntry.objects.get().action == "export.requested"
    assert exports.produce_export(export_id=export.pk, at=LATER) is None
    assert stored_files(settings) == []


@pytest.mark.parametrize("role", ["RISK_MANAGER", "CASE_OFFICER", "AUDITOR"])
def test_request_export_is_open_to_those_who_report(role, person):
    assert ask(person(role)).state == "REQUESTED"


@pytest.mark.parametrize("role", ["APPROVER", "DISPATCHER", "AGENCY_COORDINATOR", "CREW", "REVIEWER", "ADMINISTRATOR"])
def test_request_export_refuses_other_roles(role, person):
    with pytest.raises(NotAllowed):
        ask(person(role))
    assert ExportJob.objects.count() == 0


def test_request_export_needs_a_person(db):
    with pytest.raises(NotAllowed):
        ask(None)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"report": "BORROWERS"}, "report"),
        ({"purpose": "  "}, "purpose"),
        ({"report": "FUNNEL"}, "start_on"),
        ({"report": "FUNNEL", "start_on": TODAY, "end_on": TODAY - timedelta(days=1)}, "end_on"),
        ({"report": "FUNNEL", "start_on": TODAY - timedelta(days=732), "end_on": TODAY}, "end_on"),
        ({"report": "EFFECTIVENESS", **PERIOD, "currency": "=A1"}, "currency"),
    ],
)
def test_request_export_refuses_what_it_cannot_make(officer, fields, field):
    with pytest.raises(InvalidInput) as refused:
        ask(officer, **fields)

    assert refused.value.field == field
    assert ExportJob.objects.count() == 0


def test_request_export_refuses_a_foreign_territory(officer, chengdu):
    with pytest.raises(InvalidInput) as refused:
        ask(officer, territory=chengdu)

    assert refused.value.field == "territory"


# --- four eyes ---
def test_approve_export_needs_another_person_with_the_permission(officer, approver, person, settings):
    export = ask(officer)

    for actor, error in ((officer, SelfApproval), (person("AUDITOR"), NotAllowed), (None, NotAllowed)):
        with pytest.raises(error):
            exports.approve_export(export=export, actor=actor, at=AT)
    export.refresh_from_db()
    assert (export.state, export.approved_by) == ("REQUESTED", None)
    assert exports.approve_export(export=export, actor=approver, at=AT).approved_by == approver


def test_nobody_approves_their_own_even_with_the_permission(officer):
    export = ask(officer)
    officer.role = "APPROVER"
    officer.save()

    with pytest.raises(SelfApproval):
        exports.approve_export(export=export, actor=officer, at=AT)
    with pytest.raises(SelfApproval):
        exports.refuse_export(export=export, reason="no", actor=officer, at=AT)


def test_approver_of_one_territory_approves_and_sees_only_exports_of_its_rows(person, approver, shanghai, chengdu):
    officers = {
        "own": person("CASE_OFFICER", name="own"),
        "both": person("CASE_OFFICER", name="both", territories=(shanghai, chengdu)),
        "there": person("CASE_OFFICER", name="there", territories=(chengdu,)),
        "everywhere": person("RISK_MANAGER", name="everywhere"),
    }
    asked = {name: ask(actor) for name, actor in officers.items()}
    asked |= {
        f"{name} {place.code}": ask(officers["both"], territory=place)
        for name, place in (("part", shanghai), ("part", chengdu))
    }

    def decided(export):
        try:
            exports.approve_export(export=export, actor=approver, at=AT)
        except NotAllowed:
            return ExportJob.objects.get(pk=export.pk).state
        return export.state

    seen = set(ExportJob.objects.visible_to(approver).values_list("pk", flat=True))
    assert {name for name, export in asked.items() if export.pk in seen} == {"own", "part 310000"}
    assert {name: decided(export) for name, export in asked.items()} == {
        "own": "APPROVED",
        "both": "REQUESTED",
        "there": "REQUESTED",
        "everywhere": "REQUESTED",
        "part 310000": "APPROVED",
        "part 510100": "REQUESTED",
    }
    with pytest.raises(NotAllowed):
        exports.refuse_export(export=asked["everywhere"], reason="no", actor=approver, at=AT)


def test_approver_of_all_territories_approves_every_export(person, general_approver, chengdu):
    export = ask(person("CASE_OFFICER", name="there", territories=(chengdu,)))

    assert exports.approve_export(export=export, actor=general_approver, at=AT).state == "APPROVED"


def test_the_database_holds_the_four_eyes(officer, approver):
    export = ask(officer)
    rows = ExportJob.objects.filter(pk=export.pk)

    with pytest.raises(IntegrityError, match="export_four_eyes"), transaction.atomic():
        rows.update(state="APPROVED", approved_by=officer)
    for state in ("APPROVED", "READY", "EXPIRED"):
        with pytest.raises(IntegrityError, match="export_approved_before_made"), transaction.atomic():
            rows.update(state=state)
    assert rows.update(state="READY", approved_by=approver) == 1


def test_the_second_approver_loses(officer, approver, person):
    export = ask(officer)
    stale = ExportJob.objects.get(pk=export.pk)
    exports.approve_export(export=export, actor=approver, at=AT)

    with pytest.raises(StateConflict):
        exports.approve_export(export=stale, actor=person("APPROVER", name="slower"), at=AT)
    assert ExportJob.objects.get(pk=export.pk).approved_by == approver
    assert AuditEntry.objects.filter(action="export.approved").count() == 1


def test_refuse_export_keeps_the_reason_and_makes_no_file(officer, approver, settings):
    export = ask(officer)
    with pytest.raises(InvalidInput):
        exports.refuse_export(export=export, reason=" ", actor=approver, at=AT)

    exports.refuse_export(export=export, reason="too wide", actor=approver, at=AT)

    assert (export.state, export.refused_reason) == ("REFUSED", "too wide")
    with pytest.raises(StateConflict):
        exports.approve_export(export=export, actor=approver, at=AT)
    assert exports.produce_export(export_id=export.pk, at=LATER) is None
    assert stored_files(settings) == []


def test_approve_export_rings_for_a_worker(officer, approver, django_capture_on_commit_callbacks):
    export = ask(officer)

    with django_capture_on_commit_callbacks() as left:
        exports.approve_export(export=export, actor=approver, at=AT)

    assert len(left) == 1
    with django_capture_on_commit_callbacks():
        assert exports.enqueue_waiting() == 1


# --- the file ---
def test_produce_export_writes_the_requesters_rows_masked_under_a_mark(officer, approver, shanghai, chengdu):
    own = make_case(account=make_overdue(territory=shanghai))
    make_phone(borrower=own.borrower, number="13911117777")
    make_address(borrower=own.borrower, line="上海市黄浦区金丝雀弄77号")
    make_case(account=make_overdue(territory=chengdu))
    make_case(account=make_overdue(territory=shanghai), stage="CLOSED", closed_on=TODAY, close_reason="CURED")

    export = made(officer, approver)

    mark, header, *rows = lines(export)
    assert all(word in mark[0] for word in (str(officer), str(approver), "weekly meeting", "2026-03-02 10:00"))
    assert [row[:4] for row in rows] == [[str(own), own.borrower.external_ref, own.borrower.masked_name, str(shanghai)]]
    assert len(header) == len(rows[0])
    text = str([mark, header, rows])
    assert [word for word in ("张小三", own.borrower.id_number, "13911117777", "金丝雀") if word in text] == []
    assert (export.state, export.row_count, export.expires_at) == ("READY", 1, LATER + timedelta(days=7))
    assert AuditEntry.objects.filter(action="export.produced").count() == 1


def test_produce_export_keeps_to_the_territory_asked_for(risk_manager, general_approver, shanghai, chengdu):
    make_case(account=make_overdue(territory=shanghai))
    there = make_case(account=make_overdue(territory=chengdu))

    export = made(risk_manager, general_approver, territory=chengdu)

    assert [row[0] for row in lines(export)[2:]] == [str(there)]


def test_produce_export_leaves_out_a_territory_lost_since(officer, approver, shanghai, chengdu):
    make_case(account=make_overdue(territory=shanghai))
    export = ask(officer, territory=shanghai)
    exports.approve_export(export=export, actor=approver, at=AT)
    officer.territories.set([chengdu])

    assert exports.produce_export(export_id=export.pk, at=LATER).row_count == 0


def test_produce_export_starts_no_formula(officer, approver, shanghai):
    borrower = make_borrower(territory=shanghai, external_ref="=1+1")
    make_case(account=make_account(borrower=borrower))

    export = made(officer, approver, purpose="@SUM(A1)")

    rows = lines(export)
    assert rows[2][1] == "'=1+1"
    assert [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))] == []


@pytest.mark.parametrize(
    ("report", "parameters", "rows"),
    [("EFFECTIVENESS", {**PERIOD, "currency": "CNY"}, 4), ("FUNNEL", PERIOD, 8)],
)
def test_produce_export_writes_every_report(risk_manager, general_approver, report, parameters, rows):
    export = made(risk_manager, general_approver, report=report, **parameters)

    assert len(lines(export)) == 2 + rows
    assert export.row_count == rows


def test_produce_export_cuts_at_the_most_rows_and_says_so(officer, approver, shanghai, monkeypatch):
    monkeypatch.setattr(exports, "MOST_ROWS", 2)
    for _case in range(2):
        make_case(account=make_overdue(territory=shanghai))
    whole = made(officer, approver)
    make_case(account=make_overdue(territory=shanghai))
    cut = made(officer, approver)

    assert [len(lines(whole)), len(lines(cut))] == [4, 5]
    assert len(lines(cut)[-1]) == 1
    assert (whole.row_count, cut.row_count) == (2, 2)


@pytest.mark.parametrize("item_count", [1, 3])
def test_produce_export_costs_the_same_for_one_row_and_three(
    item_count, officer, approver, shanghai, django_assert_num_queries
):
    for _case in range(item_count):
        make_case(account=make_overdue(territory=shanghai))
    export = ask(officer)
    exports.approve_export(export=export, actor=approver, at=AT)

    # Savepoint and its release; the export; its approver, the requester's territories, the rows; the step; the trail's
    # head and entry.
    with django_assert_num_queries(9):
        assert exports.produce_export(export_id=export.pk, at=LATER).row_count == item_count


def test_produce_export_makes_one_file(officer, approver, settings):
    export = made(officer, approver)

    assert exports.produce_export(export_id=export.pk, at=LATER) is None
    assert len(stored_files(settings)) == 1


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": "DISPATCHER"}])
def test_produce_export_refuses_who_may_no_longer_have_it(officer, approver, settings, change):
    export = ask(officer)
    exports.approve_export(export=export, actor=approver, at=AT)
    type(officer).objects.filter(pk=officer.pk).update(**change)

    assert exports.produce_export(export_id=export.pk, at=LATER).state == "REFUSED"
    assert stored_files(settings) == []


# --- taking it, and its end ---
def test_hand_out_export_logs_each_download_of_the_requester(officer, approver):
    export = made(officer, approver)

    for _time in range(2):
        exports.hand_out_export(export=export, actor=officer, at=LATER)

    assert AuditEntry.objects.filter(action="export.downloaded", actor_id=officer.pk).count() == 2
    assert list(AccessEntry.objects.values_list("actor_id", "purpose")) == [(officer.pk, "EXPORT")] * 2
    assert [entry.note for entry in AccessEntry.objects.all()] == ["weekly meeting"] * 2


def test_the_file_and_the_typed_texts_are_ciphertext(officer, approver):
    export = made(officer, approver, purpose="weekly meeting of team 7")

    with export.file.storage.open(export.file.name) as stored:
        assert b"weekly meeting" not in stored.read()
    assert tables_with("weekly meeting of team 7") == []


def test_hand_out_export_refuses_a_file_that_was_swapped(officer, approver):
    export = made(officer, approver)
    path = Path(export.file.storage.path(export.file.name))
    path.chmod(0o600)
    path.write_bytes(b"another file")

    with pytest.raises(FileAltered):
        exports.hand_out_export(export=export, actor=officer, at=LATER)

    entry = AuditEntry.objects.latest("sequence")
    assert (entry.action, entry.body) == ("export.file_broken", {"problem": "file_altered"})
    assert AccessEntry.objects.count() == 0


def test_hand_out_export_refuses_everybody_else(officer, approver, auditor, person):
    export = made(officer, approver)

    for actor in (approver, auditor, person("CASE_OFFICER", name="colleague"), None):
        with pytest.raises(NotAllowed):
            exports.hand_out_export(export=export, actor=actor, at=LATER)
    assert AccessEntry.objects.count() == 0


def test_hand_out_export_ends_with_the_time_even_before_the_sweep(officer, approver):
    export = made(officer, approver)

    with pytest.raises(StateConflict):
        exports.hand_out_export(export=export, actor=officer, at=export.expires_at)
    assert AccessEntry.objects.count() == 0


def test_expire_exports_deletes_the_file_when_its_time_is_over(officer, approver, settings):
    export = made(officer, approver)
    fresh = made(officer, approver)
    ExportJob.objects.filter(pk=fresh.pk).update(expires_at=export.expires_at + timedelta(seconds=1))

    assert exports.expire_exports(at=export.expires_at - timedelta(seconds=1)) == 0
    assert exports.expire_exports(at=export.expires_at) == 1

    states = dict(ExportJob.objects.values_list("pk", "state"))
    assert states == {export.pk: "EXPIRED", fresh.pk: "READY"}
    assert [path.name for path in stored_files(settings)] == [fresh.file.name.rsplit("/", 1)[-1]]
    assert ExportJob.objects.get(pk=export.pk).file.name == ""
    assert exports.expire_exports(at=export.expires_at) == 0


def test_visible_exports_are_ones_own_except_for_approvers_and_auditors(officer, approver, auditor, person):
    ask(officer)

    seen = {
        u.username: ExportJob.objects.visible_to(u).count()
        for u in (officer, approver, auditor, person("RISK_MANAGER"))
    }

    assert seen == {"case_officer": 1, "approver": 1, "auditor": 1, "risk_manager": 0}
