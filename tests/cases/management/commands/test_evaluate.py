"""manage.py evaluate: its line of JSON, its exit codes, and missed days in order."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from cases.models import BreakerLimit, Case, EvaluationRun
from cases.services.evaluation import run_control
from tests.factories.policy import make_version
from tests.factories.portfolio import AT, TODAY, make_overdue

KEYS = ["business_date", "policy_version", "accounts", "hits", "opened", "closed", "quarantined", "seconds"]


@pytest.fixture(autouse=True)
def accounts(shanghai: Any) -> None:
    make_version()
    for _one in range(3):
        make_overdue(territory=shanghai, outstanding_principal=60000)


def evaluate(*options: str, day: int = 0) -> dict[str, Any]:
    out = StringIO()
    error = None
    try:
        call_command(
            "evaluate",
            "--business-date",
            (TODAY + timedelta(days=day)).isoformat(),
            "--json",
            *options,
            stdout=out,
            stderr=StringIO(),
        )
    except CommandError as refusal:
        error = refusal
    found: dict[str, Any] = json.loads(out.getvalue()) if out.getvalue() else {}
    return found | ({"exit": error.returncode, "said": str(error)} if error else {})


def hold_everything() -> None:
    BreakerLimit.objects.create(measure="OPENED", max_share="0.1", max_multiple=5, at_least=1, updated_at=AT)


def test_a_night_ends_with_its_line() -> None:
    found = evaluate()

    assert list(found) == KEYS
    assert (found["accounts"], found["hits"], found["opened"]) == (3, 3, 3)


def test_held_run_exits_with_3_and_says_why_and_how_to_go_on() -> None:
    hold_everything()

    found = evaluate()
    again = evaluate()

    assert (found["exit"], found["opened"], [each["measure"] for each in found["held"]]) == (3, 0, ["OPENED"])
    assert list(found)[:9] == [*KEYS, "held"]
    assert "3 of 3" in found["said"]
    assert "release" in found["said"]
    # Asked again it tells the same and begins nothing.
    assert (again["exit"], again["held"], EvaluationRun.objects.get().passes) == (3, found["held"], 1)
    assert Case.objects.count() == 0


def test_released_run_is_finished_by_the_same_command(general_approver: Any) -> None:
    hold_everything()
    evaluate()
    run_control.release_run(run=EvaluationRun.objects.get(), note="fits", actor=general_approver, at=AT)

    found = evaluate()

    assert (found.get("exit"), found["opened"], EvaluationRun.objects.get().state) == (None, 3, "FINISHED")


def test_halted_run_exits_with_4(risk_manager: Any) -> None:
    hold_everything()
    evaluate()
    EvaluationRun.objects.update(state="PAUSED")

    assert (evaluate()["exit"], EvaluationRun.objects.get().state) == (4, "PAUSED")


def test_catch_up_works_missed_days_in_order() -> None:
    evaluate()

    found = evaluate("--catch-up", day=3)

    assert (found["business_date"], found["days"]) == ("2026-03-05", ["2026-03-03", "2026-03-04", "2026-03-05"])
    assert set(EvaluationRun.objects.values_list("state", flat=True)) == {"FINISHED"}


@pytest.mark.owner_rights
def test_catch_up_stops_at_a_held_day() -> None:
    evaluate()
    Case.objects.all().delete()
    hold_everything()

    found = evaluate("--catch-up", day=3)

    assert (found["exit"], found["days"]) == (3, ["2026-03-03"])
    assert EvaluationRun.objects.count() == 2


def test_catch_up_with_nothing_missed_says_so() -> None:
    evaluate()

    assert evaluate("--catch-up")["said"].startswith("No day up to 2026-03-02 is missed")


def test_catch_up_takes_no_policy_version_and_no_dry_run() -> None:
    assert "--policy-version" in evaluate("--catch-up", "--policy-version", "1")["said"]
    assert "not allowed with" in evaluate("--catch-up", "--dry-run")["said"]


def test_dry_run_of_a_day_writes_nothing() -> None:
    found = evaluate("--dry-run")

    assert (list(found), found["opened"], EvaluationRun.objects.count()) == (KEYS, 3, 0)
