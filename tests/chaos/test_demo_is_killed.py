"""The demo is killed in the middle and started again: it goes on and writes nothing twice."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.programs import ask, finish, kill, processes_of, run, start, until, workers_of

DEMO = ("demo", "--accounts", "200", "--no-serve", "--json")
# Counts the rows of which there may be only one for each key, and the unfinished runs.
DUPLICATES = """
from django.db.models import Count
from backoffice.outbox.models import OutboxEvent
from cases.models import Case, Decision, EvaluationRun, Repayment, TermsChange, TriggerHit, Verification
from visits.models import VisitOrder, VisitReport
import json
live = {"state__in": ["PROPOSED", "APPROVED", "SENT"]}
keys = {
    "open case": (Case.objects.exclude(stage="CLOSED"), ["borrower"]),
    "open hit": (TriggerHit.objects.filter(left_on=None), ["account", "rule"]),
    "run": (EvaluationRun.objects, ["job", "business_date"]),
    "open visit": (VisitOrder.objects.exclude(state__in=["VERIFIED", "CANCELLED", "ABORTED", "EXPIRED"]), ["case"]),
    "visit number": (VisitOrder.objects, ["case", "ordinal"]),
    "report": (VisitReport.objects, ["order", "external_ref"]),
    "verification": (Verification.objects, ["source", "source_ref"]),
    "waiting decision": (Decision.objects.filter(**live), ["account", "kind"]),
    "standing decision": (Decision.objects.filter(origin="STANDING"), ["account", "kind", "business_date"]),
    "terms": (TermsChange.objects, ["decision", "field"]),
    "effect key": (TermsChange.objects, ["effect_key"]),
    "outbox key": (OutboxEvent.objects, ["key"]),
    "repayment": (Repayment.objects, ["external_ref"]),
}
twice = {n: rows.order_by().values(*f).annotate(n=Count("pk")).filter(n__gt=1).count() for n, (rows, f) in keys.items()}
told = {"unfinished runs": EvaluationRun.objects.exclude(state="FINISHED").count()}
print(json.dumps({name: n for name, n in (twice | told).items() if n}))
"""


@pytest.mark.parametrize("share", [0.15, 0.45, 0.8])
def test_a_killed_demo_goes_on_where_it_stopped(tmp_path: Path, share: float) -> None:
    home = tmp_path / "home"
    # The kill comes after the servers are up, at moments spread over the time that the demo takes.
    program = start(home, *DEMO)
    until(lambda: workers_of(home))
    time.sleep(2 + 16 * share)
    was_running = program.poll() is None

    kill(program)
    said: dict[str, Any] = json.loads(finish(start(home, *DEMO)).splitlines()[-1])
    left = until(lambda: not processes_of(home), seconds=40)

    assert was_running
    assert left
    # Three of the 200 rows are invalid on purpose.
    assert said["accounts"] == 197
    assert json.loads(ask(home, expression=DUPLICATES)) == {}
    assert json.loads(run(home, "verify_audit", "--json"))["ok"] is True
    assert processes_of(home) == []
