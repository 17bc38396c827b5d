"""Full snapshots: what they do not name is closed or flagged, never more than the profile allows, never backwards."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from cases.enums import AccountStatus, MissingState
from cases.models import Account, IntakeFile, IntakeMissing
from cases.rules.profile.parse import parse_profile
from cases.services.intake.missing_accounts import confirm_missing, drop_missing
from cases.services.intake.take_in import take_in

AT = datetime(2026, 3, 2, 2, 0, 17, 482_913, tzinfo=UTC)
PROFILE = """
kind = "ACCOUNTS"
source = "core"
mode = "snapshot"
[snapshot]
missing = "close"
max_share = 0.5
[[territories]]
code = "310000"
name = "上海"
[borrower]
external_ref = { template = "P-{account}" }
territory = "310000"
[account]
external_ref = { column = "account" }
product = "CASH"
credit_limit = { column = "limit" }
as_of = { column = "as_of" }
"""


def _file(tmp_path: Path, *accounts: str, day: str = "2026-03-01", bad: str = "") -> Path:
    path = tmp_path / "snapshot.csv"
    rows = [f"{account},{'x' if account == bad else 100},{day}" for account in accounts]
    path.write_text("\n".join(["account,limit,as_of", *rows]) + "\n")
    return path


def _take(tmp_path: Path, *accounts: str, profile: str = PROFILE, at: datetime = AT, **changes: Any) -> Any:
    asked = {k: changes.pop(k) for k in ("day", "bad") if k in changes}
    given = {"profile": parse_profile(text=profile, name="test"), "actor": None, "at": at} | changes
    return take_in(path=_file(tmp_path, *accounts, **asked), **given)


def _statuses() -> dict[str, str]:
    return dict(Account.objects.values_list("external_ref", "status"))


def _known(tmp_path: Path) -> None:
    _take(tmp_path, "A1", "A2", "A3", "A4", day="2026-02-27")


def test_snapshot_closes_what_it_does_not_name(db: Any, tmp_path: Path) -> None:
    _known(tmp_path)

    result = _take(tmp_path, "A1", "A2", "A3")

    assert (result.missing, result.missing_state) == (1, MissingState.SETTLED)
    assert _statuses() == {"A1": "ACTIVE", "A2": "ACTIVE", "A3": "ACTIVE", "A4": "CLOSED"}
    assert Account.objects.get(external_ref="A4").missing_since == date(2026, 3, 1)
    file = IntakeFile.objects.get(pk=result.file_id)
    assert (file.mode, file.source, file.as_of, file.known_count) == ("SNAPSHOT", "core", date(2026, 3, 1), 4)
    assert AuditEntry.objects.filter(action="intake.finished").latest("sequence").body["missing"] == 1


def test_snapshot_flags_where_the_profile_says_so(db: Any, tmp_path: Path) -> None:
    _known(tmp_path)
    profile = PROFILE.replace('"close"', '"flag"')

    _take(tmp_path, "A1", "A2", "A3", profile=profile)
    again = _take(tmp_path, "A1", "A2", "A3", profile=profile, day="2026-03-02")

    account = Account.objects.get(external_ref="A4")
    assert (account.status, account.missing_since) == (AccountStatus.ACTIVE, date(2026, 3, 1))
    assert again.missing == 0


def test_account_that_comes_back_is_open_again_even_as_it_was(db: Any, tmp_path: Path) -> None:
    _known(tmp_path)
    _take(tmp_path, "A1", "A2", "A3")

    result = _take(tmp_path, "A1", "A2", "A3", "A4", day="2026-03-01")

    account = Account.objects.get(external_ref="A4")
    assert (account.status, account.missing_since, result.missing_state) == ("ACTIVE", None, MissingState.NONE)


def test_delta_closes_nothing(db: Any, tmp_path: Path) -> None:
    _known(tmp_path)

    result = _take(tmp_path, "A1", mode="delta")

    assert (result.missing, result.missing_state, set(_statuses().values())) == (0, "", {"ACTIVE"})


def test_accounts_that_deltas_brought_belong_to_the_source_too(db: Any, tmp_path: Path) -> None:
    _take(tmp_path, "A1", "A2", mode="delta")

    result = _take(tmp_path, "A1", day="2026-03-02", profile=PROFILE.replace("0.5", "1"))

    assert result.missing == 1
    assert _statuses()["A2"] == "CLOSED"


def test_snapshot_of_one_source_leaves_the_accounts_of_another(db: Any, tmp_path: Path) -> None:
    _known(tmp_path)

    _take(tmp_path, "B1", profile=PROFILE.replace('"core"', '"cards"'))

    assert set(_statuses().values()) == {"ACTIVE"}


def test_snapshot_that_misses_too_many_waits_for_another_person(
    db: Any, tmp_path: Path, risk_manager: Any, person: Any, officer: Any
) -> None:
    _known(tmp_path)
    result = _take(tmp_path, "A1", actor=risk_manager)
    file = IntakeFile.objects.get(pk=result.file_id)

    assert (result.missing, result.missing_state) == (3, MissingState.HELD)
    assert set(_statuses().values()) == {"ACTIVE"}
    for actor, refusal in ((risk_manager, SelfApproval), (officer, NotAllowed), (None, NotAllowed)):
        with pytest.raises(refusal):
            confirm_missing(file=file, actor=actor, at=AT)
    administrator = person("ADMINISTRATOR")

    assert confirm_missing(file=file, actor=administrator, at=AT) == 3

    assert _statuses() == {"A1": "ACTIVE", "A2": "CLOSED", "A3": "CLOSED", "A4": "CLOSED"}
    assert AuditEntry.objects.filter(action="intake.missing_settled", actor_id=administrator.pk).count() == 1
    with pytest.raises(StateConflict):
        confirm_missing(file=file, actor=administrator, at=AT)


def test_held_snapshot_can_be_left_alone(db: Any, tmp_path: Path, risk_manager: Any) -> None:
    _known(tmp_path)
    file = IntakeFile.objects.get(pk=_take(tmp_path, "A1").file_id)

    drop_missing(file=file, actor=risk_manager, at=AT)

    file.refresh_from_db()
    assert (file.missing_state, file.settled_by, IntakeMissing.objects.count()) == ("DROPPED", risk_manager, 0)
    assert set(_statuses().values()) == {"ACTIVE"}


def test_confirming_leaves_accounts_that_a_newer_feed_named(db: Any, tmp_path: Path, risk_manager: Any) -> None:
    _known(tmp_path)
    file = IntakeFile.objects.get(pk=_take(tmp_path, "A1").file_id)
    _take(tmp_path, "A2", day="2026-03-02", mode="delta")

    assert confirm_missing(file=file, actor=risk_manager, at=AT) == 2

    assert _statuses()["A2"] == "ACTIVE"


def test_confirming_after_a_newer_snapshot_is_refused(db: Any, tmp_path: Path, risk_manager: Any) -> None:
    _known(tmp_path)
    file = IntakeFile.objects.get(pk=_take(tmp_path, "A1").file_id)
    _take(tmp_path, "A1", "A2", "A3", "A4", day="2026-03-02")

    with pytest.raises(StateConflict):
        confirm_missing(file=file, actor=risk_manager, at=AT)

    file.refresh_from_db()
    assert (file.missing_state, set(_statuses().values())) == (MissingState.HELD, {"ACTIVE"})


def test_late_snapshot_closes_nothing(db: Any, tmp_path: Path) -> None:
    _known(tmp_path)
    _take(tmp_path, "A1", "A2", "A3", "A4", "A5", day="2026-03-02")

    result = _take(tmp_path, "A1", "A2", "A3", day="2026-02-28")

    assert (result.missing_state, set(_statuses().values())) == (MissingState.LATE, {"ACTIVE"})


def test_account_newer_than_the_snapshot_is_not_missing(db: Any, tmp_path: Path) -> None:
    _known(tmp_path)
    _take(tmp_path, "A4", day="2026-03-02", mode="delta")

    result = _take(tmp_path, "A1", "A2", "A3", day="2026-03-01")

    assert (result.missing_state, _statuses()["A4"]) == (MissingState.NONE, "ACTIVE")


def test_rejected_row_still_names_its_account(db: Any, tmp_path: Path) -> None:
    _known(tmp_path)

    result = _take(tmp_path, "A1", "A2", "A3", "A4", bad="A4")

    assert (result.rejected, result.missing_state, _statuses()["A4"]) == (1, MissingState.NONE, "ACTIVE")


def test_row_without_a_readable_number_leaves_the_decision_to_a_person(
    db: Any, tmp_path: Path, risk_manager: Any
) -> None:
    _known(tmp_path)

    result = _take(tmp_path, "A1", "A2", "A3", "")

    assert (result.rejected, result.missing, result.missing_state) == (1, 1, MissingState.UNREAD)
    assert set(_statuses().values()) == {"ACTIVE"}
    file = IntakeFile.objects.get(pk=result.file_id)
    assert confirm_missing(file=file, actor=risk_manager, at=AT + timedelta(hours=1)) == 1


def test_dry_run_of_a_snapshot_counts_and_closes_nothing(db: Any, tmp_path: Path) -> None:
    _known(tmp_path)

    result = _take(tmp_path, "A1", "A9", dry_run=True)

    assert (result.missing, result.missing_state) == (3, MissingState.TRIED)
    assert _statuses() == dict.fromkeys(("A1", "A2", "A3", "A4"), "ACTIVE")
    assert IntakeMissing.objects.count() == 0


def test_file_that_fails_closes_nothing(db: Any, tmp_path: Path) -> None:
    _known(tmp_path)
    path = tmp_path / "torn.csv"
    path.write_text('account,limit,as_of\nA1,100,2026-03-01\n"A2')

    with pytest.raises(InvalidInput):
        take_in(path=path, profile=parse_profile(text=PROFILE, name="test"), actor=None, at=AT)

    assert set(_statuses().values()) == {"ACTIVE"}


def test_events_have_no_snapshots(db: Any, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        take_in(path=_file(tmp_path, "A1"), profile="demo-repayments", actor=None, at=AT, mode="snapshot")


def test_who_took_a_file_in_never_settles_it(db: Any, tmp_path: Path, risk_manager: Any) -> None:
    file = IntakeFile.objects.get(pk=_take(tmp_path, "A1", actor=risk_manager).file_id)

    with pytest.raises(IntegrityError), transaction.atomic():
        IntakeFile.objects.filter(pk=file.pk).update(settled_by=risk_manager)
