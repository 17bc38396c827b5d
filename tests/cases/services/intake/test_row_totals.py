"""Rows of totals: a person says once that they are such, and the profile remembers it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from backoffice.access.roles import CARDS, Role
from backoffice.audit.models import AuditEntry
from backoffice.core.errors import NotAllowed, StateConflict
from cases.enums import MissingState, TotalsState
from cases.models import Account, IntakeFile, IntakeProfile, IntakeReject
from cases.rules.profile import refusals
from cases.services.intake.row_totals import ANSWER, confirm_totals, deny_totals, remember_total_words
from cases.services.intake.take_in import take_in
from tests.factories.profiles import make_profile
from tests.factories.sheets import make_sheet

AT = datetime(2026, 3, 2, 2, 0, 17, 482_913, tzinfo=UTC)
COLUMNS = ["client", "account", "name", "limit", "as_of"]
PROFILE = """# Written by the lender.
kind = "ACCOUNTS"
source = "core"
mode = "snapshot"
[snapshot]
max_share = 0.5
[file]
empty = ["-"]
[[territories]]
code = "310000"
name = "上海"
[borrower]
external_ref = { column = "client" }
territory = "310000"
name = { column = "name" }
[account]
external_ref = { column = "account" }
product = "CASH"
credit_limit = { column = "limit" }
as_of = { column = "as_of" }
"""
TOTAL = ["合计", "", "", "300", ""]


@pytest.fixture
def own(db: Any) -> IntakeProfile:
    return make_profile(body=PROFILE).profile


def _rows(*accounts: str, day: str = "2026-03-01") -> list[list[str]]:
    return [[f"C{account}", account, "张三", "100", day] for account in accounts]


def _take(tmp_path: Path, *rows: list[str], **changes: Any) -> IntakeFile:
    path = tmp_path / "snapshot.csv"
    path.write_text("\n".join(",".join(row) for row in [COLUMNS, *rows]) + "\n", encoding="utf-8")
    result = take_in(**({"path": path, "profile": "own", "actor": None, "at": AT} | changes))
    return IntakeFile.objects.get(pk=result.file_id)


def _known(tmp_path: Path) -> None:
    _take(tmp_path, *_rows("A1", "A2", "A3", "A4", day="2026-02-27"))


def _statuses() -> dict[str, str]:
    return dict(Account.objects.values_list("external_ref", "status"))


def _counts(file: IntakeFile) -> tuple[int | None, int, int, int, int]:
    return file.total_count, file.row_count, file.rejected_count, file.blank_count, file.totals_count


@pytest.mark.parametrize(
    "blank", [["", "", "", "", ""], [" ", "\u00a0", "\u3000", "\u200b", "\ufeff"], ["-"] * 5, ["", ""]]
)
def test_blank_row_is_passed_over_wherever_it_stands(own: Any, tmp_path: Path, blank: list[str]) -> None:
    _known(tmp_path)

    file = _take(tmp_path, blank, *_rows("A1", "A2"), blank, *_rows("A3"), blank)

    assert _counts(file) == (3, 3, 0, 3, 0)
    assert (file.missing_state, file.missing_count, file.totals_state) == (MissingState.SETTLED, 1, "")
    assert _statuses() == {"A1": "ACTIVE", "A2": "ACTIVE", "A3": "ACTIVE", "A4": "CLOSED"}


def test_empty_word_beside_a_value_makes_no_blank_row(own: Any, tmp_path: Path) -> None:
    _known(tmp_path)

    file = _take(tmp_path, *_rows("A1", "A2", "A3"), ["-", "-", "-", "100", "-"])

    assert (_counts(file), file.missing_state) == ((4, 4, 1, 0, 0), MissingState.UNREAD)


def test_row_that_looks_like_totals_is_rejected_and_closes_nothing_until_answered(own: Any, tmp_path: Path) -> None:
    _known(tmp_path)

    file = _take(tmp_path, *_rows("A1", "A2", "A3"), TOTAL)

    assert _counts(file) == (4, 4, 1, 0, 0)
    reject = IntakeReject.objects.get()
    assert (reject.row_number, reject.reason, reject.reason_params) == (5, refusals.LOOKS_LIKE_TOTAL, {"word": "合计"})
    assert (file.totals_state, file.doubtful_rows) == (TotalsState.ASKED, [[5, "合计"]])
    assert (file.missing_state, file.missing_if_totals) == (MissingState.UNREAD, MissingState.SETTLED)
    assert set(_statuses().values()) == {"ACTIVE"}


def test_confirmed_totals_judge_the_snapshot_as_if_the_row_had_never_been_there(
    own: Any, tmp_path: Path, risk_manager: Any
) -> None:
    _known(tmp_path)
    file = _take(tmp_path, *_rows("A1", "A2", "A3"), TOTAL, actor=risk_manager)

    assert confirm_totals(file=file, actor=risk_manager, at=AT) is True

    file.refresh_from_db()
    assert _counts(file) == (3, 3, 0, 0, 1)
    assert (file.totals_state, file.totals_answered_by, file.totals_answered_at) == ("TOTALS", risk_manager, AT)
    assert (file.missing_state, file.missing_if_totals, IntakeReject.objects.count()) == ("SETTLED", "", 0)
    assert _statuses() == {"A1": "ACTIVE", "A2": "ACTIVE", "A3": "ACTIVE", "A4": "CLOSED"}
    assert Account.objects.get(external_ref="A4").missing_since == date(2026, 3, 1)
    entry = AuditEntry.objects.get(action="intake.totals_confirmed")
    assert (entry.body, entry.actor_id) == ({"rows": 1, "accounts": 1, "remembered": True}, risk_manager.pk)


def test_profile_remembers_the_word_and_such_rows_are_passed_over(own: Any, tmp_path: Path, risk_manager: Any) -> None:
    confirm_totals(file=_take(tmp_path, *_rows("A1"), TOTAL), actor=risk_manager, at=AT)
    own.refresh_from_db()

    file = _take(tmp_path, *_rows("A1", day="2026-03-02"), ["合 计：", *TOTAL[1:]])

    assert own.total_words == ["合计"]
    assert AuditEntry.objects.get(action="profile.totals_kept").body == {"words": 1}
    assert (_counts(file), file.totals_state, file.missing_state) == ((1, 1, 0, 0, 1), "", MissingState.NONE)


def test_confirmed_totals_leave_too_many_missing_accounts_to_a_person(
    own: Any, tmp_path: Path, risk_manager: Any
) -> None:
    _known(tmp_path)
    file = _take(tmp_path, *_rows("A1"), TOTAL)

    confirm_totals(file=file, actor=risk_manager, at=AT)

    file.refresh_from_db()
    assert (file.missing_state, file.missing_count) == (MissingState.HELD, 3)
    assert set(_statuses().values()) == {"ACTIVE"}


def test_confirmed_totals_do_not_hide_another_row_without_a_number(own: Any, tmp_path: Path, risk_manager: Any) -> None:
    _known(tmp_path)
    file = _take(tmp_path, *_rows("A1", "A2", "A3"), ["C9", "", "李四", "100", "2026-03-01"], TOTAL)

    confirm_totals(file=file, actor=risk_manager, at=AT)

    file.refresh_from_db()
    assert (file.missing_state, set(_statuses().values())) == (MissingState.UNREAD, {"ACTIVE"})


def test_totals_confirmed_after_a_newer_snapshot_close_nothing(own: Any, tmp_path: Path, risk_manager: Any) -> None:
    _known(tmp_path)
    file = _take(tmp_path, *_rows("A1", "A2", "A3"), TOTAL)
    _take(tmp_path, *_rows("A1", "A2", "A3", "A4", day="2026-03-02"))

    confirm_totals(file=file, actor=risk_manager, at=AT)

    file.refresh_from_db()
    assert (file.missing_state, set(_statuses().values())) == (MissingState.LATE, {"ACTIVE"})


def test_totals_confirmed_after_a_person_decided_change_no_account(own: Any, tmp_path: Path, risk_manager: Any) -> None:
    from cases.services.intake.missing_accounts import drop_missing

    _known(tmp_path)
    file = _take(tmp_path, *_rows("A1", "A2", "A3"), TOTAL)
    drop_missing(file=file, actor=risk_manager, at=AT)

    confirm_totals(file=file, actor=risk_manager, at=AT)

    file.refresh_from_db()
    assert (file.missing_state, set(_statuses().values())) == (MissingState.DROPPED, {"ACTIVE"})


def test_denied_totals_stay_rejected(own: Any, tmp_path: Path, risk_manager: Any) -> None:
    _known(tmp_path)
    file = _take(tmp_path, *_rows("A1", "A2", "A3"), TOTAL)

    deny_totals(file=file, actor=risk_manager, at=AT)

    file.refresh_from_db()
    own.refresh_from_db()
    assert (file.totals_state, file.missing_state, _counts(file)) == ("ROWS", "UNREAD", (4, 4, 1, 0, 0))
    assert own.total_words == []
    assert AuditEntry.objects.get(action="intake.totals_denied").body == {"rows": 1}
    with pytest.raises(StateConflict):
        confirm_totals(file=file, actor=risk_manager, at=AT)


def test_answer_needs_a_person_who_may_change_profiles(own: Any, tmp_path: Path, officer: Any, person: Any) -> None:
    file = _take(tmp_path, *_rows("A1"), TOTAL)
    for actor in (None, officer, person("AUDITOR")):
        for answer in (confirm_totals, deny_totals):
            with pytest.raises(NotAllowed):
                answer(file=file, actor=actor, at=AT)

    file.refresh_from_db()
    assert file.totals_state == TotalsState.ASKED


def test_answer_needs_a_person_of_all_territories(own: Any, tmp_path: Path, officer: Any, monkeypatch: Any) -> None:
    file = _take(tmp_path, *_rows("A1"), TOTAL)
    card = CARDS[Role.CASE_OFFICER]
    monkeypatch.setitem(CARDS, Role.CASE_OFFICER, replace(card, permissions=card.permissions | {ANSWER}))

    with pytest.raises(NotAllowed):
        confirm_totals(file=file, actor=officer, at=AT)


def test_answer_for_a_profile_that_is_not_kept_here_holds_for_the_file(
    own: Any, tmp_path: Path, risk_manager: Any
) -> None:
    from cases.selectors.intake.profiles import get_profile

    _known(tmp_path)
    shipped = get_profile(name="own")
    IntakeProfile.objects.filter(pk=own.pk).update(name="another")
    file = _take(tmp_path, *_rows("A1", "A2", "A3"), TOTAL, profile=shipped)

    assert confirm_totals(file=file, actor=risk_manager, at=AT) is False

    assert _statuses()["A4"] == "CLOSED"
    assert _take(tmp_path, *_rows("A1", "A2", "A3"), TOTAL, profile=shipped).totals_state == TotalsState.ASKED


def test_dry_run_asks_and_changes_no_account(own: Any, tmp_path: Path, risk_manager: Any) -> None:
    _known(tmp_path)
    file = _take(tmp_path, *_rows("A1", "A2", "A3"), TOTAL, dry_run=True)

    confirm_totals(file=file, actor=risk_manager, at=AT)

    file.refresh_from_db()
    assert (file.missing_state, set(_statuses().values())) == (MissingState.TRIED, {"ACTIVE"})


def test_totals_of_a_delta_are_asked_about_too(own: Any, tmp_path: Path, risk_manager: Any) -> None:
    file = _take(tmp_path, *_rows("A1"), TOTAL, mode="delta")

    confirm_totals(file=file, actor=risk_manager, at=AT)

    file.refresh_from_db()
    assert (file.totals_state, file.missing_state, _counts(file)) == ("TOTALS", "", (1, 1, 0, 0, 1))


def test_blank_rows_and_totals_of_a_spreadsheet(own: Any, tmp_path: Path) -> None:
    path = make_sheet(
        tmp_path / "feed.xlsx",
        [["2026年11月清单"], [], list(COLUMNS), *_rows("A1"), [" ", "", "\u3000"], ["Grand Total:", "", "", 100, ""]],
    )

    file = IntakeFile.objects.get(pk=take_in(path=path, profile="own", actor=None, at=AT).file_id)

    assert (_counts(file), file.doubtful_rows) == ((2, 2, 1, 1, 0), [[6, "grandtotal"]])


def test_blank_rows_and_totals_of_json(own: Any, tmp_path: Path) -> None:
    path = tmp_path / "feed.ndjson"
    path.write_text(
        '{"client":"C1","account":"A1","name":"张三","limit":"100","as_of":"2026-03-01"}\n'
        '{"client":"","account":null}\n{}\n{"client":"总计","limit":100}\n',
        encoding="utf-8",
    )

    file = IntakeFile.objects.get(pk=take_in(path=path, profile="own", actor=None, at=AT).file_id)

    assert (_counts(file), file.doubtful_rows) == ((2, 2, 1, 2, 0), [[4, "总计"]])


def test_words_are_remembered_once(own: Any, risk_manager: Any) -> None:
    for _time in range(2):
        assert remember_total_words(profile_name="own", words=["合计"], actor=risk_manager, at=AT) is True

    assert AuditEntry.objects.filter(action="profile.totals_kept").count() == 1
    assert remember_total_words(profile_name="none", words=["合计"], actor=risk_manager, at=AT) is False
